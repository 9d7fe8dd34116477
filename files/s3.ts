import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { FilesConfig } from '../config.ts';
import { damaged } from './intact.ts';
import type { FileStore } from './store.ts';

export type S3Config = Extract<FilesConfig, { kind: 's3' }>;

/** @param timeoutMs for one request's answer to begin */
export const s3Client = ({ region, endpoint, pathStyle, credentials }: S3Config, timeoutMs: number): S3Client =>
  new S3Client({
    region,
    forcePathStyle: pathStyle,
    // what fails is thrown; the SDK's own lines about it would only be noise
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    requestHandler: { connectionTimeout: 5_000, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint ? { endpoint } : {}),
    ...(credentials ? { credentials } : {}),
  });

/** Answers of a store that already holds the key, or is being given it by somebody else at this moment. */
const isThere = [409, 412];

/**
 * Contents in any S3-compatible store. A content arrives as a local file, whole and checked, and has at most 20 MB:
 * one conditional PUT to its final key does, without a staging key, a copy or parts to clean up.
 * @param timeoutMs for one request's answer to begin
 */
export function createS3Store(config: S3Config, { timeoutMs = 20_000 }: { timeoutMs?: number } = {}): FileStore {
  const client = s3Client(config, timeoutMs);
  const { bucket } = config;
  const placeOf = (sha256: string) => ({ Bucket: bucket, Key: `evidence/${sha256.slice(0, 2)}/${sha256}` });

  return { put, open, sizeOf };

  async function put({ path, sha256, bytes }: { path: string; sha256: string; bytes: number }): Promise<void> {
    // asked first, because not every compatible store knows If-None-Match
    if ((await sizeOf(sha256)) === null) await create({ path, sha256, bytes });
    const size = await sizeOf(sha256);
    if (size !== bytes) throw damaged(sha256, `${bytes} bytes`, `${size}`);
  }

  async function create({ path, sha256, bytes }: { path: string; sha256: string; bytes: number }): Promise<void> {
    const content = {
      Body: createReadStream(path),
      ContentLength: bytes,
      ContentType: 'application/octet-stream',
      IfNoneMatch: '*',
      ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
    };
    await client.send(new PutObjectCommand({ ...placeOf(sha256), ...content })).catch((error: unknown) => {
      if (!isThere.includes(statusOf(error))) throw error;
    });
  }

  async function open(sha256: string): Promise<Readable | null> {
    const answer = await client.send(new GetObjectCommand(placeOf(sha256))).catch(nullIfAbsent);
    return (answer?.Body as Readable | undefined) ?? null;
  }

  async function sizeOf(sha256: string): Promise<number | null> {
    const answer = await client.send(new HeadObjectCommand(placeOf(sha256))).catch(nullIfAbsent);
    return answer?.ContentLength ?? null;
  }
}

const statusOf = (error: unknown) => (error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0);

function nullIfAbsent(error: unknown): null {
  if (statusOf(error) === 404) return null;
  throw error;
}
