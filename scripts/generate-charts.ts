import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createRegistry } from '../lifecycles/registry.ts';
import { pageOf } from './lifecycle-page.ts';

const folder = path.join(import.meta.dirname, '../docs/lifecycles');
const pages = new Map(createRegistry().current.map((lifecycle) => [`${lifecycle.name}.md`, pageOf(lifecycle)]));
mkdirSync(folder, { recursive: true });
const strays = readdirSync(folder).filter((name) => !pages.has(name));

if (process.argv.includes('--check')) {
  const stale = [...pages].filter(([name, page]) => textOf(name) !== page).map(([name]) => name);
  for (const name of [...stale, ...strays])
    console.error(`docs/lifecycles/${name} is stale: expected what lifecycles/ declares now. Run: node scripts/generate-charts.ts`);
  process.exit(stale.length + strays.length === 0 ? 0 : 1);
}
for (const [name, page] of pages) writeFileSync(path.join(folder, name), page);
for (const name of strays) rmSync(path.join(folder, name));

function textOf(name: string): string | null {
  try {
    return readFileSync(path.join(folder, name), 'utf8');
  } catch {
    return null;
  }
}
