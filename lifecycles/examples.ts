import { sampleNow } from './samples.ts';

/** What a walk begins with where a lifecycle's schemas alone do not say it. */
export type Examples = {
  /** Contexts to begin with, each over the first sample of every field. */
  starts?: readonly Record<string, unknown>[];
  /** Inputs of events that other instances send. */
  told?: Record<string, Record<string, unknown>>;
};

const inDays = (days: number) => sampleNow + days * 86_400_000;

/** By lifecycle; most need none. A guard that reads a text or an amount needs a start for each of its answers. */
export const examples: Record<string, Examples> = {
  order: {
    starts: [
      { supervised: true, accessType: 'SaaS' },
      { supervised: false, accessType: 'SaaS' },
      { supervised: false, accessType: 'image' },
    ],
    told: { supervisionFinished: { validFrom: sampleNow, finishedAt: sampleNow } },
  },
  supervision: { starts: [{ scenario: 'none' }, { scenario: 'baseCloud' }] },
  serviceInstance: { starts: [{ validUntil: inDays(90) }] },
};
