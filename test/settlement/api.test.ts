import { afterAll, beforeAll, expect, test } from 'vitest';
import { shanghai } from '../../calendar/calendar.ts';
import { buildLines } from '../../db/bills.ts';
import { linesOf } from '../../db/read/bills.ts';
import { createReader } from '../../db/read/reader.ts';
import { toId } from '../../graphql/ids.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { billingAt } from '../../lifecycles/settlement/periods.ts';
import { codeOf, done, put } from '../exit/merchants.ts';
import { type Api, anApi } from '../graphql/api.ts';
import { aPaidOrder, buyer, manager, merchant, numberOf, otherMerchant } from '../world.ts';
import { aBill, charges, month } from './charges.ts';

let api: Api;
let bill: { uuid: string; id: string; number: string };
beforeAll(async () => {
  api = await anApi();
  await charges(api, { party: 'merchant-b', count: 118 });
  await charges(api, { party: 'merchant-b', count: 2, tradeMode: 'general', net: 500 });
  const uuid = await aBill(api, { party: 'merchant-b' });
  const totals = await buildLines(api.pool, uuid);
  await api.pool.query(`update instances set state = 'awaitingInvoice', value = '"awaitingInvoice"', context = context || $2 where id = $1`, [uuid, totals]);
  bill = { uuid, id: toId('settlementBill', uuid), number: await numberOf(api, uuid) };
});
afterAll(() => api.stop());

const page = `query ($bill: ID!, $first: Int, $after: String, $last: Int) { billLines(bill: $bill, first: $first, after: $after, last: $last) {
  nodes { no orderNumber kind paid refunded shareBp net currency invoiceTo } pageInfo { hasNextPage endCursor } totalCount { value exact } } }`;

test('the lines of a bill are a connection whose pages are all of it, once and in order (BIL-8)', async () => {
  const seen: { no: number; net: number }[] = [];
  for (let after: string | null = null; ; ) {
    const { data, errors } = await api.ask(otherMerchant, page, { bill: bill.id, first: 50, after });
    expect(errors).toBeUndefined();
    seen.push(...data.billLines.nodes);
    expect(data.billLines.totalCount).toEqual({ value: 120, exact: true });
    if (!data.billLines.pageInfo.hasNextPage) break;
    after = data.billLines.pageInfo.endCursor;
  }
  expect(seen.map(({ no }) => no)).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
  expect(seen.reduce((sum, { net }) => sum + net, 0)).toBe(118 * 8_000 + 1_000);
  const { data } = await api.ask(otherMerchant, page, { bill: bill.id, last: 2 });
  expect(data.billLines.nodes.map(({ no }: { no: number }) => no)).toEqual([119, 120]);
});

test('a bill and its lines are its receiver’s and the marketplace’s; a buyer has no part in them (ACT-1)', async () => {
  const count = async (actor: Actor) => (await api.ask(actor, page, { bill: bill.id })).data?.billLines.nodes.length ?? 'refused';
  expect(await Promise.all([otherMerchant, manager, merchant, buyer].map(count))).toEqual([50, 50, 0, 'refused']);
  const bills = async (actor: Actor) => (await api.ask(actor, '{ settlementBills { nodes { number } } }')).data.settlementBills.nodes.length;
  expect(await Promise.all([otherMerchant, manager, merchant, buyer].map(bills))).toEqual([1, 1, 0, 0]);
});

test('a service provider sees its own bill and nobody else’s, by the row rule and by PostgreSQL’s (CSP-5, ACT-1)', async () => {
  await charges(api, { partyKind: 'provider', party: 'provider-a', count: 3 });
  const own = await aBill(api, { partyKind: 'provider', party: 'provider-a' });
  await buildLines(api.pool, own);
  const seen = async (party: string, of: string) => {
    const reader = createReader(api.readPool, { id: 'feng', role: 'serviceProvider', party });
    const raw = await reader.rows({ text: 'select no from bill_lines where bill_id = $1', values: [of] });
    const lines = await linesOf(reader, { bill: of, after: null, before: null, limit: 10, backwards: false });
    return [raw.length, lines.length];
  };
  expect([await seen('provider-a', own), await seen('provider-a', bill.uuid), await seen('provider-b', own)]).toEqual([
    [3, 3],
    [0, 0],
    [0, 0],
  ]);
  // what it has invoiced it may have a letter about, as a merchant may (BIL-5)
  await api.pool.query(
    `update instances set state = 'awaitingInvoice', value = '"awaitingInvoice"', context = context || '{"toInvoice": 24000}' where id = $1`,
    [own],
  );
  const lines = [{ description: '服务商佣金', net: 24_000, taxRate: 0, tax: 0, gross: 24_000 }];
  const he = (party: string): Actor => ({ id: 'feng', role: 'serviceProvider', party });
  const invoicing = { medium: 'fullyDigital', invoiceNumber: '25442000000123456789', lines };
  await done(put(api, he('provider-a'), 'settlementBill', 'submitInvoice', own, { input: invoicing }));
  const { rows } = await api.pool.query("select id from instances where lifecycle = 'invoice' and merchant = 'provider-a'");
  const letter = (party: string) => codeOf(put(api, he(party), 'statementLetter', 'requestStatementLetter', null, { input: { invoice: rows[0].id } }));
  expect([await letter('provider-b'), await letter('provider-a')]).toEqual(['NOT_FOUND', 'done']);
});

