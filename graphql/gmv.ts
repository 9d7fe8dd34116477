import { type Gmv, gmvOf } from '../db/read/gmv.ts';
import { unwritableText } from '../db/storable.ts';
import type { Builder } from './builder.ts';
import { refusal } from './errors.ts';

/** GMV per merchant and period (BIL-7), for the merchant itself and the marketplace's people. */
export function addGmv(builder: Builder): void {
  const figures = builder.objectRef<Gmv>('Gmv').implement({
    description: 'What a merchant’s orders brought in a period, consistent with the ledger to the minor unit (BIL-7).',
    fields: (t) => ({
      currency: t.exposeString('currency'),
      orders: t.exposeInt('orders', { description: 'Orders whose money was released in the period.' }),
      sold: t.field({ type: 'MinorUnits', description: 'Released in the period.', resolve: (parent) => parent.sold }),
      refunded: t.field({ type: 'MinorUnits', description: 'Taken back of released money in the period.', resolve: (parent) => parent.refunded }),
      gmv: t.field({ type: 'MinorUnits', description: 'sold − refunded.', resolve: (parent) => parent.gmv }),
    }),
  });
  const period = builder.inputType('Period', {
    description: 'Half open: from this instant, before that one. A Beijing month begins at 00:00 +08:00 of its first day.',
    fields: (t) => ({ from: t.field({ type: 'DateTime', required: true }), before: t.field({ type: 'DateTime', required: true }) }),
  });
  builder.queryField('gmv', (t) =>
    t.field({
      type: [figures],
      description: 'One figure per currency; empty where nothing was sold, or nothing that the caller may see.',
      args: { merchant: t.arg.string({ required: true }), period: t.arg({ type: period, required: true }) },
      authScopes: { as: ['merchant', 'operationsManager', 'reviewer', 'system'] },
      complexity: 100,
      resolve: async (_root, { merchant, period: { from, before } }, { reads }) => {
        if (unwritableText(merchant, 'merchant').length > 0) return [];
        const [start, end] = [Date.parse(from), Date.parse(before)];
        if (!(start < end)) throw refusal('BAD_INPUT', 400, `expected a period that ends after it begins, got ${from} to ${before}`);
        return gmvOf(reads.reader, { merchant, from: start, before: end });
      },
    }),
  );
}
