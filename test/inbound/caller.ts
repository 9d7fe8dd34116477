import { createHash, createHmac, randomUUID } from 'node:crypto';
import { type Actor, system } from '../../lifecycles/roles.ts';
import { type Api, anApi } from '../graphql/api.ts';
import { aCommand, accepted, buyer, machine } from '../world.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not typed
export type Answered = { status: number; body: any };
export type Key = { ak: string; secret: string };
type How = { at?: number; nonce?: string; secret?: string; signedBody?: string; host?: string; signedHeaders?: string[] };

const hmac = (secret: string, data: string) => createHmac('sha256', secret).update(data).digest('hex');
const sha256 = (data: string) => createHash('sha256').update(data).digest('hex');

/** The whole API, with calls that are signed by hand, apart from the code that verifies them. */
export async function anInbound() {
  const api = await anApi();
  return { ...api, aKey: (actor: Actor) => aKey(api, actor), byNonce: byNonce(api), byAkSk: byAkSk(api), anInstance: () => anInstance(api) };
}

async function aKey(api: Api, actor: Actor): Promise<Key> {
  const { data } = await api.ask(
    actor,
    'mutation { createMerchantKey { __typename ... on MerchantKeyCreated { ak secret } ... on Problem { code message } } }',
  );
  return data.createMerchantKey;
}

const byNonce =
  ({ base }: Api) =>
  async (
    { ak, secret: known }: Key,
    path: string,
    body: unknown,
    { at = Date.now(), nonce = randomUUID(), secret = known, signedBody }: How = {},
  ): Promise<Answered> => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const signature = hmac(secret, `${secret}${nonce}${at}${hmac(secret, signedBody ?? text)}`).toUpperCase();
    const response = await fetch(`${base}/inbound/${path}?${new URLSearchParams({ ak, signature, ts: String(at), nonce })}`, { method: 'POST', body: text });
    return { status: response.status, body: await response.json() };
  };

const byAkSk =
  ({ base }: Api) =>
  async ({ ak, secret: known }: Key, path: string, body: unknown, how: How = {}): Promise<Answered> => {
    const { at = Date.now(), secret = known, host = new URL(base).host, signedHeaders = ['content-type', 'host', 'x-sdk-date'] } = how;
    const text = JSON.stringify(body);
    const date = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
    const values: Record<string, string> = { 'content-type': 'application/json', host, 'x-sdk-date': date };
    const canonical = `POST\n/inbound/${path}/\n\n${signedHeaders.map((name) => `${name}:${values[name]}\n`).join('')}\n${signedHeaders.join(';')}\n${sha256(text)}`;
    const signature = hmac(secret, `SDK-HMAC-SHA256\n${date}\n${sha256(canonical)}`);
    const authorization = `SDK-HMAC-SHA256 Access=${ak}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
    const headers = { 'content-type': 'application/json', 'x-sdk-date': date, authorization };
    const response = await fetch(`${base}/inbound/${path}`, { method: 'POST', headers, body: text });
    return { status: response.status, body: await response.json() };
  };

/** An opened service of merchant-a's, which knows it by an id of its own. */
async function anInstance({ commit, pool }: Api) {
  const place = { product: 'saas-instant', scenario: 'none', period: { unit: 'year', count: 1 } };
  const { instance: order } = await accepted(commit.command(aCommand({ lifecycle: 'order', command: 'placeOrder', actor: buyer, input: place })));
  const {
    rows: [{ amount, number }],
  } = await pool.query("select (context ->> 'amount')::int as amount, number from instances where id = $1", [order]);
  const pay = { amount, means: 'balance', reference: `PAY-${order.slice(-6)}` };
  await accepted(commit.command(aCommand({ lifecycle: 'order', instance: order, command: 'recordPayment', actor: machine, input: pay })));
  await accepted(commit.command(aCommand({ lifecycle: 'order', instance: order, command: 'recordOpening', actor: system })));
  const {
    rows: [service],
  } = await pool.query("select id, number from instances where refs ->> 'order' = $1 and lifecycle = 'serviceInstance'", [order]);
  const merchantInstance = `theirs-${randomUUID()}`;
  await pool.query('insert into merchant_instances values ($1, $2, $3)', ['merchant-a', merchantInstance, service.id]);
  return { order: number as string, id: service.id as string, number: service.number as string, merchantInstance };
}

const hour = 3_600_000;
export const utc = (at: number) => new Date(at).toISOString().replace(/\D/g, '').slice(0, 17);

/** A record of the last hour. */
export const aRecord = (instanceId: string, more: Record<string, unknown> = {}) => ({
  instanceId,
  meteringId: randomUUID(),
  recordTime: utc(Date.now()),
  beginTime: utc(Date.now() - hour),
  endTime: utc(Date.now() - 60_000),
  usageValue: '12.5',
  ...more,
});
