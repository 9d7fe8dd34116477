import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCommit } from '../../db/commit.ts';
import { rearm } from '../../db/rearm.ts';
import type { CommandRequest } from '../../db/requests.ts';
import { createLog } from '../../log.ts';
import { withClient } from '../../stack/postgres.ts';
import { ensureNamespace } from '../../stack/temporal/namespace.ts';
import { startThrowaway, type Throwaway } from '../../stack/throwaway.ts';
import { workflowIdOf } from '../../workflows/wake.ts';
import { watchTemporal } from '../../workflows/watch.ts';
import { eventually } from '../worker.ts';
import { aCommand, buyer } from '../world.ts';
import { anInstallation, type Installation } from './installation.ts';
import {
  aDeliveredOrder,
  advance,
  anAcceptedOrder,
  aSynchronisingOrder,
  effectOf,
  expectChainsToHold,
  fileAppeal,
  logOf,
  minute,
  type Ordered,
  onSupervision,
  rowOf,
  setPolicies,
  untilAllTold,
  untilState,
  withdrawAppeal,
} from './orders.ts';

let stack: Throwaway;
let here: Installation;
beforeAll(async () => {
  stack = await startThrowaway(createLog('own stack', { level: 'silent' }));
  here = await anInstallation(stack);
  await here.startWorker();
});
afterAll(async () => {
  await here.stop();
  await stack.stop();
});

const several = <T>(count: number, make: () => Promise<T>) => Promise.all(Array.from({ length: count }, make));
const open = ({ supervision }: Ordered) => here.client.workflow.getHandle(workflowIdOf({ lifecycle: 'supervision', id: supervision }));

async function expectCompletedOnce(orders: Ordered[], withinMs = 60_000): Promise<void> {
  await Promise.all(orders.map(({ order }) => untilState(here, order, 'completed', withinMs)));
  for (const { order, supervision, orderNumber } of orders) {
    expect(here.centre.completionsOf(orderNumber)).toBe(1);
    expect((await logOf(here, order)).map((line) => line.split(' ')[0])).toEqual(['placeOrder', 'recordPayment', 'supervisionFinished']);
    expect((await logOf(here, supervision)).filter((line) => line.startsWith('orderSynchronised'))).toHaveLength(1);
  }
  await untilAllTold(here);
  for (const ordered of orders) expect(await open(ordered).result()).toMatchObject({ state: 'finished' });
  await expectChainsToHold(here);
}

test('while Temporal is killed commands are accepted and answered, deadlines fire by the sweep, effects wait; all of it happens when it is back (SUP-4, SUP-5)', async () => {
  const before = [await several(4, () => aDeliveredOrder(here)), await several(4, () => anAcceptedOrder(here))];
  await stack.temporal.kill();
  await setPolicies(here, { completionSyncFirst: { ms: 500 } });
  const [delivered, accepted] = before as [Ordered[], Ordered[]];
  const start = performance.now();
  const during = await several(6, () => anAcceptedOrder(here));
  for (const { supervision } of delivered) {
    expect(await here.commit.command(fileAppeal(supervision))).toMatchObject({ ok: true });
    expect(await here.commit.command(withdrawAppeal(supervision))).toMatchObject({ ok: true });
    expect(await here.commit.command(onSupervision(supervision, 'acceptDelivery'))).toMatchObject({ ok: true });
  }
  const perCommand = (performance.now() - start) / (6 * 4 + 4 * 3);
  for (const { order } of accepted) await advance(here, { waker: here.waker, order, byMs: 30 * minute });
  const watch = await watchTemporal({ client: here.client, taskQueue: 'steward', everyMs: 100 });
  // what the API answers a command with: its effects wait
  expect(watch.state()).toBe('down');
  for (const { supervision } of [...during, ...delivered]) {
    await untilState(here, supervision, 'synchronising');
    expect((await logOf(here, supervision)).at(-1)).toBe('completionSyncDue by system via sweep');
  }
  for (const { supervision } of [...during, ...delivered, ...accepted])
    expect(await effectOf(here, supervision)).toMatchObject({ status: 'open', attempts: 0 });
  const repairs = here.repairs.filter(({ what }) => what === 'deadline').length;
  expect(repairs).toBe(10);

  await stack.temporal.restart();
  const back = performance.now();
  await expectCompletedOnce([...during, ...delivered, ...accepted]);
  await eventually(
    async () => [here.waker.isReachable(), watch.state()],
    ([isReachable, state]) => isReachable === true && state === 'up',
  );
  watch.stop();
  await setPolicies(here, {});
  console.log(
    `${perCommand.toFixed(1)} ms a command without Temporal; 14 orders completed ${((performance.now() - back) / 1_000).toFixed(1)} s after it was back; ${repairs} deadlines repaired`,
  );
}, 120_000);

