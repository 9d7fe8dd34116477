import { readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readXlsx } from 'hucre/xlsx';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createExports } from '../../activities/exports.ts';
import { OutsideRefused } from '../../activities/outside.ts';
import { buildLines } from '../../db/bills.ts';
import { createReader } from '../../db/read/reader.ts';
import { decimal } from '../../exports/cells.ts';
import { csvOf } from '../../exports/csv.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { type Api, anApi } from '../graphql/api.ts';
import { signedFor } from '../graphql/strangers.ts';
import { aBill, charges } from '../settlement/charges.ts';
import { buyer, machine, manager, merchant as merchantA, otherBuyer } from '../world.ts';
import { aMerchant, done, put } from './merchants.ts';

let api: Api;
beforeAll(async () => {
  api = await anApi();
});
afterAll(() => api.stop());

const outsides = () => createExports({ pool: api.pool, readPool: api.readPool, store: api.exportStore, directory: path.join(api.directory, 'exporting') });
const rowOf = async (id: string) => (await api.pool.query('select number, state, context from instances where id = $1', [id])).rows[0];

/** Runs an open effect of an export as a worker would, without one. */
async function run(id: string, name: 'writeExport' | 'removeExport') {
  const { rows } = await api.pool.query("select key, params, generation from effects where instance_id = $1 and name = $2 and status = 'open'", [id, name]);
  const [{ key, params, generation }] = rows;
  const result = await outsides()[name].send({ instance: id, params, idempotencyKey: key, signal: AbortSignal.timeout(30_000), record: () => {} } as never);
  await api.commit.effectSucceeded({ instance: id, lifecycle: 'billExport', key, generation, no: 1, result });
  return result;
}
const ask = (by: Actor, input: Record<string, unknown>) => done(put(api, by, 'billExport', 'requestExport', null, { input })).then(({ instance }) => instance);
const download = async (by: Actor, number: string, init: RequestInit = {}) =>
  fetch(`${api.base}/exports/${number}`, { ...init, headers: { authorization: `Bearer ${(await api.tokenOf(by)) || (await signedFor(by))}` } });

const names = ['export-a', 'export-b'];
let sellers: Awaited<ReturnType<typeof aMerchant>>[];
const formula = '=HYPERLINK("http://example.com")';
beforeAll(async () => {
  sellers = [];
  for (const name of names) sellers.push(await aMerchant(api, name, { price: 123_45 }));
  await api.pool.query('update products set name = $1 where id = $2', [formula, sellers[0]?.product]);
  for (const { product } of sellers)
    for (const by of [buyer, otherBuyer]) {
      const { instance } = await done(put(api, by, 'order', 'placeOrder', null, { input: { product } }));
      await done(put(api, machine, 'order', 'recordPayment', instance, { input: { amount: 123_45, means: 'balance', reference: 'PAY-1' } }));
    }
});

test('BIL-6: a CSV export has a BOM, a row for each record that the person may see, and no cell that is a formula', async () => {
  const id = await ask(buyer, { what: 'orders', language: 'en' });
  expect((await rowOf(id)).state).toBe('writing');
  await run(id, 'writeExport');
  const { number, context } = await rowOf(id);
  const response = await download(buyer, number);
  expect([response.status, response.headers.get('content-disposition')]).toEqual([200, `attachment; filename="orders-${number}.csv"`]);
  const bytes = Buffer.from(await response.arrayBuffer());
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  const lines = bytes.toString('utf8').slice(1).trimEnd().split('\r\n');
  expect(lines[0]).toBe('Order,State,Product,Buyer,Merchant,Quantity,Amount,Paid,Refunded,Currency,Placed (Beijing),Paid at (Beijing),Completed (Beijing)');
  const { rows } = await api.pool.query("select number from instances where lifecycle = 'order' and buyer = 'buyer-a' order by created_at, id");
  expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(rows.map((row) => row.number));
  expect(lines.find((line) => line.includes('HYPERLINK'))).toContain(`"'=HYPERLINK(""http://example.com"")"`);
  expect(lines.at(-1)).toContain(',123.45,123.45,0.00,CNY,');
  expect(context).toMatchObject({ rows: rows.length, bytes: bytes.length, common: { buyer: 'buyer-a', merchant: '' } });
});

