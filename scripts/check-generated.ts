import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What is generated and checked in must be what the declarations generate now. Each check says how to mend it. */
const checks: { what: string; mend: string; isFresh: () => boolean }[] = [
  { what: 'graphql/schema.graphql', mend: 'node graphql/print-schema.ts', isFresh: () => runs('graphql/print-schema.ts') },
  { what: 'docs/lifecycles/', mend: 'node scripts/generate-charts.ts', isFresh: () => runs('scripts/generate-charts.ts') },
  { what: 'db/migrations/ (states)', mend: 'node scripts/generate-states.ts', isFresh: () => runs('scripts/generate-states.ts') },
  { what: 'db/migrations/', mend: 'npx drizzle-kit generate', isFresh: migrationsAreFresh },
];

const stale = checks.filter(({ isFresh }) => !isFresh());
for (const { what, mend } of stale) console.error(`${what} is stale: expected what the declarations generate now. Run: ${mend}`);
if (stale.length === 0) console.log(`${checks.map(({ what }) => what).join(', ')}: fresh`);
process.exit(stale.length === 0 ? 0 : 1);

function runs(script: string): boolean {
  return spawnSync(process.execPath, [script, '--check'], { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

/** drizzle-kit writes a migration when schema.ts has moved on: it may write one only into a copy. */
function migrationsAreFresh(): boolean {
  const copy = mkdtempSync(path.join(tmpdir(), 'steward-migrations-'));
  try {
    cpSync('db/migrations', copy, { recursive: true });
    const before = readdirSync(copy).length;
    const kit = path.resolve('node_modules/drizzle-kit/bin.cjs');
    if (!existsSync(kit)) throw new Error('expected drizzle-kit to be installed; run npm ci');
    execFileSync(process.execPath, [kit, 'generate'], { stdio: 'ignore', env: { ...process.env, MIGRATIONS: path.relative('.', copy) } });
    return readdirSync(copy).length === before;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
