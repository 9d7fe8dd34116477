import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMerchant } from '../../examples/merchant/server.ts';
import { debugEndpoint, linesOf } from '../../production/debug.ts';
import { endpointAt, key } from './calls.ts';

let merchant: Awaited<ReturnType<typeof startMerchant>>;
beforeAll(async () => {
  merchant = await startMerchant({ key });
});
afterAll(() => merchant.stop());
const debug = (generation: 'V1' | 'V2', secret = key) => debugEndpoint(endpointAt(merchant.url, { generation, key: secret }), { allowPrivate: true });

test.each(['V1', 'V2'] as const)('%s: a merchant by the document passes every kind of call, and nothing is found (PRD-7)', async (generation) => {
  merchant.switches.set([]);
  const steps = await debug(generation);
  expect(steps.map(({ isOk }) => isOk)).toEqual(steps.map(() => true));
  expect(steps).toHaveLength(10);
  expect(steps.flatMap(({ findings }) => findings)).toEqual([]);
});

test('a wrong key is told by the merchant’s refusal, with what was signed and no key in it', async () => {
  const [step, ...more] = await debug('V1', '00000000-0000-4000-8000-00000000000f');
  expect(more).toEqual([]);
  expect(step).toMatchObject({ isOk: false, code: '000001', signed: expect.stringContaining('activity=newInstance'), signature: expect.any(String) });
  expect(step?.findings.map(({ field }) => field)).toEqual(['resultCode', 'Body-Sign']);
  expect(linesOf(step as NonNullable<typeof step>).join('\n')).not.toContain('00000000000f');
});

test('what is wrong with an answer is told field by field', async () => {
  merchant.switches.set([
    { do: 'noInstanceId', activity: 'newInstance', times: 1 },
    { do: 'noBodySign', activity: 'newInstance', times: 1 },
  ]);
  const [step] = await debug('V1');
  expect(step?.findings.map(({ field, isError }) => [field, isError])).toEqual([
    ['instanceId', true],
    ['Body-Sign', false],
  ]);
});
test('an address that may not be called is told as such', async () => {
  const [step] = await debugEndpoint(endpointAt('https://127.0.0.1/'));
  expect(step).toMatchObject({
    isOk: false,
    request: { method: 'GET' },
    findings: [{ field: 'address', sentence: { zh: expect.stringContaining('127.0.0.1') } }],
  });
});
