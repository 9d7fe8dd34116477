import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isSigned, signHeads } from '../../db/heads.ts';
import { anEngine, type Engine } from '../worker.ts';
import { aDatabase, aPaidOrder, type Database } from '../world.ts';

let database: Database;
let engine: Engine;
beforeAll(async () => {
  database = await aDatabase();
  engine = await anEngine(database);
  await aPaidOrder(database);
});
afterAll(async () => {
  await engine.stop();
  await database.drop();
});

test('the heads of all chains are signed and exported once a day; a changed statement or another key is found out (ACT-2)', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const exported: string[] = [];
  const sign = () =>
    signHeads({
      pool: database.pool,
      key: privateKey,
      write: async (_name, lines) => {
        for await (const line of lines) exported.push(line);
      },
    });
  const signed = await sign();
  const { rows } = await database.pool.query('select number, revision, head from instances order by id');
  expect(exported.map((line) => JSON.parse(line)).map(({ number, revision, head }) => ({ number, revision, head }))).toEqual(rows);
  expect(isSigned(signed, privateKey)).toBe(true);
  expect(isSigned({ ...signed, instances: signed.instances + 1 }, privateKey)).toBe(false);
  expect(isSigned(signed, generateKeyPairSync('ed25519').publicKey)).toBe(false);
  expect(await sign()).toEqual(signed);
});

test('the schedule’s workflow signs through the worker', async () => {
  await database.pool.query('alter table signed_heads disable trigger all');
  await database.pool.query('delete from signed_heads');
  const { rows } = await database.pool.query('select count(*)::int as count from instances');
  const result = await engine.client.workflow.execute('signHeads', { workflowId: `sign-heads-${database.name}`, taskQueue: engine.taskQueue });
  expect(result).toEqual({ instances: rows[0].count, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
});
