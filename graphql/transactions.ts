import { type TransactionRow, transactionsOf } from '../db/read/bills.ts';
import { unwritableText } from '../db/storable.ts';
import { billingDayOf } from '../lifecycles/settlement/receivers.ts';
import { billedAt, type When, whyNotInvoice, whyUnbilled } from '../lifecycles/settlement/transactions.ts';
import { settlementBill } from '../lifecycles/settlementBill.ts';
import { countOf } from '../lifecycles/spans.ts';
import { billing } from './bills.ts';
import type { Builder } from './builder.ts';
import type { Texts } from './language.ts';
import type { Lifecycles } from './lifecycle.ts';
import type { Problems } from './problem.ts';

type Shown = TransactionRow & { when: When };

/** Transaction details 交易明细 by order number (BIL-9): billed with its bill, or why not yet and when; and whether it may be invoiced. */
export function addTransactions(
  builder: Builder,
  { texts: { text }, lifecycles, problems }: { texts: Texts; lifecycles: Lifecycles; problems: Problems },
): void {
  const transaction = builder.objectRef<Shown>('Transaction').implement({
    fields: (t) => ({
      orderNumber: t.exposeString('orderNumber'),
      product: t.string({ resolve: ({ line }) => line.product }),
      billed: t.boolean({ description: '已出账, or 未出账.', resolve: (parent) => parent.bill !== null }),
      bill: t.field({
        type: lifecycles.named('settlementBill').ref,
        nullable: true,
        resolve: ({ billId }, _args, { reads }) => (billId === null ? null : reads.instances.load(billId)),
      }),
      lineNo: t.int({ nullable: true, description: 'Its line on the bill.', resolve: ({ line }) => line.no }),
      effectiveAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'Which month it belongs to; null while nothing is owed.',
        resolve: (parent) => parent.effectiveAt,
      }),
      currency: t.string({ resolve: ({ line }) => line.currency }),
      paid: t.field({ type: 'MinorUnits', resolve: ({ line }) => line.paid }),
      refunded: t.field({ type: 'MinorUnits', resolve: ({ line }) => line.refunded }),
      net: t.field({ type: 'MinorUnits', description: 'The receiver’s part.', resolve: ({ line }) => line.net }),
      whyUnbilled: t.string({ ...text<Shown>((parent) => whyUnbilled(parent, parent.when) ?? { zh: '', en: '' }, 'Empty when it is billed.') }),
      expectedAt: t.field({ type: 'DateTime', nullable: true, description: 'When it will be billed.', resolve: (parent) => billedAt(parent, parent.when) }),
      whyNotInvoice: t.field({
        type: problems.types.Refused,
        nullable: true,
        description: 'Why the receiver cannot invoice it to the marketplace now; null when it can.',
        resolve: (parent) => whyNotInvoice(parent, parent.when),
      }),
    }),
  });
  builder.queryField('transactions', (t) =>
    t.field({
      type: [transaction],
      description: 'What an order earned or will earn its seller; empty for an order that the caller may not see.',
      args: { orderNumber: t.arg.string({ required: true }) },
      authScopes: { as: billing },
      complexity: { field: 20, multiplier: 10 },
      resolve: async (_root, { orderNumber }, { reads }): Promise<Shown[]> => {
        if (unwritableText(orderNumber, 'orderNumber').length > 0) return [];
        const found = await transactionsOf(reads.reader, orderNumber);
        if (!found) return [];
        const { rows, now, settings } = found;
        const policies = settings.policiesOf(settlementBill);
        return rows.map((row) => ({ ...row, when: { now, day: countOf(policies, billingDayOf[row.partyKind]), calendar: settings.calendar } }));
      },
    }),
  );
}
