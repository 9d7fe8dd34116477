import type { Reading } from './answers.ts';
import type { Activity, CallInput, Endpoint } from './call.ts';
import { createCallMerchant, type Outcome, type Shown } from './callMerchant.ts';
import { createSend, type SendOptions } from './send.ts';
import { type Sentence, sentence } from './sentences.ts';

/** An answer that takes longer is near the deadline of 5 s. */
const slowMs = 2_000;

/** One test call and what is right and wrong with its answer (PRD-7). */
export type DebugStep = Shown & {
  activity: Activity;
  isOk: boolean;
  code: string;
  sentence: Sentence;
  durationMs: number;
  /** The text that was signed, with <key> for the key, and its signature, for whoever compares. */
  signed: string | null;
  signature: string | null;
  findings: { field: string; isError: boolean; sentence: Sentence }[];
};

type Debugging = Pick<SendOptions, 'allowPrivate' | 'deadlineMs' | 'resolve' | 'ca'> & { now?: () => number; onStep?: (step: DebugStep) => void };

/**
 * Sends a test call (testFlag 1) of each kind to an endpoint, creation first and release last, and explains each answer field by
 * field. Nothing is recorded as an order: the order numbers begin with DEBUG. Without an instance what needs one is not sent.
 */
export async function debugEndpoint(endpoint: Endpoint, { now = Date.now, onStep, ...sending }: Debugging = {}): Promise<DebugStep[]> {
  const sent: { signed: string; signature: string }[] = [];
  const send = createSend(sending);
  const callMerchant = createCallMerchant({
    send: (request, signal) => {
      sent.push({ signed: request.signed, signature: request.signature });
      return send(request, signal);
    },
  });
  const order = `DEBUG${now()}`;
  const steps: DebugStep[] = [];

  const run = async (call: CallInput): Promise<Outcome> => {
    sent.length = 0;
    const outcome = await callMerchant(call, { endpoint });
    const step = explained(call.activity, outcome, sent[0]);
    steps.push(step);
    onStep?.(step);
    return outcome;
  };

  const create = creation(order, now());
  const first = await run(create);
  const instanceId = first.kind === 'answered' ? first.reading.instanceId : null;
  if (!instanceId) return steps;
  // the same order once more must be answered with the same instance (PRD-2)
  await run({ ...create, instanceId });
  for (const call of laterCalls(order, { instanceId, at: now() })) await run(call);
  return steps;
}

const year = 365 * 86_400_000;
const creation = (order: string, at: number): Extract<CallInput, { activity: 'newInstance' }> => ({
  activity: 'newInstance',
  orderNumber: order,
  product: 'DEBUG-PRODUCT',
  sku: 'DEBUG-SKU',
  buyer: { id: 'DEBUG-BUYER', name: '接口调试 Debugging', mobile: '13800138000', email: 'debug@marketplace.example' },
  period: { unit: 'year', count: 1 },
  expiresAt: at + year,
  amount: 0,
  quantity: 1,
  test: true,
});

function laterCalls(order: string, { instanceId, at }: { instanceId: string; at: number }): CallInput[] {
  const test = true;
  const calls: CallInput[] = [
    { activity: 'queryInstance', instanceIds: [instanceId] },
    { activity: 'refreshInstance', orderNumber: `${order}R`, instanceId, scene: 'RENEWAL', product: 'DEBUG-PRODUCT', expiresAt: at + 2 * year },
    { activity: 'expireInstance', instanceId, purchaseOrder: order },
    { activity: 'unfreezeInstance', instanceId },
    { activity: 'freezeInstance', instanceId },
    { activity: 'upgradeInstance', orderNumber: `${order}U`, instanceId, product: 'DEBUG-PRODUCT-2', sku: 'DEBUG-SKU-2', quantity: 2 },
    { activity: 'releaseInstance', instanceId, purchaseOrder: order },
    // a release that is sent again must succeed
    { activity: 'releaseInstance', instanceId, purchaseOrder: order },
  ];
  return calls.map((call) => ({ ...call, test }));
}

function explained(activity: Activity, outcome: Outcome, sent: { signed: string; signature: string } | undefined): DebugStep {
  const { code, sentence: said, durationMs, request, answer } = outcome;
  const reading: Reading | null = outcome.kind === 'answered' ? outcome.reading : null;
  const slow = durationMs > slowMs ? [{ field: 'time', isError: false, sentence: sentence('SLOW', { ms: durationMs }) }] : [];
  const own = reading ? [] : [{ field: outcome.kind === 'refused' ? 'address' : 'connection', isError: true, sentence: said }];
  const problems = (reading?.problems ?? []).map(({ field, isError, sentence: what }) => ({ field, isError, sentence: what }));
  return {
    activity,
    isOk: reading !== null && reading.state !== 'failed',
    code,
    sentence: said,
    durationMs,
    request,
    answer,
    signed: sent?.signed ?? null,
    signature: sent?.signature ?? null,
    findings: [...own, ...problems, ...slow],
  };
}

/** A step as lines for people, in both languages. `isRepeat`: the same call was sent before, and must succeed again (PRD-2). */
export function linesOf(
  { activity, isOk, code, durationMs, request, signed, signature, answer, sentence: said, findings }: DebugStep,
  { isRepeat = false } = {},
): string[] {
  const findingLines = findings.flatMap(({ field, isError, sentence: { zh, en } }) => [`  ${isError ? '✗' : '!'} ${field}: ${zh}`, `    ${en}`]);
  return [
    `${isOk ? '✓' : '✗'} ${activity} ${code}${isRepeat ? ' 重复发送 sent again' : ''} (${durationMs} ms) ${said.zh} · ${said.en}`,
    ...(request ? [`  → ${request.method} ${request.url}${request.body ? ` ${request.body}` : ''}`] : []),
    ...(signed && !isOk ? [`  signed: ${signed}`, `  signature: ${signature}`] : []),
    ...(answer ? [`  ← HTTP ${answer.status} ${answer.body}`] : []),
    ...findingLines,
  ];
}
