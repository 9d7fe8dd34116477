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
import type { OrderActivities } from './activities.ts';

export type OrderInput = { id: string; number: string; product: string; amount: number; policies: Policies };
export type Policies = { payWithin: number; completionSyncFirst: number; completionSyncEvery: number; completionWindow: number };
type Entry = { type: string; actor: string; at: number };
export type OrderState = { state: State; log: Entry[]; acceptanceFiles: string[]; overdue: boolean };
type State = 'pendingPayment' | 'cancelled' | 'awaitingDelivery' | 'awaitingAcceptance' | 'accepted' | 'synchronising' | 'completed';

export const pay = defineUpdate<State, [{ actor: string; amount: number; means: string; reference: string }]>('pay');
export const deliver = defineUpdate<State, [{ actor: string; files: string[] }]>('deliver');
export const accept = defineUpdate<State, [{ actor: string }]>('accept');
export const state = defineQuery<OrderState>('state');

const { synchroniseOrder } = proxyActivities<OrderActivities>({ startToCloseTimeout: '20s', retry: { initialInterval: '5m', backoffCoefficient: 1 } });

/**
 * The same order as an experienced engineer writes it by hand: one workflow, its state inside, commands as Updates with
 * validators, deadlines as timers, the order centre as an activity.
 */
export async function handwrittenOrder({ id, number, amount, policies }: OrderInput): Promise<OrderState> {
  const order: OrderState = { state: 'pendingPayment', log: [], acceptanceFiles: [], overdue: false };
  const move = (to: State, type: string, actor: string) => {
    order.state = to;
    order.log.push({ type, actor, at: Date.now() });
    return to;
  };
  const expectState = (expected: State) => {
    if (order.state !== expected) throw new Error(`expected the order to be ${expected}, it is ${order.state}`);
  };
  setHandler(state, () => order);
  setHandler(pay, ({ actor }) => move('awaitingDelivery', 'recordPayment', actor), {
    validator: (payment) => {
      expectState('pendingPayment');
      if (payment.amount !== amount) throw new Error(`expected ${amount}, got ${payment.amount}`);
    },
  });
  setHandler(
    deliver,
    ({ actor, files }) => {
      order.acceptanceFiles = files;
      return move('awaitingAcceptance', 'uploadAcceptance', actor);
    },
    {
      validator: ({ files }) => {
        expectState('awaitingDelivery');
        if (files.length === 0) throw new Error('expected at least one file, got none');
      },
    },
  );
  setHandler(accept, ({ actor }) => move('accepted', 'acceptDelivery', actor), { validator: (_request) => expectState('awaitingAcceptance') });

  if (!(await condition(() => order.state !== 'pendingPayment', policies.payWithin))) {
    move('cancelled', 'unpaidTooLong', 'system');
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
  await condition(allHandlersFinished);
  return order;
}
