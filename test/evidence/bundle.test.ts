import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCommit } from '../../db/commit.ts';
import { createMigrations } from '../../db/migrations-of-machines.ts';
import { publicPem } from '../../db/signingKey.ts';
import { createUnit } from '../../db/unit.ts';
import { run } from '../../evidence/verify-bundle.ts';
import { createRegistry, lifecycles } from '../../lifecycles/registry.ts';
import { codeOf, put } from '../exit/merchants.ts';
import { advance, numbered, type Ordered, onSupervision } from '../faults/orders.ts';
import { aTroubledCentre } from '../faults/troubled-centre.ts';
import { aFileServer } from '../files/server.ts';
import { anEngine, type Engine } from '../worker.ts';
import { aPlayer } from '../workflows/player.ts';
import { sequencesOf } from '../workflows/sequences.ts';
import { accepted, aDatabase, aFile, aPaidOrder, buyer, type Database, manager, merchant } from '../world.ts';
import { bundleOf, keys, said, verified } from './bundles.ts';
import { linesIn } from './forge.ts';
import { aRichOrder } from './rich-order.ts';

const seed = Number(process.env.STEWARD_SEED ?? Math.floor(Math.random() * 2 ** 31));
const count = 16;

let centre: Awaited<ReturnType<typeof aTroubledCentre>>;
let database: Database;
let engine: Engine;
let files: Awaited<ReturnType<typeof aFileServer>>;
let rich: Ordered;
let bundle: Buffer;
const directory = mkdtempSync(path.join(tmpdir(), 'steward-bundles-'));
const inDirectory = (name: string, content: Buffer | string) => {
  const file = path.join(directory, name);
  writeFileSync(file, content);
  return file;
};
beforeAll(async () => {
  centre = await aTroubledCentre();
  database = await aDatabase();
  engine = await anEngine(database, { outsides: centre.outsides });
  files = await aFileServer(database);
  const upload = async (...file: Parameters<typeof files.upload>) => (await files.upload(...file)).body.id;
  rich = await aRichOrder({ database, engine, centre, upload });
  bundle = (await bundleOf(database, rich.orderNumber)) as Buffer;
});
afterAll(async () => {
  await engine.stop();
  await files.stop();
  await database.drop();
  await centre.stop();
  rmSync(directory, { recursive: true });
});

test('the bundle of a rich order is executed again by the rules and comes to the same states, rows and chains (ACT-2)', async () => {
  const verification = await verified(bundle);
  expect(said(verification)).toBe('ok');
  if (!verification.ok) return;
  const counts = verification.statement.counts as Record<string, number>;
  expect(counts).toMatchObject({ bundle: 1, machine: 3, policy: 1, calendar: 2, instance: 3, refusal: 9, attempt: 2, incident: 1, file: 5 });
  expect(Object.values(counts).reduce((sum, of) => sum + of, 1)).toBe(linesIn(bundle).length);
  const { executed, refusals, otherRules } = verification.family;
  expect({ executed, refusals, otherRules }).toEqual({ executed: counts.event, refusals: { asked: 6, notAsked: 3 }, otherRules: false });
});

test('what a frozen merchant was refused is no forgery: it hangs on how the merchant stood, which no bundle keeps (EXT-3, ACT-2)', async () => {
  const { supervision, orderNumber } = await numbered(database, await aPaidOrder(database));
  const { rows } = await database.pool.query("select instance_id as life from subjects where lifecycle = 'merchant' and subject = $1", [merchant.party]);
  const [{ life }] = rows;
  await accepted(put(database, manager, 'merchant', 'freezeMerchant', life));
  for (const input of [{ files: [randomUUID()] }, { files: 'none' }])
    expect(await codeOf(put(database, merchant, 'supervision', 'uploadAcceptance', supervision, { input }))).toBe('MERCHANT_FROZEN');
  await accepted(put(database, manager, 'merchant', 'unfreezeMerchant', life));
  const verification = await verified((await bundleOf(database, orderNumber)) as Buffer);
  expect(said(verification)).toBe('ok');
  expect(verification).toMatchObject({ family: { refusals: { asked: 0, notAsked: 2 } } });
});

test('it holds no secret that the outside let slip, and no address of a person (ACT-1)', () => {
  const text = bundle.toString();
  expect([text.includes('token=***'), text.includes('s3cr3t')]).toEqual([true, false]);
  expect(linesIn(bundle).flatMap(({ kind, row }) => (kind === 'delivery' && row.address ? [row.address] : []))).toSatisfy((addresses: string[]) =>
    addresses.every((address) => address.includes('***')),
  );
});

test('a party’s bundle has the messages to that party alone, and verifies like the operator’s (ACT-1)', async () => {
  for (const actor of [buyer, merchant]) {
    const own = (await bundleOf(database, rich.order, { actor })) as Buffer;
    expect(said(await verified(own))).toBe('ok');
    expect(new Set(linesIn(own).flatMap(({ kind, row }) => (kind === 'message' ? [row.to_role] : [])))).toEqual(new Set([actor.role]));
  }
});

