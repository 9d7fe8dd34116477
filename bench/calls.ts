import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { assemble } from '../assembly.ts';
import { startMerchant } from '../examples/merchant/server.ts';
import { system } from '../lifecycles/roles.ts';
import { inLanes } from '../workflows/lanes.ts';
import type { Bench } from './bench.ts';
import { atMost, type Figure, told } from './figure.ts';
import { historyCosts } from './histories.ts';
import { median, percentile } from './rounds.ts';
import { buyer, payments, prepare } from './steward.ts';

const taskQueue = 'calls';
const rounds = 5;
/** So many that the 95th percentile is not the one slowest call. */
const callsPerRound = 40;
/** One order in so many milliseconds: less than the machine can do, so that what is measured is a call and not a queue. */
const paceMs = 450;
/** Four waves of the lane's four, of 6 s each: the hanging merchant has calls under way, and more that wait, while the healthy one's round lasts. */
const hangingPerRound = 16;
const clients = 8;

const triesOfHanging = "attempts a join instances i on i.id = a.instance_id where i.merchant = 'hanging' and a.outcome";
/** Orders whose calls waited for the hang's end. */
const answeredLate =
  "instances c join instances o on o.id::text = c.refs ->> 'order' where c.merchant = 'hanging' and c.lifecycle = 'productionCall' and c.state = 'succeeded'";

type Round = { perSecond: number; p95: number };
const month = { unit: 'month', count: 1 };

