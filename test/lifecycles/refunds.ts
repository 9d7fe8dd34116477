import type { Instance } from '../../lifecycles/instance.ts';
import { stateOf } from '../../lifecycles/registry.ts';
import { supervision } from '../../lifecycles/supervision.ts';
import { cast } from './cast.ts';
import type { Model } from './drive.ts';
import { branchesMet } from './replay.ts';
import { accepted, supervisionOf } from './stories.ts';
import { answered } from './ways.ts';

/** The refund that was asked for or decided last. */
export function lastRefund(model: Model): Instance {
  const refund = [...model.instances.values()].findLast(({ lifecycle }) => lifecycle === 'refund');
  if (!refund) throw new Error('expected a refund, got none');
  return refund;
}
export const refundState = (model: Model) => stateOf(lastRefund(model).value);

/** The outside has done the last refund's next piece of work: paid, then synchronised. */
export const worked = (model: Model): boolean => answered(model, lastRefund(model));

/** A fork of the model with a refund of its order asked for. */
export function asked(model: Model, input: Record<string, unknown> = {}): Model {
  const refunding = model.fork();
  const order = refunding.only('order') as Instance;
  accepted(refunding, 'requestRefund', { input: { order: order.id, because: '不再需要', ...input } });
  return refunding;
}

/** What the supervision's chart says to each word of a refund, in every phase of one: for coverage of its branches. */
export function wordsOfRefund(model: Model): string[] {
  const { value, context } = supervisionOf(model);
  const words = [
    { type: 'refundAsked', input: { number: 'RF-9', amount: 1 } },
    { type: 'refundApproved', input: {} },
    { type: 'refundClosed', input: {} },
    { type: 'refundSettled', input: { receipt: 'PO-9' } },
  ];
  const values = ['noRefundPending', 'refundPending'].map((refund) => ({ ...(value as Record<string, string>), refund }));
  const refund = { amount: 1, decidedAt: 0, receipt: null };
  const pendingRefund = { number: 'RF-9', amount: 1, askedAt: 0, overruled: false };
  const overruled = { ...pendingRefund, overruled: true };
  const contexts = [context, { ...context, refund, pendingRefund }, { ...context, pendingRefund }, { ...context, pendingRefund: overruled }];
  return values.flatMap((one) => contexts.flatMap((two) => words.flatMap((word) => branchesMet(supervision, one, two, { ...word, actor: cast.system }))));
}
