import type { InstanceRow } from '../db/read/instances.ts';
import type { BalanceRow, LedgerRow } from '../db/read/ledger.ts';
import { accounts } from '../lifecycles/ledger.ts';
import { type Builder, everyone } from './builder.ts';
import type { Lifecycles } from './lifecycle.ts';

const meanings: Record<(typeof accounts)[number], string> = {
  buyer: 'Outside: the means that the buyer paid by. 买家',
  bank: 'Outside: a bank account. 银行',
  held: 'Guaranteed until the order is completed. 托管',
  reserved: 'Kept for a refund under way. 退款预留',
  merchant: 'Released to the merchant. 商家',
  platform: 'The marketplace’s commission. 佣金',
  balance: 'The buyer’s account balance. 账户余额',
};

/** Where the money of an order is, and every movement of it (REF-5, BIL-8). Rights: those of the order; the shares are not the buyer's. */
export function addLedger(builder: Builder, { named }: Lifecycles): void {
  const account = builder.enumType('LedgerAccount', { values: Object.fromEntries(accounts.map((name) => [name, { description: meanings[name] }])) as never });
  const entry = builder.objectRef<LedgerRow>('LedgerEntry').implement({
    description: 'A movement of money between two accounts of an order, written with the event that moved it. It never changes.',
    fields: (t) => ({
      event: t.exposeString('event', { description: 'The event of the order’s history that it was written with.' }),
      revision: t.exposeInt('revision'),
      from: t.field({ type: account as never, resolve: ({ from }) => from as never }),
      to: t.field({ type: account as never, resolve: ({ to }) => to as never }),
      amount: t.field({ type: 'MinorUnits', resolve: ({ amount }) => amount }),
      currency: t.exposeString('currency'),
      at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
    }),
  });
  const balance = builder.objectRef<BalanceRow>('OrderBalance').implement({
    description: 'released + reserved + refunded never exceed paid: PostgreSQL refuses it.',
    fields: (t) => ({
      currency: t.exposeString('currency'),
      paid: t.field({ type: 'MinorUnits', resolve: ({ paid }) => paid }),
      released: t.field({ type: 'MinorUnits', description: 'To merchant and marketplace.', resolve: ({ released }) => released }),
      reserved: t.field({ type: 'MinorUnits', description: 'For a refund under way.', resolve: ({ reserved }) => reserved }),
      refunded: t.field({ type: 'MinorUnits', resolve: ({ refunded }) => refunded }),
    }),
  });
  builder.objectFields(named('order').ref, (t) => ({
    ledger: t.field({
      type: [entry],
      description: 'Every movement of its money, oldest first; to a buyer what it paid and got back.',
      authScopes: { as: everyone },
      complexity: 20,
      resolve: ({ instance }: InstanceRow, _args, { reads }) => reads.ledger.load(instance.id),
    }),
    balance: t.field({
      type: balance,
      nullable: true,
      description: 'Null until it is paid.',
      authScopes: { as: everyone },
      complexity: 5,
      resolve: ({ instance }: InstanceRow, _args, { reads }) => reads.balances.load(instance.id).then(([found]) => found ?? null),
    }),
  }));
}
