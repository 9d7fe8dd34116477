import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { sha256 } from '../db/chain.ts';
import { canonical } from '../lifecycles/canonical.ts';
import { chartOf } from '../lifecycles/chart.ts';
import type { Lifecycle } from '../lifecycles/declaration.ts';

/** SHA-256 of a machine's chart, and of everything declared beside it. Functions are known by `rulesHash` alone. */
export type Fingerprint = { chart: string; declaration: string };

export function fingerprintOf(lifecycle: Lifecycle): Fingerprint {
  const { machine: _, ...declared } = lifecycle;
  return { chart: sha256(canonical(plain(chartOf(lifecycle)))), declaration: sha256(canonical(plain(declared))) };
}

function plain(value: unknown): unknown {
  if (typeof value === 'function') return 'function';
  if (value instanceof z.ZodType) return z.toJSONSchema(value, { io: 'input', unrepresentable: 'any' });
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

const root = path.join(import.meta.dirname, '..');
let known: string | undefined;

/** SHA-256 over the sources of the rules and the calendar, functions included: equal exactly where the rules are. */
export function rulesHash(): string {
  known ??= sha256(
    canonical(
      ['calendar', 'lifecycles'].flatMap((folder) =>
        readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
          .filter((file) => file.endsWith('.ts'))
          .map((file) => [folder, file.replaceAll(path.sep, '/'), sha256(readFileSync(path.join(root, folder, file), 'utf8').replaceAll('\r\n', '\n'))])
          .sort(([, one = ''], [, other = '']) => (one < other ? -1 : 1)),
      ),
    ),
  );
  return known;
}
