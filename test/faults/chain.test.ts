import { afterAll, beforeAll, expect, test } from 'vitest';
import { beginAttempt } from '../../db/attempts.ts';
import { link } from '../../db/chain.ts';
import { type BrokenLink, verifyChains } from '../../db/verify.ts';
import { aCommand, accepted, aDatabase, aFile, aPaidOrder, buyer, type Database, manager, merchant, reviewer } from '../world.ts';
import { advance, aSynchronisingOrder, effectOf, expectChainsToHold, fileAppeal, logOf, minute, onSupervision, withdrawAppeal } from './orders.ts';
import { seeded } from './random.ts';

const { seed, random } = seeded();
let database: Database;
beforeAll(async () => {
  database = await aDatabase();
  // whoever can do this has the whole database; the chain shows it all the same
  await database.pool.query('alter table events disable trigger all');
  await database.pool.query('alter table refusals disable trigger all');
});
afterAll(() => database.drop());

const commands = [
  'uploadAcceptance',
  'passReview',
  'returnReview',
  'acceptDelivery',
  'returnDelivery',
  'fileAppeal',
  'withdrawAppeal',
  'decideAppeal',
  'retryEffect',
];
const reasons = [null, '', '理由 👩‍🚀', 'line\nbreak\ttab', '{"not": "json"}', '\\u0000 as six characters'];
const any = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

/** An order that saw 60 random commands, most of them refused. */
async function aRandomHistory(): Promise<string> {
  const { order, supervision } = await aPaidOrder(database, { scenario: any(['none', 'baseCloud']) });
  const file = await aFile(database.pool, merchant);
  for (let i = 0; i < 60; i++) {
    const command = any(commands);
    const input = {
      files: any([[], [file], ['nonsense']]),
      decision: any(['dismiss', 'complete', 'unheard-of']),
      effect: 'none',
      comment: any(reasons),
      amount: random() * 1e21,
    };
    await database.commit.command(onSupervision(supervision, command, { actor: any([buyer, merchant, manager, reviewer]), input, reason: any(reasons) }));
    if (random() < 0.1) await advance(database, { waker: { wake() {} }, order, byMs: random() * 10 * minute });
  }
  return supervision;
}

test('after random histories every chain of every instance verifies, log and refusals (ACT-2)', async () => {
  await Promise.all(Array.from({ length: 8 }, aRandomHistory));
  const {
    rows: [nobody],
  } = await database.pool.query('select count(*)::int from refusals where instance_id is null');
  console.log(`seed ${seed}: ${JSON.stringify(await expectChainsToHold(database))}, ${nobody.count} refusals without an instance`);
});

test('lines that one command writes together, a freeze that ends and the result recorded in it, hang together (ACT-2, SUP-5)', async () => {
  const { supervision } = await aSynchronisingOrder(database, { wake() {} });
  const { key, generation } = await effectOf(database, supervision);
  const effect = { instance: supervision, lifecycle: 'supervision', key, generation };
  await beginAttempt(database.pool, { ...effect, timeoutMs: 10_000 }, database.registry);
  await accepted(database.commit.command(fileAppeal(supervision)));
  await database.commit.effectSucceeded({ ...effect, no: 1, result: { receipt: 'OC-1' } });
  await accepted(database.commit.command(withdrawAppeal(supervision)));
  expect((await logOf(database, supervision)).slice(-3)).toEqual([
    'orderSynchronised by system via keeper (recorded)',
    'withdrawAppeal by buyer via api',
    'orderSynchronised by system via api',
  ]);
  expect((await verifyChains(database.pool, supervision)).broken).toBeNull();
});

const run = (sql: string, ...values: unknown[]) => database.pool.query(sql, values);
type Table = 'events' | 'refusals';
const column = { events: 'revision', refusals: 'no' };

