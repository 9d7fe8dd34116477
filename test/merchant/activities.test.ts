import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decrypt } from '../../examples/merchant/encryption.ts';
import { bodySign } from '../../examples/merchant/signatures.ts';
import { aMerchant, aPurchase, key } from './marketplace.ts';

let merchant: Awaited<ReturnType<typeof aMerchant>>;
beforeAll(async () => {
  merchant = await aMerchant();
});
afterAll(() => merchant.stop());

test('V1: an order is created once, however often it is asked for, and every answer is signed (PRD-2)', async () => {
  const first = await merchant.v1(aPurchase('CS-1'));
  const again = await merchant.v1(aPurchase('CS-1'));
  expect(first.body).toMatchObject({ resultCode: '000000', encryptType: '1', instanceId: expect.any(String) });
  expect(again.body.instanceId).toBe(first.body.instanceId);
  expect(merchant.effectsOf({ activity: 'newInstance', orderId: 'CS-1' })).toBe(1);
  expect(first.headers.get('body-sign')).toBe(bodySign(key, first.text));
  expect(decrypt(first.body.appInfo.userName, key, '1')).toBe(`admin-${first.body.instanceId.slice(0, 8)}`);
});

test('V1: renewal, expiry, freeze, upgrade and release are each done once for their order', async () => {
  const { instanceId } = (await merchant.v1(aPurchase('CS-2'))).body;
  const steps: [Record<string, string>, string][] = [
    [{ activity: 'refreshInstance', orderId: 'CS-2R', instanceId, expireTime: '20281121000000', testFlag: '0' }, 'extended'],
    [{ activity: 'expireInstance', orderId: 'CS-2', instanceId }, 'frozen'],
    [{ activity: 'instanceStatus', instanceStatus: 'NORMAL', instanceId }, 'unfrozen'],
    [{ activity: 'upgrade', orderId: 'CS-2U', instanceId, skuCode: 'SKU-2', productId: 'P-2' }, 'upgraded'],
    [{ activity: 'releaseInstance', orderId: 'CS-2', instanceId }, 'released'],
  ];
  for (const [fields, what] of steps) {
    for (const _ of [1, 2]) expect((await merchant.v1(fields)).body.resultCode, what).toBe('000000');
    expect(merchant.effectsOf({ instanceId, what }), what).toBe(1);
  }
  expect((await merchant.v1({ activity: 'queryInstance', instanceId })).body.resultCode).toBe('000003');
  expect(merchant.store.of(instanceId)).toMatchObject({ status: 'RELEASED', skuCode: 'SKU-2', expireTime: '20281121000000' });
});

test('V1: a wrong token is 000001, wrong fields are 000002 by name, an unknown instance 000003', async () => {
  expect((await merchant.v1(aPurchase('CS-3'), { secret: 'another' })).body.resultCode).toBe('000001');
  const { businessId: _, ...incomplete } = aPurchase('CS-3', { expireTime: '2027-11-21', saasExtendParams: 'no json' });
  const wrong = await merchant.v1(incomplete);
  expect(wrong.body.resultCode).toBe('000002');
  for (const field of ['businessId', 'expireTime', 'saasExtendParams']) expect(wrong.body.resultMsg).toContain(field);
  expect((await merchant.v1({ ...aPurchase('CS-3'), mobilePhone: '13800138000' })).body).toMatchObject({ resultCode: '000002' });
  expect((await merchant.v1({ ...aPurchase('CS-3'), timeStamp: '2026' })).body.resultCode).toBe('000002');
  expect((await merchant.v1({ activity: 'instanceStatus', instanceStatus: 'FREEZE', instanceId: 'none' })).body.resultCode).toBe('000003');
  expect(merchant.effectsOf({ orderId: 'CS-3' })).toBe(0);
});

test('V1: on demand an order makes one instance per product', async () => {
  const onDemand = { chargingMode: '0', productId: 'P-A' };
  const one = (await merchant.v1(aPurchase('CS-4', onDemand))).body.instanceId;
  const other = (await merchant.v1(aPurchase('CS-4', { ...onDemand, productId: 'P-B' }))).body.instanceId;
  expect(other).not.toBe(one);
  expect((await merchant.v1(aPurchase('CS-4', onDemand))).body.instanceId).toBe(one);
});

test('V2: signature, time, and nonce are checked before anything is done', async () => {
  const purchase = { activity: 'newInstance', orderId: 'CS-5', orderLineId: 'CS-5-1', businessId: 'b' };
  expect((await merchant.v2(purchase, { secret: 'another' })).body.resultCode).toBe('000001');
  for (const at of [Date.now() - 61_000, Date.now() + 62_000]) expect((await merchant.v2(purchase, { at })).body.resultCode).toBe('000001');
  expect(merchant.effectsOf({ orderId: 'CS-5' })).toBe(0);
  const nonce = randomUUID();
  expect((await merchant.v2(purchase, { nonce })).body.resultCode).toBe('000000');
  expect((await merchant.v2(purchase, { nonce })).body.resultCode).toBe('000001');
  expect((await merchant.v2(purchase, { at: Date.now() - 55_000 })).body.resultCode).toBe('000000');
  expect(merchant.effectsOf({ orderId: 'CS-5' })).toBe(1);
});

