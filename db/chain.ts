import { createHash } from 'node:crypto';

/** JSON with sorted keys, so that the same content always hashes alike. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The next link of a chain: what came before and the row's own content (ACT-2). */
export const link = (previous: string, content: Record<string, unknown>): string => sha256(`${previous}\n${canonical(content)}`);
