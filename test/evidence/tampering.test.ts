import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashOf, type Kind, type Line, type Row, textOf } from '../../evidence/format.ts';
import type { UnfitCode } from '../../evidence/unfit.ts';
import type { Verification } from '../../evidence/verify.ts';
import { seeded } from '../faults/random.ts';
import { aTroubledCentre } from '../faults/troubled-centre.ts';
import { aFileServer } from '../files/server.ts';
import { anEngine } from '../worker.ts';
import { aDatabase } from '../world.ts';
import { bundleOf, said, verified } from './bundles.ts';
import { type Content, contentOf, linesIn, relinked, resealed } from './forge.ts';
import { aRichOrder } from './rich-order.ts';

const { seed, random: number } = seeded();
const random: Random = (below) => Math.floor(number() * below);
const count = 1_000;
/** Among so many tampered bundles is one honest one, whose cost is the measure of theirs. */
const every = 50;
const stranger = generateKeyPairSync('ed25519').privateKey;

let bundle: Buffer;
let stop: () => Promise<void>;
beforeAll(async () => {
  const centre = await aTroubledCentre();
  const database = await aDatabase();
  const engine = await anEngine(database, { outsides: centre.outsides });
  const files = await aFileServer(database);
  const upload = async (...file: Parameters<typeof files.upload>) => (await files.upload(...file)).body.id;
  const { orderNumber } = await aRichOrder({ database, engine, centre, upload });
  bundle = (await bundleOf(database, orderNumber)) as Buffer;
  stop = async () => {
    await engine.stop();
    await files.stop();
    await database.drop();
    await centre.stop();
  };
});
afterAll(() => stop());

type Random = (below: number) => number;

/** Some value inside a row, made another. */
function changedIn(row: Row, random: Random): Row {
  const paths: { of: Record<string, unknown>; name: string }[] = [];
  const copy = structuredClone(row);
  const visit = (of: Record<string, unknown>) => {
    for (const [name, value] of Object.entries(of)) {
      if (typeof value === 'object' && value !== null) visit(value as Record<string, unknown>);
      else paths.push({ of, name });
    }
  };
  visit(copy);
  const { of, name } = paths[random(paths.length)] as (typeof paths)[number];
  const value = of[name];
  of[name] = typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : typeof value === 'string' ? `${value}!` : 'something';
  return copy;
}

/** Every outer hash computed anew over changed lines; the signature stays as it was, for want of the key. */
function rehashed(lines: readonly Line[]): Buffer {
  let previous = '';
  const counts: Row = {};
  const texts = lines.map(({ kind, row }, index) => {
    const head = kind === 'head' ? { ...row, statement: { ...(row.statement as Row), lines: index, last: previous, counts } } : row;
    if (kind !== 'head') counts[kind] = Number(counts[kind] ?? 0) + 1;
    const line = { seq: index + 1, kind, row: head, previous };
    previous = hashOf(line);
    return textOf({ ...line, hash: previous });
  });
  return Buffer.from(texts.join(''));
}

const asLines = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''));

/** Each way to tamper with a bundle, chosen and placed by chance. */
const tamperings: Record<string, (random: Random) => Buffer | Promise<Buffer>> = {
  'a bit flipped': (random) => {
    const copy = Buffer.from(bundle);
    const at = random(copy.length);
    copy[at] = (copy[at] as number) ^ (1 << random(8));
    return copy;
  },
  'a row removed': (random) => {
    const lines = textLines();
    return asLines(lines.toSpliced(random(lines.length), 1));
  },
  'a row doubled': (random) => {
    const lines = textLines();
    const at = random(lines.length);
    return asLines(lines.toSpliced(at, 0, lines[at] as string));
  },
  'two rows exchanged': (random) => {
    const lines = textLines();
    const one = random(lines.length);
    const other = (one + 1 + random(lines.length - 1)) % lines.length;
    return asLines(lines.with(one, lines[other] as string).with(other, lines[one] as string));
  },
  'the tail cut': (random) => bundle.subarray(0, random(bundle.length)),
  'bytes put in': (random) => {
    const at = random(bundle.length);
    return Buffer.concat([bundle.subarray(0, at), Buffer.from(Array.from({ length: 1 + random(4) }, () => random(256))), bundle.subarray(at)]);
  },
  'a value changed, all hashes anew': (random) => {
    const lines = linesIn(bundle);
    const at = random(lines.length - 1);
    return rehashed(lines.with(at, { ...(lines[at] as Line), row: changedIn((lines[at] as Line).row, random) }));
  },
  'a row removed, all hashes anew': (random) => {
    const lines = linesIn(bundle);
    return rehashed(lines.toSpliced(random(lines.length - 1), 1));
  },
  'a value changed, signed by another key': (random) => {
    const content = contentOf(bundle);
    const at = random(content.length);
    const { kind, row } = content[at] as Content;
    return resealed(content.with(at, { kind, row: changedIn(row, random) }), stranger);
  },
};

