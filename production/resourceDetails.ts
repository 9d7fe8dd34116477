import type { AppInfo, Credentials } from './appInfo.ts';
import type { Endpoint } from './call.ts';
import type { CallMerchant } from './callMerchant.ts';
import { type Sentence, sentence } from './sentences.ts';

/** What the merchant says of one instance now, or why it does not; never stored (BUY-1). */
export type ResourceDetails = { app: AppInfo | null; credentials: Credentials | null } | { code: string; sentence: Sentence };
export type AskInstance = (of: { product: string; instanceId: string }) => Promise<ResourceDetails>;

type Options = { endpointOf: (product: string) => Promise<Endpoint | null>; callMerchant: CallMerchant };

/** Resource details 资源详情 of an instance by queryInstance, at its merchant's within the usual deadline. */
export function createAskInstance({ endpointOf, callMerchant }: Options): AskInstance {
  return async ({ product, instanceId }) => {
    const endpoint = await endpointOf(product);
    if (!endpoint) return { code: 'NO_ENDPOINT', sentence: sentence('NO_ENDPOINT') };
    const outcome = await callMerchant({ activity: 'queryInstance', instanceIds: [instanceId] }, { endpoint });
    if (outcome.kind !== 'answered') return { code: outcome.code, sentence: outcome.sentence };
    const { reading } = outcome;
    if (reading.state !== 'ok') return { code: reading.code, sentence: reading.sentence };
    const told = reading.instances.find((one) => one.instanceId === instanceId);
    return told ?? { code: 'INSTANCE_NOT_LISTED', sentence: sentence('INSTANCE_NOT_LISTED', { instance: instanceId }) };
  };
}
