import { randomUUID } from 'node:crypto';
import { buildLines } from '../db/bills.ts';
import { createCommit } from '../db/commit.ts';
import { connect } from '../db/connect.ts';
import { createRegistry } from '../lifecycles/registry.ts';
import { system } from '../lifecycles/roles.ts';
import { periodOf } from '../lifecycles/settlement/periods.ts';
import type { Bench } from './bench.ts';
import { atMost, type Figure, told } from './figure.ts';
import { prepare } from './steward.ts';

const sizes = [10_000, 1_000_000];

/** The same rows in one statement: read whole, in the bill's order, inside PostgreSQL. */
const plain = `explain (analyze, timing off, summary on, format json)
  select * from unbilled_charges where party_kind = 'merchant' and party = $1 and currency = 'CNY' and effective_at < $2
  order by effective_at, instance_id, revision, order_id`;

/** Building a bill's lines page by page, against one statement that selects the same rows; and what it takes of memory. */
export async function bills(bench: Bench): Promise<Figure[]> {
  const url = await bench.servers.database('bench_bills');
  await prepare(url);
  const { pool, close } = connect(url, { poolSize: 4, name: 'bench' });
  const commit = createCommit({ pool, registry: createRegistry(), onCommitted: () => {} });
  const period = periodOf(Date.now(), -1);
  const figures: Figure[] = [];
  const memory: number[] = [];
  for (const size of sizes) {
    const party = `merchant-of-${size}`;
    bench.say(`bills: filling in ${size.toLocaleString('en-GB')} charges`);
    const client = await pool.connect();
    await client.query('set statement_timeout = 0; set enable_seqscan = on; set enable_hashjoin = on; set enable_bitmapscan = on');
    await client.query(
      `insert into unbilled_charges (instance_id, revision, order_id, party_kind, party, currency, kind, effective_at, recorded_at, order_number, product, trade_mode,
         paid_at, paid, refunded, share_bp, net)
       select id, 1, id, 'merchant', $1, 'CNY', 'earned', $2::timestamptz + random() * interval '27 days', now(), 'OR-2026-' || n, '协同办公 SaaS', 'joint', now(), 120000, 0, 8000, 96000
       from (select n, gen_random_uuid() as id from generate_series(1, $3) n) made`,
      [party, new Date(period.from), size],
    );
    await client.query('vacuum analyze unbilled_charges');
    const { rows } = await client.query(plain, [party, new Date(period.until)]);
    const selectedMs = Number(rows[0]['QUERY PLAN'][0]['Execution Time']);
    client.release(true);

    const input = { partyKind: 'merchant', party, period: period.label, currency: 'CNY' };
    const command = { lifecycle: 'settlementBill', instance: null, command: 'openBill', actor: system, input, reason: null } as const;
    const opened = await commit.command({ ...command, idempotencyKey: randomUUID(), expectedRevision: null, via: 'api' });
    if (!opened.ok) throw new Error(`expected the bill to be opened, got ${JSON.stringify(opened.problem)}`);
    let most = 0;
    const from = performance.now();
    const totals = await buildLines(pool, opened.instance, { onPage: () => (most = Math.max(most, process.memoryUsage().rss)) });
    const builtMs = performance.now() - from;
    if (totals?.lines !== size) throw new Error(`expected ${size} lines, got ${totals?.lines}`);
    memory.push(most);
    figures.push(
      told(`bills: lines built, of ${size.toLocaleString('en-GB')}`, (size / builtMs) * 1_000, '/s'),
      told(`bills: rows selected by one statement, of ${size.toLocaleString('en-GB')}`, (size / selectedMs) * 1_000, '/s'),
      told(`bills: building to selecting, ${size.toLocaleString('en-GB')}`, builtMs / selectedMs, '×'),
    );
  }
  await close();
  return [...figures, atMost('bills: memory at 1,000,000 lines to 10,000', (memory[1] ?? Number.NaN) / (memory[0] ?? Number.NaN), { reach: 1.2 })];
}
