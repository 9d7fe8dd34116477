import { afterAll, beforeAll, expect, test } from 'vitest';
import { bodySign } from '../../examples/merchant/signatures.ts';
import { aMerchant, aPurchase, key } from './marketplace.ts';

let merchant: Awaited<ReturnType<typeof aMerchant>>;
let orders = 0;
const anOrder = () => `CS-S${++orders}`;
const strike = async (...switches: Record<string, unknown>[]) => expect((await merchant.door('/_switches', switches)).status).toBe(200);
const created = (orderId: string) => merchant.effectsOf({ activity: 'newInstance', orderId });

beforeAll(async () => {
  merchant = await aMerchant();
});
afterAll(() => merchant.stop());

test('a status strikes as often as it is told, per activity, before the effect', async () => {
  const orderId = anOrder();
  await strike(
    { do: 'status', status: 429, retryAfter: 7, activity: 'newInstance', times: 1 },
    { do: 'status', status: 503, activity: 'newInstance', skip: 1, times: 1 },
  );
  const refused = await merchant.v1(aPurchase(orderId));
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7']);
  expect((await merchant.v1({ activity: 'queryInstance', instanceId: 'none' })).status).toBe(200);
  expect((await merchant.v1(aPurchase(orderId))).status).toBe(503);
  expect(created(orderId)).toBe(0);
  expect((await merchant.v1(aPurchase(orderId))).body.resultCode).toBe('000000');
});

test.each(['reset', 'hang'])('a %s before the effect leaves nothing done; after it, a repeat finds it done', async (name) => {
  for (const [when, effects] of [
    ['before', 0],
    ['after', 1],
  ] as const) {
    const orderId = anOrder();
    await strike({ do: name, when, times: 1 });
    const call = merchant.v1(aPurchase(orderId));
    if (name === 'reset') await expect(call).rejects.toThrow();
    else {
      await expect.poll(() => merchant.calls.at(-1)?.struck).toEqual(['hang']);
      call.catch(() => {});
    }
    expect(created(orderId)).toBe(effects);
    expect((await merchant.v1(aPurchase(orderId))).body.resultCode).toBe('000000');
    expect(created(orderId)).toBe(1);
  }
});

test('an instance in progress is ready after so many queries', async () => {
  const orderId = anOrder();
  await strike({ do: 'inProgress', activity: 'newInstance', queries: 2, times: 1 });
  const { resultCode, instanceId } = (await merchant.v2({ activity: 'newInstance', orderId, orderLineId: '1', businessId: 'b' })).body;
  expect(resultCode).toBe('000004');
  const query = async () => (await merchant.v2({ activity: 'queryInstance', instanceId })).body;
  expect([(await query()).resultCode, (await query()).resultCode]).toEqual(['000004', '000004']);
  expect(await query()).toMatchObject({ resultCode: '000000', info: [{ instanceId }] });
  expect(created(orderId)).toBe(1);
});

test('an answer may lack its instance, name another one, or another form of the same', async () => {
  const [first, second] = [anOrder(), anOrder()];
  await strike();
  const ids = await Promise.all([first, second].map(async (orderId) => (await merchant.v1(aPurchase(orderId))).body.instanceId));
  await strike({ do: 'noInstanceId', times: 1 });
  expect((await merchant.v1(aPurchase(first))).body).not.toHaveProperty('instanceId');
  await strike({ do: 'otherInstance', times: 1 });
  expect((await merchant.v1(aPurchase(first))).body.instanceId).not.toBe(ids[0]);
  await strike({ do: 'anotherFormOfId', times: 1 });
  const form = (await merchant.v1(aPurchase(first))).body.instanceId;
  expect(form).not.toBe(ids[0]);
  expect((await merchant.v1({ activity: 'instanceStatus', instanceStatus: 'FREEZE', instanceId: form })).body.resultCode).toBe('000000');
  expect(merchant.store.of(ids[0])?.status).toBe('FREEZE');
});

test('other result codes, with another HTTP status or instead of the effect', async () => {
  const orderId = anOrder();
  await strike({ do: 'code', resultCode: '000003', httpStatus: 401, times: 1 }, { do: 'code', resultCode: '999999', when: 'after', skip: 1, times: 1 });
  const refused = await merchant.v1(aPurchase(orderId));
  expect([refused.status, refused.body.resultCode, created(orderId)]).toEqual([401, '000003', 0]);
  expect((await merchant.v1(aPurchase(orderId))).body.resultCode).toBe('999999');
  expect(created(orderId)).toBe(1);
});

test('a page instead of JSON, a wrong Body-Sign, none', async () => {
  const orderId = anOrder();
  await strike({ do: 'html', times: 1 }, { do: 'badBodySign', skip: 1, times: 1 }, { do: 'noBodySign', skip: 2, times: 1 });
  const [page, wrong, none] = [await merchant.v1(aPurchase(orderId)), await merchant.v1(aPurchase(orderId)), await merchant.v1(aPurchase(orderId))];
  expect([page.status, page.text.startsWith('<html>')]).toEqual([500, true]);
  expect(wrong.headers.get('body-sign')).not.toBe(bodySign(key, wrong.text));
  expect(none.headers.has('body-sign')).toBe(false);
});

test('what real merchants do: another adminUrl, a refused second expiry, keys by businessId', async () => {
  const orderId = anOrder();
  await strike();
  const first = (await merchant.v1(aPurchase(orderId))).body;
  await strike({ do: 'changedAdminUrl' }, { do: 'refuseRepeat' });
  expect((await merchant.v1(aPurchase(orderId))).body.appInfo.adminUrl).not.toBe(first.appInfo.adminUrl);
  const expire = { activity: 'expireInstance', orderId, instanceId: first.instanceId };
  expect((await merchant.v1(expire)).body.resultCode).toBe('000000');
  expect((await merchant.v1(expire)).body.resultCode).toBe('000005');
  const doubled = anOrder();
  await strike({ do: 'keyByBusinessId' });
  for (const _ of [1, 2]) await merchant.v1(aPurchase(doubled));
  expect(created(doubled)).toBe(2);
});

test('the door shows instances without their passwords, calls and effects, and says what it expects', async () => {
  await strike();
  const orderId = anOrder();
  await merchant.v1(aPurchase(orderId));
  const instances = (await merchant.door('/_instances')).body as Record<string, unknown>[];
  expect(instances.find((one) => one.orderId === orderId)).toMatchObject({ status: 'NORMAL' });
  expect(instances.every((one) => !('password' in one))).toBe(true);
  expect((await merchant.door('/_calls')).body.at(-1)).toMatchObject({ generation: 'V1', activity: 'newInstance', fields: { orderId }, struck: [] });
  expect((await merchant.door(`/_effects?orderId=${orderId}`)).body).toMatchObject({ count: 1 });
  expect((await merchant.door('/_switches', [{ do: 'explode' }])).status).toBe(400);
  expect((await merchant.door('/_nothing')).status).toBe(404);
});
