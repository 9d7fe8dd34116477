import DataLoader from 'dataloader';
import { type StandingRow, standingsOf } from '../db/merchants.ts';
import { type AccountRow, accountsOf } from '../db/read/accounts.ts';
import { type ContactRow, contactsOf } from '../db/read/contacts.ts';
import { type AttemptRow, attemptsOf, type EffectRow, effectsOf } from '../db/read/effects.ts';
import { type EventRow, eventsOf, sinceOf } from '../db/read/events.ts';
import { type FileRow, filesOf } from '../db/read/files.ts';
import { type IncidentRow, incidentsOf } from '../db/read/incidents.ts';
import { type InstanceRow, instancesByFamily, instancesById } from '../db/read/instances.ts';
import { type BalanceRow, balancesOf, type LedgerRow, ledgerOf } from '../db/read/ledger.ts';
import { type DeliveryRow, deliveriesOf, type NotificationRow, notificationsById, notificationsOf } from '../db/read/notifications.ts';
import type { Reader } from '../db/read/reader.ts';
import { type RefusalRow, refusalsOf } from '../db/read/refusals.ts';
import type { ShownContact } from '../lifecycles/contacts.ts';
import type { Standing } from '../lifecycles/standing.ts';
import { fromId } from './ids.ts';

export type Reads = ReturnType<typeof createReads>;
export type HistoryPage = { after: number | null; limit: number; newestFirst: boolean };

/** The rows of each key; none is an empty list. */
const grouped = <Key extends string | number, Row>(keyOf: (row: Row) => Key, read: (keys: readonly Key[]) => Promise<Row[]>) =>
  new DataLoader<Key, Row[]>(async (keys) => {
    const rows = Map.groupBy(await read(keys), keyOf);
    return keys.map((key) => rows.get(key) ?? []);
  });
const perInstance = <Row extends { instance: string }>(read: (ids: readonly string[]) => Promise<Row[]>) => grouped(({ instance }: Row) => instance, read);

/** Children of one instance that one field shows at most. */
const most = 200;

/** One request's reads, batched: a page of fifty asks as many statements as a page of one. */
export function createReads(reader: Reader) {
  const instances = new DataLoader<string, InstanceRow | null>(async (ids) => {
    const rows = new Map((await instancesById(reader, ids)).map((row) => [row.instance.id, row]));
    return ids.map((id) => rows.get(id) ?? null);
  });
  const families = new DataLoader<string, InstanceRow[]>(async (ids) => {
    const rows = await instancesByFamily(reader, ids);
    for (const row of rows) instances.prime(row.instance.id, row);
    return ids.map((id) => rows.filter((row) => row.instance.family === id));
  });
  const since = new DataLoader<string, number | null>(async (ids) => {
    const rows = new Map((await sinceOf(reader, ids)).map((row) => [row.instance, row.at]));
    return ids.map((id) => rows.get(id) ?? null);
  });
  const histories = new Map<string, DataLoader<string, EventRow[]>>();
  return {
    reader,
    /** The instance of an id as callers have it; null for one that they may not see, and for no id of ours. */
    async find(id: string): Promise<InstanceRow | null> {
      const named = fromId(id);
      const row = named && (await instances.load(named.uuid));
      return row && row.instance.lifecycle === named.lifecycle ? row : null;
    },
    instances,
    families,
    since,
    ledger: grouped(
      ({ order }: LedgerRow) => order,
      (ids) => ledgerOf(reader, ids),
    ),
    accounts: grouped(
      ({ account }: AccountRow) => account,
      (ids) => accountsOf(reader, ids),
    ),
    balances: grouped(
      ({ order }: BalanceRow) => order,
      (ids) => balancesOf(reader, ids),
    ),
    effects: perInstance<EffectRow>((ids) => effectsOf(reader, { instances: ids, limit: most })),
    attempts: perInstance<AttemptRow>((ids) => attemptsOf(reader, { instances: ids, limit: most })),
    incidents: perInstance<IncidentRow>((ids) => incidentsOf(reader, { instances: ids, limit: most })),
    refusals: perInstance<RefusalRow>((ids) => refusalsOf(reader, { instances: ids, limit: most })),
    /** How a party is reached; whether the caller may see it is asked before. */
    contacts: new DataLoader<ShownContact, ContactRow[], string>(
      async (wanted) => {
        const rows = Map.groupBy(await contactsOf(reader, wanted), ({ of, party, topic }) => `${of} ${party} ${topic}`);
        return wanted.map(({ of, party, topic }) => rows.get(`${of} ${party} ${topic}`) ?? []);
      },
      { cacheKeyFn: ({ of, party, topic }) => `${of} ${party} ${topic}` },
    ),
    /** EXT-3: how a merchant stands; null for one who trades. */
    standings: new DataLoader<string, Standing | null>(async (merchants) => {
      const rows = new Map((await reader.rows<StandingRow>(standingsOf(merchants))).map(({ merchant, standing }) => [merchant, standing]));
      return merchants.map((merchant) => rows.get(merchant) ?? null);
    }),
    files: perInstance<FileRow>((ids) => filesOf(reader, ids)),
    notifications: perInstance<NotificationRow>((ids) => notificationsOf(reader, { instances: ids, limit: most })),
    notificationById: new DataLoader<number, NotificationRow | null>(async (ids) => {
      const rows = new Map((await notificationsById(reader, ids)).map((row) => [row.id, row]));
      return ids.map((id) => rows.get(id) ?? null);
    }),
    /** By the message's row. */
    deliveries: grouped(
      ({ message }: DeliveryRow) => message,
      (messages) => deliveriesOf(reader, messages),
    ),
    history(page: HistoryPage) {
      const key = JSON.stringify(page);
      const known = histories.get(key) ?? perInstance<EventRow>((ids) => eventsOf(reader, { instances: ids, ...page }));
      histories.set(key, known);
      return known;
    },
  };
}
