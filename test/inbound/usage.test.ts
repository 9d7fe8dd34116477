import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createReader } from '../../db/read/reader.ts';
import { toId } from '../../graphql/ids.ts';
import { instantIn, isLate } from '../../inbound/times.ts';
import { buyer, manager, merchant, numberOf, otherBuyer, otherMerchant } from '../world.ts';
import { anInbound, aRecord, type Key, utc } from './caller.ts';

let api: Awaited<ReturnType<typeof anInbound>>;
let key: Key;
let service: Awaited<ReturnType<typeof api.anInstance>>;
beforeAll(async () => {
  api = await anInbound();
  key = await api.aKey(merchant);
  service = await api.anInstance();
});
afterAll(() => api.stop());

const push = async (usageRecords: unknown[], by = key) => (await api.byNonce(by, 'usage/push', { usageRecords })).body;
const list = `query ($instance: ID!, $first: Int) { usageRecords(instance: $instance, first: $first) { nodes { meteringId usage late state beginAt } pageInfo { hasNextPage } } }`;
const recordsSeenBy = async (actor: typeof buyer) => (await api.ask(actor, list, { instance: toId('serviceInstance', service.id) })).data.usageRecords.nodes;
const problemsSeenBy = async (actor: typeof buyer) =>
  (await api.ask(actor, '{ usageProblems { nodes { meteringId code message(language: zh) record } } }')).data.usageProblems.nodes;