const textLines = () => bundle.toString('utf8').trimEnd().split('\n');

/** Milliseconds of CPU that some work took of this process. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

test(`${count} random tamperings are all found, each with a sentence, and cost no more than honest ones (ACT-2, seed ${seed})`, {
  timeout: 300_000,
}, async () => {
  const ways = Object.entries(tamperings);
  const found = new Map<string, Map<string, number>>();
  const missed: string[] = [];
  const spent = { tampered: 0, honest: 0 };
  for (let no = 0; no < count; no++) {
    if (no % every === 0) spent.honest += every * (await cpuOf(async () => expect(said(await verified(bundle))).toBe('ok')));
    const [name, tamper] = ways[no % ways.length] as (typeof ways)[number];
    const tampered = await tamper(random);
    if (tampered.equals(bundle)) continue;
    let verification = { ok: true } as Verification;
    spent.tampered += await cpuOf(async () => {
      verification = await verified(tampered);
    });
    if (verification.ok) missed.push(`no. ${no}: ${name}`);
    else {
      const codes = found.get(name) ?? new Map<string, number>();
      found.set(name, codes.set(verification.unfit.code, (codes.get(verification.unfit.code) ?? 0) + 1));
    }
  }
  const shown = Object.fromEntries([...found].map(([name, codes]) => [name, Object.fromEntries(codes)]));
  const cost = Object.entries(spent).map(([name, ms]) => `${name} ${(ms / count).toFixed(1)} ms`);
  console.log(`seed ${seed}: ${count} tamperings of ${bundle.length} bytes; CPU of one: ${cost.join(', ')}; ${JSON.stringify(shown)}`);
  expect(missed).toEqual([]);
  expect(spent.tampered).toBeLessThan(spent.honest);
});

test('a stranger’s signature is told from the marketplace’s; without that key the answer says that it was not checked (ACT-2)', async () => {
  const content = contentOf(bundle);
  expect(said(await verified(await resealed(content, stranger)))).toMatch(/^KEY_DIFFERS/);
  expect(await verified(await resealed(content, stranger), { key: null })).toMatchObject({ ok: true, keyChecked: false });
});

const of = (content: readonly Content[], kind: Kind, so: (row: Row) => boolean = () => true): Row => {
  const found = content.find((one) => one.kind === kind && so(one.row));
  if (!found) throw new Error(`expected a ${kind} in the bundle`);
  return found.row;
};
const event = (content: readonly Content[], type: string) => of(content, 'event', (row) => row.type === type);
const without = (content: readonly Content[], kind: Kind, so: (row: Row) => boolean = () => true) => {
  const at = content.findIndex((one) => one.kind === kind && so(one.row));
  return content.toSpliced(at, 1);
};
const set = (row: Row, values: Row): undefined => {
  Object.assign(row, values);
};

type Forgery = [name: string, code: UnfitCode, forge: (content: Content[]) => readonly Content[] | undefined];

/** The outer seal anew and signed by the right key, the chains of the database as they were. */
const inDatabase: Forgery[] = [
  ['a reason changed', 'CHAIN_CHANGED', (all) => set(event(all, 'returnDelivery'), { reason: '没有理由' })],
  ['an event removed', 'CHAIN_BROKEN', (all) => without(all, 'event', ({ type }) => type === 'returnDelivery')],
  ['a refusal changed', 'CHAIN_CHANGED', (all) => set(of(all, 'refusal'), { code: 'ENDED' })],
  ['a refusal removed', 'CHAIN_BROKEN', (all) => without(all, 'refusal')],
  ['the last event removed', 'CHAIN_SHORT', (all) => without(all, 'event', ({ type }) => type === 'serviceInstanceCreated')],
];

