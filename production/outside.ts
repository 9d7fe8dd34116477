import { type Outside, OutsideRefused, OutsideUnavailable, type Sending } from '../activities/outside.ts';
import { saysNotThere } from './answers.ts';
import type { CallInput, Endpoint } from './call.ts';
import type { CallMerchant, Outcome } from './callMerchant.ts';
import { sentence } from './sentences.ts';

/** What an effect's parameters mean: which call, to where; null where the product has no endpoint. */
export type CallOf = (sending: Sending) => Promise<{ call: CallInput; endpoint: Endpoint } | null>;
/** The order that this merchant's instance is known to belong to, or null. */
export type OwnerOf = (instanceId: string, sending: Sending) => Promise<string | null>;

export type MerchantAnswer = { instanceId: string | null; frontEndUrl: string | null; adminUrl: string | null; inProgress: boolean };

/**
 * Production calls as effects: a success gives MerchantAnswer, without credentials; all else is refused or unavailable with the
 * code and sentences of the outcome, which each try records (PRD-3). An unknown outcome is asked about by queryInstance where
 * that can tell; elsewhere the call is sent again, which the protocol makes harmless by orderId (PRD-2).
 */
export function createMerchantOutside({ callMerchant, callOf, ownerOf }: { callMerchant: CallMerchant; callOf: CallOf; ownerOf?: OwnerOf }): Outside {
  return { send, ask };

  async function send(sending: Sending): Promise<MerchantAnswer> {
    const { call, endpoint } = await described(sending);
    const outcome = await callMerchant(call, { endpoint, signal: sending.signal });
    return answerOf(outcome, sending, call);
  }

  async function answerOf(outcome: Outcome, sending: Sending, call: CallInput): Promise<MerchantAnswer> {
    sending.record(recordOf(outcome));
    if (outcome.kind === 'refused') throw new OutsideRefused(outcome.code, outcome.sentence.en);
    if (outcome.kind !== 'answered') throw unavailable(outcome);
    const { reading } = outcome;
    if (reading.state === 'failed') throw unavailable(outcome);
    const isQuery = call.activity === 'queryInstance';
    if (isQuery && reading.instanceId === null) throw notReady(outcome, call.instanceIds.join(', '), sending);
    if (call.activity === 'newInstance' && reading.instanceId !== null)
      await requireOwn(reading.instanceId, { outcome, sending, orderNumber: call.orderNumber });
    return {
      instanceId: reading.instanceId,
      frontEndUrl: reading.app?.frontEndUrl ?? null,
      adminUrl: reading.app?.adminUrl ?? null,
      inProgress: reading.state === 'inProgress',
    };
  }

  /** What queryInstance can tell: whether an instance that was named is there, and whether one that was released is gone. */
  async function ask(sending: Sending): Promise<MerchantAnswer | null> {
    const { call, endpoint } = await described(sending);
    const instanceId = 'instanceId' in call ? call.instanceId : null;
    const tells = call.activity === 'newInstance' || call.activity === 'releaseInstance';
    if (!instanceId || !tells) return null;
    const query: CallInput = { activity: 'queryInstance', instanceIds: [instanceId], test: call.test };
    const outcome = await callMerchant(query, { endpoint, signal: sending.signal });
    sending.record({ ...recordOf(outcome), asked: 'queryInstance' });
    if (outcome.kind !== 'answered') return null;
    const { reading } = outcome;
    if (call.activity === 'releaseInstance')
      return saysNotThere(reading, instanceId) ? { instanceId, frontEndUrl: null, adminUrl: null, inProgress: false } : null;
    return reading.state === 'ok' && reading.instanceId === instanceId ? answerOf(outcome, sending, query) : null;
  }

  async function described(sending: Sending): Promise<{ call: CallInput; endpoint: Endpoint }> {
    const found = await callOf(sending);
    if (!found) throw new OutsideRefused('NO_ENDPOINT', sentence('NO_ENDPOINT').en);
    return found;
  }

  async function requireOwn(instanceId: string, { outcome, sending, orderNumber }: { outcome: Outcome; sending: Sending; orderNumber: string }): Promise<void> {
    const owner = await ownerOf?.(instanceId, sending);
    if (!owner || owner === orderNumber) return;
    const said = sentence('OTHER_ORDERS_INSTANCE', { instance: instanceId, order: owner });
    sending.record({ ...recordOf(outcome), code: 'OTHER_ORDERS_INSTANCE', sentence: said });
    throw new OutsideUnavailable('OTHER_ORDERS_INSTANCE', said.en, { unknown: true });
  }
}

const unavailable = (outcome: Outcome) =>
  new OutsideUnavailable(outcome.code, outcome.sentence.en, { unknown: outcome.unknown, notBeforeMs: putOffBy(outcome) });

/** Retry-After counts where HTTP gives it a meaning: too many requests, or away for a while. */
const putOffBy = (outcome: Outcome): number | null =>
  outcome.kind === 'answered' && ['TOO_MANY_REQUESTS', 'HTTP_503'].includes(outcome.code) ? outcome.reading.retryAfterMs : null;

function notReady(outcome: Outcome, instance: string, sending: Sending): OutsideUnavailable {
  const said = sentence('NOT_READY', { instance });
  sending.record({ ...recordOf(outcome), code: 'NOT_READY', sentence: said });
  return new OutsideUnavailable('NOT_READY', said.en, { unknown: false });
}

/** What is kept with a try: no credentials, and no decrypted text. */
export function recordOf(outcome: Outcome): Record<string, unknown> {
  const { kind, code, sentence: said, unknown, durationMs, request, answer } = outcome;
  const reading = outcome.kind === 'answered' ? outcome.reading : null;
  return {
    kind,
    code,
    sentence: said,
    unknown,
    durationMs,
    request,
    answer,
    resultCode: reading?.resultCode ?? null,
    problems: reading?.problems.map(({ field, code: what, sentence: about }) => ({ field, code: what, sentence: about })) ?? [],
    retryAfterMs: reading?.retryAfterMs ?? null,
  };
}
