import { createCipheriv, createDecipheriv, createHash, randomInt } from 'node:crypto';

/** V1: how secrets in answers are encrypted; "1" is AES-256, "2" AES-128. */
export type EncryptType = '1' | '2';

const sha1 = (data: Uint8Array | string) => createHash('sha1').update(data).digest();
const bytesOf = { '1': 32, '2': 16 } as const satisfies Record<EncryptType, number>;
const cipherOf = { '1': 'aes-256-cbc', '2': 'aes-128-cbc' } as const satisfies Record<EncryptType, string>;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The AES key as Java derives it: the first bytes of SHA1PRNG seeded with Key. */
export function aesKey(key: string, type: EncryptType): Buffer {
  const wanted = bytesOf[type];
  const state = sha1(key);
  const blocks: Buffer[] = [];
  for (let bytes = 0; bytes < wanted; bytes += 20) {
    const output = sha1(state);
    advance(state, output);
    blocks.push(output);
  }
  return Buffer.concat(blocks).subarray(0, wanted);
}

/** One step of the generator: state + output + 1 over signed bytes with carry, as Java's own does. */
function advance(state: Buffer, output: Buffer): void {
  let carry = 1;
  let isChanged = false;
  for (let place = 0; place < state.length; place++) {
    const sum = state.readInt8(place) + output.readInt8(place) + carry;
    const next = sum & 0xff;
    isChanged ||= next !== state[place];
    state[place] = next;
    carry = sum >> 8;
  }
  if (!isChanged) state[0] = ((state[0] ?? 0) + 1) & 0xff;
}

/** 16 characters of initial vector, then base64 of AES-CBC. */
export function encrypt(text: string, key: string, type: EncryptType, iv = randomIv()): string {
  const cipher = createCipheriv(cipherOf[type], aesKey(key, type), Buffer.from(iv, 'latin1'));
  return iv + Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64');
}

/** The text, or null when this key does not open it. */
export function decrypt(encrypted: string, key: string, type: EncryptType): string | null {
  try {
    const decipher = createDecipheriv(cipherOf[type], aesKey(key, type), Buffer.from(encrypted.slice(0, 16), 'latin1'));
    const bytes = Buffer.concat([decipher.update(Buffer.from(encrypted.slice(16), 'base64')), decipher.final()]);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

const randomIv = () => Array.from({ length: 16 }, () => alphabet[randomInt(alphabet.length)]).join('');
