import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Actor } from '../../lifecycles/roles.ts';
import { aCommand, accepted, buyer, manager, merchant, otherMerchant } from '../world.ts';
import { anInbound, type Key } from './caller.ts';

let api: Awaited<ReturnType<typeof anInbound>>;
let key: Key;
beforeAll(async () => {
  api = await anInbound();
  key = await api.aKey(merchant);
});
afterAll(() => api.stop());

/** A licence code that the order centre has issued. */
async function anIssuedCode() {
  const { uuid } = await api.aPaidOrder({ product: 'license-code' });
  const instance = uuid.supervision;
  const {
    rows: [{ key: effect, generation }],
  } = await api.pool.query("select key, generation from effects where instance_id = $1 and name = 'issueCode'", [instance]);
  const licenseCode = `LC-${instance}`;
  await api.commit.effectSucceeded({ instance, lifecycle: 'supervision', key: effect, generation, no: 1, result: { reference: licenseCode, hint: '…7F3A' } });
  return { instance, licenseCode };
}

test('license/activate records the activation once, however often it is reported, and only by the code’s own merchant (SUP-2, PRD-9)', async () => {
  const { instance, licenseCode } = await anIssuedCode();
  expect((await api.byAkSk(key, 'license/activate', { licenseCode })).body).toMatchObject({ resultCode: '000005', code: 'REFUSED' });
  await accepted(api.commit.command(aCommand({ lifecycle: 'supervision', instance, command: 'deliverCode', actor: merchant })));
  await accepted(api.commit.command(aCommand({ lifecycle: 'supervision', instance, command: 'claimCode', actor: buyer })));
  const others = await api.aKey(otherMerchant);
  expect((await api.byAkSk(others, 'license/activate', { licenseCode })).body.code).toBe('NOT_FOUND');

  const all = await Promise.all([1, 2, 3].map(() => api.byNonce(key, 'license/activate', { licenseCode })));
  for (const { body } of [...all, await api.byAkSk(key, 'license/activate', { licenseCode })])
    expect(body).toMatchObject({ resultCode: '000000', licenseCode, status: 'ALIVE' });
  const { rows } = await api.pool.query("select actor from events where instance_id = $1 and type = 'recordActivation'", [instance]);
  expect(rows).toEqual([{ actor: `merchant-a ${key.ak}` }]);
});

test('a code that a decision has delivered again can be reported active once more (SUP-5, SUP-6)', async () => {
  const { instance, licenseCode } = await anIssuedCode();
  const on = (command: string, actor: Actor, input = {}) =>
    accepted(api.commit.command(aCommand({ lifecycle: 'supervision', instance, command, actor, input, reason: '核实' })));
  const report = async () => (await api.byNonce(key, 'license/activate', { licenseCode })).body;
  const state = async () => (await api.pool.query("select state, context -> 'activatedAt' as active from instances where id = $1", [instance])).rows[0];
  await on('deliverCode', merchant);
  await on('claimCode', buyer);
  await on('fileAppeal', buyer);
  expect(await report()).toMatchObject({ resultCode: '000000' });
  expect(await state()).toMatchObject({ state: 'awaitingActivation', active: null });
  await on('decideAppeal', manager, { decision: 'redeliver' });
  expect(await state()).toMatchObject({ state: 'awaitingProof', active: expect.any(Number) });

  // completed before anybody reported it, then delivered again after all
  const other = await anIssuedCode();
  const onOther = (command: string, actor: Actor, input = {}) =>
    accepted(api.commit.command(aCommand({ lifecycle: 'supervision', instance: other.instance, command, actor, input, reason: '核实' })));
  await onOther('deliverCode', merchant);
  await onOther('claimCode', buyer);
  for (const decision of ['complete', 'redeliver']) {
    await onOther('fileAppeal', buyer);
    if (decision === 'complete') await api.byNonce(key, 'license/activate', { licenseCode: other.licenseCode });
    await onOther('decideAppeal', manager, { decision });
  }
  await onOther('deliverCode', merchant);
  expect((await api.byNonce(key, 'license/activate', { licenseCode: other.licenseCode })).body).toMatchObject({ resultCode: '000000' });
  const { rows } = await api.pool.query('select state from instances where id = $1', [other.instance]);
  expect(rows).toEqual([{ state: 'awaitingProof' }]);
});

test('license/heartbeat tells what a code is worth; one that is not known is not told apart from another merchant’s', async () => {
  const { licenseCode } = await anIssuedCode();
  expect((await api.byNonce(key, 'license/heartbeat', { licenseCode })).body).toMatchObject({ resultCode: '000000', status: 'ALIVE' });
  const others = await api.aKey(otherMerchant);
  const strip = (text: string) => text.replaceAll(licenseCode, '').replaceAll('LC-none', '');
  const [foreign, unknown] = [
    await api.byNonce(others, 'license/heartbeat', { licenseCode }),
    await api.byNonce(others, 'license/heartbeat', { licenseCode: 'LC-none' }),
  ];
  expect(strip(JSON.stringify(foreign.body))).toBe(strip(JSON.stringify(unknown.body)));
});
