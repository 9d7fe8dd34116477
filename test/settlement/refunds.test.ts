import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Actor } from '../../lifecycles/roles.ts';
import { aCommand, accepted, aDatabase, aFile, aPaidOrder, buyer, type Database, machine, manager, merchant } from '../world.ts';

let database: Database;
beforeAll(async () => {
  database = await aDatabase();
});
afterAll(() => database.drop());

const command = (lifecycle: string, instance: string | null, name: string, actor: Actor, input = {}, reason: string | null = 'reason') =>
  database.commit.command(aCommand({ lifecycle, instance, command: name, actor, input, reason }));
const done = async (...given: Parameters<typeof command>) => (await accepted(command(...given))).instance;
const stateOf = async (id: string) => (await database.pool.query('select state from instances where id = $1', [id])).rows[0].state;
const lines = [{ description: '软件服务费', net: 113_208, taxRate: 600, tax: 6_792, gross: 120_000 }];
const issued = { invoiceCode: '044001900111', invoiceNumber: '12345678', lines };
const apply = (order: string) =>
  command('invoice', null, 'applyForInvoice', buyer, { order, medium: 'electronic', title: '示例买家甲', mail: 'f@example.com' });
const refund = (order: string) => command('refund', null, 'requestRefund', buyer, { order, because: '不再需要' });
const approve = async (id: string) => command('refund', id, 'approveRefund', merchant, { files: [await aFile(database.pool, merchant)] });

test('asking for an invoice makes a refund that is negotiated fail; the order goes on where it was (REF-2)', async () => {
  const { order, supervision } = await aPaidOrder(database);
  const pending = await accepted(refund(order));
  expect(await stateOf(order)).toBe('refunding');
  await accepted(apply(order));
  expect([await stateOf(pending.instance), await stateOf(order)]).toEqual(['lapsed', 'processing']);
  // the delivery is possible again
  await done('supervision', supervision, 'uploadAcceptance', merchant, { files: [await aFile(database.pool, merchant)] });
});

test('an issued invoice must be returned before a refund is asked for, approved, or decided in an appeal (REF-2, SUP-6)', async () => {
  const { order, supervision } = await aPaidOrder(database);
  const { instance: invoice } = await accepted(apply(order));
  const pending = await accepted(refund(order));
  await done('invoice', invoice, 'issueInvoice', merchant, issued);
  expect(await approve(pending.instance)).toMatchObject({ problem: { code: 'INVOICE_ISSUED' } });
  await done('refund', pending.instance, 'withdrawRefund', buyer);
  expect(await refund(order)).toMatchObject({ problem: { code: 'INVOICE_ISSUED' } });
  await done('supervision', supervision, 'fileAppeal', buyer, {}, '未交付');
  const terminate = () => command('supervision', supervision, 'decideAppeal', manager, { decision: 'terminate', refundAmount: 1_000 });
  expect(await terminate()).toMatchObject({ problem: { code: 'INVOICE_ISSUED' } });
  await done('invoice', invoice, 'returnInvoice', merchant, {}, '退款');
  await accepted(terminate());
});

test('an approved refund ends an open application, and the buyer is told by which; it is neither issued nor applied for any more (REF-2)', async () => {
  const { order } = await aPaidOrder(database);
  const { instance: invoice } = await accepted(apply(order));
  const pending = await accepted(refund(order));
  await accepted(approve(pending.instance));
  const { rows } = await database.pool.query('select number from instances where id = $1', [pending.instance]);
  const heard = await database.pool.query("select text ->> 'en' as en from outbox where instance_id = $1 and event = 'refundApproved'", [invoice]);
  expect([await stateOf(invoice), heard.rows]).toEqual([
    'lapsed',
    [{ en: `A refund of your order was approved, so your application for its invoice has lapsed. It is refund ${rows[0].number}.` }],
  ]);
  expect(await command('invoice', invoice, 'issueInvoice', merchant, issued)).toMatchObject({ problem: { code: 'ENDED' } });
  expect(await apply(order)).toMatchObject({ problem: { code: 'INVOICE_AFTER_REFUND' } });
});

test('an approval and an invoice issued at the same moment have one outcome: money goes back, or the invoice stands (REF-2)', async () => {
  const outcomes: string[] = [];
  for (let round = 0; round < 12 || new Set(outcomes).size < 2; round++) {
    // which head start is enough hangs on the machine: after a dozen of rounds it doubles
    const headStartMs = round < 12 ? round : 2 ** (round - 8);
    expect(headStartMs).toBeLessThan(10_000);
    const { order } = await aPaidOrder(database);
    const { instance: invoice } = await accepted(apply(order));
    const pending = await accepted(refund(order));
    const file = await aFile(database.pool, merchant);
    const both = [
      () => command('refund', pending.instance, 'approveRefund', merchant, { files: [file] }),
      () => command('invoice', invoice, 'issueInvoice', merchant, issued),
    ];
    // the approval locks the order at once, so it gets there first unless it starts a little later
    const [first, second] = round % 2 === 0 ? both : both.toReversed();
    const answers = await Promise.all([first?.(), sleep(headStartMs).then(() => second?.())]);
    expect(answers.filter((answer) => answer?.ok)).toHaveLength(1);
    outcomes.push((await stateOf(invoice)) === 'issued' ? 'invoice' : 'refund');
  }
  expect(new Set(outcomes)).toEqual(new Set(['invoice', 'refund']));
  console.log(`approval against invoice: ${outcomes.join(', ')}`);
});

test('what an order earned is owed with its completion; refunded after it, both are lines of the next bill (BIL-2, REF-1a)', async () => {
  const { pool } = database;
  const { instance: order } = await accepted(
    database.commit.command(
      aCommand({ lifecycle: 'order', command: 'placeOrder', actor: buyer, input: { product: 'image-basic', period: { unit: 'month', count: 1 } } }),
    ),
  );
  await done('order', order, 'recordPayment', machine, { amount: 500, means: 'balance', reference: 'PAY-X' });
  const owed = async () =>
    (await pool.query('select kind, paid, refunded, share_bp, net from unbilled_charges where order_id = $1 order by revision', [order])).rows;
  expect(await owed()).toEqual([{ kind: 'earned', paid: 500, refunded: 0, share_bp: 8_000, net: 400 }]);
  await accepted(refund(order));
  expect(await owed()).toMatchObject([{ net: 400 }, { kind: 'refunded', paid: 0, refunded: 500, net: -400 }]);
});
