import pg from 'pg';
import { freePort } from '../stack/ports.ts';
import { type ApiClient, createApiClient } from './api.ts';
import type { Bench } from './bench.ts';
import { atMost, type Figure, told } from './figure.ts';
import { fill } from './fill.ts';
import { median } from './rounds.ts';
import { prepare } from './steward.ts';

const manager = { id: 'manager.qian', role: 'operationsManager', party: null } as const;
const page = `query ($first: Int) { orders(first: $first, filter: { state: [pendingPayment] }) { nodes {
  id number state revision availableCommands { name enabled whyNot { code } } deadlines { name dueAt } } } }`;
/** The same page by hand, in one statement: all that is shown, and what tells which commands are possible. */
const bare = `select i.id, i.number, i.state, i.revision, i.version, i.value, i.context, i.buyer, i.merchant, clock_timestamp() + f.clock_offset_ms * interval '1 ms' as now,
    (select coalesce(jsonb_agg(jsonb_build_object('name', d.name, 'dueAt', d.due_at)), '[]')
       from deadlines d where d.instance_id = i.id and d.status in ('armed', 'frozen')) as deadlines,
    (select coalesce(jsonb_agg(jsonb_build_object('key', e.key, 'status', e.status)), '[]')
       from effects e where e.instance_id = i.id and e.status in ('open', 'parked', 'failed')) as effects
  from instances i join families f on f.id = i.family
  where i.lifecycle = 'order' and i.state = 'pendingPayment' order by i.created_at desc, i.id desc limit 50`;

const sizes = [10_000, 1_000_000];
const samples = 300;
/** Before these the page is read so often that the API is warm, unmeasured. */
const warmUp = 400;

/** A filtered page of 50 orders with commands and deadlines, in a small and a large table. */
export async function reads(bench: Bench): Promise<Figure[]> {
  const url = await bench.servers.database('bench_reads');
  await prepare(url);
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  const port = await freePort();
  const figures: Figure[] = [];
  const took: number[] = [];
  for (const size of sizes) {
    bench.say(`reads: filling up to ${size.toLocaleString('en-GB')} orders`);
    await fill(pool, size);
    const server = await bench.start('../server.ts', { taskQueue: 'reads', databaseUrl: url, port });
    const api = createApiClient({ port, secret: bench.secret, clients: 1 });
    const timings = await interleaved({ ours: () => api.ask(manager, page, { first: 50 }), bare: () => pool.query({ name: 'bare', text: bare }) });
    const statements = { of50: await statementsOf(api, pool, 50), of5: await statementsOf(api, pool, 5) };
    api.close();
    await server.stop();
    took.push(timings.ours);
    figures.push(
      told(`reads: page of 50 through GraphQL, ${size.toLocaleString('en-GB')} rows`, timings.ours, 'ms'),
      told(`reads: page of 50 by bare SQL, ${size.toLocaleString('en-GB')} rows`, timings.bare, 'ms'),
      atMost(`reads: GraphQL to bare SQL, ${size.toLocaleString('en-GB')} rows`, timings.ours / timings.bare, { reach: 3 }),
      told(`reads: SQL statements of a page of 50, ${size.toLocaleString('en-GB')} rows`, statements.of50, ''),
      atMost(`reads: statements of a page of 50 less those of 5`, statements.of50 - statements.of5, { reach: 0, unit: '' }),
    );
  }
  await pool.end();
  return [...figures, atMost('reads: large to small table', (took[1] ?? Number.NaN) / (took[0] ?? Number.NaN), { reach: 1.3 })];
}

async function interleaved(ways: { ours: () => Promise<unknown>; bare: () => Promise<unknown> }): Promise<{ ours: number; bare: number }> {
  const took = { ours: [] as number[], bare: [] as number[] };
  for (let sample = -warmUp; sample < samples; sample++)
    for (const name of ['ours', 'bare'] as const) {
      const from = performance.now();
      await ways[name]();
      if (sample >= 0) took[name].push(performance.now() - from);
    }
  return { ours: median(took.ours), bare: median(took.bare) };
}

async function statementsOf(api: ApiClient, pool: pg.Pool, first: number): Promise<number> {
  const calls = async () =>
    (
      await pool.query(
        "select coalesce(sum(calls), 0)::int as calls from pg_stat_statements where userid = 'steward_reader'::regrole and query ~ '^(with|select)'",
      )
    ).rows[0].calls as number;
  await pool.query('create extension if not exists pg_stat_statements');
  const before = await calls();
  for (let asked = 0; asked < 20; asked++) await api.ask(manager, page, { first });
  return Math.round((await calls()) - before) / 20;
}
