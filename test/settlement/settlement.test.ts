import { createPublicKey, verify } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createReader } from '../../db/read/reader.ts';
import { readSigningKey } from '../../db/signingKey.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import type { Period } from '../../lifecycles/settlement/periods.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { aCommand, accepted, aDatabase, aPaidOrder, buyer, type Database, manager, merchant, otherMerchant } from '../world.ts';
import { charges, month } from './charges.ts';

let database: Database;
let engine: Engine;
beforeAll(async () => {
  database = await aDatabase();
  engine = await anEngine(database);
});
afterAll(async () => {
  await engine.stop();
  await database.drop();
});

/** Billed on every day of the running month: the last month is not before its billing day. */
const [last, before] = [month(2), month(3)];
const secondManager: Actor = { ...manager, id: 'manager.sun' };
const fullyDigital = '24312000000012345678';

const within = ({ from, until }: Period) => ({ from, until });
const rowsOf = async (lifecycle: string) =>
  (await database.pool.query('select id, number, state, context, merchant from instances where lifecycle = $1 order by created_at, id', [lifecycle])).rows;
const inState = (lifecycle: string, state: string, of = (_row: { merchant: string }) => true) =>
  eventually(
    async () => (await rowsOf(lifecycle)).find((row) => of(row) && row.state === state),
    (row) => row !== undefined,
  );
const command = (lifecycle: string, instance: string | null, name: string, actor: Actor, input = {}, reason: string | null = null) =>
  database.commit.command(aCommand({ lifecycle, instance, command: name, actor, input, reason }));
const done = (...given: Parameters<typeof command>) => accepted(command(...given));

test('a month of a merchant, on real Temporal: built, reviewed, countersigned by another, invoiced, verified and paid once (BIL-1 to BIL-5)', async () => {
  await charges(database, { party: 'merchant-b', ...within(last), count: 25, net: 8_000 });
  await charges(database, { party: 'merchant-b', ...within(last), net: -1_500, kind: 'refunded' });
  await engine.client.workflow.execute('billing', { workflowId: `billing-${database.name}`, taskQueue: engine.taskQueue, args: ['merchant'] });
  const ofB = (row: { merchant: string }) => row.merchant === 'merchant-b';
  const { id, context } = await inState('settlementBill', 'inReview', ofB);
  expect(context).toMatchObject({ period: last.label, lines: 26, net: 198_500, toInvoice: 198_500, payable: true });

  await done('settlementBill', id, 'sendBill', manager);
  expect(await command('settlementBill', id, 'countersignBill', manager)).toMatchObject({ problem: { code: 'COUNTERSIGN_BY_ANOTHER' } });
  await done('settlementBill', id, 'countersignBill', secondManager);
  const lines = [{ description: '软件服务费', net: 187_264, taxRate: 600, tax: 11_236, gross: 198_500 }];
  const invoice = { medium: 'fullyDigital', invoiceNumber: fullyDigital, lines };
  expect(await command('settlementBill', id, 'submitInvoice', merchant, invoice)).toMatchObject({ problem: { kind: 'NotFound' } });
  expect(await command('settlementBill', id, 'submitInvoice', otherMerchant, { ...invoice, lines: [{ ...lines[0], gross: 198_499 }] })).toMatchObject({
    problem: { code: 'INVALID', fields: [{ path: 'lines.0.gross' }, { path: 'lines' }] },
  });
  await done('settlementBill', id, 'submitInvoice', otherMerchant, invoice);
  const wrong = (await rowsOf('invoice')).at(-1);
  await done('invoice', wrong?.id, 'refuseInvoice', manager, {}, '抬头有误');
  expect((await rowsOf('settlementBill')).find(ofB)).toMatchObject({ state: 'awaitingInvoice', context: { invoiceRefusedBecause: '抬头有误', invoice: null } });

  await done('settlementBill', id, 'submitInvoice', otherMerchant, invoice);
  const right = (await rowsOf('invoice')).at(-1);
  await done('invoice', right?.id, 'receiveInvoice', manager);
  await done('invoice', right?.id, 'verifyInvoice', manager);
  const paid = await inState('settlementBill', 'paid', ofB);
  expect(paid.context).toMatchObject({ receipt: expect.stringContaining('merchant-b'), countersignedBy: secondManager.id });
});

