import { type KeyObject, verify } from 'node:crypto';
import { link } from '../db/chain.ts';
import { keyIdOf } from '../db/heads.ts';
import { canonical } from '../lifecycles/canonical.ts';

/**
 * An evidence bundle (ACT-2): one order's family as JSON lines. Every line is canonical JSON with sorted keys, carries its
 * number, the hash of the line before it and its own; the last is the head, which is signed.
 */
export const format = 'steward-evidence';
export const formatVersion = 1;

/** What a line holds, in the order in which a bundle has them. */
export const kinds = [
  'bundle',
  'machine',
  'policy',
  'calendar',
  'instance',
  'refusal',
  'event',
  'deadline',
  'effect',
  'attempt',
  'incident',
  'file',
  'message',
  'delivery',
  'head',
] as const;
export type Kind = (typeof kinds)[number];

export type Row = Record<string, unknown>;
export type Line = { seq: number; kind: Kind; row: Row; previous: string; hash: string };

/** The longest line that there can be: an event with its snapshot is far below it. In bytes. */
export const longestLine = 4 * 1024 * 1024;

/** What the signature is over. */
export type Statement = {
  format: typeof format;
  version: number;
  family: string;
  /** The order's. */
  number: string;
  takenAt: string;
  /** Lines before the head, of which `last` is the hash of the last. */
  lines: number;
  last: string;
  counts: Partial<Record<Kind, number>>;
  keyId: string;
  /** SubjectPublicKeyInfo, DER in base64. */
  publicKey: string;
};
export type Head = { statement: Statement; signature: string };

export const hashOf = ({ seq, kind, row, previous }: Omit<Line, 'hash'>): string => link(previous, { seq, kind, row });

export const textOf = (line: Line): string => `${canonical(line)}\n`;

/** Is this statement signed by that key? A key of another kind than Ed25519 never signed one. */
export function isSignedBy({ statement, signature }: Head, key: KeyObject): boolean {
  const bytes = Buffer.from(signature, 'base64');
  return (
    key.asymmetricKeyType === 'ed25519' &&
    statement.keyId === keyIdOf(key) &&
    bytes.toString('base64') === signature &&
    verify(null, Buffer.from(canonical(statement)), key, bytes)
  );
}