test('BIL-6, BIL-8: an XLSX export holds the same, texts as texts and money as numbers; progress is shown', async () => {
  const id = await ask(manager, { what: 'ledger', format: 'xlsx', merchant: 'export-a' });
  await run(id, 'writeExport');
  const { number } = await rowOf(id);
  const shown = await api.ask(manager, `{ billExport(number: "${number}") { state progress { done total } downloadPath } }`);
  expect(shown.data.billExport).toEqual({ state: 'ready', progress: { done: 6, total: 6 }, downloadPath: `/exports/${number}` });
  const workbook = await readXlsx(new Uint8Array(await (await download(manager, number)).arrayBuffer()));
  const rows = workbook.sheets[0]?.rows ?? [];
  expect(rows[0]?.slice(0, 6)).toEqual(['时间（北京）', '订单号', '从', '到', '金额', '币种']);
  expect(rows.length).toBe(7);
  const moved = rows.slice(1).map((row) => [row[2], row[3], row[4]]);
  expect(moved.slice(0, 3)).toEqual([
    ['买家', '担保款', 123.45],
    ['担保款', '商家应得', 98.76],
    ['担保款', '平台佣金', 24.69],
  ]);
});

test('ACT-1, BIL-8: a buyer’s export of the ledger holds what it paid and got back, not how merchant and marketplace share it', async () => {
  const written = async (by: Actor) => {
    const id = await ask(by, { what: 'ledger', merchant: 'export-b', language: 'en' });
    await run(id, 'writeExport');
    const lines = (await (await download(by, (await rowOf(id)).number)).text()).trimEnd().split('\r\n').slice(1);
    return [...new Set(lines.map((line) => line.split(',').slice(2, 4).join(' → ')))].sort();
  };
  expect(await written(buyer)).toEqual(['Buyer → Held']);
  expect(await written(manager)).toEqual(['Buyer → Held', 'Held → Merchant', 'Held → Platform']);
  const raw = await createReader(api.readPool, buyer).rows({ text: "select from ledger where to_account in ('merchant', 'platform')", values: [] });
  expect(raw).toHaveLength(0);
});

test('ACT-1: a file is served to whoever may see each of its rows, and to nobody else', async () => {
  await done(put(api, buyer, 'order', 'placeOrder', null, { input: { product: 'saas-instant', period: { unit: 'month', count: 1 } } }));
  const own = await ask(merchantA, { what: 'orders' });
  await run(own, 'writeExport');
  const { number, context } = await rowOf(own);
  expect(context).toMatchObject({ rows: 1, common: { merchant: 'merchant-a' } });
  const statusFor = async (by: Actor) => (await download(by, number)).status;
  expect([await statusFor(merchantA), await statusFor(manager), await statusFor(buyer)]).toEqual([200, 200, 404]);
  const all = await ask(manager, { what: 'orders' });
  await run(all, 'writeExport');
  expect((await rowOf(all)).context).toMatchObject({ common: { buyer: '', merchant: '' }, rows: 5 });
  expect((await download(merchantA, (await rowOf(all)).number)).status).toBe(404);
  // a record whose rows are another party's, however it came to be
  const mixed = await ask(buyer, { what: 'orders' });
  await run(mixed, 'writeExport');
  await api.pool.query("update instances set context = jsonb_set(context, '{common,buyer}', '\"buyer-b\"') where id = $1", [mixed]);
  const refused = await download(buyer, (await rowOf(mixed)).number);
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([403, 'ROWS_NOT_YOURS']);
});