test('a record is kept once by its metering number: alone, in one call, in another, and twenty times at once (MET-3)', async () => {
  const record = aRecord(service.merchantInstance);
  expect(await push([record, record])).toMatchObject({ resultCode: '000000', accepted: 1, doubled: 1, refused: 0 });
  // the same content in another form is the same
  expect(await push([{ ...record, usageValue: 12.5, instanceId: service.number }])).toMatchObject({ doubled: 1 });
  const another = aRecord(service.merchantInstance);
  const all = await Promise.all(Array.from({ length: 20 }, () => push([another])));
  expect(all.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(1);
  expect((await recordsSeenBy(merchant)).map(({ meteringId }: { meteringId: string }) => meteringId)).toEqual([another.meteringId, record.meteringId]);
});

test('a bad record does not block the others; its merchant is told at once and sees it later, once (MET-3)', async () => {
  const good = aRecord(service.merchantInstance);
  const bad: [unknown, string][] = [
    [aRecord('nobody’s'), 'INSTANCE_UNKNOWN'],
    [aRecord(service.merchantInstance, { usageValue: '0' }), 'RECORD_INVALID'],
    [aRecord(service.merchantInstance, { usageValue: '1.00001' }), 'RECORD_INVALID'],
    [aRecord(service.merchantInstance, { usageValue: '-1' }), 'RECORD_INVALID'],
    [aRecord(service.merchantInstance, { beginTime: '20260230000000' }), 'RECORD_INVALID'],
    [aRecord(service.merchantInstance, { beginTime: utc(Date.now()), endTime: utc(Date.now() - 1_000) }), 'BEGIN_AFTER_END'],
    [aRecord(service.merchantInstance, { endTime: utc(Date.now() + 3_600_000) }), 'IN_THE_FUTURE'],
    [{ ...good, usageValue: '13' }, 'METERING_ID_REUSED'],
    ['text', 'RECORD_INVALID'],
    [null, 'RECORD_INVALID'],
  ];
  const sent = [good, ...bad.map(([record]) => record)];
  for (const accepted of [1, 0]) {
    const answer = await push(sent);
    expect(answer).toMatchObject({ accepted, doubled: 1 - accepted, refused: bad.length });
    expect(answer.records.slice(1).map(({ code }: { code: string }) => code)).toEqual(bad.map(([, code]) => code));
  }
  const seen = await problemsSeenBy(merchant);
  expect(seen.map(({ code }: { code: string }) => code).sort()).toEqual(bad.map(([, code]) => code).sort());
  expect(seen.find(({ code }: { code: string }) => code === 'METERING_ID_REUSED')).toMatchObject({ meteringId: good.meteringId, record: { usageValue: '13' } });
  expect((await problemsSeenBy(manager)).length).toBe(bad.length);
  expect(await problemsSeenBy(otherMerchant)).toEqual([]);
});

test('late records are told apart and count all the same: hourly after 2 h, daily after 01:00 Beijing time', async () => {
  const hour = 3_600_000;
  const now = Date.now();
  const late = aRecord(service.merchantInstance, { beginTime: utc(now - 4 * hour), endTime: utc(now - 3 * hour) });
  expect(await push([late, aRecord(service.merchantInstance)])).toMatchObject({ accepted: 2, late: 1 });
  expect((await recordsSeenBy(merchant)).find(({ meteringId }: { meteringId: string }) => meteringId === late.meteringId)).toMatchObject({ late: true });
  // a day that ends at midnight in Beijing, 16:00 UTC
  const endAt = Date.UTC(2026, 10, 20, 16);
  const daily = (receivedAt: number) => isLate({ beginAt: endAt - 24 * hour, endAt, receivedAt });
  expect([daily(endAt + hour), daily(endAt + hour + 1)]).toEqual([false, true]);
  expect(isLate({ beginAt: endAt - 24 * hour, endAt: endAt - 1_000, receivedAt: endAt + hour })).toBe(false);
});

test('UTC comes in three forms, and nothing else is taken for one', () => {
  const at = Date.UTC(2026, 10, 21, 8, 1, 2);
  expect(['20261121080102', '20261121080102000', '2026-11-21T08:01:02Z', '2026-11-21T08:01:02.000Z'].map(instantIn)).toEqual([at, at, at, at]);
  const wrong = ['20260231000000', '2026-11-21', '2026-11-21T08:01:02+08:00', '20261121', '', null, 5, '20261121080162'];
  expect(wrong.map(instantIn)).toEqual(wrong.map(() => null));
});

test('a call of 1,000 records is taken within its time, one of 1,001 is refused whole', async () => {
  const many = Array.from({ length: 1_001 }, () => aRecord(service.merchantInstance));
  expect(await push(many)).toMatchObject({ resultCode: '000002', code: 'BODY_INVALID' });
  const started = performance.now();
  expect(await push(many.slice(1))).toMatchObject({ accepted: 1_000 });
  expect(performance.now() - started).toBeLessThan(5_000);
});

test('only the instance’s own parties and operators see its usage, and only its merchant may report it (ACT-1)', async () => {
  const count = (await recordsSeenBy(merchant)).length;
  expect(count).toBeGreaterThan(2);
  expect([(await recordsSeenBy(buyer)).length, (await recordsSeenBy(manager)).length]).toEqual([count, count]);
  expect([await recordsSeenBy(otherBuyer), await recordsSeenBy(otherMerchant)]).toEqual([[], []]);
  const foreign = await push([aRecord(service.merchantInstance), aRecord(service.number)], await api.aKey(otherMerchant));
  expect(foreign.records.map(({ code }: { code: string }) => code)).toEqual(['INSTANCE_UNKNOWN', 'INSTANCE_UNKNOWN']);
  // two merchants may use the same metering number
  const rows = createReader(api.readPool, otherMerchant).rows({ text: 'select 1 from usage_records', values: [] });
  expect(await rows).toEqual([]);
});

test('records are append-only', async () => {
  for (const table of ['usage_records', 'usage_problems'])
    for (const statement of [`delete from ${table}`, `update ${table} set ak = 'x'`, `truncate ${table} cascade`])
      await expect(api.pool.query(statement)).rejects.toThrow('append-only');
});

test('order/query tells a merchant its own order in the interface’s words, and nobody else’s', async () => {
  const { body } = await api.byNonce(key, 'order/query', { orderId: service.order });
  expect(body.orderInfo).toMatchObject({
    orderId: service.order,
    orderType: 'NEW',
    customerId: 'buyer-a',
    orderLine: [
      { chargingMode: 'PERIOD', periodType: 'year', periodNumber: 1, expireTime: expect.stringMatching(/^\d{14}$/), currency: 'CNY', orderAmount: '990.00' },
    ],
  });
  const others = await api.aPaidOrder({ product: 'saas-activated-b' });
  for (const orderId of [await numberOf(api, others.uuid.order), 'OR-2026-999999', service.number, randomUUID()])
    expect((await api.byNonce(key, 'order/query', { orderId })).body).toMatchObject({ resultCode: '000003', code: 'NOT_FOUND' });
});
