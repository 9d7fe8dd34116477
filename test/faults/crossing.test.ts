import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Commit, createCommit } from '../../db/commit.ts';
import { type Connection, connect } from '../../db/connect.ts';
import { lifecycles } from '../../lifecycles/registry.ts';
import { aCommand, accepted, aDatabase, buyer, type Database, machine } from '../world.ts';
import { chainOfThree } from './chain-of-three.ts';
import { aSynchronisingOrder, effectOf, expectChainsToHold, fileAppeal, logOf, type Ordered, rowOf, withdrawAppeal } from './orders.ts';
import { seeded } from './random.ts';

const { seed, random } = seeded();
let database: Database;
let processes: { commit: Commit; connection: Connection }[];
beforeAll(async () => {
  database = await aDatabase({ lifecycles: [...lifecycles, ...chainOfThree] });
  await database.pool.query('alter table instances drop constraint state_is_of_lifecycle');
  processes = Array.from({ length: 4 }, () => {
    const connection = connect(database.url, { poolSize: 8 });
    return { connection, commit: createCommit({ pool: connection.pool, registry: database.registry, onCommitted: () => {} }) };
  });
});
afterAll(async () => {
  for (const { connection } of processes) await connection.close();
  await database.drop();
});

/** All of this work in a random order, 32 at a time, dealt to four processes. @returns how long it took, in ms */
async function crossing(work: ((commit: Commit) => Promise<unknown>)[]): Promise<number> {
  const start = performance.now();
  const shuffled = work
    .map((one) => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at)
    .entries();
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      for (const [index, { one }] of shuffled) await one((processes[index % 4] as { commit: Commit }).commit);
    }),
  );
  return performance.now() - start;
}

test('1,000 commands that cross over three instances, from both ends: all finish, none is lost, no deadlock escapes', async () => {
  const { instance: left } = await accepted(database.commit.command(aCommand({ lifecycle: 'left', command: 'openLeft', actor: buyer })));
  const idOf = async (lifecycle: string) => (await database.pool.query('select id from instances where lifecycle = $1', [lifecycle])).rows[0].id as string;
  const [middle, right] = [await idOf('middle'), await idOf('right')];
  // a reference is made when its instance is; here the elder ones get theirs to the younger
  await database.pool.query("update instances set refs = refs || jsonb_build_object('middle', $2::text) where id = $1", [left, middle]);
  await database.pool.query("update instances set refs = refs || jsonb_build_object('right', $2::text) where id = $1", [middle, right]);

  const pass = (lifecycle: string, instance: string) => (commit: Commit) =>
    accepted(commit.command(aCommand({ lifecycle, instance, command: `pass${lifecycle}`, actor: buyer })));
  const ms = await crossing([...Array.from({ length: 500 }, () => pass('left', left)), ...Array.from({ length: 500 }, () => pass('right', right))]);
  const { rows } = await database.pool.query('select lifecycle, context, revision from instances where id = any($1) order by lifecycle', [
    [left, middle, right],
  ]);
  expect(rows).toEqual([
    { lifecycle: 'left', context: { sent: 500, arrived: 500 }, revision: 1_001 },
    { lifecycle: 'middle', context: { sent: 1_000, arrived: 0 }, revision: 1_001 },
    { lifecycle: 'right', context: { sent: 500, arrived: 500 }, revision: 1_001 },
  ]);
  console.log(
    `seed ${seed}: 1,000 crossing commands on three instances in ${(ms / 1_000).toFixed(1)} s; ${JSON.stringify(await expectChainsToHold(database))}`,
  );
});

test('1,000 commands and results that cross on orders and their supervisions: both sides agree, each order is completed once (ORD-4, SUP-4, SUP-5)', async () => {
  const orders: Ordered[] = [];
  for (let i = 0; i < 25; i++) orders.push(await aSynchronisingOrder(database, { wake() {} }));
  const work = await Promise.all(
    orders.map(async ({ order, supervision }) => {
      const { key } = await effectOf(database, supervision);
      const succeeded = (commit: Commit) =>
        commit.effectSucceeded({ instance: supervision, lifecycle: 'supervision', key, generation: 1, no: 1, result: { receipt: 'RC-1' } });
      const onOrder =
        (command: string, input = {}) =>
        (commit: Commit) =>
          commit.command(aCommand({ lifecycle: 'order', instance: order, command, actor: command === 'cancelOrder' ? buyer : machine, input }));
      const appeal = (commit: Commit) => commit.command(fileAppeal(supervision));
      const withdraw = (commit: Commit) => commit.command(withdrawAppeal(supervision));
      return Array.from({ length: 8 }, () => [
        succeeded,
        onOrder('cancelOrder'),
        onOrder('recordPayment', { amount: 1, means: 'balance', reference: 'X' }),
        appeal,
        withdraw,
      ]).flat();
    }),
  );
  const ms = await crossing(work.flat());
  for (const { order, supervision } of orders) {
    if ((await rowOf(database, supervision)).frozen) await accepted(database.commit.command(withdrawAppeal(supervision)));
    expect([(await rowOf(database, supervision)).state, (await rowOf(database, order)).state]).toEqual(['finished', 'completed']);
    expect((await logOf(database, order)).filter((line) => line.startsWith('supervisionFinished'))).toHaveLength(1);
    const synchronised = (await logOf(database, supervision)).filter((line) => line.startsWith('orderSynchronised'));
    expect(synchronised.filter((line) => !line.endsWith('(recorded)'))).toHaveLength(1);
  }
  console.log(
    `seed ${seed}: 1,000 crossing on 25 orders and supervisions in ${(ms / 1_000).toFixed(1)} s; ${JSON.stringify(await expectChainsToHold(database))}`,
  );
});
