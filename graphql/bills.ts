import { type BillLineRow, linesOf } from '../db/read/bills.ts';
import type { Builder } from './builder.ts';
import { type Connections, encodeCursor, isInt, type Page, type PageArgs, pageComplexity, pageFrom, placeIn, sizeOf } from './connection.ts';
import type { Context } from './context.ts';
import { fromId, toId } from './ids.ts';

type AnyBuilderType = ReturnType<Connections['connectionOf']>;

/** Who has to do with bills: their receivers, and the marketplace’s people. */
export const billing = ['merchant', 'serviceProvider', 'operationsManager', 'reviewer', 'system'] as const;

const placeOf = (cursor: string | null | undefined) => placeIn(cursor, { no: isInt })?.no ?? null;

async function pageOfLines({ bill, ...args }: PageArgs & { bill: string }, { reads }: Context): Promise<Page<BillLineRow>> {
  const { limit, backwards } = sizeOf(args);
  const [after, before] = [placeOf(args.after), placeOf(args.before)];
  const row = await reads.find(bill);
  if (row?.instance.lifecycle !== 'settlementBill') return { edges: [], hasNextPage: false, hasPreviousPage: false };
  const lines = await linesOf(reads.reader, { bill: fromId(bill)?.uuid ?? '', after, before, limit: limit + 1, backwards });
  const all = (row.instance.context as { lines: number | null }).lines ?? 0;
  return {
    ...pageFrom(lines, { limit, backwards, hasOther: (backwards ? before : after) !== null, cursorOf: ({ no }) => encodeCursor([no]) }),
    count: async () => ({ value: Math.min(all, 10_001), exact: all <= 10_000 }),
  };
}

/** The lines of a bill 账单明细 (BIL-2, BIL-8), as a connection: a bill may have 100,000. */
export function addBills(builder: Builder, { args, connectionOf }: Connections): void {
  const kind = builder.enumType('BillLineKind', {
    values: {
      earned: { description: 'Earned: supervision finished, service opened, renewal in effect, usage. 结算' },
      refunded: { description: 'Taken back by a refund after it was earned. 退订' },
      difference: { description: 'A correction by ticket. 差异' },
      carriedForward: { description: 'The negative sum of an earlier bill. 结转' },
    } as const,
  });
  const invoiceTo = builder.enumType('InvoiceTo', {
    values: { buyer: { description: 'The merchant invoices the buyer.' }, marketplace: { description: 'The receiver invoices the marketplace.' } } as const,
  });
  const line = builder.objectRef<BillLineRow>('BillLine').implement({
    description: 'One amount that the bill’s receiver is owed, or owes. It never changes: a correction is a line of a later bill.',
    fields: (t) => ({
      no: t.exposeInt('no'),
      orderId: t.id({
        nullable: true,
        description: 'Null for what is of no order.',
        resolve: ({ order, kind: of }) => (of === 'carriedForward' ? null : toId('order', order)),
      }),
      orderNumber: t.exposeString('orderNumber', { description: 'Of a sum carried forward: the bill that it is of.' }),
      product: t.exposeString('product'),
      kind: t.field({ type: kind, resolve: (parent) => parent.kind }),
      effectiveAt: t.field({ type: 'DateTime', description: 'Which month it belongs to.', resolve: (parent) => parent.effectiveAt }),
      currency: t.exposeString('currency'),
      paid: t.field({ type: 'MinorUnits', resolve: (parent) => parent.paid }),
      refunded: t.field({ type: 'MinorUnits', resolve: (parent) => parent.refunded }),
      shareBp: t.exposeInt('shareBp', { nullable: true, description: 'The receiver’s share in basis points, fixed at payment.' }),
      net: t.field({ type: 'MinorUnits', description: '(paid − refunded) × share, rounded once.', resolve: (parent) => parent.net }),
      invoiceTo: t.field({ type: invoiceTo, description: 'BIL-4.', resolve: (parent) => parent.invoiceTo }),
    }),
  });
  const connection: AnyBuilderType = connectionOf('BillLine', line);
  builder.queryField('billLines', (t) =>
    t.field({
      type: connection,
      description: 'The lines of a bill, in order; none for a bill that the caller may not see.',
      args: { ...args, bill: t.arg.id({ required: true }) },
      authScopes: { as: billing },
      complexity: pageComplexity,
      resolve: (_root, given, context) => pageOfLines(given, context),
    }),
  );
}
