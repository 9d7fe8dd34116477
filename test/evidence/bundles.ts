import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createReader } from '../../db/read/reader.ts';
import { sealed } from '../../evidence/bundle.ts';
import { gather } from '../../evidence/gather.ts';
import { type Verification, type VerifyOptions, verifyBundle } from '../../evidence/verify.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { type Database, manager } from '../world.ts';

export const keys = generateKeyPairSync('ed25519');

/** The bundle of an order as bytes; null when the actor may not see it. */
export async function bundleOf(
  { readPool, registry }: Pick<Database, 'readPool' | 'registry'>,
  of: string,
  { actor = manager, key = keys.privateKey }: { actor?: Actor; key?: KeyObject } = {},
): Promise<Buffer | null> {
  return gather(createReader(readPool, actor), { registry, of }, async (gathered) => {
    let text = '';
    for await (const line of sealed(gathered, key)) text += line;
    return Buffer.from(text);
  });
}

export const verified = (bytes: Uint8Array, options: Partial<VerifyOptions> = {}): Promise<Verification> =>
  verifyBundle(
    async function* () {
      yield bytes;
    },
    { key: keys.publicKey, ...options },
  );

/** `ok`, or the code with its place and sentence. */
export const said = (verification: Verification): string =>
  verification.ok ? 'ok' : `${verification.unfit.code} ${JSON.stringify(verification.unfit.place)}: ${verification.unfit.message}`;
