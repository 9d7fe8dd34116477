import { afterAll, beforeAll, expect, test } from 'vitest';
import { OutsideRefused, OutsideUnavailable, type Sending } from '../../activities/outside.ts';
import { startMerchant } from '../../examples/merchant/server.ts';
import type { switchList } from '../../examples/merchant/switches.ts';
import type { CallInput, Endpoint } from '../../production/call.ts';
import { createCallMerchant } from '../../production/callMerchant.ts';
import { createMerchantOutside } from '../../production/outside.ts';
import { createSend } from '../../production/send.ts';
import { aPurchase, endpointAt, key } from './calls.ts';

const callMerchant = createCallMerchant({ send: createSend({ allowPrivate: true }) });
let merchant: Awaited<ReturnType<typeof startMerchant>>;
beforeAll(async () => {
  merchant = await startMerchant({ key });
});
afterAll(() => merchant.stop());

const strike = (...switches: Parameters<typeof switchList.parse>[0][]) => merchant.switches.set(switches as never);
const at = (generation: Endpoint['generation']) => endpointAt(`${merchant.url}/produce?shop=7`, { generation });
let orders = 0;
const anOrder = () => `CS-C${++orders}`;

async function answered(call: CallInput, generation: Endpoint['generation']) {
  const outcome = await callMerchant(call, { endpoint: at(generation) });
  if (outcome.kind !== 'answered') throw new Error(`expected an answer, got ${outcome.code}`);
  return outcome.reading;
}

test.each(['V1', 'V2'] as const)(
  '%s: an instance goes from creation to release, its caller never knowing the generation (PRD-1, PRD-2)',
  async (generation) => {
    const orderNumber = anOrder();
    const created = await answered(aPurchase(orderNumber), generation);
    expect(created).toMatchObject({ state: 'ok', code: '000000', problems: [] });
    const instanceId = String(created.instanceId);
    expect((await answered(aPurchase(orderNumber), generation)).instanceId).toBe(instanceId);
    const expiresAt = Date.UTC(2028, 10, 21);
    const calls: [CallInput, string][] = [
      [{ activity: 'refreshInstance', orderNumber: `${orderNumber}R`, instanceId, scene: 'RENEWAL', expiresAt, product: 'P-1' }, 'extended'],
      [{ activity: 'expireInstance', instanceId, purchaseOrder: orderNumber }, 'frozen'],
      [{ activity: 'unfreezeInstance', instanceId }, 'unfrozen'],
      [{ activity: 'upgradeInstance', orderNumber: `${orderNumber}U`, instanceId, sku: 'SKU-2', product: 'P-2', quantity: 2 }, 'upgraded'],
      [{ activity: 'releaseInstance', instanceId, purchaseOrder: orderNumber }, 'released'],
    ];
    for (const [call, what] of calls) {
      for (const _ of [1, 2]) expect((await answered(call, generation)).state, what).toBe('ok');
      expect(merchant.effectsOf({ instanceId, what }), what).toBe(1);
    }
    expect(merchant.store.of(instanceId)).toMatchObject({ status: 'RELEASED', expireTime: '20281121000000' });
  },
);

test('V1: credentials are opened and kept apart from what may be shown; a query tells them, too', async () => {
  const created = await answered(aPurchase(anOrder()), 'V1');
  const instanceId = String(created.instanceId);
  expect(created.app).toEqual({ frontEndUrl: expect.stringContaining('https://'), adminUrl: expect.any(String) });
  expect(created.credentials?.userName).toBe(`admin-${instanceId.slice(0, 8)}`);
  const asked = await answered({ activity: 'queryInstance', instanceIds: [instanceId] }, 'V1');
  expect(asked.instances).toMatchObject([{ instanceId, credentials: created.credentials }]);
});

test.each(['V1', 'V2'] as const)('Kit %s: tenant, application, departments and users are synchronised (ORG-1)', async (generation) => {
  const about = { instanceId: 'I-1', tenantId: `TC-${generation}` };
  const root = { code: 'D1', name: '总部', parent: null };
  const calls: CallInput[] = [
    { activity: 'tenantSync', ...about, orderId: 'CS-1', tenantCode: 'tc', name: '示例企业', domainName: null, flag: 1 },
    { activity: 'applicationSync', ...about, appId: 'A-1', clientId: 'c', flag: 1 },
    { activity: 'allOrgSync', ...about, departments: [root, { code: 'D2', name: '研发', parent: 'D1' }] },
    { activity: 'singleOrgSync', ...about, department: { code: 'D2' }, flag: 0 },
    {
      activity: 'authSync',
      ...about,
      appId: 'A-1',
      users: [{ userName: 'li', name: '李', orgCode: 'D1', role: 'user', enable: true }],
      at: Date.now(),
      flag: 1,
    },
  ];
  for (const call of calls) expect(await answered(call, generation), call.activity).toMatchObject({ state: 'ok' });
  expect(Object.keys(merchant.store.state.organisation).filter((name) => name.includes(`TC-${generation}`))).toHaveLength(4);
});

