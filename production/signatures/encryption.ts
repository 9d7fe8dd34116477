import { createCipheriv, createDecipheriv, createHash, randomInt } from 'node:crypto';

/** V1's encryptType: "1" is AES-256 (the default), "2" AES-128. */
export type EncryptType = '1' | '2';

const ciphers = { '1': { name: 'aes-256-cbc', bytes: 32 }, '2': { name: 'aes-128-cbc', bytes: 16 } } as const satisfies Record<EncryptType, unknown>;
const sha1 = (data: string | Uint8Array) => createHash('sha1').update(data).digest();
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The AES key of a Key: what Java's SHA1PRNG gives first when seeded with it. */
export function aesKey(key: string, type: EncryptType): Uint8Array {
  const { bytes } = ciphers[type];
  const output: Buffer[] = [];
  let state: Buffer = sha1(key);
  for (let made = 0; made < bytes; made += 20) {
    const block = sha1(state);
    output.push(block);
    state = stepped(state, block);
  }
  return Buffer.concat(output).subarray(0, bytes);
}

/** state + block + 1 over signed bytes, carry from low to high place; never the same state twice. */
function stepped(state: Buffer, block: Buffer): Buffer {
  let carry = 1;
  const next = Buffer.from(
    state.map((_, place) => {
      const sum = state.readInt8(place) + block.readInt8(place) + carry;
      carry = sum >> 8;
      return sum & 0xff;
    }),
  );
  if (next.equals(state)) next[0] = ((next[0] ?? 0) + 1) & 0xff;
  return next;
}

const randomIv = () => Array.from({ length: 16 }, () => letters[randomInt(letters.length)]).join('');

/** 16 characters of initial vector, then base64 of AES-CBC with PKCS5 padding. */
export function encrypt(text: string, { key, type = '1', iv = randomIv() }: { key: string; type?: EncryptType; iv?: string }): string {
  const cipher = createCipheriv(ciphers[type].name, aesKey(key, type), Buffer.from(iv, 'latin1'));
  return iv + Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64');
}

/** The plain text, or null when this key does not open it or it is no text. */
export function decrypt(encrypted: string, { key, type = '1' }: { key: string; type?: EncryptType }): string | null {
  try {
    const decipher = createDecipheriv(ciphers[type].name, aesKey(key, type), Buffer.from(encrypted.slice(0, 16), 'latin1'));
    const plain = Buffer.concat([decipher.update(Buffer.from(encrypted.slice(16), 'base64')), decipher.final()]);
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch {
    return null;
  }
}
