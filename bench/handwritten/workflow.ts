import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineQuery,
  defineUpdate,
  isCancellation,
  proxyActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import type { Bilingual } from '../../lifecycles/roles.ts';
import type { Notice, OrderActivities } from './activities.ts';

export type OrderInput = { id: string; number: string; product: string; amount: number; policies: Policies };
export type Policies = { payWithin: number; completionSyncFirst: number; completionSyncEvery: number; completionWindow: number };
type Entry = { type: string; actor: string; at: number };
export type OrderState = { state: State; log: Entry[]; acceptanceFiles: string[]; overdue: boolean };
type State = 'pendingPayment' | 'cancelled' | 'awaitingDelivery' | 'awaitingAcceptance' | 'accepted' | 'synchronising' | 'completed';

export const pay = defineUpdate<State, [{ actor: string; amount: number; means: string; reference: string }]>('pay');
export const deliver = defineUpdate<State, [{ actor: string; files: string[] }]>('deliver');
export const accept = defineUpdate<State, [{ actor: string }]>('accept');
export const state = defineQuery<OrderState>('state');

const buyer = { role: 'buyer', party: 'buyer-a', address: { mail: 'buyer-a@example.com', sms: '+8613800000001' } } as const;
const merchant = { role: 'merchant', party: 'merchant-a', address: { mail: 'merchant-a@example.com', sms: '+8613800000002' } } as const;

const { notify } = proxyActivities<OrderActivities>({ startToCloseTimeout: '20s' });
const { synchroniseOrder } = proxyActivities<OrderActivities>({ startToCloseTimeout: '20s', retry: { initialInterval: '5m', backoffCoefficient: 1 } });

/**
 * The same order as an experienced engineer writes it by hand: one workflow, its state inside, commands as Updates with
 * validators, deadlines as timers, the order centre and the messages of each event as an activity.
 */
export async function handwrittenOrder({ id, number, amount, policies }: OrderInput): Promise<OrderState> {
  const order: OrderState = { state: 'pendingPayment', log: [], acceptanceFiles: [], overdue: false };
  const move = (to: State, type: string, actor: string) => {
    order.state = to;
    order.log.push({ type, actor, at: Date.now() });
    return to;
  };
  const telling: Promise<void>[] = [];
  const tell = (to: Notice['to'], text: Bilingual) => {
    const { type = '', at = 0 } = order.log.at(-1) ?? {};
    telling.push(notify({ order: id, number, event: type, at, state: { zh: order.state, en: order.state }, to, text }));
  };
  const expectState = (expected: State) => {
    if (order.state !== expected) throw new Error(`expected the order to be ${expected}, it is ${order.state}`);
  };
  setHandler(state, () => order);
  setHandler(
    pay,
    ({ actor }) => {
      move('awaitingDelivery', 'recordPayment', actor);
      tell([merchant], { zh: '有新订单已支付，请交付。', en: 'A new order is paid; deliver it.' });
      return order.state;
    },
    {
      validator: (payment) => {
        expectState('pendingPayment');
        if (payment.amount !== amount) throw new Error(`expected ${amount}, got ${payment.amount}`);
      },
    },
  );
  setHandler(
    deliver,
    ({ actor, files }) => {
      order.acceptanceFiles = files;
      move('awaitingAcceptance', 'uploadAcceptance', actor);
      tell([buyer], { zh: '商家已提交交付验收件。请验收。', en: 'The merchant has handed in the acceptance document. Accept the delivery.' });
      return order.state;
    },
    {
      validator: ({ files }) => {
        expectState('awaitingDelivery');
        if (files.length === 0) throw new Error('expected at least one file, got none');
      },
    },
  );
  setHandler(
    accept,
    ({ actor }) => {
      move('accepted', 'acceptDelivery', actor);
      tell([merchant], { zh: '买家已验收。', en: 'The buyer has accepted the delivery.' });
      return order.state;
    },
    { validator: (_request) => expectState('awaitingAcceptance') },
  );

  if (!(await condition(() => order.state !== 'pendingPayment', policies.payWithin))) {
    move('cancelled', 'unpaidTooLong', 'system');
    tell([buyer], { zh: '订单超时未支付，已取消。', en: 'The order was not paid in time and is cancelled.' });
    await Promise.all(telling);
    return order;
  }
  await condition(() => order.state === 'accepted');
  const window = new CancellationScope();
  void window
    .run(() => sleep(policies.completionWindow))
    .then(
      () => {
        order.overdue = true;
      },
      (error) => {
        if (!isCancellation(error)) throw error;
      },
    );
  await sleep(policies.completionSyncFirst);
  move('synchronising', 'completionSyncDue', 'system');
  await synchroniseOrder({ id, number, acceptedAt: order.log.at(-2)?.at ?? 0 });
  move('completed', 'orderSynchronised', 'system');
  window.cancel();
  tell([buyer, merchant], { zh: '订单已完成。', en: 'The order is completed.' });
  await Promise.all(telling);
  await condition(allHandlersFinished);
  return order;
}