/** Calls to a healthy merchant's server, alone and beside one that hangs, in turns; and the history of 60 calls to one that fails. */
export async function calls(bench: Bench): Promise<Figure[]> {
  const { client, log, servers, say } = bench;
  const databaseUrl = await servers.database('bench_calls');
  await prepare(databaseUrl, { productionCall: { renewEvery: { ms: 10 } } });
  const core = assemble({ databaseUrl, client, taskQueue, log, name: 'bench calls' });
  const { pool, commit } = core;
  const worker = await bench.start('../worker.ts', { taskQueue, databaseUrl });
  const healthy = await aMerchant('healthy');
  const hanging = await aMerchant('hanging');

  await alone();
  const between: Round[] = [await alone()];
  const besides: Round[] = [];
  for (let round = 1; round <= rounds; round++) {
    besides.push(await besideOneThatHangs(round));
    between.push(await alone());
    const [before, seen, after] = [between.at(-2), besides.at(-1), between.at(-1)].map((one) => one?.p95.toFixed(0));
    say(`calls, round ${round}/${rounds}: p95 ${seen} ms beside one that hangs, ${before} and ${after} ms alone before and after`);
  }
  const [one, sixty] = [await historyOfRenewal(0), await historyOfRenewal(59)];
  await core.close();
  await worker.stop();
  await Promise.all([healthy.stop(), hanging.stop()]);
  const of = (seen: Round[], key: keyof Round) => median(seen.map((round) => round[key]));
  const p95Of = (round: number) => between[round]?.p95 ?? Number.NaN;
  // a machine that is slowed by others meanwhile is so before or after, too
  const ratios = besides.map(({ p95 }, round) => (2 * p95) / (p95Of(round) + p95Of(round + 1)));
  const noise = besides.map((_, round) => Math.max(p95Of(round), p95Of(round + 1)) / Math.min(p95Of(round), p95Of(round + 1)));
  return [
    told('calls/s to a healthy merchant: alone', of(between, 'perSecond'), '/s'),
    told('calls/s to a healthy merchant: beside one that hangs', of(besides, 'perSecond'), '/s'),
    told('call p95 of a healthy merchant: alone', of(between, 'p95'), 'ms'),
    told('call p95 of a healthy merchant: beside one that hangs', of(besides, 'p95'), 'ms'),
    told('call p95 of a healthy merchant: alone to alone, the slower to the quicker of two rounds', median(noise), '×'),
    atMost('call p95 of a healthy merchant: beside one that hangs to alone', median(ratios), { reach: 1.2 }),
    told('history events of a renewal: 1 call', one, ''),
    told('history events of a renewal: 60 calls', sixty, ''),
    atMost('history events of a renewal: 60 calls to 1', sixty / one, { reach: 1 }),
  ];

  async function alone(): Promise<Round> {
    await settled();
    return roundOf();
  }

  /** Every workflow that exists knows what its instance has come to; those of new instances are started as orders go on. */
  async function settled(): Promise<void> {
    await until('select count(*)::int as many from owed_wakes o join instances i on i.id = o.instance_id where o.urgent or i.woken_seq > 0', [], 0);
  }

  /** `round` from 1. */
  async function besideOneThatHangs(round: number): Promise<Round> {
    hanging.switches.set([{ do: 'hang' }]);
    await inLanes(Array.from({ length: hangingPerRound }), clients, () => order({ product: 'hanging', period: month }));
    // what is measured is a merchant that hangs, not the placing of its orders
    await until("select count(*)::int as many from instances where merchant = 'hanging' and lifecycle = 'productionCall'", [], round * hangingPerRound);
    await until(`select count(*)::int as many from ${triesOfHanging} = 'running'`, [], 4);
    await settled();
    const seen = await roundOf();
    hanging.switches.set([]);
    await until(`select count(distinct i.id)::int as many from ${triesOfHanging} <> 'running'`, [], round * hangingPerRound);
    await until(`select count(*)::int as many from ${answeredLate} and o.state <> 'completed'`, [], 0);
    return seen;
  }

  /** From the payment that orders an instance to the merchant's answer, as the log has it. */
  async function roundOf(): Promise<Round> {
    const from = performance.now();
    const orders: string[] = [];
    const placing = Array.from({ length: callsPerRound }, async (_, no) => {
      await sleep(no * paceMs);
      orders.push(await order({ product: 'healthy', period: month }));
    });
    await Promise.all(placing);
    const done = "select count(*)::int as many from instances where lifecycle = 'productionCall' and state = 'succeeded' and refs ->> 'order' = any($1)";
    await until(done, [orders], callsPerRound);
    const seconds = (performance.now() - from) / 1_000;
    const { rows } = await pool.query<{ ms: number }>(
      "select (extract(epoch from last_event_at - created_at) * 1000)::float8 as ms from instances where lifecycle = 'productionCall' and refs ->> 'order' = any($1)",
      [orders],
    );
    return {
      perSecond: callsPerRound / seconds,
      p95: percentile(
        rows.map(({ ms }) => ms),
        0.95,
      ),
    };
  }

  /** A renewal whose call fails so often, every 10 ms of real time, and then succeeds. */
  async function historyOfRenewal(failures: number): Promise<number> {
    const purchase = await order({ product: 'healthy', period: month });
    const done = "select count(*)::int as many from instances where id = $1 and state = 'completed'";
    await until(done, [purchase], 1);
    if (failures > 0) healthy.switches.set([{ do: 'status', status: 503, activity: 'refreshInstance', times: failures }]);
    const { rows } = await pool.query("select id from instances where lifecycle = 'serviceInstance' and refs ->> 'order' = $1", [purchase]);
    const renewal = await order({ product: 'healthy', kind: 'renewal', instance: rows[0].id, period: month });
    await until(done, [renewal], 1);
    const { rows: made } = await pool.query("select id from instances where lifecycle = 'productionCall' and refs ->> 'order' = $1", [renewal]);
    const { rows: tries } = await pool.query('select count(*)::int as many from attempts where instance_id = $1', [made[0].id]);
    if (tries[0].many !== failures + 1) throw new Error(`expected ${failures + 1} calls, got ${tries[0].many}`);
    const workflow = `productionCall/${made[0].id}`;
    await client.workflow.getHandle(workflow).result();
    return (await historyCosts(client, workflow)).events;
  }

  async function order(input: Record<string, unknown>): Promise<string> {
    const id = await command({ lifecycle: 'order', instance: null, command: 'placeOrder', actor: buyer, input });
    const { rows } = await pool.query("select (context ->> 'amount')::int as amount from instances where id = $1", [id]);
    return command({ lifecycle: 'order', instance: id, command: 'recordPayment', actor: payments, input: { ...rows[0], means: 'balance', reference: 'PAY' } });
  }

  async function command(request: Pick<Parameters<typeof commit.command>[0], 'lifecycle' | 'instance' | 'command' | 'actor' | 'input'>): Promise<string> {
    const answer = await commit.command({ ...request, reason: null, idempotencyKey: randomUUID(), expectedRevision: null, via: 'api' });
    if (!answer.ok) throw new Error(`expected ${request.command} to be accepted, got ${JSON.stringify(answer.problem)}`);
    return answer.instance;
  }

  async function until(count: string, values: unknown[], wanted: number): Promise<void> {
    for (const end = performance.now() + 120_000; performance.now() < end; await sleep(20))
      if ((await pool.query<{ many: number }>(count, values)).rows[0]?.many === wanted) return;
    throw new Error(`expected ${wanted} within 120 s: ${count}`);
  }

  /** A merchant with one product by that name, on sale, and a server of its own. */
  async function aMerchant(name: string) {
    const server = await startMerchant({ key: 'bench-key' });
    await pool.query("insert into parties (id, kind, name) values ($1, 'merchant', $1)", [name]);
    await pool.query(
      `insert into products (id, merchant, name, access_type, trade_mode, supervised, prices) values ($1, $1, $1, 'SaaS', 'general', false, '{"month": 10000}')`,
      [name],
    );
    await pool.query("insert into endpoints (product, generation, url, key, changed_by) values ($1, 'V1', $2, 'bench-key', 'bench')", [
      name,
      `${server.url}/produce`,
    ]);
    const merchant = await command({ lifecycle: 'merchant', instance: null, command: 'onboardMerchant', actor: system, input: { account: name } });
    await command({ lifecycle: 'product', instance: null, command: 'listProduct', actor: system, input: { merchant, product: name } });
    return server;
  }
}