test('while PostgreSQL is killed a command answers Unavailable and is whole or nothing; the same key sent again gives one effect, and the orders complete', async () => {
  const orders = await several(4, () => aSynchronisingOrder(here, here.waker));
  const appealed = await several(6, () => aDeliveredOrder(here));
  const codes: Record<string, number> = {};
  const send = async (request: CommandRequest) => {
    const answer = await here.commit.command(request);
    const code = answer.ok ? (answer.replayed ? 'replayed' : 'accepted') : answer.problem.code;
    codes[code] = (codes[code] ?? 0) + 1;
    return answer.ok;
  };
  const pairs = 20;
  const lanes = appealed.map(async ({ supervision }) => {
    const unanswered: CommandRequest[] = [];
    for (const request of Array.from({ length: pairs }, () => [fileAppeal(supervision), withdrawAppeal(supervision)]).flat())
      if (!(await send(request))) unanswered.push(request);
    return unanswered;
  });
  await eventually(
    async () => codes.accepted ?? 0,
    (accepted) => accepted >= 40,
  );
  await stack.postgres.kill();
  const unanswered = await Promise.all(lanes);
  // a process that has only just started has no block of numbers yet
  const fresh = createCommit({ ...here, onCommitted: () => {} });
  for (const { supervision } of appealed) expect(await fresh.command(fileAppeal(supervision))).toMatchObject({ ok: false, problem: { code: 'UNAVAILABLE' } });
  const place = aCommand({ lifecycle: 'order', command: 'placeOrder', actor: buyer, input: { product: 'saas-activated' } });
  expect(await here.commit.command(place)).toMatchObject({ ok: false, problem: { code: 'UNAVAILABLE' } });
  const during = { ...codes };

  await stack.postgres.restart();
  for (const requests of unanswered) for (const request of requests) expect(await send(request)).toBe(true);
  for (const { supervision } of appealed) {
    const round = ['fileAppeal by buyer via api', 'withdrawAppeal by buyer via api'];
    expect((await logOf(here, supervision)).slice(2)).toEqual(Array.from({ length: pairs }, () => round).flat());
  }
  const back = performance.now();
  await expectCompletedOnce(orders);
  console.log(
    `answers: ${JSON.stringify(during)} until it was back, ${JSON.stringify(codes)} in all; 4 orders completed ${((performance.now() - back) / 1_000).toFixed(1)} s after it was back`,
  );
}, 120_000);

test('a Temporal that lost its databases is re-armed from PostgreSQL, and every order completes once (rearm)', async () => {
  const orders = [...(await several(3, () => aDeliveredOrder(here))), ...(await several(3, () => anAcceptedOrder(here)))];
  await eventually(
    () => here.pool.query('select from instances where wake_seq > woken_seq'),
    ({ rowCount }) => rowCount === 0,
  );
  await stack.temporal.kill();
  await here.stopWorker();
  await withClient(stack.postgres.adminUrl, async (client) => {
    for (const name of ['temporal', 'temporal_visibility']) await client.query(`drop database ${name} with (force)`);
  });
  await stack.temporal.restart();
  await ensureNamespace({ connection: { address: stack.temporal.address }, namespace: stack.temporal.namespace });
  const { rows } = await here.pool.query('select count(*)::int as live from instances where not final');
  expect(await rearm(stack.postgres.url)).toBe(rows[0].live);
  const start = performance.now();
  await here.startWorker();
  for (const { order, supervision } of orders) {
    if ((await rowOf(here, supervision)).state === 'awaitingAcceptance') await here.commit.command(onSupervision(supervision, 'acceptDelivery'));
    await advance(here, { waker: here.waker, order, byMs: 30 * minute });
  }
  await expectCompletedOnce(orders);
  console.log(`${rows[0].live} instances re-armed; 6 orders completed ${((performance.now() - start) / 1_000).toFixed(1)} s after`);
}, 120_000);