test('days that were missed catch up to one bill a party and month, though every one of them runs (BIL-1)', async () => {
  await charges(database, { ...within(before), count: 3 });
  await charges(database, { ...within(last), count: 2 });
  const scheduleId = `billing-schedule-${database.name}`;
  const schedule = await engine.client.schedule.create({
    scheduleId,
    spec: { calendars: [{ hour: 0, minute: 30 }], timezone: 'Asia/Shanghai' },
    action: { type: 'startWorkflow', workflowType: 'billing', workflowId: scheduleId, taskQueue: engine.taskQueue, args: ['merchant'] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 day' },
    state: { paused: true },
  });
  await schedule.backfill({ start: new Date(Date.now() - 6 * 86_400_000), end: new Date(), overlap: ScheduleOverlapPolicy.ALLOW_ALL });
  const runs = await eventually(
    async () => {
      const found: string[] = [];
      for await (const run of engine.client.workflow.list({ query: `WorkflowId STARTS_WITH "${scheduleId}-"` })) found.push(run.status.name);
      return found;
    },
    (found) => found.length >= 5 && found.every((status) => status === 'COMPLETED'),
    { withinMs: 60_000 },
  );
  expect(runs.length).toBeGreaterThanOrEqual(5);
  await schedule.delete();
  const bills = await eventually(
    async () => (await rowsOf('settlementBill')).filter((row) => row.merchant === 'merchant-a'),
    (rows) => rows.every((row) => row.state === 'inReview'),
  );
  expect(bills.map(({ context: { period, lines } }) => ({ period, lines }))).toEqual([
    { period: before.label, lines: 3 },
    { period: last.label, lines: 2 },
  ]);
});

test('a buyer’s invoice is applied for, issued and sent; its statement letter is sealed, signed, and for its parties alone (BIL-4, BIL-5)', async () => {
  const { order } = await aPaidOrder(database, { product: 'saas-activated' });
  const application = { order, medium: 'electronic', title: '示例买家甲', mail: 'finance@example.com' };
  const { instance: invoice } = await done('invoice', null, 'applyForInvoice', buyer, application);
  expect(await command('invoice', null, 'applyForInvoice', buyer, application)).toMatchObject({ problem: { code: 'INVOICE_EXISTS' } });
  expect(await command('statementLetter', null, 'requestStatementLetter', buyer, { invoice })).toMatchObject({ problem: { code: 'INVOICE_NOT_ISSUED' } });
  // a general product paid for after 2018-11-01: the merchant issues, the marketplace does not
  const lines = [{ description: '软件服务费', net: 113_208, taxRate: 600, tax: 6_792, gross: 120_000 }];
  const issued = { invoiceCode: '044001900111', invoiceNumber: '12345678', lines };
  expect(await command('invoice', invoice, 'issueInvoice', manager, issued)).toMatchObject({ problem: { code: 'NOT_ISSUER' } });
  await done('invoice', invoice, 'issueInvoice', merchant, issued);
  await done('invoice', invoice, 'sendInvoice', merchant);

  await done('statementLetter', null, 'requestStatementLetter', buyer, { invoice });
  const letter = await inState('statementLetter', 'sealed');
  const html = await text((await engine.store.open(letter.context.sha256)) as never);
  expect(html).toContain('12345678');
  const unescaped =
    html
      .match(/<pre id="statement">(.*?)<\/pre>/)?.[1]
      ?.replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'") ?? '';
  const signature = /Signature: ([\w+/=]+)/.exec(html)?.[1] ?? '';
  const publicKey = createPublicKey(await readSigningKey(engine.key));
  expect(verify(null, Buffer.from(unescaped), publicKey, Buffer.from(signature, 'base64'))).toBe(true);
  expect(verify(null, Buffer.from(unescaped.replace('120000', '120001')), publicKey, Buffer.from(signature, 'base64'))).toBe(false);
  const seen = async (actor: Actor) =>
    (await createReader(database.readPool, actor).rows({ text: 'select name from files where id = $1', values: [letter.context.file] })).length;
  expect(await Promise.all([buyer, merchant, otherMerchant].map(seen))).toEqual([1, 1, 0]);
  await done('invoice', invoice, 'returnInvoice', merchant, { redLetterNumber: '12345679' }, '抬头有误');
  expect(await command('statementLetter', null, 'requestStatementLetter', buyer, { invoice })).toMatchObject({ problem: { code: 'INVOICE_NOT_ISSUED' } });
});
