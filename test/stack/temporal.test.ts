import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { createLog } from '../../log.ts';
import { freePort } from '../../stack/ports.ts';
import { buildTemporal, TEMPORAL_VERSION } from '../../stack/temporal/go-build.ts';
import { startTemporal } from '../../stack/temporal/start.ts';
import { isTooOld } from '../../stack/temporal/version.ts';

const log = createLog('test', { level: 'silent' });
let home: string;

/** A `go` that takes a moment, notes that it was called, and leaves the two programs or fails. */
function aGo({ fails = false, takes = 0.3 } = {}): void {
  const script = `#!/bin/sh
if [ "$1" = version ]; then echo go version go1.26.8 linux/amd64; exit; fi
echo called >> ${home}/calls; sleep ${takes}
${fails ? 'echo "go: no such module" >&2; exit 1' : 'mkdir -p "$GOBIN"; touch "$GOBIN/server" "$GOBIN/sql"'}`;
  fs.writeFileSync(path.join(home, 'go'), script, { mode: 0o755 });
}
const calls = () => fs.readFileSync(path.join(home, 'calls'), 'utf8').trim().split('\n').length;
const cache = () => fs.readdirSync(path.join(home, 'steward', `temporal-v${TEMPORAL_VERSION}`));

beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'steward-build-'));
  vi.stubEnv('XDG_CACHE_HOME', home);
  vi.stubEnv('PATH', `${home}:/usr/bin:/bin`);
});

afterEach(() => {
  vi.unstubAllEnvs();
  fs.rmSync(home, { recursive: true, force: true });
});

test('an unreachable TEMPORAL_ADDRESS is answered with the address and what to do', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const start = startTemporal({ connection: { address }, dataDir: home, database: nowhere, namespace: 'steward', log });
  await expect(start).rejects.toThrow(`Expected a Temporal frontend at ${address}, got "`);
  await expect(start).rejects.toThrow('start it, correct TEMPORAL_ADDRESS');
});

test('a cluster that is there is used, and its namespace made', async () => {
  const connection = { address: inject('temporalAddress') };
  const namespace = `made-${Date.now()}`;
  const first = await startTemporal({ connection, dataDir: home, database: nowhere, namespace, log });
  const again = await startTemporal({ connection, dataDir: home, database: nowhere, namespace, log });
  expect(again).toMatchObject({ kind: 'cluster', namespace, namespaceId: first.namespaceId });
});

test.each([
  ['1.24.3', true],
  ['0.99.0', true],
  ['1.25.0', false],
  ['1.32.1', false],
  ['2.0.0', false],
  ['', false],
])('a server of version "%s" is too old: %s', (version, tooOld) => {
  expect(isTooOld(version)).toBe(tooOld);
});

test('when no way works, each says why and the remedies follow', async () => {
  vi.stubGlobal('fetch', async () => {
    throw new Error('offline');
  });
  vi.stubEnv('PATH', home);
  vi.stubEnv('HTTPS_PROXY', '');
  vi.stubEnv('https_proxy', '');
  const start = startTemporal({ dataDir: home, database: nowhere, namespace: 'steward', log });
  await expect(start).rejects.toThrowErrorMatchingInlineSnapshot(`
    [Error: Expected a Temporal server, got none:
      cli: there is no temporal on PATH
      download: temporal.download cannot be reached (offline)
      go: there is no go on PATH
    Install one of them and start again:
      the Temporal CLI (https://docs.temporal.io/cli, or brew install temporal),
      or Go 1.26 or newer (https://go.dev/dl), with which Temporal is built once,
      or set TEMPORAL_ADDRESS to a Temporal cluster of yours.]
  `);
  vi.unstubAllGlobals();
});

test('two starts at once build Temporal once', async () => {
  aGo();
  const [one, other] = await Promise.all([buildTemporal({ log }), inAnotherProcess()]);
  expect(fs.existsSync(one.server)).toBe(true);
  expect(other).toContain(one.server);
  expect(calls()).toBe(1);
  expect(cache()).toEqual(['bin']);
});

test('a build that fails says why and leaves nothing behind', async () => {
  aGo({ fails: true });
  await expect(buildTemporal({ log })).rejects.toThrow(/go install ended with 1 after .*: go: no such module/);
  expect(cache()).toEqual([]);
});

test('Ctrl-C in the middle of a build leaves nothing behind', async () => {
  aGo({ takes: 30 });
  const stop = new AbortController();
  const build = buildTemporal({ log, signal: stop.signal });
  await expect.poll(() => fs.existsSync(path.join(home, 'calls'))).toBe(true);
  stop.abort(new Error('stopped'));
  await expect(build).rejects.toThrow('stopped');
  expect(cache()).toEqual([]);
});

test('the lock of a build that was killed is taken over', async () => {
  aGo();
  const lock = path.join(home, 'steward', `temporal-v${TEMPORAL_VERSION}`, 'build.lock');
  fs.mkdirSync(path.dirname(lock), { recursive: true });
  fs.writeFileSync(lock, '1');
  const longAgo = new Date(Date.now() - 60_000);
  fs.utimesSync(lock, longAgo, longAgo);
  await buildTemporal({ log });
  expect(calls()).toBe(1);
});

test('a cache that cannot be written is said at once, with the path and what to do', async () => {
  aGo();
  const blocked = path.join(home, 'steward');
  fs.writeFileSync(blocked, 'a file where a directory is needed');
  await expect(buildTemporal({ log })).rejects.toThrow(
    /expected to write \S+temporal-v[\d.]+, got (ENOTDIR|EEXIST); make room there or make it writable, or set XDG_CACHE_HOME/,
  );
  fs.rmSync(blocked);
  const place = path.join(home, 'steward', `temporal-v${TEMPORAL_VERSION}`);
  fs.mkdirSync(path.join(place, 'build.lock'), { recursive: true });
  const longAgo = new Date(Date.now() - 60_000);
  fs.utimesSync(path.join(place, 'build.lock'), longAgo, longAgo);
  await expect(buildTemporal({ log })).rejects.toThrow(/expected to write \S+build\.lock, got ERR_FS_EISDIR/);
});

async function nowhere(): Promise<string> {
  throw new Error('no PostgreSQL in this test');
}

function inAnotherProcess(): Promise<string> {
  const module = new URL('../../stack/temporal/go-build.ts', import.meta.url).href;
  const code = `import { buildTemporal, TEMPORAL_VERSION } from '${module}'; import pino from 'pino';
console.log((await buildTemporal({ log: pino({ level: 'silent' }) })).server);`;
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['--input-type=module', '-e', code], (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
}
