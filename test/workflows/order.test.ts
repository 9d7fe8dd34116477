import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSandbox } from '../../db/sandbox.ts';
import { workflowIdOf } from '../../workflows/wake.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { accepted, aCommand, aDatabase, aFile, aPaidOrder, buyer, type Database, merchant } from '../world.ts';

let database: Database;
let engine: Engine;
beforeAll(async () => {
  database = await aDatabase();
  engine = await anEngine(database);
});
afterAll(async () => {
  await engine.stop();
  await database.drop();
});

const stateOf = async (id: string) => (await database.pool.query('select state, revision, frozen from instances where id = $1', [id])).rows[0];

test('an accepted delivery completes the order by itself after 30 minutes (SUP-4, ORD-4)', async () => {
  const { order, supervision } = await aPaidOrder(database);
  const sandbox = createSandbox({ pool: database.pool, commit: database.commit, onNudged: (ids) => engine.waker.wake(ids) });
  const file = await aFile(database.pool, merchant);
  const on = { lifecycle: 'supervision', instance: supervision };
  await accepted(database.commit.command(aCommand({ ...on, command: 'uploadAcceptance', actor: merchant, input: { files: [file] } })));
  await accepted(database.commit.command(aCommand({ ...on, command: 'acceptDelivery', actor: buyer })));
  const advanced = await sandbox.advance({ instance: order, byMs: 30 * 60_000 });
  expect(advanced?.fired).toEqual(['completionSyncDue']);
  await eventually(() => stateOf(order), ({ state }) => state === 'completed');
  expect(await stateOf(supervision)).toMatchObject({ state: 'finished' });
  expect(engine.centre.completions.size).toBe(1);
  const result = await engine.client.workflow.getHandle(workflowIdOf({ lifecycle: 'supervision', id: supervision })).result();
  expect(result).toMatchObject({ state: 'finished' });
  const history = await engine.client.workflow.getHandle(workflowIdOf({ lifecycle: 'order', id: order })).fetchHistory();
  const history2 = await engine.client.workflow.getHandle(workflowIdOf({ lifecycle: 'supervision', id: supervision })).fetchHistory();
  console.log(history.events?.length, history2.events?.length, engine.repairs, engine.errors);
  console.log(history2.events?.map((e) => e.eventType).join(' '), history.events?.map((e) => e.eventType).join(' '));
});
