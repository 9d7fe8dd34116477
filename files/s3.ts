import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { FilesConfig } from '../config.ts';
import type { FileStore } from './store.ts';

/** Contents in any S3-compatible store. At most 20 MB each, so one conditional PUT does: it never overwrites. */
export function createS3Store({ bucket, region, endpoint, pathStyle, credentials }: Extract<FilesConfig, { kind: 's3' }>): FileStore {
  const client = new S3Client({
    region,
    forcePathStyle: pathStyle,
    // what fails is thrown; the SDK's own lines about it would only be noise
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint ? { endpoint } : {}),
    ...(credentials ? { credentials } : {}),
  });
  const keyOf = (sha256: string) => `evidence/${sha256.slice(0, 2)}/${sha256}`;
  return {
    async put({ path, sha256, bytes }) {
      const object = { Bucket: bucket, Key: keyOf(sha256), Body: createReadStream(path), ContentLength: bytes, IfNoneMatch: '*' };
      await client.send(new PutObjectCommand(object)).catch((error: unknown) => {
        // it is there already, with this very content
        if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412) return;
        throw error;
      });
    },
    async open(sha256) {
      const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: keyOf(sha256) })).catch((error: unknown) => {
        if (error instanceof NoSuchKey || (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404)) return null;
        throw error;
      });
      return (answer?.Body as Readable | undefined) ?? null;
    },
  };
}