test('V2: by orderId and orderLineId; scenes, status, upgrade and release are done once', async () => {
  const order = { orderId: 'CS-6', orderLineId: 'CS-6-1' };
  const create = (orderLineId: string) => merchant.v2({ activity: 'newInstance', ...order, orderLineId, businessId: randomUUID() });
  const { instanceId } = (await create('CS-6-1')).body;
  expect((await create('CS-6-2')).body.instanceId).not.toBe(instanceId);
  const later = { instanceId, expireTime: '20281121000000' };
  const steps: [Record<string, unknown>, string, number][] = [
    [{ activity: 'refreshInstance', scene: 'RENEWAL', orderId: 'CS-6R', orderLineId: '1', ...later }, 'extended', 1],
    [{ activity: 'refreshInstance', scene: 'UNSUBSCRIBE_RENEWAL_PERIOD', orderId: 'CS-6R', orderLineId: '1', ...later }, 'extended', 2],
    [{ activity: 'updateInstanceStatus', status: 'FREEZE', instanceId }, 'frozen', 1],
    [{ activity: 'updateInstanceStatus', status: 'UNFREEZE', instanceId }, 'unfrozen', 1],
    [{ activity: 'upgradeInstance', orderId: 'CS-6U', orderLineId: '1', instanceId }, 'upgraded', 1],
    [{ activity: 'releaseInstance', orderId: 'CS-6-refund', instanceId }, 'released', 1],
  ];
  for (const [body, what, times] of steps) {
    for (const _ of [1, 2]) expect((await merchant.v2(body)).body.resultCode, what).toBe('000000');
    expect(merchant.effectsOf({ instanceId, what }), what).toBe(times);
  }
  expect((await merchant.v2({ activity: 'expireInstance', instanceId })).body.resultCode).toBe('000002');
});

test('V2: licence codes are renewed, frozen and released once', async () => {
  const code = { licenseCode: 'LC-1', orderId: 'CS-7', orderLineId: '1' };
  for (const _ of [1, 2]) {
    await merchant.v2({ activity: 'refreshLicenseCode', scene: 'RENEWAL', ...code, expireTime: '20281121000000' });
    await merchant.v2({ activity: 'updateLicenseCodeStatus', status: 'FREEZE', ...code });
  }
  expect(merchant.effectsOf({ instanceId: 'LC-1' })).toBe(2);
  for (const _ of [1, 2]) expect((await merchant.v2({ activity: 'releaseLicenseCode', ...code })).body.resultCode).toBe('000000');
  expect((await merchant.door('/_licences')).body['LC-1']).toEqual({ status: 'RELEASED', expireTime: '20281121000000' });
});

test.each(['V1', 'V2'] as const)('Kit %s: an organisation is synchronised once, and the same again is success (ORG-1)', async (generation) => {
  const about = { instanceId: 'I-1', tenantId: `T-${generation}`, testFlag: 0 };
  const departments = [
    { orgCode: 'D1', orgName: '总部' },
    { orgCode: 'D2', orgName: '研发', parentCode: 'D1' },
  ];
  const all = generation === 'V1' ? { orgInfo: JSON.stringify(departments) } : { orgInfoList: departments };
  const userList = [{ userName: 'li', name: '李', orgCode: 'D2', role: 'user', enable: true }];
  const calls: [string, Record<string, unknown>, number][] = [
    ['tenantSync', { ...about, orderId: 'CS-8', tenantCode: 'tc', name: '示例企业', domainName: '', flag: 1 }, 1],
    ['applicationSync', { ...about, appId: 'A-1', clientId: 'c', flag: 1 }, 1],
    ['allOrgSync', { ...about, ...all }, 2],
    ['singleOrgSync', { ...about, orgCode: 'D3', orgName: '市场', flag: 1 }, 1],
    ['singleOrgSync', { ...about, orgCode: 'D3', flag: 0 }, 2],
    ['authSync', { ...about, appId: 'A-1', userList, currentSyncTime: '20261121105113409', flag: 1 }, 1],
  ];
  const before = merchant.effectsOf({});
  let sum = 0;
  for (const [name, body, effects] of calls) {
    for (const _ of [1, 2]) expect((await merchant.kit(generation, name, body)).body, name).toMatchObject({ resultCode: '000000' });
    sum += name === 'singleOrgSync' ? 1 : effects;
  }
  expect(merchant.effectsOf({}) - before).toBe(sum);
  expect((await merchant.kit(generation, 'tenantSync', { ...about }, { secret: 'another' })).body.resultCode).toBe('000001');
  const tooMany = Array.from({ length: 501 }, (_, no) => ({ userName: `u${no}` }));
  const over = await merchant.kit(generation, 'authSync', { ...about, appId: 'A-1', userList: tooMany, currentSyncTime: '20261121105113409', flag: 1 });
  expect(over.body.resultCode).toBe('000002');
});

test('with a state file a restart keeps what was done', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'steward-merchant-'));
  const stateFile = path.join(directory, 'state.json');
  try {
    const before = await aMerchant({ stateFile });
    const { instanceId } = (await before.v1(aPurchase('CS-9'))).body;
    await before.stop();
    const after = await aMerchant({ stateFile });
    expect((await after.v1(aPurchase('CS-9'))).body.instanceId).toBe(instanceId);
    expect(after.effectsOf({ orderId: 'CS-9' })).toBe(1);
    await after.stop();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
