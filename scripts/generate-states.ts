import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stateFunction } from '../db/states.ts';

/** Writes a migration when the machines' states have moved on since the last; with --check it only says so. */
const folder = 'db/migrations';
const migrations = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
const textOf = (name: string) => readFileSync(path.join(folder, name), 'utf8');
const last = migrations().findLast((name) => textOf(name).includes('create or replace function is_state('));
if (last && textOf(last).includes(stateFunction.trim())) process.exit(0);
if (process.argv.includes('--check')) process.exit(1);
const before = migrations();
execFileSync(process.execPath, [path.resolve('node_modules/drizzle-kit/bin.cjs'), 'generate', '--custom', '--name', 'states'], { stdio: 'inherit' });
const [added] = migrations().filter((name) => !before.includes(name));
if (!added) throw new Error(`expected drizzle-kit to add a migration to ${folder}, got none`);
writeFileSync(path.join(folder, added), stateFunction);
