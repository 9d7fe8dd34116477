import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DatabaseUnavailable, inTransaction } from '../../db/transaction.ts';
import { aDatabase, type Database } from '../world.ts';

let database: Database;
beforeAll(async () => {
  database = await aDatabase({ poolSize: 1 });
});
afterAll(() => database.drop());

const raise = (code: string) => (client: pg.PoolClient) => client.query(`do $$ begin raise exception using errcode = '${code}', message = 'said'; end $$`);

test.each([
  ['53100', 'no disk is left'],
  ['53200', 'no memory is left'],
  ['53300', 'no connection is left'],
  ['57P01', 'an operator ends the connection'],
  ['57P05', 'the connection was idle for too long'],
  ['58030', 'the disk answers with an error'],
  ['08006', 'the connection failed'],
])('%s, %s: the database is away, not broken code', async (code) => {
  await expect(inTransaction(database.pool, raise(code))).rejects.toThrow(DatabaseUnavailable);
});

test.each(['40001', '40P01', '23505'])('%s is played again, and when it never works out the record is busy', async (code) => {
  let played = 0;
  const work = (client: pg.PoolClient) => {
    played += 1;
    return raise(code)(client);
  };
  await expect(inTransaction(database.pool, work, { attempts: 3 })).rejects.toThrow(DatabaseUnavailable);
  expect(played).toBe(3);
});

test('a server that became a standby is away, and the connection to it is not used again', async () => {
  const pidOf = async (client: pg.PoolClient) => (await client.query('select pg_backend_pid() as pid')).rows[0].pid as number;
  let before = 0;
  const write = async (client: pg.PoolClient) => {
    before = await pidOf(client);
    await client.query('set transaction read only');
    return client.query('create table t (x int)');
  };
  await expect(inTransaction(database.pool, write)).rejects.toThrow(DatabaseUnavailable);
  expect(await inTransaction(database.pool, pidOf)).not.toBe(before);
});

test('anything else is a bug and stays one', async () => {
  await expect(inTransaction(database.pool, raise('22012'))).rejects.not.toThrow(DatabaseUnavailable);
  await expect(inTransaction(database.pool, raise('42P01'))).rejects.toThrow('said');
});
