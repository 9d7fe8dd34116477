import type { Instance } from '../../lifecycles/instance.ts';
import { type Way, ways } from '../../lifecycles/supervision/ways.ts';
import type { Model } from './drive.ts';

/** A product of each way, by the ids of the model's cast. */
export const productOf: Record<Way, string> = {
  saas: 'saas-activated',
  humanService: 'human-service',
  licenseOnlineCode: 'licence-code',
  licenseOnline: 'licence-online',
  licenseOffline: 'licence-offline',
  softwarePackage: 'software-package',
};

/** A scenario where the way has a review that it asks for; else none can be ordered (SUP-2). */
export const scenarioFor = (way: Way, scenario = 'none'): string => (ways[way].reviewed ? scenario : 'none');

const accepting = (scenario: string) => [...(scenario === 'none' ? [] : ['passReview']), 'acceptDelivery'];

/** The straight way (SUP-2): commands, and effects by their name, from purchase to acceptance. */
export function stepsOf(way: Way, scenario: string): string[] {
  const steps: Record<Way, string[]> = {
    saas: ['uploadAcceptance', ...accepting(scenario)],
    humanService: ['fileRequirement', 'confirmRequirement', 'uploadImplementation', ...accepting(scenario)],
    licenseOnlineCode: [
      ...['issueCode', 'deliverCode', 'claimCode', 'recordActivation', 'uploadProof'],
      // without a review the proof is the acceptance
      ...(scenario === 'none' ? [] : accepting(scenario)),
    ],
    licenseOnline: ['submitSystemCode', 'deliverLicence', ...accepting(scenario)],
    licenseOffline: ['confirmOfflineDelivery', ...accepting(scenario)],
    softwarePackage: ['reportDeployment', 'confirmCompletion'],
  };
  return steps[way];
}

/** What the outside answers to each effect. */
export const results: Record<string, Record<string, unknown>> = {
  issueCode: { reference: 'LC-1', hint: '…7F3A' },
  synchroniseOrder: { receipt: 'R-1' },
  payRefund: { receipt: 'PO-1' },
  synchroniseRefund: { receipt: 'RF-1' },
};

/** The outside has done what the instance's first open effect asks. @returns false when none is open */
export function answered(model: Model, { id, effects }: Instance): boolean {
  const [effect] = effects;
  return effect !== undefined && model.effectResult({ instance: id, key: effect.key, result: results[effect.name] });
}