test('a person reads what was checked, in both languages; files are compared by content, whatever they are called (SUP-9)', async () => {
  const key = inDirectory('key.pem', publicPem(keys.publicKey));
  const file = inDirectory('bundle.jsonl', bundle);
  const plain = await run([file, '--key', key]);
  expect(plain.ok).toBe(true);
  expect(plain.lines.join('\n').replace(/sha256 \w+|by the key \w+|taken \S+|\d+ ms/g, '…')).toMatchInlineSnapshot(`
    "Evidence bundle of OR-2026-000051, … for manager.qian (Operations manager)

    ✓ 95 lines in one chain, none changed, removed or reordered
    ✓ signed …, which is the one you gave
    ✓ OR-2026-000051: operations (3) and refusals (0), each in a chain of their own
    ✓ SV-2026-000052: operations (17) and refusals (9), each in a chain of their own
    ✓ SI-2026-000053: operations (1) and refusals (0), each in a chain of their own
    ✓ 21 operations executed again by the rules: the same states, contexts, deadlines, effects, messages and hashes
    ✓ 6 refusals asked again, with the same answer; 3 could not be (their reason or facts are not kept)
    ! the clock of this order was moved by …: it is a sandbox’s order
    – 5 evidence files whose content was not given (--files DIR):
        验收报告.txt  33 bytes  …
        screenshot.txt  7 bytes  …
        验收报告.txt  27 bytes  …
        appeal.txt  14 bytes  …
        log.txt  8 bytes  …

    The bundle fits."
  `);
  expect((await run([file])).lines.join('\n')).toContain('was NOT checked');
  expect((await run([file, '--lang', 'zh', '--chain-only'])).lines.join('\n')).toMatch(/未核对[\s\S]*未重新执行[\s\S]*存证包完好/);

  const given = mkdtempSync(path.join(directory, 'files-'));
  writeFileSync(path.join(given, 'download (1).txt'), '验收报告：服务已开通。');
  expect((await run([file, '--files', given])).lines.join('\n')).toMatch(
    /1 evidence files have the content[\s\S]*4 evidence files whose content was not given/,
  );
  writeFileSync(path.join(given, 'log.txt'), 'login was NOT ok');
  const swapped = await run([file, '--files', given]);
  expect([swapped.ok, swapped.lines[0]]).toEqual([false, expect.stringMatching(/^✗ FILE_DIFFERS: Expected the evidence file log.txt/)]);
});

test('rules that a program does not have cannot be executed: it says so, and checks the chains when asked for no more', async () => {
  const registry = createRegistry(lifecycles.map((lifecycle) => (lifecycle.name === 'supervision' ? { ...lifecycle, version: 99 } : lifecycle)));
  expect(said(await verified(bundle, { registry }))).toMatch(/^NOT_EXECUTABLE .* the rules of supervision version \d+,/);
  expect(said(await verified(bundle, { registry, chainOnly: true }))).toBe('ok');
});

test('an instance that was moved to a newer machine is executed by the rules of each line’s own version (TIM-2)', async () => {
  const { order, supervision } = await aPaidOrder(database);
  const newer = {
    ...createRegistry().of('supervision'),
    version: 2,
    migrations: [{ from: 1, states: {}, context: (old: object) => ({ ...old }), deadlines: {} }],
  };
  const registry = createRegistry([...lifecycles, newer]);
  await createMigrations(createUnit({ pool: database.pool, registry, onCommitted: () => {} })).migrateInstance({ instance: supervision, dryRun: false });
  const commit = createCommit({ pool: database.pool, registry, onCommitted: () => {} });
  await accepted(commit.command(onSupervision(supervision, 'fileAppeal', { reason: '坏了' })));
  const moved = (await bundleOf({ readPool: database.readPool, registry }, order)) as Buffer;
  expect(linesIn(moved).flatMap(({ kind, row }) => (kind === 'machine' && row.lifecycle === 'supervision' ? [row.version] : []))).toEqual([1, 2]);
  expect(said(await verified(moved, { registry }))).toBe('ok');
  expect(said(await verified(moved))).toMatch(/^NOT_EXECUTABLE .* the rules of supervision version 2,/);
});

test(`the bundles of ${count} random orders over all products verify (seed ${seed})`, async () => {
  const { play } = await aPlayer({ database, engine, centre });
  const queue = sequencesOf({ seed, count });
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let sequence = queue.pop(); sequence; sequence = queue.pop()) await play(sequence);
    }),
  );
  const { rows } = await database.pool.query<{ number: string }>(
    'select number from instances where id = family and not exists (select from instances m where m.family = instances.id and m.version > 1)',
  );
  const unfit: string[] = [];
  for (const { number } of rows) {
    const verification = await verified((await bundleOf(database, number)) as Buffer);
    if (!verification.ok) unfit.push(`${number} of seed ${seed}: ${said(verification)}`);
  }
  expect(unfit).toEqual([]);
});

test('a bundle that is taken while commands run shows one moment: it verifies, each time (ACT-2)', async () => {
  const { order, supervision } = await aPaidOrder(database);
  const send = (command: string, more: object) => database.commit.command(onSupervision(supervision, command, more));
  const file = await aFile(database.pool, merchant);
  let running = true;
  const busy = (async () => {
    while (running) {
      await accepted(send('uploadAcceptance', { actor: merchant, input: { files: [file] } }));
      await Promise.all([send('fileAppeal', { reason: '坏了' }), send('returnDelivery', { reason: '再来' }), send('remindMerchant', {})]);
      await send('decideAppeal', { actor: manager, input: { decision: 'dismiss' }, reason: '继续' });
      await send('returnDelivery', { reason: '再来' });
      await advance(database, { waker: engine.waker, order, byMs: 1 });
    }
  })();
  const revisions = new Set<unknown>();
  for (let taken = 0; taken < 10; taken++) {
    const one = (await bundleOf(database, order)) as Buffer;
    expect(said(await verified(one))).toBe('ok');
    revisions.add(linesIn(one).find(({ row }) => row.id === supervision)?.row.revision);
  }
  running = false;
  await busy;
  expect(revisions.size).toBeGreaterThan(3);
});