/** The database's chains and heads computed anew as well: only the rules are left to find it. */
const inChains: Forgery[] = [
  ['another state', 'EVENT_DIFFERS', (all) => set(event(all, 'recordPayment'), { after: 'completed' })],
  ['a reason changed', 'EVENT_DIFFERS', (all) => set(event(all, 'returnDelivery'), { reason: '没有理由' })],
  ['a reason removed', 'EVENT_NOT_ALLOWED', (all) => set(event(all, 'returnDelivery'), { reason: null })],
  [
    'accepted by the merchant',
    'EVENT_NOT_ALLOWED',
    (all) => set(event(all, 'acceptDelivery'), { actor: 'merchant-a.zhao', role: 'merchant', party: 'merchant-a' }),
  ],
  ['accepted by a stranger', 'EVENT_NOT_ALLOWED', (all) => set(event(all, 'acceptDelivery'), { actor: 'buyer-b.wu', party: 'buyer-b' })],
  ['an event removed', 'EVENT_NOT_ALLOWED', (all) => without(all, 'event', ({ type }) => type === 'returnDelivery')],
  ['a decision removed', 'EVENT_NOT_ALLOWED', (all) => without(all, 'event', ({ type }) => type === 'decideAppeal')],
  ['a consequence removed', 'EVENT_MISSING', (all) => without(all, 'event', ({ type }) => type === 'serviceInstanceCreated')],
  ['a payment of another amount', 'EVENT_NOT_ALLOWED', (all) => set(event(all, 'recordPayment'), { input: { amount: 1, means: 'balance', reference: 'x' } })],
  [
    'a result not recorded but applied',
    'EVENT_DIFFERS',
    (all) =>
      set(
        of(all, 'event', ({ applied }) => !applied),
        { applied: true },
      ),
  ],
  [
    'an acceptance of yesterday',
    'EVENT_DIFFERS',
    (all) => set(event(all, 'acceptDelivery'), { at: new Date(Date.parse(String(event(all, 'acceptDelivery').at)) - 5).toISOString() }),
  ],
  ['another context', 'ROW_DIFFERS', (all) => set(of(all, 'instance').context as Row, { amount: 1 })],
  [
    'another deadline',
    'ROW_DIFFERS',
    (all) =>
      set(
        of(all, 'deadline', ({ name }) => name === 'decisionDue'),
        { due_at: '2026-01-01T00:00:00.000Z' },
      ),
  ],
  ['another policy', 'ROW_DIFFERS', (all) => set(of(all, 'policy'), { values: { decisionWithin: { workingDays: 3 } } })],
  ['an effect removed', 'ROW_UNEXPLAINED', (all) => without(all, 'effect')],
  ['an effect of other parameters', 'ROW_DIFFERS', (all) => set(of(all, 'effect'), { params: {} })],
  ['a try removed', 'ROW_MISSING', (all) => without(all, 'attempt')],
  ['an incident removed', 'ROW_MISSING', (all) => without(all, 'incident')],
  ['a message removed', 'ROW_MISSING', (all) => without(all, 'message')],
  [
    'a message to somebody else',
    'ROW_DIFFERS',
    (all) =>
      set(
        of(all, 'message', ({ to_role }) => to_role === 'merchant'),
        { to_party: 'merchant-b' },
      ),
  ],
  ['a message that nothing caused', 'ROW_UNEXPLAINED', (all) => set(of(all, 'message'), { event: 'nothing' })],
  ['another file', 'ROW_UNEXPLAINED', (all) => set(of(all, 'file'), { sha256: '0'.repeat(64) })],
  ['a file of another step', 'ROW_UNEXPLAINED', (all) => set((of(all, 'file').steps as Row[])[0] as Row, { revision: 1 })],
  ['a file removed', 'ROW_MISSING', (all) => without(all, 'file')],
  [
    'a refusal that no rule gives',
    'REFUSAL_UNEXPLAINED',
    (all) =>
      set(
        of(all, 'refusal', ({ code }) => code === 'WRONG_STATE'),
        { code: 'FROZEN_BY_APPEAL' },
      ),
  ],
  [
    'a refused command that was possible',
    'REFUSAL_UNEXPLAINED',
    (all) =>
      set(
        of(all, 'refusal', ({ code }) => code === 'WRONG_STATE'),
        { command: 'fileAppeal' },
      ),
  ],
];

test.each([...inDatabase.map((one) => [...one, false] as const), ...inChains.map((one) => [...one, true] as const)])(
  'who holds the key is found out as well: %s → %s',
  async (_name, code, forge, relink) => {
    const content = contentOf(bundle);
    const changed = forge(content) ?? content;
    const verification = await verified(await resealed(relink ? relinked(changed) : changed));
    expect(said(verification)).toMatch(new RegExp(`^${code} `));
  },
);
