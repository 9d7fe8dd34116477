import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { createExportStore } from '../../exports/store.ts';
import { anS3 } from '../files/an-s3.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'steward-export-store-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = path.join(directory, 'rows.part');
writeFileSync(file, 'rows');
const credentials = { accessKeyId: 'AKEXAMPLE', secretAccessKey: 'secret' };
const onS3 = (endpoint: string) => createExportStore({ kind: 's3', bucket: 'steward', region: 'us-east-1', endpoint, pathStyle: true, credentials });

test.each(['disk', 's3'])('BIL-6: what is kept on %s is read again, and gone with everything of its export once it is removed', async (kind) => {
  const s3 = await anS3();
  const store = kind === 's3' ? onS3(s3.url) : createExportStore({ kind: 'disk', dir: directory });
  for (const sha256 of ['one', 'two']) await store.put({ export: 'of', sha256, bytes: 4, path: file });
  await store.put({ export: 'other', sha256: 'one', bytes: 4, path: file });
  const kept = await store.open({ export: 'of', sha256: 'two' });
  expect(kept && (await text(kept))).toBe('rows');
  await store.remove('of');
  await store.remove('of');
  expect(await store.open({ export: 'of', sha256: 'one' })).toBeNull();
  const other = await store.open({ export: 'other', sha256: 'one' });
  expect(other && (await text(other))).toBe('rows');
  await s3.stop();
});

test('BIL-6: a deletion that the store answers with 200 and did not do is tried again, not believed', async () => {
  const s3 = await anS3('kept');
  const store = onS3(s3.url);
  await store.put({ export: 'of', sha256: 'one', bytes: 4, path: file });
  await expect(store.remove('of')).rejects.toThrow('expected exports/of/ to be deleted, got AccessDenied: no');
  await s3.stop();
});
