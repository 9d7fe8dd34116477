import type { KeyObject } from 'node:crypto';
import { link } from '../../db/chain.ts';
import { sealed } from '../../evidence/bundle.ts';
import type { Kind, Line, Row } from '../../evidence/format.ts';
import { keys } from './bundles.ts';

export type Content = { kind: Kind; row: Row };

export const linesIn = (bytes: Uint8Array): Line[] =>
  Buffer.from(bytes)
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** All but the head, as one who changes it gets them; the rows are copies. */
export const contentOf = (bytes: Uint8Array): Content[] =>
  linesIn(bytes)
    .filter(({ kind }) => kind !== 'head')
    .map(({ kind, row }) => ({ kind, row }));

/** A bundle of other content whose every outer hash is right, signed by `key`: what only its holder could make. */
export async function resealed(content: readonly Content[], key: KeyObject = keys.privateKey): Promise<Buffer> {
  const { family, number, takenAt } = (content[0] as Content).row as { family: string; number: string; takenAt: string };
  async function* rows() {
    yield* content;
  }
  let text = '';
  for await (const line of sealed({ family, number, takenAt, rows: rows() }, key)) text += line;
  return Buffer.from(text);
}

/** The inner chains computed anew as well, heads and counts included: what one makes who also rewrites the database. */
export function relinked(content: readonly Content[]): Content[] {
  const ends = new Map<string, { no: number; hash: string }>();
  for (const { kind, row } of content) {
    if (kind !== 'event' && kind !== 'refusal') continue;
    const key = `${kind} ${row.instance_id}`;
    const end = ends.get(key) ?? { no: 0, hash: '' };
    const { previous: _, hash: __, ...rest } = { ...row, [kind === 'event' ? 'revision' : 'no']: end.no + 1 } as Row;
    const hash = link(end.hash, rest);
    Object.assign(row, rest, { previous: end.hash, hash });
    ends.set(key, { no: end.no + 1, hash });
  }
  for (const { kind, row } of content) {
    if (kind !== 'instance') continue;
    const [events, refusals] = [ends.get(`event ${row.id}`), ends.get(`refusal ${row.id}`)];
    Object.assign(row, { revision: events?.no ?? 0, head: events?.hash ?? '', refusals: refusals?.no ?? 0, refusal_head: refusals?.hash ?? '' });
  }
  return [...content];
}
