import type { Readable } from 'node:stream';
import type { FilesConfig } from '../config.ts';
import { createDiskStore } from './disk.ts';
import { createS3Store } from './s3.ts';

/** Where contents live, each under its SHA-256: written once, never overwritten (SUP-9). */
export type FileStore = {
  /**
   * Keeps the content of the file at `path`; durable when it resolves. The same content again is kept once.
   * @throws when what is already there has another size
   */
  put(content: { path: string; sha256: string; bytes: number }): Promise<void>;
  /** The whole content, never a part: only a whole can be checked while it is served. Null when there is none. */
  open(sha256: string): Promise<Readable | null>;
  /** In bytes; null when there is no such content. */
  sizeOf(sha256: string): Promise<number | null>;
};

export const createStore = (config: FilesConfig): FileStore => (config.kind === 's3' ? createS3Store(config) : createDiskStore(config.dir));
