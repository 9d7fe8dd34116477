import type pg from 'pg';
import type { Incident, Instance } from '../lifecycles/instance.ts';
import { NeedsTogether, type Together } from '../lifecycles/play.ts';
import { type Settings, type SettingsCache, type Versions, versionsSql } from './settings.ts';
import { inOnePacket } from './transaction.ts';

/** An instance under its row lock, with what only the database knows of it. */
export type Locked = {
  instance: Instance;
  head: string;
  refusals: number;
  refusalHead: string;
  lastActor: string;
  wakeSeq: number;
  wokenSeq: number;
  createdAt: number;
  wedged: string | null;
};

export type Loaded = {
  family: Map<string, Locked>;
  /** The lifecycles of which every instance of the family is locked. */
  members: ReadonlySet<string>;
  /** The family's clock, read after the locks were given. */
  now: number;
  offsetMs: number;
  /** Policies and calendar, of the moment in which the locks were given. */
  settings: Settings;
  /** The answer that the caller's key is bound to, if any. */
  bound: { fingerprint: string; instance: string; revision: number } | null;
};

/** What is locked with an instance: those that it refers to by these references, these of its family, and any named besides. */
export type Extent = { id: string | null; refs: readonly string[]; members: readonly string[]; also: readonly string[] };

/**
 * The ids of an extent as SQL, of the parts alone that it has: whatever is not asked for costs nothing. References never change, so they may be
 * read before the lock; the family's members are looked up only where asked for.
 */
function idsOf({ id, refs, members, also }: Extent): { shape: string; sql: string; values: unknown[] } {
  const values: unknown[] = [id];
  const parts = ['select $1::uuid'];
  const add = (value: readonly string[], part: (parameter: string) => string) => value.length > 0 && parts.push(part(`$${values.push(value)}`));
  add(refs, (parameter) => `select (i.refs ->> r)::uuid from instances i, unnest(${parameter}::text[]) r where i.id = $1`);
  add(also, (parameter) => `select unnest(${parameter}::uuid[])`);
  add(
    members,
    (parameter) => `select m.id from instances i join instances m on m.family = i.family where i.id = $1 and m.lifecycle = any(${parameter}::text[])`,
  );
  const shape = Object.entries({ refs, also, members }).flatMap(([name, value]) => (value.length > 0 ? [` and ${name}`] : []));
  return { shape: shape.join(''), sql: parts.length === 1 ? 'array[$1::uuid]' : `array(${parts.join(' union all ')})`, values };
}

/** One ordered lock over the instance and those that change together with it: no two commands can deadlock. */
const lockSql = (ids: string) => `select id, lifecycle, version, number, family, refs, buyer, merchant, value, context, recorded, revision,
  (extract(epoch from last_event_at) * 1000)::bigint as at, head, refusals, refusal_head, last_actor, wake_seq, woken_seq,
  (extract(epoch from created_at) * 1000)::bigint as created_at, wedged
  from instances
  where id = any(${ids}) order by id for update`;

/** Read after the locks, so that it sees what their last holders committed. */
const restSql = (ids: string, scope: string, key: string) => `with locked as materialized (select ${ids} as ids)
select (extract(epoch from clock_timestamp()) * 1000)::bigint as now,
  coalesce((select f.clock_offset_ms from instances i join families f on f.id = i.family where i.id = $1), 0) as offset_ms,
  ${versionsSql} as versions, (select ids from locked) as ids,
  (select jsonb_build_object('fingerprint', fingerprint, 'instance', instance_id, 'revision', revision)
     from idempotency_keys where scope = ${scope} and key = ${key} and day > now() - interval '8 days' limit 1) as bound,
  (select coalesce(jsonb_agg(jsonb_build_object('instance', instance_id, 'key', key, 'name', name,
      'armedAt', extract(epoch from armed_at) * 1000, 'dueAt', extract(epoch from due_at) * 1000, 'remainingMs', remaining_ms) order by armed_at, key collate "C"), '[]')
     from deadlines where instance_id = any((select ids from locked)::uuid[]) and status in ('armed', 'frozen')) as deadlines,
  (select coalesce(jsonb_agg(jsonb_build_object('instance', instance_id, 'key', key, 'name', name, 'params', params,
      'status', status, 'generation', generation, 'openedAt', extract(epoch from opened_at) * 1000) order by opened_at, key collate "C"), '[]')
     from effects where instance_id = any((select ids from locked)::uuid[]) and status in ('open', 'parked', 'failed')) as effects,
  (select coalesce(jsonb_agg(jsonb_build_object('instance', instance_id, 'subject', subject, 'name', name, 'code', code,
      'message', message, 'openedAt', extract(epoch from opened_at) * 1000) order by id), '[]')
     from incidents where instance_id = any((select ids from locked)::uuid[]) and closed_at is null) as incidents`;

