import { afterAll, beforeAll, expect, test } from 'vitest';
import { obstaclesOf } from '../../db/exit.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { codeOf, done, put } from '../exit/merchants.ts';
import { aDatabase, aFile, buyer, type Database, machine, manager, merchant } from '../world.ts';

let database: Database;
beforeAll(async () => {
  database = await aDatabase();
  const offers = { unitPrice: 250, packages: { small: { units: 1, price: 50_00 } } };
  await database.pool.query("update products set offers = $1 where id = 'saas-instant'", [offers]);
  const { instance: account } = await done(put(database, buyer, 'buyerAccount', 'openBuyerAccount', null));
  await done(put(database, machine, 'buyerAccount', 'topUpAccount', account, { input: { amount: 1_000_00, reference: 'BANK-1' } }));
});
afterAll(() => database.drop());

/** An opened order of the example SaaS, general trade, with its service. */
async function ordered(kind: 'onDemand' | 'onDemandPackage') {
  const input = { product: 'saas-instant', kind, ...(kind === 'onDemand' ? {} : { package: 'small' }) };
  const { instance: order } = await done(put(database, buyer, 'order', 'placeOrder', null, { input }));
  const payment = { amount: 50_00, means: 'card', reference: `PAY-${order.slice(-6)}` };
  if (kind !== 'onDemand') await done(put(database, machine, 'order', 'recordPayment', order, { input: payment }));
  await done(put(database, machine, 'order', 'recordOpening', order));
  const { rows } = await database.pool.query("select id from instances where refs ->> 'order' = $1 and lifecycle = 'serviceInstance'", [order]);
  return { order, service: rows[0].id as string };
}
let records = 0;
const use = (service: string, usage: string) => {
  const input = { meteringId: `r${++records}`, usage, from: '2026-01-01T00:00:00Z', until: '2026-01-01T01:00:00Z' };
  return done(put(database, machine, 'serviceInstance', 'recordUsage', service, { input }));
};
const application = { medium: 'fullyDigital', title: '示例买家甲', mail: 'f@example.com' };
const apply = (order: string) => put(database, buyer, 'invoice', 'applyForInvoice', null, { input: { order, ...application } });
const onInvoice = (command: string, invoice: string, input = {}, by: Actor = merchant) => put(database, by, 'invoice', command, invoice, { input });
const issue = (invoice: string, amount: number) =>
  done(
    onInvoice('issueInvoice', invoice, {
      invoiceNumber: '25442000000123456789',
      lines: [{ description: '云服务', net: amount, taxRate: 0, tax: 0, gross: amount }],
    }),
  );
async function invoiceIn(instance: string) {
  const { rows } = await database.pool.query('select state, context from instances where id = $1', [instance]);
  const { amount, forUse, issuer } = rows[0].context;
  return { state: rows[0].state, amount, forUse, issuer };
}

test('what use was charged is invoiced by its merchant, once however many ask at once, and what is used later by another invoice: they add up to the 分 (BIL-4, MET-2)', async () => {
  const { order, service } = await ordered('onDemand');
  expect(await codeOf(apply(order))).toBe('NOTHING_TO_INVOICE');
  await use(service, '2');
  const answers = await Promise.all(Array.from({ length: 20 }, () => apply(order)));
  const first = answers.flatMap((answer) => (answer.ok ? [answer.instance] : []));
  expect(new Set(answers.flatMap((answer) => (answer.ok ? [] : [answer.problem.code])))).toEqual(new Set(['INVOICE_EXISTS']));
  expect(await Promise.all(first.map(invoiceIn))).toEqual([{ state: 'applied', amount: 5_00, forUse: 5_00, issuer: 'merchant' }]);
  await use(service, '0.3334');
  const second = await done(apply(order));
  expect(await invoiceIn(second.instance)).toMatchObject({ amount: 83, forUse: 83 });
  expect(await codeOf(apply(order))).toBe('INVOICE_EXISTS');
  const { rows } = await database.pool.query('select paid from order_balances where order_id = $1', [order]);
  expect(rows).toEqual([{ paid: 5_83 }]);
  // what is taken back is left again
  await done(onInvoice('cancelApplication', first[0] ?? '', {}, buyer));
  expect(await invoiceIn((await done(apply(order))).instance)).toMatchObject({ amount: 5_00 });
});

test('a refund gives back what was paid, not what was used: an invoice of use alone neither stops it nor lapses, and what is used then is invoiced (REF-2, BIL-4)', async () => {
  const { order, service } = await ordered('onDemandPackage');
  const refund = () => put(database, buyer, 'refund', 'requestRefund', null, { input: { order, because: '不再需要' } });
  const ofPayment = (await done(apply(order))).instance;
  expect(await invoiceIn(ofPayment)).toMatchObject({ amount: 50_00, forUse: 0 });
  await issue(ofPayment, 50_00);
  await use(service, '3');
  const ofUse = (await done(apply(order))).instance;
  expect(await invoiceIn(ofUse)).toMatchObject({ amount: 5_00, forUse: 5_00 });
  await issue(ofUse, 5_00);
  expect(await codeOf(refund())).toBe('INVOICE_ISSUED');
  await done(onInvoice('returnInvoice', ofPayment));
  await use(service, '1');
  const whole = (await done(apply(order))).instance;
  expect(await invoiceIn(whole)).toMatchObject({ amount: 52_50, forUse: 2_50 });
  await done(refund());
  expect([(await invoiceIn(ofUse)).state, (await invoiceIn(whole)).state]).toEqual(['issued', 'lapsed']);
  expect(await invoiceIn((await done(apply(order))).instance)).toMatchObject({ state: 'applied', amount: 2_50, forUse: 2_50 });
  expect(await codeOf(apply(order))).toBe('INVOICE_EXISTS');
});

test('what use was charged needs an invoice or the proof before its merchant leaves, and what its buyer applied for needs the invoice (EXT-1)', async () => {
  const { order, service } = await ordered('onDemand');
  const { rows } = await database.pool.query('select number from instances where id = $1', [order]);
  const stands = async () => {
    const { uninvoiced } = await inTransaction(database.pool, (client) => obstaclesOf(client, 'merchant-a'));
    return uninvoiced.first.includes(rows[0].number);
  };
  const proof = async () =>
    put(database, merchant, 'invoiceWaiver', 'proveNoInvoiceNeeded', null, { input: { order, files: [await aFile(database.pool, merchant)] } });
  expect([await stands(), await codeOf(proof())]).toEqual([false, 'ORDER_NOT_PAID']);
  await use(service, '2');
  expect(await stands()).toBe(true);
  const first = (await done(apply(order))).instance;
  await issue(first, 5_00);
  expect(await stands()).toBe(false);
  await use(service, '1');
  expect(await stands()).toBe(true);
  const waiver = (await done(proof())).instance;
  expect(await stands()).toBe(false);
  const second = (await done(apply(order))).instance;
  expect(await stands()).toBe(true);
  await issue(second, 2_50);
  await done(put(database, manager, 'invoiceWaiver', 'rejectWaiver', waiver));
  expect(await stands()).toBe(false);
});
