import type { KeyObject } from 'node:crypto';
import { createRegistry, type Registry } from '../lifecycles/registry.ts';
import { createFamily, type FamilyChecked } from './family.ts';
import type { Statement } from './format.ts';
import { checkHead, checkKey, linesOf, type Source } from './lines.ts';
import type { Shaped } from './shapes.ts';
import { short, Unfit } from './unfit.ts';

export type Verified = { ok: true; statement: Statement; taken: Shaped['bundle']; keyChecked: boolean; family: FamilyChecked };
export type Verification = Verified | { ok: false; unfit: Unfit; statement: Statement | null };

export type VerifyOptions = {
  /** The key that the marketplace signs with, from a place other than the bundle; null: the bundle's own is taken, and the answer says so. */
  key: KeyObject | null;
  /** Checks hashes, chains and the signature, and executes nothing. */
  chainOnly?: boolean;
  registry?: Registry;
};

/** Verifies a bundle with no more than its bytes (ACT-2). Never throws for what a file may hold. */
export async function verifyBundle(source: Source, { key, chainOnly = false, registry = createRegistry() }: VerifyOptions): Promise<Verification> {
  let statement: Statement | null = null;
  try {
    const { head, taken } = await sealChecked(source, key);
    statement = head;
    const family = createFamily({ registry, chainOnly });
    let line = 0;
    try {
      for await (const read of linesOf(source)) {
        line = read.seq;
        family.take(read);
      }
      return { ok: true, statement, taken, keyChecked: key !== null, family: family.end() };
    } catch (error) {
      // a forged line may be of a form that the rules were never asked about
      throw error instanceof Unfit || isFromFile(error) ? error : new Unfit('LINE_SHAPE', { why: short((error as Error).message) }, { line });
    }
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    return { ok: false, unfit: error, statement };
  }
}

/** The first reading: every line by itself and in its chain, then head, signature and key. */
async function sealChecked(source: Source, trusted: KeyObject | null): Promise<{ head: Statement; taken: Shaped['bundle'] }> {
  const counts: Record<string, number> = {};
  let last = '';
  let first: Shaped['bundle'] | null = null;
  let head: Statement | null = null;
  for await (const line of linesOf(source)) {
    first ??= line.row as Shaped['bundle'];
    if (line.kind === 'head') {
      const { family, number } = first;
      checkKey(checkHead(line, { lines: line.seq - 1, last, counts, family, number }), trusted);
      head = line.row.statement as Statement;
      continue;
    }
    counts[line.kind] = (counts[line.kind] ?? 0) + 1;
    last = line.hash;
  }
  if (!head || !first) throw new Unfit('TAIL_MISSING');
  return { head, taken: first };
}

const isFromFile = (error: unknown) => typeof (error as NodeJS.ErrnoException).syscall === 'string';