test('licence calls go to V2, and V1 says that it has none', async () => {
  const call: CallInput = { activity: 'refreshLicenceCode', licenceCode: 'LC-1', orderNumber: 'CS-L', scene: 'RENEWAL', expiresAt: Date.UTC(2028, 0, 1) };
  expect(await answered(call, 'V2')).toMatchObject({ state: 'ok' });
  expect(await callMerchant(call, { endpoint: at('V1') })).toMatchObject({ kind: 'refused', code: 'NOT_IN_GENERATION' });
});

const sendingOf = () => {
  const records: Record<string, unknown>[] = [];
  const sending: Sending = { instance: 'c1', params: {}, idempotencyKey: 'k', signal: AbortSignal.timeout(10_000), record: (what) => records.push(what) };
  return { sending, records };
};
const outsideFor = (call: CallInput, { generation = 'V2', ownerOf }: { generation?: Endpoint['generation']; ownerOf?: () => Promise<string | null> } = {}) =>
  createMerchantOutside({ callMerchant, callOf: async () => ({ call, endpoint: at(generation) }), ownerOf });

test('what is still being created is in progress, then asked about until it is there (000004)', async () => {
  strike({ do: 'inProgress', queries: 1 });
  const created = await outsideFor(aPurchase(anOrder())).send(sendingOf().sending);
  expect(created).toMatchObject({ inProgress: true, instanceId: expect.any(String) });
  const query = outsideFor({ activity: 'queryInstance', instanceIds: [String(created.instanceId)] });
  const answers = [];
  for (let times = 0; times < 3; times++) answers.push(await query.send(sendingOf().sending).catch(({ code }) => code));
  strike();
  expect(answers.at(-1)).toMatchObject({ instanceId: created.instanceId, inProgress: false });
});

test('each try records what was sent and what came, without secrets; a failure is tried again', async () => {
  strike({ do: 'code', resultCode: '000005', resultMsg: 'out of order', activity: 'newInstance', times: 1 });
  const { sending, records } = sendingOf();
  const error = await outsideFor(aPurchase(anOrder()), { generation: 'V1' })
    .send(sending)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OutsideUnavailable);
  expect(error).toMatchObject({ code: '000005', unknown: false, message: expect.stringContaining('out of order') });
  expect(records).toMatchObject([{ code: '000005', request: { method: 'GET', url: expect.stringContaining('mobilePhone=***') }, answer: { status: 200 } }]);
});

test('an instance of another order is no success (PRD-3)', async () => {
  const { sending, records } = sendingOf();
  const error = await outsideFor(aPurchase(anOrder()), { ownerOf: async () => 'CS-other' })
    .send(sending)
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'OTHER_ORDERS_INSTANCE' });
  expect(records.at(-1)).toMatchObject({ code: 'OTHER_ORDERS_INSTANCE', sentence: { zh: expect.stringContaining('CS-other') } });
});

test('a release whose outcome is unknown is asked about, and found done without being sent again', async () => {
  const { instanceId } = await outsideFor(aPurchase(anOrder())).send(sendingOf().sending);
  const outside = outsideFor({ activity: 'releaseInstance', instanceId: String(instanceId) });
  expect(await outside.ask?.(sendingOf().sending)).toBeNull();
  strike({ do: 'reset', when: 'after', activity: 'releaseInstance', times: 1 });
  await expect(outside.send(sendingOf().sending)).rejects.toMatchObject({ code: 'CONNECTION_RESET', unknown: true });
  expect(await outside.ask?.(sendingOf().sending)).toMatchObject({ instanceId });
  expect(merchant.effectsOf({ instanceId: String(instanceId), what: 'released' })).toBe(1);
});

test('a product without an endpoint is refused for good', async () => {
  const outside = createMerchantOutside({ callMerchant, callOf: async () => null });
  await expect(outside.send(sendingOf().sending)).rejects.toBeInstanceOf(OutsideRefused);
});
