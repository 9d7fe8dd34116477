import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let clone: string;

beforeEach(() => {
  clone = mkdtempSync(path.join(tmpdir(), 'steward-breaking-'));
  mkdirSync(path.join(clone, 'graphql'));
  copyFileSync('graphql/check-breaking.ts', path.join(clone, 'graphql', 'check-breaking.ts'));
  symlinkSync(path.resolve('node_modules'), path.join(clone, 'node_modules'));
  writeFileSync(path.join(clone, 'package.json'), '{"type":"module"}');
  git('init', '-q', '-b', 'main');
});
afterEach(() => rmSync(clone, { recursive: true }));

function git(...command: string[]): void {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...command], { cwd: clone, stdio: 'ignore' });
}
function commit(fields: string): void {
  writeFileSync(path.join(clone, 'graphql', 'schema.graphql'), `type Query { ${fields} }\n`);
  git('add', 'graphql/schema.graphql');
  git('commit', '-qm', 'schema');
}
function check(): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['graphql/check-breaking.ts'], { cwd: clone, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

test('in a clean clone a field that the last commit took away is found; one that it added is not held against it', () => {
  commit('a: Int b: Int');
  commit('a: Int b: Int c: Int');
  expect(check()).toMatchObject({ status: 0, said: expect.stringContaining('breaks nothing that works with HEAD^') });
  commit('a: Int');
  expect(check()).toMatchObject({ status: 1, said: expect.stringMatching(/Query\.b.*[\s\S]*2 changes .* break clients that work with HEAD\^/) });
});

test('once there is a release, everything since is held against it; a branch is held against where it left main', () => {
  commit('a: Int b: Int');
  git('tag', 'v1');
  commit('a: Int');
  commit('a: Int d: Int');
  expect(check()).toMatchObject({ status: 1, said: expect.stringContaining('work with v1') });
  git('tag', '-d', 'v1');
  expect(check().status).toBe(0);
  git('checkout', '-qb', 'branch');
  commit('d: Int');
  commit('d: Int e: Int');
  expect(check()).toMatchObject({ status: 1, said: expect.stringContaining('Query.a') });
});

test('the first commit of all has nothing to be compared with', () => {
  commit('a: Int');
  expect(check()).toMatchObject({ status: 0, said: expect.stringContaining('nothing to compare with') });
});
