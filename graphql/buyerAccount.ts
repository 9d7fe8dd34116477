import { type AccountEntry, type AccountRow, type EntryPlace, entriesOf, servicesWaitingFor } from '../db/read/accounts.ts';
import type { InstanceRow } from '../db/read/instances.ts';
import { type Builder, everyone } from './builder.ts';
import { type Connections, encodeCursor, isId, isInstant, isInt, type PageArgs, pageComplexity, pageFrom, placeIn, sizeOf } from './connection.ts';
import type { Context } from './context.ts';
import type { Lifecycles } from './lifecycle.ts';

const placeOf = (cursor: string | null | undefined): EntryPlace | null => placeIn(cursor, { at: isInstant, instance: isId, revision: isInt, no: isInt });

/** What is on a buyer's account, how it came there, and what waits for it (MET-2). Rights: those of the account. */
export function addBuyerAccounts(builder: Builder, { lifecycles, connections }: { lifecycles: Lifecycles; connections: Connections }): void {
  const money = builder.objectRef<AccountRow>('AccountBalance').implement({
    description: 'balance = paidIn − paidOut − used: PostgreSQL refuses anything else, and below 0 for anything but use.',
    fields: (t) => ({
      balance: t.field({ type: 'MinorUnits', description: 'Below 0 in arrears 欠费.', resolve: ({ balance }) => balance }),
      paidIn: t.field({ type: 'MinorUnits', description: 'Topped up, and corrected upwards.', resolve: ({ paidIn }) => paidIn }),
      paidOut: t.field({ type: 'MinorUnits', description: 'Corrected downwards.', resolve: ({ paidOut }) => paidOut }),
      used: t.field({ type: 'MinorUnits', description: 'Taken for what was used.', resolve: ({ used }) => used }),
      owed: t.field({
        type: 'MinorUnits',
        description: 'What a top-up must be at least to end the arrears; else 0.',
        resolve: ({ balance }) => Math.max(0, -balance),
      }),
      arrearsSince: t.field({ type: 'DateTime', nullable: true, resolve: ({ arrearsSince }) => arrearsSince }),
    }),
  });
  const entry = builder.objectRef<AccountEntry>('AccountEntry').implement({
    description: 'A movement of an account’s money, from the ledger. It never changes.',
    fields: (t) => ({
      event: t.exposeString('event', { description: 'The event that moved it: topUpAccount, recordUsage, correctAccount, confirmCorrection.' }),
      amount: t.field({ type: 'MinorUnits', description: 'Above 0: it came in; below 0: it went.', resolve: ({ amount }) => amount }),
      record: t.field({
        type: lifecycles.lifecycle,
        nullable: true,
        description: 'The order of what was used; else the account.',
        resolve: (async ({ order }: AccountEntry, _args: unknown, { reads }: Context) => reads.instances.load(order)) as never,
      }),
      meteringId: t.exposeString('meteringId', { nullable: true, description: 'The usage record that it is for.' }),
      reference: t.exposeString('reference', { nullable: true, description: 'The top-up’s reference.' }),
      at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
      countsAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'The end of the usage, which says whose month it is (BIL-2).',
        resolve: ({ countsAt }) => countsAt,
      }),
    }),
  });
  const entries = connections.connectionOf('AccountEntry', entry);
  const holder = ({ instance }: InstanceRow) => ({ buyer: instance.parties.buyer, currency: String(instance.context.currency) });
  builder.objectFields(lifecycles.named('buyerAccount').ref, (t) => ({
    money: t.field({
      type: money,
      authScopes: { as: everyone },
      complexity: 5,
      resolve: async ({ instance }: InstanceRow, _args, { reads }) => {
        const [found] = await reads.accounts.load(instance.id);
        if (!found) throw new Error(`expected the balance of ${instance.number}, got none`);
        return found;
      },
    }),
    entries: t.field({
      type: entries as never,
      description: 'Every movement of its money, newest first.',
      args: { first: t.arg.int({ required: false, description: 'At most 100; 50 when it is not given.' }), after: t.arg.string({ required: false }) },
      authScopes: { as: everyone },
      complexity: pageComplexity,
      resolve: (async (row: InstanceRow, args: PageArgs, { reads }: Context) => {
        const { limit } = sizeOf(args);
        const after = placeOf(args.after);
        const cursorOf = ({ at, instance, revision, no }: AccountEntry) => encodeCursor([at, instance, revision, no]);
        return pageFrom(await entriesOf(reads.reader, holder(row), { after, limit }), { limit, backwards: false, hasOther: after !== null, cursorOf });
      }) as never,
    }),
    servicesInArrears: t.field({
      type: [lifecycles.named('serviceInstance').ref] as never,
      description: 'Services that the balance does not cover, oldest first, at most 100; when each stops or is released, its deadlines say.',
      authScopes: { as: everyone },
      complexity: { field: 50, multiplier: 100 },
      resolve: (async (row: InstanceRow, _args: unknown, { reads }: Context) => {
        const found = await Promise.all((await servicesWaitingFor(reads.reader, holder(row))).map((id) => reads.instances.load(id)));
        return found.filter((one) => one !== null);
      }) as never,
    }),
  }));
}
