import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';

const decompressors = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};

const tooLarge = () => Object.assign(new Error('the answer is too large'), { code: 'ANSWER_TOO_LARGE' });

/** The body within its cap, decompressed within the same cap. @throws with code ANSWER_TOO_LARGE or ANSWER_NOT_DECODABLE */
export async function bodyOf(stream: Readable, { maxBytes, encoding = '' }: { maxBytes: number; encoding?: string }): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // leaving the loop destroys the stream, and with it the connection
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const name = encoding.trim().toLowerCase();
  if (name === '' || name === 'identity' || body.length === 0) return body;
  const decompress = decompressors[name as keyof typeof decompressors];
  const notDecodable = Object.assign(new Error(`content-encoding ${name.slice(0, 40)}`), { code: 'ANSWER_NOT_DECODABLE' });
  if (!decompress) throw notDecodable;
  try {
    return await decompress(body, { maxOutputLength: maxBytes });
  } catch (error) {
    throw (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : notDecodable;
  }
}