const tampering: [string, Table, (instance: string, table: Table) => Promise<unknown>, Partial<BrokenLink>][] = [
  ['a changed reason', 'events', (id) => run("update events set reason = 'changed' where instance_id = $1 and revision = 3", id), { line: 3, why: 'changed' }],
  [
    'an actor put in place of another',
    'events',
    (id) => run("update events set actor = 'somebody' where instance_id = $1 and revision = 1", id),
    { line: 1, why: 'changed' },
  ],
  [
    'an input changed deep inside',
    'events',
    (id) => run(`update events set input = '{"files": []}' where instance_id = $1 and revision = 2`, id),
    { line: 2, why: 'changed' },
  ],
  [
    'a line moved in time by a millisecond',
    'events',
    (id) => run("update events set at = at + interval '1 ms' where instance_id = $1 and revision = 4", id),
    { line: 4, why: 'changed' },
  ],
  ['a line removed', 'events', (id, table) => removed(id, table, 2), { line: 2, why: 'missing' }],
  ['the first line removed', 'events', (id, table) => removed(id, table, 1), { line: 1, why: 'missing' }],
  ['the last line removed', 'events', (id, table) => removed(id, table, 4), { line: 4, why: 'missing' }],
  ['two lines that changed places', 'events', (id, table) => swapped(id, table), { line: 2, why: 'changed' }],
  ['a line forged with a hash that fits it', 'events', forged, { line: 4, why: 'out of order' }],
  ['a last line forged with a hash that fits it', 'events', (id) => forged(id, 'events', 4), { line: 4, why: 'not the head' }],
  ['a refusal changed', 'refusals', (id) => run("update refusals set code = 'ENDED' where instance_id = $1 and no = 2", id), { line: 2, why: 'changed' }],
  ['a refusal removed', 'refusals', (id, table) => removed(id, table, 1), { line: 1, why: 'missing' }],
  ['the last refusal removed', 'refusals', (id, table) => removed(id, table, 3), { line: 3, why: 'missing' }],
  ['two refusals that changed places', 'refusals', (id, table) => swapped(id, table), { line: 2, why: 'changed' }],
];

test.each(tampering)('%s is found, at its place (ACT-2)', async (_name, table, tamper, found) => {
  const { supervision } = await aPaidOrder(database);
  const file = await aFile(database.pool, merchant);
  const send = (command: string, more: object = {}) => database.commit.command(onSupervision(supervision, command, { ...more }));
  for (let i = 0; i < 3; i++) await send('acceptDelivery');
  await send('uploadAcceptance', { actor: merchant, input: { files: [file] } });
  await send('returnDelivery', { reason: '文件缺页' });
  await send('uploadAcceptance', { actor: merchant, input: { files: [file] } });
  expect(await verifyChains(database.pool, supervision)).toEqual({ events: 4, refusals: 3, broken: null });
  await tamper(supervision, table);
  expect((await verifyChains(database.pool, supervision)).broken).toEqual({ chain: table, instance: supervision, ...found });
});

const removed = (id: string, table: Table, line: number) => run(`delete from ${table} where instance_id = $1 and ${column[table]} = $2`, id, line);

async function swapped(id: string, table: Table) {
  const move = (from: number, to: number) => run(`update ${table} set ${column[table]} = $3 where instance_id = $1 and ${column[table]} = $2`, id, from, to);
  await move(2, -1);
  await move(3, 2);
  await move(-1, 3);
}

/** Changes a line and gives it the hash of its new content. */
async function forged(id: string, _table: Table, line = 3) {
  const { rows } = await run('select *, at::text from events where instance_id = $1 and revision = $2', id, line);
  const { previous, hash: _, at, ...row } = rows[0];
  const content = { ...row, reason: 'forged', at: new Date(at).toISOString() };
  await run('update events set reason = $3, hash = $4 where instance_id = $1 and revision = $2', id, line, content.reason, link(previous, content));
}

test('an id that does not exist is said to be none', async () => {
  await expect(verifyChains(database.pool, aCommand({ lifecycle: 'order', command: 'x', actor: buyer }).idempotencyKey)).rejects.toThrow(
    'expected an instance',
  );
});
