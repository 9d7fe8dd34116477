import { createPublicKey, type KeyObject } from 'node:crypto';
import { keyIdOf } from '../db/heads.ts';
import { canonical } from '../lifecycles/canonical.ts';
import { format, formatVersion, type Head, hashOf, isSignedBy, type Line, longestLine } from './format.ts';
import { headShape, lineShape, shapes } from './shapes.ts';
import { short, Unfit } from './unfit.ts';

/** A bundle's bytes, as often as they are asked for. */
export type Source = () => AsyncIterable<Uint8Array>;

/**
 * The lines of a bundle, each checked by itself and against the one before: form, number, hash, order. Holds one line.
 * @throws Unfit at the first that does not fit, or when the last is not the head
 */
export async function* linesOf(source: Source): AsyncGenerator<Line> {
  let previous = '';
  let no = 0;
  let ended = false;
  for await (const bytes of split(source())) {
    no += 1;
    if (ended) throw new Unfit('AFTER_HEAD', {}, { line: no });
    const line = parsed(bytes, no);
    if (no === 1) assertBeginning(line);
    if (line.seq !== no) throw new Unfit('LINE_MISSING', { expected: no, got: line.seq }, { line: no });
    if (line.hash !== hashOf(line)) throw new Unfit('LINE_CHANGED', {}, { line: no });
    if (line.previous !== previous) throw new Unfit('LINE_MOVED', {}, { line: no });
    previous = line.hash;
    ended = line.kind === 'head';
    yield line;
  }
  if (no === 0) throw new Unfit('EMPTY');
  if (!ended) throw new Unfit('TAIL_MISSING', {}, { line: no });
}

/** Does the head speak of the lines before it, and is it signed? @returns the key that signed */
export function checkHead({ row }: Line, seen: { lines: number; last: string; counts: Record<string, number>; family: unknown; number: unknown }): KeyObject {
  const head = headShape.safeParse(row);
  const place = { line: seen.lines + 1 };
  if (!head.success) throw new Unfit('LINE_SHAPE', { why: short(head.error.issues[0]?.message) }, place);
  const { statement } = head.data;
  for (const field of ['lines', 'last', 'counts', 'family', 'number'] as const)
    if (canonical(statement[field]) !== canonical(seen[field]))
      throw new Unfit('HEAD_DIFFERS', { field, expected: short(statement[field]), got: short(seen[field]) }, place);
  const key = keyIn(statement.publicKey);
  if (!key || !isSignedBy(head.data as Head, key)) throw new Unfit('SIGNATURE_WRONG', {}, place);
  return key;
}

/** The bundle's key against the one that the verifier has from elsewhere. */
export function checkKey(key: KeyObject, trusted: KeyObject | null): void {
  if (trusted && keyIdOf(key) !== keyIdOf(trusted)) throw new Unfit('KEY_DIFFERS', { expected: keyIdOf(trusted), got: keyIdOf(key) });
}

function keyIn(base64: string): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
    return key.export({ type: 'spki', format: 'der' }).toString('base64') === base64 ? key : null;
  } catch {
    return null;
  }
}

/** A whole line's bytes, without its end; a line that does not end is the tail of a file that was cut. */
async function* split(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  let no = 1;
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      yield Buffer.concat([...held, rest.subarray(0, end)]);
      [held, bytes, rest] = [[], 0, rest.subarray(end + 1)];
      no += 1;
    }
    held.push(rest);
    bytes += rest.length;
    if (bytes > longestLine) throw no === 1 ? new Unfit('NOT_A_BUNDLE', {}, { line: 1 }) : unreadable(no, 'a line of more than 4 MiB', '超过 4 MiB 的行');
  }
  if (bytes === 0) return;
  throw no === 1 ? new Unfit('NOT_A_BUNDLE', {}, { line: 1 }) : new Unfit('TAIL_MISSING', {}, { line: no });
}

function parsed(bytes: Buffer, no: number): Line {
  const line = lineIn(bytes);
  if (no === 1 && typeof line === 'string') throw new Unfit('NOT_A_BUNDLE', {}, { line: 1 });
  if (line === 'encoding') throw unreadable(no, 'bytes that are no UTF-8', '非 UTF-8 字节');
  if (line === 'json') throw unreadable(no, 'no JSON object', '不是 JSON 对象');
  if (line === 'form') throw unreadable(no, 'another spelling of it', '写法不规范');
  if (typeof line === 'string') throw new Unfit('LINE_SHAPE', { why: line }, { line: no });
  return line;
}

function lineIn(bytes: Buffer): Line | string {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return 'encoding';
  }
  try {
    value = JSON.parse(text);
    // one content has one spelling: a changed byte that means the same is a changed byte
    if (canonical(value) !== text) return 'form';
  } catch {
    return 'json';
  }
  const line = lineShape.safeParse(value);
  return line.success ? line.data : short(`${line.error.issues[0]?.path.join('.')}: ${line.error.issues[0]?.message}`);
}

function assertBeginning({ kind, row }: Line): void {
  if (kind !== 'bundle' || row.format !== format) throw new Unfit('NOT_A_BUNDLE', {}, { line: 1 });
  if (row.version !== formatVersion) throw new Unfit('VERSION_UNKNOWN', { expected: formatVersion, got: short(row.version) }, { line: 1 });
  const beginning = shapes.bundle.safeParse(row);
  if (!beginning.success) throw new Unfit('LINE_SHAPE', { why: short(beginning.error.issues[0]?.message) }, { line: 1 });
}

const unreadable = (no: number, en: string, zh: string) => new Unfit('LINE_UNREADABLE', { why: { zh, en } }, { line: no });
