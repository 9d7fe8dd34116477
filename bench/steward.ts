import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { assemble } from '../assembly.ts';
import { createCommit } from '../db/commit.ts';
import { type Connection, connect } from '../db/connect.ts';
import { migrate } from '../db/migrate.ts';
import { seed } from '../db/seed.ts';
import type { Committed } from '../db/unit.ts';
import { createRegistry } from '../lifecycles/registry.ts';
import type { Actor } from '../lifecycles/roles.ts';
import type { Log } from '../log.ts';
import { withClient } from '../stack/postgres.ts';
import { type Design, type PlacedOrder, purchase } from './design.ts';

export const buyer: Actor = { id: 'buyer-a.li', role: 'buyer', party: 'buyer-a' };
export const merchant: Actor = { id: 'merchant-a.zhao', role: 'merchant', party: 'merchant-a' };
export const payments: Actor = { id: 'payments', role: 'system', party: null };

export type Steward = Design & { returnDelivery(order: PlacedOrder): Promise<void>; databaseUrl: string; pool: Connection['pool']; close(): Promise<void> };

/** @property eager every change is told to its workflow at once, which is then started, whether or not it has anything to do (0006 lets those wait) */
export type Waking = { client: Client; taskQueue: string; log: Log; eager?: boolean };

/** Our commit, called as the API calls it: with the waker and the sweep of an API process, or with nobody to wake. */
export async function createSteward(databaseUrl: string, { clients, name, waking }: { clients: number; name: string; waking?: Waking }): Promise<Steward> {
  await prepare(databaseUrl);
  const supervisions = new Map<string, string>();
  const onCommitted = (changed: Committed[]) => {
    const opened = changed.find((one) => one.lifecycle === 'supervision' && one.revision === 1);
    const order = opened && changed.find((one) => one.lifecycle === 'order');
    if (order) supervisions.set(order.id, opened.id);
    if (waking?.eager) wake(changed.map(({ id }) => id));
  };
  const core = waking ? assemble({ databaseUrl, name, onCommitted, ...waking }) : alone(databaseUrl, { clients, onCommitted });
  const { commit, pool } = core;
  const wake = (ids: string[]) => core.waker?.repeat(ids);

  async function command(lifecycle: string, instance: string | null, given: { command: string; actor: Actor; input?: unknown; reason?: string }) {
    const answer = await commit.command({
      lifecycle,
      instance,
      input: {},
      reason: null,
      idempotencyKey: randomUUID(),
      expectedRevision: null,
      via: 'api',
      ...given,
    });
    if (!answer.ok) throw new Error(`expected ${given.command} to be accepted, got ${JSON.stringify(answer.problem)}`);
    return answer.instance;
  }

  return {
    name,
    databaseUrl,
    pool,
    close: () => core.close(),
    ...(waking ? { settled: () => allWoken(pool), left: () => leftIn(pool) } : {}),
    async place() {
      const id = await command('order', null, { command: 'placeOrder', actor: buyer, input: { product: purchase.product } });
      const file = await uploaded(pool);
      return { id, number: id, file };
    },
    async pay(order) {
      const input = { amount: purchase.amount, means: purchase.means, reference: `PAY-${order.id}` };
      await command('order', order.id, { command: 'recordPayment', actor: payments, input });
      order.supervision = supervisions.get(order.id);
      supervisions.delete(order.id);
    },
    async deliver({ supervision, file }) {
      await command('supervision', supervision as string, { command: 'uploadAcceptance', actor: merchant, input: { files: [file] } });
    },
    async returnDelivery({ supervision }) {
      await command('supervision', supervision as string, { command: 'returnDelivery', actor: buyer, reason: 'not as agreed' });
    },
    async accept({ supervision }) {
      await command('supervision', supervision as string, { command: 'acceptDelivery', actor: buyer });
    },
  };
}

function alone(databaseUrl: string, { clients, onCommitted }: { clients: number; onCommitted: (changed: Committed[]) => void }) {
  const connection = connect(databaseUrl, { poolSize: clients, name: 'bench' });
  const commit = createCommit({ pool: connection.pool, registry: createRegistry(), onCommitted });
  return { ...connection, commit, waker: null };
}

/** A database with the schema, the example products, and the operators' values that a measurement needs. */
export async function prepare(databaseUrl: string, values?: Record<string, Record<string, { ms: number }>>): Promise<void> {
  await migrate(databaseUrl);
  await seed(databaseUrl);
  if (!values) return;
  const insert =
    "insert into policies (version, lifecycle, values, at, by, reason) select 1, key, value, now(), 'bench', 'shortened timers' from jsonb_each($1) on conflict do nothing";
  await withClient(databaseUrl, (client) => client.query(insert, [values]));
}

/** Every workflow knows what its instance has come to. */
export async function allWoken(pool: Connection['pool']): Promise<void> {
  for (;;) {
    const { rows } = await pool.query('select from owed_wakes limit 1');
    if (rows.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What is done after a round: wakes that are not urgent, and messages that are not sent yet. */
export async function leftIn(pool: Connection['pool']): Promise<string> {
  const { rows } = await pool.query(`select (select count(*) from owed_wakes) as wakes,
    (select count(*) from outbox where dispatched_at is null and merged_into is null) as messages, (select count(*) from deliveries where state = 'waiting') as deliveries`);
  return `${rows[0].wakes} wakes, ${rows[0].messages} messages and ${rows[0].deliveries} deliveries left`;
}

/** The merchant's acceptance document, as the file route leaves it in the database. */
export async function uploaded(pool: Connection['pool']): Promise<string> {
  const id = randomUUID();
  await pool.query({
    name: 'bench file',
    text: "insert into files (id, name, media_type, bytes, sha256, uploaded_by, role, party, uploaded_at) values ($1, '验收报告.pdf', 'application/pdf', 100, $2, $3, $4, $5, now())",
    values: [id, id.replaceAll('-', '').repeat(2), merchant.id, merchant.role, merchant.party],
  });
  return id;
}