const details = `query ($orderNumber: String!) { transactions(orderNumber: $orderNumber) { orderNumber billed bill { number stateName } lineNo paid net
  whyUnbilled(language: en) expectedAt whyNotInvoice { code message(language: en) possibleAt } } }`;
const transactions = async (actor: Actor, orderNumber: string) => (await api.ask(actor, details, { orderNumber })).data.transactions;

test('transaction details say of an order why it is not billed and when it will be, or on which bill it is, and whether it may be invoiced (BIL-9)', async () => {
  const { order } = await aPaidOrder(api, { product: 'saas-activated-b' });
  const number = await numberOf(api, order);
  expect(await transactions(otherMerchant, number)).toMatchObject([
    {
      orderNumber: number,
      billed: false,
      bill: null,
      whyUnbilled: 'its supervision is not finished',
      expectedAt: null,
      whyNotInvoice: { code: 'NOT_BILLED', possibleAt: null },
    },
  ]);
  expect([await transactions(merchant, number), await transactions(otherMerchant, 'OR-0')]).toEqual([[], []]);

  await charges(api, { party: 'merchant-b', from: month(0).from, until: Date.now() });
  await api.pool.query('update unbilled_charges set order_id = $1, order_number = $2', [order, number]);
  const [owed] = await transactions(otherMerchant, number);
  expect(owed).toMatchObject({ billed: false, whyUnbilled: `its month, ${month(0).label}, is not over`, whyNotInvoice: { code: 'NOT_BILLED' } });
  expect(Date.parse(owed.expectedAt)).toBeGreaterThan(month(0).until);
  expect(owed.whyNotInvoice.possibleAt).toBe(owed.expectedAt);

  await api.pool.query('delete from unbilled_charges');
  await api.pool.query('alter table bill_lines disable trigger all');
  await api.pool.query('update bill_lines set order_id = $1, order_number = $2 where bill_id = $3 and no = 1', [order, number, bill.uuid]);
  expect(await transactions(otherMerchant, number)).toMatchObject([
    { billed: true, bill: { number: bill.number, stateName: 'awaitingInvoice' }, lineNo: 1, whyUnbilled: '', expectedAt: null, whyNotInvoice: null },
  ]);
  await api.pool.query(`update instances set state = 'inReview' where id = $1`, [bill.uuid]);
  expect((await transactions(otherMerchant, number))[0].whyNotInvoice).toMatchObject({ code: 'BILL_NOT_AWAITING_INVOICE' });
  await api.pool.query("update bill_lines set trade_mode = 'general' where bill_id = $1 and no = 1", [bill.uuid]);
  expect((await transactions(otherMerchant, number))[0].whyNotInvoice).toMatchObject({ code: 'INVOICED_TO_BUYER' });
});

test('in a sandbox the bills of any instant are made, and begin at it: due on the 3rd, not the day before (BIL-1, BIL-9)', async () => {
  await api.pool.query('delete from unbilled_charges');
  await charges(api, { party: 'merchant-a', from: Date.now(), until: Date.now() + 1 });
  const make = async (actor: Actor, at: number) =>
    api.ask(actor, 'mutation ($at: DateTime!) { sandboxMakeBills(at: $at) { opened } }', { at: new Date(at).toISOString() });
  const due = billingAt(month(0), 3, shanghai);
  expect((await make(manager, due - 1)).data.sandboxMakeBills).toEqual({ opened: 0 });
  expect((await make(manager, due)).data.sandboxMakeBills).toEqual({ opened: 1 });
  expect((await make(manager, due)).data.sandboxMakeBills).toEqual({ opened: 0 });
  const { data } = await api.ask(merchant, '{ settlementBills { nodes { createdAt stateName context { period } } } }');
  expect(data.settlementBills.nodes).toMatchObject([{ stateName: 'building', context: { period: month(0).label } }]);
  expect(Math.abs(Date.parse(data.settlementBills.nodes[0].createdAt) - due)).toBeLessThan(10_000);
  expect((await make(merchant, due)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

test('the invoicing list of a bill is a page to print, with every line to invoice, their sum and the mail address; its receiver alone gets it (BIL-10)', async () => {
  const get = async (actor: Actor, number: string) =>
    fetch(`${api.base}/documents/bills/${number}/invoicing-list`, { headers: { authorization: `Bearer ${await api.tokenOf(actor)}` } });
  const response = await get(otherMerchant, bill.number);
  const html = await response.text();
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(html.match(/<tr><td>/g)).toHaveLength(118);
  expect(html).toContain('示例市场财务部，示例路 1 号');
  expect(html).toContain('<th colspan="6">合计 Total</th><td class="money">9,440.00</td>');
  expect(html).toContain('CNY 9,440.00');
  expect(
    [await get(merchant, bill.number), await get(buyer, bill.number), await get(otherMerchant, 'SB-0'), await get(otherMerchant, '%E0%A4%A')].map(
      ({ status }) => status,
    ),
  ).toEqual([404, 404, 404, 404]);
  expect((await fetch(`${api.base}/documents/bills/${bill.number}/invoicing-list`)).status).toBe(401);
});
