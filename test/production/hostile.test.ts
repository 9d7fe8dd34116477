import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCallMerchant } from '../../production/callMerchant.ts';
import { createSend } from '../../production/send.ts';
import { aPurchase, endpointAt, key } from './calls.ts';
import { type HostileName, startHostile } from './hostile.ts';

/** What never answers is waited for shortly, what answers badly as long as a busy machine may need. */
const impatientMs = 500;
const deadlineMs = 20_000;
const callWithin = (withinMs: number) => createCallMerchant({ send: createSend({ allowPrivate: true, deadlineMs: withinMs }) });
const callMerchant = callWithin(deadlineMs);
let hostile: Awaited<ReturnType<typeof startHostile>>;
beforeAll(async () => {
  hostile = await startHostile();
});
afterAll(() => hostile.stop());

const call = (name: HostileName, by = callMerchant) => by(aPurchase('CS-1'), { endpoint: endpointAt(hostile.url(name)) });

/** A call with the shortest deadline in which the merchant gets it: on a busy machine even the way there takes its time. */
async function impatiently(name: HostileName, withinMs = impatientMs): ReturnType<typeof call> {
  const before = hostile.calls.length;
  const outcome = await call(name, callWithin(withinMs));
  return hostile.calls.length > before ? outcome : impatiently(name, 2 * withinMs);
}

/** What came, its code, and whether the merchant may have done it. */
const expected: [HostileName, string, string, boolean][] = [
  ['server-error', 'answered', 'HTTP_503', true],
  ['too-many', 'answered', 'TOO_MANY_REQUESTS', false],
  ['reset', 'unavailable', 'CONNECTION_RESET', true],
  ['hang-up', 'unavailable', 'CONNECTION_RESET', true],
  ['silent', 'unavailable', 'TIMEOUT', true],
  ['drip', 'unavailable', 'TIMEOUT', true],
  ['never-ends', 'unavailable', 'TIMEOUT', true],
  ['gigabyte', 'unavailable', 'ANSWER_TOO_LARGE', true],
  ['gzip-bomb', 'unavailable', 'ANSWER_TOO_LARGE', true],
  ['gzip-broken', 'unavailable', 'ANSWER_NOT_DECODABLE', true],
  ['html', 'answered', 'NOT_JSON', true],
  ['deep-json', 'answered', 'TOO_DEEP', true],
  ['list', 'answered', 'NOT_JSON', true],
  ['empty', 'answered', 'EMPTY_ANSWER', true],
  ['not-utf8', 'answered', 'NOT_UTF8', true],
  ['wrong-signature', 'answered', 'BODY_SIGN_WRONG', true],
  ['no-id', 'answered', 'NO_INSTANCE_ID', true],
  ['no-code', 'answered', 'NO_RESULT_CODE', true],
  ['odd-code', 'answered', '999999', false],
  ['redirect', 'answered', 'REDIRECT', false],
  ['long-headers', 'unavailable', 'HEADERS_TOO_LARGE', true],
  ['cut-short', 'unavailable', 'ANSWER_CUT_SHORT', true],
  ['not-http', 'unavailable', 'NOT_HTTP', true],
];

test.each(expected)('a merchant that answers %s is told as %s %s, within the deadline (PRD-3, PRD-8)', async (name, kind, code, unknown) => {
  const started = performance.now();
  const outcome = await (code === 'TIMEOUT' ? impatiently : call)(name);
  // a merchant that never ends keeps one for ever
  expect(performance.now() - started).toBeLessThan(30_000);
  expect(outcome).toMatchObject({ kind, code, unknown });
  if (outcome.kind === 'answered') expect(outcome.reading.state).toBe('failed');
  for (const text of Object.values(outcome.sentence)) {
    expect(text).not.toMatch(/\{\w+\}|undefined/);
    expect(text.length).toBeGreaterThan(10);
  }
  // the record names the request and never holds a secret
  const record = JSON.stringify(outcome, (name, value) => (name === 'credentials' ? undefined : value));
  expect(record).toContain('newInstance');
  for (const secret of [key, '13800138000', 'buyer@buyer.example']) expect(record).not.toContain(secret);
});

test('Retry-After of a 429 is read', async () => {
  expect(await call('too-many')).toMatchObject({ reading: { retryAfterMs: 120_000 }, sentence: { en: expect.stringContaining('120 s') } });
});

test('a missing signature is said and does not fail the call, unless the endpoint wants it', async () => {
  const lenient = await call('no-signature');
  expect(lenient).toMatchObject({ code: '000000', reading: { state: 'ok', instanceId: 'I-1', problems: [{ code: 'BODY_SIGN_MISSING', isError: false }] } });
  const strict = await callMerchant(aPurchase('CS-1'), { endpoint: endpointAt(hostile.url('no-signature'), { requireBodySign: true }) });
  expect(strict).toMatchObject({ code: 'BODY_SIGN_MISSING', reading: { state: 'failed' } });
});

test('a compressed answer of a fair size is read', async () => {
  expect(await call('gzip-fine')).toMatchObject({ code: '000000', reading: { instanceId: 'I-1' } });
});

test('a merchant that repeats the request in its answer puts no signature into the record', async () => {
  const { answer } = await call('echo');
  expect(answer?.body).toContain('got ');
  expect(answer?.body).toMatch(/authToken=[^&]{6}…"/);
  expect(answer?.body).not.toMatch(/mobilePhone=[^*]/);
});

test('a redirect to an internal address is not followed', async () => {
  const before = hostile.calls.length;
  expect((await call('redirect')).answer?.status).toBe(302);
  expect(hostile.calls.length).toBe(before + 1);
});

test('nobody listening and a name without an address are told apart; nothing was received', async () => {
  const free = await startHostile();
  await free.stop();
  const nobody = await callMerchant(aPurchase('CS-1'), { endpoint: endpointAt(free.url('html')) });
  expect(nobody).toMatchObject({ kind: 'unavailable', code: 'CONNECTION_REFUSED', unknown: false });
  const unresolved = createCallMerchant({
    send: createSend({ resolve: async () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })) }),
  });
  expect(await unresolved(aPurchase('CS-1'), { endpoint: endpointAt('https://merchant.example/') })).toMatchObject({
    kind: 'unavailable',
    code: 'NAME_NOT_FOUND',
    unknown: false,
  });
});

test('name servers that never answer end with the deadline', async () => {
  const stuck = createSend({ deadlineMs: 200, resolve: () => new Promise(() => {}) });
  const outcome = await createCallMerchant({ send: stuck })(aPurchase('CS-1'), { endpoint: endpointAt('https://merchant.example/') });
  expect(outcome).toMatchObject({ code: 'TIMEOUT', unknown: false });
});

describe('many at once', () => {
  test('twenty gigabytes and bombs leave memory flat, and a healthy merchant beside them is answered', async () => {
    await call('gzip-bomb');
    const before = process.memoryUsage().rss;
    const calls = Array.from({ length: 20 }, (_, no) => call(no % 2 ? 'gigabyte' : 'gzip-bomb'));
    expect(await call('no-signature')).toMatchObject({ code: '000000' });
    for (const { code } of await Promise.all(calls)) expect(['ANSWER_TOO_LARGE', 'TIMEOUT']).toContain(code);
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(200);
  });
});
