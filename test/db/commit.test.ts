import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCommand, accepted, aDatabase, aFile, aPaidOrder, buyer, type Database, merchant } from '../world.ts';

let database: Database;
beforeAll(async () => {
  database = await aDatabase();
});
afterAll(() => database.drop());

const stateOf = async (id: string) => (await database.pool.query('select state, revision, frozen from instances where id = $1', [id])).rows[0];

test('a paid supervised order is processing, and its supervision awaits delivery (ORD-4, SUP-2)', async () => {
  const { order, supervision } = await aPaidOrder(database);
  expect(await stateOf(order)).toEqual({ state: 'processing', revision: 2, frozen: false });
  expect(await stateOf(supervision)).toEqual({ state: 'awaitingDelivery', revision: 1, frozen: false });
});

test('delivery and acceptance lead to the completion sync (SUP-2, SUP-4)', async () => {
  const { supervision } = await aPaidOrder(database);
  const file = await aFile(database.pool, merchant);
  const on = { lifecycle: 'supervision', instance: supervision };
  await accepted(database.commit.command(aCommand({ ...on, command: 'uploadAcceptance', actor: merchant, input: { files: [file] } })));
  await accepted(database.commit.command(aCommand({ ...on, command: 'acceptDelivery', actor: buyer })));
  expect(await stateOf(supervision)).toMatchObject({ state: 'accepted', revision: 3 });
  const agenda = await database.commit.agenda(supervision);
  expect(agenda?.deadlines.map(({ name, dueAt }) => [name, Math.round((dueAt - (agenda?.at ?? 0)) / 60_000)])).toEqual([
    ['completionSyncDue', 30],
    ['completionWindowPassed', 180],
  ]);
});
