import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import type { FilesConfig } from '../config.ts';
import { synced } from '../files/disk.ts';
import { type S3Config, s3Client } from '../files/s3.ts';

/** Files of exports: beside the evidence and unlike it, because they are to be gone after their time (BIL-6). */
export type ExportStore = {
  /** Keeps the file at `path` under an export's id and its SHA-256; durable when it resolves. */
  put(file: { export: string; sha256: string; bytes: number; path: string }): Promise<void>;
  /** Null when it is not there. */
  open(file: { export: string; sha256: string }): Promise<Readable | null>;
  /** Everything of one export, whatever tries have left; it is gone when this resolves. */
  remove(of: string): Promise<void>;
};

export const createExportStore = (config: FilesConfig): ExportStore => (config.kind === 's3' ? onS3(config) : onDisk(path.join(config.dir, 'exports')));

function onDisk(directory: string): ExportStore {
  return {
    async put({ export: of, sha256, path: from }) {
      const target = path.join(directory, of, sha256);
      await mkdir(path.dirname(target), { recursive: true });
      await copyFile(from, `${target}.part`);
      const file = await open(`${target}.part`, 'r+');
      await file.sync().finally(() => file.close());
      await rename(`${target}.part`, target);
      await synced(path.dirname(target));
      await synced(directory);
    },
    async open({ export: of, sha256 }) {
      const file = await open(path.join(directory, of, sha256)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
      return file?.createReadStream() ?? null;
    },
    remove: (of) => rm(path.join(directory, of), { recursive: true, force: true }),
  };
}

/** For the answer to a whole workbook to begin; milliseconds. */
const timeoutMs = 180_000;

function onS3(config: S3Config): ExportStore {
  const client = s3Client(config, timeoutMs);
  const { bucket } = config;
  const prefixOf = (of: string) => `exports/${of}/`;
  return {
    async put({ export: of, sha256, bytes, path: from }) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: prefixOf(of) + sha256, Body: createReadStream(from), ContentLength: bytes }));
    },
    async open({ export: of, sha256 }) {
      const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: prefixOf(of) + sha256 })).catch((error: unknown) => {
        if (!(error instanceof S3ServiceException) || error.$metadata.httpStatusCode !== 404) throw error;
      });
      return (answer?.Body as Readable | undefined) ?? null;
    },
    async remove(of) {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefixOf(of) }));
      const Objects = Contents.flatMap(({ Key }) => (Key ? [{ Key }] : []));
      if (Objects.length === 0) return;
      // the answer is 200 whatever became of each
      const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
      if (Errors.length > 0) throw new Error(`expected ${prefixOf(of)} to be deleted, got ${Errors[0]?.Code}: ${Errors[0]?.Message}`);
    },
  };
}