test('CSP-5, BIL-6: a service provider exports its own bills and their lines, and is told what else it has no records of', async () => {
  const providers = ['provider-a', 'provider-b'].map((party) => ({ id: `${party}.he`, role: 'serviceProvider', party }) satisfies Actor as Actor);
  const [own, other] = providers as [Actor, Actor];
  for (const [party, count] of [
    ['provider-a', 3],
    ['provider-b', 2],
  ] as const) {
    await charges(api, { partyKind: 'provider', party, count });
    await buildLines(api.pool, await aBill(api, { partyKind: 'provider', party }));
  }
  for (const [what, lines] of [
    ['billLines', 4],
    ['bills', 2],
  ] as const) {
    const id = await ask(own, { what, language: 'en' });
    await run(id, 'writeExport');
    const { number, context } = await rowOf(id);
    expect(context.common).toMatchObject({ merchant: 'provider-a' });
    expect((await (await download(own, number)).text()).trimEnd().split('\r\n')).toHaveLength(lines);
    expect(await Promise.all([manager, other, merchantA].map(async (by) => (await download(by, number)).status))).toEqual([200, 404, 404]);
  }
  expect(await put(api, own, 'billExport', 'requestExport', null, { input: { what: 'orders' } })).toMatchObject({
    problem: { fields: [{ path: 'what', message: 'expected one of bills, billLines, got orders' }] },
  });
});

test('BIL-6: three days after its completion the file is gone, from the store too', async () => {
  const id = await ask(buyer, { what: 'orders' });
  const { number } = await rowOf(id);
  expect((await download(buyer, number)).status).toBe(409);
  await run(id, 'writeExport');
  const place = path.join(api.directory, 'exports', id);
  expect(readdirSync(place).length).toBe(1);
  const advance = `mutation ($order: ID!, $by: Int!) { sandboxAdvanceTime(order: $order, byMinutes: $by) { ... on TimeAdvanced { fired } } }`;
  const { toId } = await import('../../graphql/ids.ts');
  const order = toId('billExport', id);
  expect((await api.ask(buyer, advance, { order, by: 3 * 24 * 60 - 2 })).data.sandboxAdvanceTime.fired).toEqual([]);
  expect((await download(buyer, number)).status).toBe(200);
  expect((await api.ask(buyer, advance, { order, by: 3 })).data.sandboxAdvanceTime.fired).toEqual(['exportExpired']);
  expect((await download(buyer, number)).status).toBe(410);
  await run(id, 'removeExport');
  expect((await rowOf(id)).state).toBe('removed');
  expect(() => readdirSync(place)).toThrow(/ENOENT/);
});

test('a try that dies leaves nothing behind, and the next one writes the whole; a try over the limit is refused', async () => {
  const id = await ask(manager, { what: 'ledger' });
  const { rows } = await api.pool.query("select key, params from effects where instance_id = $1 and name = 'writeExport'", [id]);
  const [{ key, params }] = rows;
  const sending = (signal: AbortSignal, more = {}) =>
    ({ instance: id, params: { ...params, ...more }, idempotencyKey: key, signal, record: () => {} }) as never;
  await expect(outsides().writeExport.send(sending(AbortSignal.abort()))).rejects.toMatchObject({ code: 'NOT_WRITTEN' });
  expect(readdirSync(path.join(api.directory, 'exporting'))).toEqual([]);
  // of a process that was killed: content that must not outlive its export
  const left = path.join(api.directory, 'exporting', 'killed.part');
  writeFileSync(left, 'rows');
  utimesSync(left, 0, 0);
  await expect(outsides().writeExport.send(sending(AbortSignal.timeout(9_000), { most: 3 }))).rejects.toBeInstanceOf(OutsideRefused);
  const result = await run(id, 'writeExport');
  expect(result.rows).toBe(12);
  expect(readdirSync(path.join(api.directory, 'exporting'))).toEqual([]);
  rmSync(path.join(api.directory, 'exports', id), { recursive: true });
  expect((await download(manager, (await rowOf(id)).number)).status).toBe(410);
});

test('200,000 rows are written in the memory of a few pages', async () => {
  let [read, written, ahead] = [0, -1, 0];
  async function* rows() {
    for (; read < 200_000; read++) yield [`OR-2026-${read}`, read % 2 ? '+文字' : '＝文字', { minorUnits: read - 100_000 }];
  }
  for await (const chunk of csvOf(['a', 'b', 'c'], rows() as never)) {
    written += (chunk as Buffer).toString('latin1').split('\r\n').length - 1;
    ahead = Math.max(ahead, read - written);
  }
  expect(written).toBe(200_000);
  expect(ahead).toBeLessThan(1_000);
  expect([decimal(-5), decimal(-100_000), decimal(0), decimal(123_456)]).toEqual(['-0.05', '-1000.00', '0.00', '1234.56']);
});
