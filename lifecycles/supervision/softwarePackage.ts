import { z } from 'zod';
import { commandOf } from '../declaration.ts';
import { evidenceIds } from '../evidence.ts';
import type { Context, Kept, KeptOf } from './context.ts';
import { documents, handedIn, handInProblems } from './delivery.ts';
import { ofDecision } from './transitions.ts';
import { waited } from './waits.ts';
import { onlyBy } from './ways.ts';

export const fields = {
  /** Who deployed the package; the buyer, when it confirms what nobody reported. */
  deployedBy: z.enum(['merchant', 'buyer']).nullable(),
};
export const blank = { deployedBy: null };

const command = commandOf<Context>();
const fits = [onlyBy('softwarePackage')];

export const commands = {
  reportDeployment: command({
    label: { zh: '部署完成', en: 'Report the deployment' },
    description: { zh: '商家已为买家部署软件包。', en: 'The merchant has deployed the package for the buyer.' },
    by: ['merchant'],
    input: z.object({ ...documents, files: evidenceIds.default([]) }),
    reason: 'optional',
    fits,
    facts: ['evidence'],
    check: handInProblems,
    rules: ['SUP-2', 'ORD-5'],
  }),
  confirmCompletion: command({
    label: { zh: '确认完成', en: 'Confirm completion' },
    // SUP-8: the buyer's own auto-deployment is no event of supervision, so nobody need have reported it
    description: {
      zh: '软件包已部署（由商家，或自己通过自动部署）。确认后不能再退订（SUP-4）。',
      en: 'The package is deployed, by the merchant or by the buyer’s own auto-deployment. No refund is possible afterwards (SUP-4).',
    },
    by: ['buyer'],
    input: z.object({}),
    reason: 'optional',
    fits,
    rules: ['SUP-2', 'SUP-4', 'SUP-8'],
  }),
};

export const keeps = {
  reportDeployment: (kept: KeptOf<typeof commands.reportDeployment>): Partial<Context> => ({
    ...handedIn(kept, 'reportDeployment'),
    deployedBy: 'merchant',
  }),
  confirmCompletion: ({ context, event }: Kept): Partial<Context> => ({
    deployedBy: context.deployedBy ?? 'buyer',
    acceptedAt: event.at,
    acceptedBy: 'buyer',
  }),
};

export const states = {
  awaitingCompletion: {
    on: {
      confirmCompletion: { target: 'accepted', actions: 'keep' },
      returnDelivery: { target: 'awaitingDelivery', actions: 'keep' },
      autoAcceptReminder: {},
      autoAcceptDue: { target: 'accepted', actions: 'keep' },
      ...waited('acceptance'),
      ...ofDecision,
    },
  },
} as const;

export const labels = {
  awaitingCompletion: {
    fits,
    zh: '待确认完成',
    en: 'Awaiting completion',
    waitsFor: ['buyer'],
    description: { zh: '软件包已部署，等待买家确认完成或驳回。', en: 'The package is deployed; the buyer confirms that it is done, or returns it.' },
  },
} as const;

export const notices = {
  reportDeployment: [{ to: ['buyer'], text: { zh: '商家已完成部署，请确认。', en: 'The merchant has deployed the package; confirm it.' } }],
  confirmCompletion: [{ to: ['merchant'], text: { zh: '买家已确认完成。', en: 'The buyer has confirmed completion.' } }],
} as const;
