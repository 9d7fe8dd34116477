import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { type Design, type PlacedOrder, purchase } from '../design.ts';
import { accept, deliver, handwrittenOrder, type Policies, pay } from './workflow.ts';

const hour = 3_600_000;
export const policies: Policies = { payWithin: 24 * hour, completionSyncFirst: hour / 2, completionSyncEvery: hour / 12, completionWindow: 3 * hour };

/** The hand-written order, called as its API would: start, then one Update per command. */
export function createHandwritten({ client, taskQueue, changed = {} }: { client: Client; taskQueue: string; changed?: Partial<Policies> }): Design {
  const handle = ({ id }: PlacedOrder) => client.workflow.getHandle(workflowId(id));
  const { product, amount, means } = purchase;
  return {
    name: 'hand-written workflow',
    async place() {
      const id = randomUUID();
      const args: Parameters<typeof handwrittenOrder> = [{ id, number: id, product, amount, policies: { ...policies, ...changed } }];
      await client.workflow.start(handwrittenOrder, { workflowId: workflowId(id), taskQueue, args });
      return { id, number: id, file: randomUUID() };
    },
    async pay(order) {
      await handle(order).executeUpdate(pay, { args: [{ actor: 'payments', amount, means, reference: `PAY-${order.id}` }] });
    },
    async deliver(order) {
      await handle(order).executeUpdate(deliver, { args: [{ actor: 'merchant-a.zhao', files: [order.file] }] });
    },
    async accept(order) {
      await handle(order).executeUpdate(accept, { args: [{ actor: 'buyer-a.li' }] });
    },
  };
}

export const workflowId = (id: string) => `handwritten/${id}`;
