import { expect } from 'vitest';
import { createSandbox } from '../../db/sandbox.ts';
import { verifyChains } from '../../db/verify.ts';
import type { Policies } from '../../lifecycles/spans.ts';
import { eventually } from '../worker.ts';
import { aCommand, accepted, aFile, aPaidOrder, buyer, type Database, manager, merchant, numberOf } from '../world.ts';

type At = Pick<Database, 'pool' | 'commit'>;
export type Ordered = { order: string; supervision: string; number: string; orderNumber: string };

export const minute = 60_000;

/** A command to an order's supervision with an idempotency key of the test's own choice. */
export const onSupervision = (supervision: string, command: string, more: Partial<Parameters<typeof aCommand>[0]> = {}) =>
  aCommand({ lifecycle: 'supervision', instance: supervision, command, actor: buyer, ...more });

export async function numbered(database: At, placed: { order: string; supervision: string; number: string }): Promise<Ordered> {
  return { ...placed, orderNumber: await numberOf(database, placed.order) };
}

/** What a buyer owes for an order, in 分. */
export const amountOf = async ({ pool }: Pick<Database, 'pool'>, order: string) =>
  (await pool.query("select (context ->> 'amount')::int as amount from instances where id = $1", [order])).rows[0].amount as number;

/** A paid order whose delivery the merchant has handed in. */
export async function aDeliveredOrder(database: At): Promise<Ordered> {
  const placed = await aPaidOrder(database);
  await deliver(database, placed.supervision);
  return numbered(database, placed);
}

export async function deliver(database: At, supervision: string): Promise<void> {
  const file = await aFile(database.pool, merchant);
  await accepted(database.commit.command(onSupervision(supervision, 'uploadAcceptance', { actor: merchant, input: { files: [file] } })));
}

/** An order that the buyer has accepted: its completion sync is due in 30 minutes (SUP-4). */
export async function anAcceptedOrder(database: At): Promise<Ordered> {
  const ordered = await aDeliveredOrder(database);
  await accepted(database.commit.command(onSupervision(ordered.supervision, 'acceptDelivery')));
  return ordered;
}

/** An order whose completion sync is due: its effect is open, and the workflow is woken for it. */
export async function aSynchronisingOrder(database: At, waker: { wake(ids: string[]): void }): Promise<Ordered> {
  const ordered = await anAcceptedOrder(database);
  await advance(database, { waker, order: ordered.order, byMs: 30 * minute });
  return ordered;
}

export const advance = (database: At, { waker, order, byMs }: { waker: { wake(ids: string[]): void }; order: string; byMs: number }) =>
  createSandbox({ ...database, onNudged: (ids) => waker.wake(ids) }).advance({ instance: order, byMs });

export const fileAppeal = (supervision: string) => onSupervision(supervision, 'fileAppeal', { reason: '服务无法登录' });
export const withdrawAppeal = (supervision: string) => onSupervision(supervision, 'withdrawAppeal');
export const retryByHand = (supervision: string, effect: string) =>
  onSupervision(supervision, 'retryEffect', { actor: manager, input: { effect }, reason: '对端已修复' });

export const rowOf = async ({ pool }: Pick<Database, 'pool'>, id: string) =>
  (await pool.query('select state, frozen, revision, wake_seq, woken_seq from instances where id = $1', [id])).rows[0] as {
    state: string;
    frozen: boolean;
    revision: number;
    wake_seq: number;
    woken_seq: number;
  };

export const untilState = (database: Pick<Database, 'pool'>, id: string, state: string, withinMs = 45_000) =>
  eventually(
    () => rowOf(database, id),
    (row) => row?.state === state,
    { withinMs },
  );

/**
 * Waits until every workflow has been told all: then each is there, and no wake that is still owed starts one anew.
 * Meanwhile and then `owed_wakes` are exactly those whose wake is owed.
 */
export const untilAllTold = ({ pool }: Pick<Database, 'pool'>) =>
  eventually(
    async () => {
      const { rows } = await pool.query<{ owed: number; differs: number }>(`select count(*) filter (where i.wake_seq > i.woken_seq)::int as owed,
        count(*) filter (where (coalesce(i.wake_seq > i.woken_seq, false)) is distinct from (o.instance_id is not null))::int as differs
        from instances i full join owed_wakes o on o.instance_id = i.id`);
      if (rows[0]?.differs !== 0) throw new Error(`expected owed_wakes to hold exactly what is owed, ${rows[0]?.differs} differ`);
      return rows[0].owed;
    },
    (owed) => owed === 0,
  );

/** The operation log of an instance, shortly: type, who through which door, and a mark on what was only recorded. */
export async function logOf({ pool }: Pick<Database, 'pool'>, id: string): Promise<string[]> {
  const { rows } = await pool.query('select type, role, via, applied from events where instance_id = $1 order by revision', [id]);
  return rows.map(({ type, role, via, applied }) => `${type} by ${role} via ${via}${applied ? '' : ' (recorded)'}`);
}

export async function effectOf({ pool }: Pick<Database, 'pool'>, supervision: string) {
  const { rows } = await pool.query(
    `select key, status, generation, attempts, tries, (extract(epoch from next_attempt_at) * 1000)::bigint as next_attempt_at,
      (select coalesce(array_agg(a.outcome || coalesce(' ' || (a.error ->> 'code'), '') order by a.no), '{}') from attempts a where a.effect = e.key) as outcomes,
      (select coalesce(array_agg(i.code order by i.id), '{}') from incidents i where i.subject = e.key and i.instance_id = e.instance_id and i.closed_at is null) as incidents
    from effects e where e.instance_id = $1`,
    [supervision],
  );
  return rows[0] as {
    key: string;
    status: string;
    generation: number;
    attempts: number;
    tries: number;
    next_attempt_at: number | null;
    outcomes: string[];
    incidents: string[];
  };
}

/** Operators' values over the defaults of a lifecycle, from now on. */
export async function setPolicies({ pool }: Pick<Database, 'pool'>, values: Policies, lifecycle = 'supervision'): Promise<void> {
  await pool.query(
    `insert into policies (version, lifecycle, values, at, by, reason)
     select coalesce(max(version), 0) + 1, $1, $2, now(), 'test', 'a test in a hurry' from policies`,
    [lifecycle, JSON.stringify(values)],
  );
}

/** Every chain of every instance of a database, recomputed (ACT-2). */
export async function expectChainsToHold({ pool }: Pick<Database, 'pool'>): Promise<{ instances: number; events: number; refusals: number }> {
  const { rows } = await pool.query<{ id: string }>('select id from instances order by id');
  const sum = { instances: rows.length, events: 0, refusals: 0 };
  for (const { id } of rows) {
    const { events, refusals, broken } = await verifyChains(pool, id);
    expect(broken).toBeNull();
    sum.events += events;
    sum.refusals += refusals;
  }
  return sum;
}