type Owned<T> = T & { instance: string };
type Rest = {
  now: number;
  offset_ms: number;
  versions: Versions;
  ids: string[];
  bound: Loaded['bound'];
  deadlines: Owned<Instance['deadlines'][number]>[];
  effects: Owned<Instance['effects'][number]>[];
  incidents: Owned<Incident>[];
};

const nothingElse: Together = { instances: [], members: [] };

/**
 * Locks an instance with those that change with it, and reads all that a command needs.
 * @param told what may have to be told, as the chart says it
 * @returns null when there is no such instance
 * @throws NeedsTogether when a member of the family came to be while the lock was waited for
 */
export async function load(
  client: pg.PoolClient,
  {
    settings,
    id,
    told = { refs: [], members: [] },
    also = nothingElse,
    scope = '',
    key = '',
  }: {
    settings: SettingsCache;
    id: string;
    told?: { refs: readonly string[]; members: readonly string[] };
    also?: Together;
    scope?: string;
    key?: string;
  },
): Promise<Loaded | null> {
  const extent: Extent = { id, refs: told.refs, members: [...told.members, ...also.members], also: also.instances };
  const [{ rows }, rest] = await Promise.all(
    inOnePacket(client, () => [client.query(lockOf(extent)), loadRest(client, { settings, extent, scope, key })] as const),
  );
  if (!rows.some((row) => row.id === id)) return null;
  const late = extent.members.length > 0 ? rest.raw.ids.filter((one) => !rows.some((row) => row.id === one)) : [];
  if (late.length > 0) throw new NeedsTogether({ instances: late, members: [] });
  const ofInstance = <T>(list: Owned<T>[], instance: string): T[] =>
    list.filter((item) => item.instance === instance).map(({ instance: _, ...item }) => item as T);
  const family = new Map<string, Locked>(
    rows.map((row) => [
      row.id,
      {
        instance: {
          id: row.id,
          lifecycle: row.lifecycle,
          version: row.version,
          number: row.number,
          family: row.family,
          refs: row.refs,
          parties: { buyer: row.buyer, merchant: row.merchant },
          value: row.value,
          context: row.context,
          revision: row.revision,
          at: row.at,
          recorded: row.recorded,
          deadlines: ofInstance(rest.raw.deadlines, row.id),
          effects: ofInstance(rest.raw.effects, row.id),
          incidents: ofInstance(rest.raw.incidents, row.id),
        },
        head: row.head,
        refusals: row.refusals,
        refusalHead: row.refusal_head,
        lastActor: row.last_actor,
        wakeSeq: row.wake_seq,
        wokenSeq: row.woken_seq,
        createdAt: row.created_at,
        wedged: row.wedged,
      },
    ]),
  );
  return { family, members: new Set(extent.members), ...rest.loaded };
}

function lockOf(extent: Extent): pg.QueryConfig {
  const { shape, sql, values } = idsOf(extent);
  return { name: `lock of an instance${shape}`, text: lockSql(sql), values };
}

const nowhere: Extent = { id: null, refs: [], members: [], also: [] };

/** Clock, policies and key without an instance: for a command that opens one. */
export async function loadRest(
  client: pg.PoolClient,
  { settings, extent = nowhere, scope, key }: { settings: SettingsCache; extent?: Extent; scope: string; key: string },
): Promise<{ raw: Rest; loaded: Omit<Loaded, 'family' | 'members'> }> {
  const { shape, sql, values } = idsOf(extent);
  const { rows } = await client.query<Rest>({
    name: `rest of an instance${shape}`,
    text: restSql(sql, `$${values.length + 1}`, `$${values.length + 2}`),
    values: [...values, scope, key],
  });
  const raw = rows[0] as Rest;
  return {
    raw,
    loaded: {
      now: raw.now + raw.offset_ms,
      offsetMs: raw.offset_ms,
      settings: await settings.at(raw.versions, client),
      bound: raw.bound,
    },
  };
}
