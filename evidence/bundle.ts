import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { keyIdOf } from '../db/heads.ts';
import { canonical } from '../lifecycles/canonical.ts';
import { format, formatVersion, type Head, hashOf, type Kind, type Line, type Row, type Statement, textOf } from './format.ts';
import type { Gathered } from './gather.ts';

/** The lines of a bundle as text, each linked to the one before; the last is the signed head. Holds one line at a time. */
export async function* sealed({ family, number, takenAt, rows }: Gathered, key: KeyObject): AsyncGenerator<string> {
  const counts: Statement['counts'] = {};
  let previous = '';
  let seq = 0;
  const next = (kind: Kind, row: Row): Line => {
    seq += 1;
    // through JSON, as a verifier reads it
    const line = { seq, kind, row: JSON.parse(canonical(row)) as Row, previous };
    previous = hashOf(line);
    return { ...line, hash: previous };
  };
  for await (const { kind, row } of rows) {
    counts[kind] = (counts[kind] ?? 0) + 1;
    yield textOf(next(kind, row));
  }
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
  const statement: Statement = { format, version: formatVersion, family, number, takenAt, lines: seq, last: previous, counts, keyId: keyIdOf(key), publicKey };
  const head: Head = { statement, signature: sign(null, Buffer.from(canonical(statement)), key).toString('base64') };
  yield textOf(next('head', head));
}
