import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { createCommit } from '../db/commit.ts';
import { connect } from '../db/connect.ts';
import { migrate } from '../db/migrate.ts';
import type { CommandRequest } from '../db/requests.ts';
import { seed } from '../db/seed.ts';
import type { Committed } from '../db/unit.ts';
import type { Lifecycle } from '../lifecycles/declaration.ts';
import { createRegistry } from '../lifecycles/registry.ts';
import type { Actor } from '../lifecycles/roles.ts';

export const buyer: Actor = { id: 'buyer-a.li', role: 'buyer', party: 'buyer-a' };
export const otherBuyer: Actor = { id: 'buyer-b.wu', role: 'buyer', party: 'buyer-b' };
export const merchant: Actor = { id: 'merchant-a.zhao', role: 'merchant', party: 'merchant-a' };
export const otherMerchant: Actor = { id: 'merchant-b.sun', role: 'merchant', party: 'merchant-b' };
export const manager: Actor = { id: 'manager.qian', role: 'operationsManager', party: null };
export const reviewer: Actor = { id: 'reviewer.zhou', role: 'reviewer', party: null };
export const machine: Actor = { id: 'payments', role: 'system', party: null };

export type Database = Awaited<ReturnType<typeof aDatabase>>;

/** A migrated database of its own with the example data, on the test run's PostgreSQL. */
export async function aDatabase({ lifecycles, poolSize = 16 }: { lifecycles?: readonly Lifecycle[]; poolSize?: number } = {}) {
  const admin = inject('databaseUrl');
  const name = `steward_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  await administer(admin, `create database ${name}`);
  const url = Object.assign(new URL(admin), { pathname: `/${name}` }).href;
  await migrate(url);
  await seed(url);
  const connection = connect(url, { poolSize });
  // a machine that stalls for seconds is busy, PostgreSQL is not away
  for (const { options } of [connection.pool, connection.readPool]) options.connectionTimeoutMillis = 30_000;
  const registry = createRegistry(lifecycles);
  const committed: Committed[] = [];
  const listeners: ((changed: Committed[]) => void)[] = [];
  const commit = createCommit({
    pool: connection.pool,
    registry,
    onCommitted: (changed) => {
      committed.push(...changed);
      for (const listener of listeners) listener(changed);
    },
  });
  return {
    url,
    name,
    ...connection,
    registry,
    commit,
    /** Every change so far, as the waker heard of it. */
    committed,
    onCommitted: (listener: (changed: Committed[]) => void) => listeners.push(listener),
    async drop() {
      await connection.close();
      await administer(admin, `drop database if exists ${name} with (force)`);
    },
  };
}

export async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A command with everything a test does not care about filled in. */
export function aCommand(request: Partial<CommandRequest> & Pick<CommandRequest, 'lifecycle' | 'command' | 'actor'>): CommandRequest {
  return { instance: null, input: {}, reason: null, idempotencyKey: randomUUID(), expectedRevision: null, via: 'api', ...request };
}

/** The instance a command was answered with. @throws with the problem when it was refused */
export async function accepted(answer: ReturnType<Database['commit']['command']>): Promise<{ instance: string; revision: number; replayed: boolean }> {
  const got = await answer;
  if (!got.ok) throw new Error(`expected the command to be accepted, got ${JSON.stringify(got.problem)}`);
  return got;
}

/** The number that people know an instance by. */
export const numberOf = async ({ pool }: { pool: pg.Pool }, instance: string): Promise<string> =>
  (await pool.query('select number from instances where id = $1', [instance])).rows[0].number;

/** A file that `actor` has uploaded, as the file route leaves it in the database. */
export async function aFile(pool: pg.Pool, actor: Actor, name = '验收报告.pdf'): Promise<string> {
  const id = randomUUID();
  await pool.query(
    "insert into files (id, name, media_type, bytes, sha256, uploaded_by, role, party, uploaded_at) values ($1, $2, 'application/pdf', 100, $3, $4, $5, $6, now())",
    [id, name, randomUUID().replaceAll('-', '').repeat(2), actor.id, actor.role, actor.party],
  );
  return id;
}

/** A paid order of a supervised SaaS product, with its supervision awaiting delivery. */
export async function aPaidOrder(
  { pool, commit }: Pick<Database, 'pool' | 'commit'>,
  { product = 'saas-activated', by = buyer, scenario = 'none' }: { product?: string; by?: Actor; scenario?: string } = {},
) {
  const { instance: order } = await accepted(
    commit.command(aCommand({ lifecycle: 'order', command: 'placeOrder', actor: by, input: { product, scenario, period: { unit: 'year', count: 1 } } })),
  );
  const {
    rows: [{ amount }],
  } = await pool.query("select (context ->> 'amount')::int as amount from instances where id = $1", [order]);
  await accepted(
    commit.command(
      aCommand({
        lifecycle: 'order',
        instance: order,
        command: 'recordPayment',
        actor: machine,
        input: { amount, means: 'balance', reference: `PAY-${order.slice(-6)}` },
      }),
    ),
  );
  const {
    rows: [supervision],
  } = await pool.query("select id, number from instances where refs ->> 'order' = $1 and lifecycle = 'supervision'", [order]);
  return { order, supervision: supervision.id as string, number: supervision.number as string };
}
