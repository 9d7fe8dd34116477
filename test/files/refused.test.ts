import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createReader } from '../../db/read/reader.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { aDatabase, buyer, type Database, machine, manager, merchant, otherMerchant, reviewer } from '../world.ts';
import { samples } from './samples.ts';
import { aFileServer } from './server.ts';

let database: Database;
let server: Awaited<ReturnType<typeof aFileServer>>;
beforeAll(async () => {
  database = await aDatabase();
  server = await aFileServer(database);
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});

const count = async (table: string) => (await database.pool.query(`select count(*)::int as n from ${table}`)).rows[0].n as number;
const refusalsOf = async ({ id }: Actor) =>
  (await database.pool.query("select to_jsonb(r) - '{id, at, previous, hash}'::text[] as line from refusals r where actor = $1 order by id", [id])).rows.map(
    ({ line }) => line,
  );
/** People of their own, so that nobody's refusals are another test's. */
const someone = (id: string): Actor => ({ ...merchant, id });
const megabyte = 1024 * 1024;

test.for([
  ['an empty file', 'a.txt', Buffer.alloc(0), 400, 'EMPTY', {}],
  ['one byte more than 20 MB', 'a.txt', Buffer.alloc(20 * megabyte + 1), 413, 'TOO_LARGE', {}],
  ['a program', 'setup.exe', Buffer.from('MZ'), 415, 'TYPE_NOT_ALLOWED', { expected: '.zip .doc .docx .pdf .ppt .pptx .png .jpg .xlsx .txt', got: '.exe' }],
  ['a picture renamed', 'a.pdf', samples.png, 415, 'CONTENT_MISMATCH', { expected: '.pdf', got: 'png' }],
  ['a name that is none', '..\\ ', samples.txt, 400, 'NAME_MISSING', { got: '"..\\\\ "' }],
  ['a name with what PostgreSQL cannot hold', 'a\u0000.exe', Buffer.from('MZ'), 415, 'TYPE_NOT_ALLOWED', { got: '.exe' }],
] as const)(
  '%s that is refused changes nothing, and the refusal is kept with who sent it (SUP-9, ACT-2)',
  async ([what, name, content, status, code, details]) => {
    const sender = someone(what);
    const files = await count('files');
    expect(await server.upload(sender, name, content as Buffer)).toMatchObject({ status, body: { code } });
    await expect.poll(() => refusalsOf(sender)).toHaveLength(1);
    expect(await refusalsOf(sender)).toMatchObject([
      {
        ...{ instance_id: null, no: 1, command: 'uploadFile', via: 'api', code, details, state: null },
        ...{ actor: sender.id, role: 'merchant', party: 'merchant-a' },
        input: { name: name.replace('\u0000', '\ufffd'), mediaType: null, bytes: content?.length },
      },
    ]);
    expect(await count('files')).toBe(files);
  },
);

test('of a file without a length no size is kept, and its media type as it was announced (ACT-2)', async () => {
  const sender = someone('chunked');
  const body = new Blob(['just text']).stream();
  const headers = { ...server.as(sender), 'content-type': 'application/pdf' };
  await fetch(`${server.base}/files?name=a.pdf`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
  await expect.poll(() => refusalsOf(sender)).toMatchObject([{ input: { name: 'a.pdf', mediaType: 'application/pdf', bytes: null } }]);
});

test('what is taken, what was not uploaded and what could not be asked is no refused upload (ACT-2)', async () => {
  const sender = someone('innocent');
  const away = await aFileServer(database, { store: { put: () => Promise.reject(new Error('away')), open: async () => null, sizeOf: async () => null } });
  const send = (path: string, method: string) => fetch(`${server.base}${path}`, { method, headers: server.as(sender) });
  const answers = [
    (await server.upload(sender, 'a.txt', 'text')).status,
    (await away.upload(sender, 'a.txt', 'text')).status,
    (await send('/files', 'PUT')).status,
    (await send('/files/x', 'POST')).status,
    (await send('/files/x', 'GET')).status,
  ];
  expect(answers).toEqual([201, 503, 405, 405, 404]);
  // one more, so that there is something to wait for
  await server.upload(sender, 'a.txt', '');
  await expect.poll(() => refusalsOf(sender)).toMatchObject([{ code: 'EMPTY' }]);
  await away.stop();
});

test('operators see refused uploads, and neither the reviewer nor who sent them (ACT-1, ACT-2)', async () => {
  await server.upload(merchant, 'a.txt', '');
  await expect.poll(() => refusalsOf(merchant)).toHaveLength(1);
  const seenBy = async (actor: Actor) =>
    (await createReader(database.readPool, actor).rows({ text: "select from refusals where command = 'uploadFile' and actor = $1", values: [merchant.id] }))
      .length;
  expect(await Promise.all([manager, machine, reviewer, merchant, otherMerchant, buyer].map(seenBy))).toEqual([1, 1, 0, 0, 0, 0]);
});

test('a refusal that cannot be kept is said in the log; the sender is answered as ever, and at once (ACT-2)', async () => {
  const lines: [object, string?][] = [];
  const log = { error: (...line: [object, string?]) => void lines.push(line), info: () => {} } as never;
  const nowhere = new pg.Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/nothing' });
  const stuck = { connect: () => new Promise(() => {}) } as unknown as pg.Pool;
  for (const pool of [nowhere, stuck]) {
    const broken = await aFileServer({ ...database, pool }, { log });
    expect(await broken.upload(merchant, 'a.txt', '')).toMatchObject({ status: 400, body: { code: 'EMPTY' } });
    await broken.stop();
  }
  await expect
    .poll(() => lines)
    .toMatchObject([[{ actor: merchant.id, code: 'EMPTY', input: { name: 'a.txt' } }, 'the refusal of an upload could not be kept']]);
  await nowhere.end();
});
