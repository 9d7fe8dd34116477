import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createLog } from '../../log.ts';
import { freePort } from '../../stack/ports.ts';
import { startPostgres, withClient } from '../../stack/postgres.ts';
import { aStart, recordedPids, type Start, survivors } from './a-start.ts';

// One data directory goes through its whole life here: each test takes it up where the former left it.
const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'steward-start-'));
let port: number;
let start: Start;

/** For a start whose drain must not come to its limit, however busy the machine. */
const patient = { STEWARD_DRAIN_SECONDS: '50' };
const begin = (env: Record<string, string> = {}) => {
  start = aStart({ STEWARD_DATA_DIR: dataDir, PORT: String(port), STEWARD_DRAIN_SECONDS: '3', ...env });
  return start.isUp();
};
const api = (where = '/', method = 'GET') => fetch(`http://127.0.0.1:${port}${where}`, { method }).then((answer) => answer.text());
const rearmed = () => fs.readFileSync(path.join(dataDir, 'rearmed'), 'utf8').length;
const arrived = (where: string) =>
  fs
    .readFileSync(path.join(dataDir, 'asked'), 'utf8')
    .split('\n')
    .filter((asked) => asked === where).length;

/** A request that has reached the API, which has not answered yet. */
async function underWay(where: string): Promise<{ answer: Promise<string> }> {
  const before = arrived(where);
  const answer = api(where).catch(() => 'cut off');
  await expect.poll(() => arrived(where)).toBe(before + 1);
  return { answer };
}

beforeAll(async () => {
  fs.chmodSync(dataDir, 0o755);
  port = await freePort();
});

afterAll(async () => {
  if (start.child.exitCode === null) start.child.kill('SIGTERM');
  await start.ended;
  fs.rmSync(dataDir, { recursive: true, force: true });
});

test('an empty directory becomes a running system that tells where to look', async () => {
  await begin(patient);
  expect(start.output()).toContain(`http://localhost:${port}/graphql`);
  expect(await api('/', 'POST')).toBe('1');
  expect(rearmed()).toBe(1);
});

test('a second start in the same directory is refused with the pid of the first', async () => {
  const second = aStart({ STEWARD_DATA_DIR: dataDir, PORT: String(await freePort()) });
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain(`got a Steward that runs there (pid ${start.child.pid}): stop it`);
  expect(await api()).toBe('1');
});

test('a port in use is named with the command that takes another', async () => {
  const second = aStart({ STEWARD_DATA_DIR: path.join(dataDir, 'other'), PORT: String(port) });
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain(`choose another port: PORT=${port + 1} npm start`);
});

test('a worker or a database that is killed comes back by itself', async () => {
  const before = recordedPids(dataDir);
  process.kill(before.worker as number, 'SIGKILL');
  process.kill(before.postgres as number, 'SIGKILL');
  await expect.poll(() => start.output()).toContain('worker is back');
  await expect.poll(() => start.output()).toContain('postgres is back');
  expect(start.output()).toContain('worker died (ended by SIGKILL); starting it again in 250 ms');
  expect(recordedPids(dataDir).worker).not.toBe(before.worker);
  expect(await api()).toBe('1');
});

test('SIGTERM answers the request under way, then leaves no process behind', async () => {
  const pids = recordedPids(dataDir);
  const { answer } = await underWay('/slow');
  start.child.kill('SIGTERM');
  expect(await answer).toBe('1');
  expect(await start.ended).toBe(0);
  expect(survivors(pids)).toEqual([]);
  expect(start.output()).toContain('everything is stopped');
});

test('started again it goes on where it was, with the same Temporal', async () => {
  await begin();
  expect(await api('/', 'POST')).toBe('2');
  expect(rearmed()).toBe(1);
});

test('after a SIGKILL of npm start its programs end themselves, and the next start takes over what is left', async () => {
  const left = recordedPids(dataDir);
  start.child.kill('SIGKILL');
  await expect.poll(() => survivors(left)).toEqual(['postgres', 'temporal']);
  await begin();
  expect(survivors(left)).toEqual([]);
  expect(await api()).toBe('2');
});

test('a request that never ends is given up at the drain limit', async () => {
  const pids = recordedPids(dataDir);
  const { answer } = await underWay('/never');
  const asked = Date.now();
  start.child.kill('SIGTERM');
  expect(await start.ended).toBe(0);
  expect(await answer).toBe('cut off');
  expect(Date.now() - asked).toBeGreaterThan(3_000);
  // answered it would be after a minute
  expect(Date.now() - asked).toBeLessThan(45_000);
  expect(start.output()).toContain('still busy after 3 s');
  expect(survivors(pids)).toEqual([]);
});

test("a Temporal whose database was emptied has every instance's workflow started again", async () => {
  const postgres = await startPostgres({ dataDir, durability: 'off', log: createLog('test', { level: 'silent' }) });
  await withClient(postgres.adminUrl, async (client) => {
    await client.query('drop database temporal');
    await client.query('drop database temporal_visibility');
  });
  await postgres.stop();
  await begin(patient);
  expect(rearmed()).toBe(2);
  expect(start.output()).toContain('this Temporal did not know them');
});

test('a second request to stop, made by a person who waits, ends everything at once', async () => {
  const pids = recordedPids(dataDir);
  await underWay('/never');
  start.child.kill('SIGINT');
  await expect.poll(() => start.output()).toContain('once more to stop at once');
  // sooner it would be the same request, which npm passes on as well
  await sleep(1_100);
  start.child.kill('SIGINT');
  expect(await start.ended).toBe(130);
  await expect.poll(() => survivors(pids)).toEqual([]);
});

test('an unreachable TEMPORAL_ADDRESS ends the start with one sentence and no process', async () => {
  const other = path.join(dataDir, 'other');
  const closed = `127.0.0.1:${await freePort()}`;
  const second = aStart({ STEWARD_DATA_DIR: other, PORT: String(port), DATABASE_URL: inject('databaseUrl'), TEMPORAL_ADDRESS: closed });
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain(`Expected a Temporal frontend at ${closed}`);
  expect(fs.readdirSync(other)).toEqual([]);
});
