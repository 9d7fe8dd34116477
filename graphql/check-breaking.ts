import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSchema, findBreakingChanges } from 'graphql';

/**
 * Compares graphql/schema.graphql with that of a commit: the argument, else the newest release (tag) before this commit,
 * else where this branch left main, else the parent commit. The API only grows: a change that breaks clients fails
 * unless the old way was deprecated first and its day has come (--allow).
 */
const folder = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const base = args.find((arg) => !arg.startsWith('--')) ?? newestTag() ?? whereItLeftMain() ?? 'HEAD^';
const now = readFileSync(`${folder}graphql/schema.graphql`, 'utf8');
const before = baseline();
const breaking = before === null ? [] : findBreakingChanges(buildSchema(before), buildSchema(now));
for (const { type, description } of breaking) console.error(`${type}: ${description}`);
if (breaking.length > 0)
  console.error(
    `${breaking.length} changes to graphql/schema.graphql break clients that work with ${base}. Keep the old way as @deprecated beside the new one.`,
  );
else
  console.log(
    before === null ? `no graphql/schema.graphql in ${base}: nothing to compare with` : `graphql/schema.graphql breaks nothing that works with ${base}`,
  );
process.exit(breaking.length > 0 && !args.includes('--allow') ? 1 : 0);

function newestTag(): string | null {
  return git('describe', '--tags', '--abbrev=0', 'HEAD^')?.trim() || null;
}

function whereItLeftMain(): string | null {
  const commit = ['origin/HEAD', 'origin/main', 'main'].map((name) => git('merge-base', 'HEAD', name)?.trim()).find(Boolean);
  return commit && commit !== git('rev-parse', 'HEAD')?.trim() ? commit : null;
}

function baseline(): string | null {
  return git('show', `${base}:graphql/schema.graphql`);
}

/** What git says, or null when it cannot. */
function git(...command: string[]): string | null {
  try {
    return execFileSync('git', command, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
}
