import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The key that heads and evidence bundles are signed with: given by configuration, or made once in `dir` and kept (development). */
export type SigningKeyOptions = {
  /** An Ed25519 private key, PKCS #8 PEM. */
  signingKey: string | undefined;
  dir: string;
};

/** The same key in every process of an installation, whichever asks first. */
export async function readSigningKey({ signingKey, dir }: SigningKeyOptions): Promise<KeyObject> {
  if (signingKey) return createPrivateKey(signingKey);
  const file = path.join(dir, 'signing-key.pem');
  const known = await readFile(file, 'utf8').catch(() => null);
  return createPrivateKey(known ?? (await makeKey(file)));
}

/** SubjectPublicKeyInfo as PEM: what a verifier is given. */
export const publicPem = (key: KeyObject): string => (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'pem' }) as string;

async function makeKey(file: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  const { privateKey } = generateKeyPairSync('ed25519');
  const made = `${file}.${randomUUID()}`;
  await writeFile(made, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  // a link is made whole or not at all: of two processes that start at once, one key remains
  await link(made, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(made);
  return readFile(file, 'utf8');
}
