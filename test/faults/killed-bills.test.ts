import { expect, inject, test } from 'vitest';
import { pageSize } from '../../db/bills.ts';
import { aBill, charges } from '../settlement/charges.ts';
import { anEngine, bundle } from '../worker.ts';
import { aDatabase } from '../world.ts';
import { aChild } from './child.ts';
import { expectChainsToHold, untilState } from './orders.ts';
import type { OwnHold, WorkerFixture } from './worker-process.ts';

/** A part of a page; two whole pages and a part of a third. */
const [few, many] = [300, 2 * pageSize + 300];
/** Where the worker dies, and how many lines are on the bill then. A page's transaction: lock, read, on the first carry forward, move, commit. */
const places: { name: string; at: OwnHold; kept: number; lines?: number }[] = [
  { name: 'inside the try’s admission', at: { opening: 'lock of a try', statement: 4, when: 'after' }, kept: 0 },
  { name: 'the try admitted', at: { opening: 'lock of a try', statement: 5, when: 'after' }, kept: 0 },
  { name: 'the first page moved, not committed', at: { opening: 'bill to build', statement: 5, when: 'after' }, kept: 0 },
  { name: 'the first page committed', at: { opening: 'bill to build', statement: 6, when: 'after' }, kept: pageSize, lines: many },
  { name: 'the second page moved, not committed', at: { opening: 'bill to build', transaction: 2, statement: 4, when: 'after' }, kept: pageSize, lines: many },
  { name: 'the last page committed', at: { opening: 'bill to build', transaction: 3, statement: 5, when: 'after' }, kept: many, lines: many },
  { name: 'built, not recorded', at: { send: 'after' }, kept: few },
  { name: 'inside the record', at: { opening: 'lock of an instance', statement: 4, when: 'after' }, kept: few },
  { name: 'recorded, Temporal not told', at: { opening: 'lock of an instance', statement: 5, when: 'after' }, kept: few },
];

test('a worker killed at every step of building bills leaves bills that are built on: every line once, the sum right (BIL-2, BIL-8)', async () => {
  const database = await aDatabase();
  const { pool, url: databaseUrl } = database;
  const engine = await anEngine(database, { worker: false });
  const bills: string[] = [];
  for (const [index, { lines = few }] of places.entries()) {
    const party = `merchant-${index}`;
    await charges(database, { party, count: lines - 1, net: 70 + index });
    await charges(database, { party, net: -1_000, kind: 'refunded' });
    bills.push(await aBill(database, { party }));
  }
  const own = Object.fromEntries(places.map(({ at }, index) => [bills[index], at]));
  const { codePath } = await bundle();
  const { taskQueue, namespace, centre } = engine;
  const fixture: WorkerFixture = {
    databaseUrl,
    address: inject('temporalAddress'),
    namespace,
    taskQueue,
    centreUrl: centre.url,
    codePath,
    hold: null,
    own,
  };
  const worker = await aChild('worker-process.ts', fixture);
  await Promise.all(bills.map((bill) => worker.says(`held ${bill}`)));
  await worker.kill();
  const keptOn = async (bill?: string) => (await pool.query('select count(*)::int as lines from bill_lines where bill_id = $1', [bill])).rows[0].lines;
  const kept = await Promise.all(bills.map(keptOn));
  expect(places.map(({ name }, index) => [name, kept[index]])).toEqual(places.map((place) => [place.name, place.kept]));

  await engine.startWorker();
  for (const [index, { name, lines = few }] of places.entries()) {
    const bill = bills[index] as string;
    await untilState(database, bill, 'inReview');
    const { rows } = await pool.query(
      `select i.context ->> 'lines' as lines, i.context ->> 'net' as net, (select sum(net)::text from bill_lines where bill_id = i.id) as sum,
        (select count(distinct (instance_id, revision, order_id))::text from bill_lines where bill_id = i.id) as "once",
        (select max(no)::text from bill_lines where bill_id = i.id) as last,
        array(select type from events where instance_id = i.id order by revision) as events from instances i where id = $1`,
      [bill],
    );
    const [net, all] = [String((lines - 1) * (70 + index) - 1_000), String(lines)];
    expect({ name, ...rows[0] }).toEqual({ name, lines: all, net, sum: net, once: all, last: all, events: ['openBill', 'linesBuilt'] });
  }
  expect((await pool.query('select count(*)::int as left from unbilled_charges')).rows).toEqual([{ left: 0 }]);
  await expectChainsToHold(database);
  await engine.stop();
  await database.drop();
}, 180_000);
