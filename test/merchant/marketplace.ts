import { createHmac, randomUUID } from 'node:crypto';
import { type ExampleMerchant, type MerchantOptions, startMerchant } from '../../examples/merchant/server.ts';

export const key = '00000000-0000-4000-8000-000000000001';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not typed
export type Answered = { status: number; headers: Headers; body: any; text: string };

const hmac = (secret: string, data: string) => createHmac('sha256', secret).update(data);

/** The example merchant with requests that are signed by hand, apart from both sides' own code. */
export async function aMerchant(options: Partial<MerchantOptions> = {}) {
  const merchant = await startMerchant({ key, ...options });
  return { ...merchant, v1: v1Of(merchant), v2: v2Of(merchant), kit: kitOf(merchant), door: doorOf(merchant) };
}

async function answered(response: Response): Promise<Answered> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null };
}

const v1Of =
  ({ url }: Pick<ExampleMerchant, 'url'>) =>
  async (fields: Record<string, string>, { secret = key }: { secret?: string } = {}): Promise<Answered> => {
    const all: Record<string, string> = { timeStamp: '20261121025113409', ...fields };
    const data = Object.keys(all)
      .sort()
      .map((name) => `${name}=${all[name]}`)
      .join('&');
    const authToken = hmac(`${secret}${all.timeStamp}`, data).digest('base64');
    return answered(await fetch(`${url}/produce?${new URLSearchParams({ ...all, authToken })}`));
  };

const v2Of =
  ({ url }: Pick<ExampleMerchant, 'url'>) =>
  async (body: Record<string, unknown>, { secret = key, at = Date.now(), nonce = randomUUID() }: { secret?: string; at?: number; nonce?: string } = {}) => {
    const raw = JSON.stringify(body);
    const signature = hmac(secret, `${secret}${nonce}${at}${hmac(secret, raw).digest('hex')}`)
      .digest('hex')
      .toUpperCase();
    return answered(await fetch(`${url}/produce?${new URLSearchParams({ signature, timestamp: String(at), nonce })}`, { method: 'POST', body: raw }));
  };

const kitOf =
  ({ url }: Pick<ExampleMerchant, 'url'>) =>
  async (generation: 'V1' | 'V2', name: string, body: Record<string, unknown>, { secret = key }: { secret?: string } = {}) => {
    const at = String(Date.now());
    const nonce = randomUUID();
    const sent: Record<string, unknown> = generation === 'V1' ? { timeStamp: '20261121105113409', ...body } : body;
    const raw = JSON.stringify(sent);
    const data = Object.keys(sent)
      .sort()
      .filter((field) => String(sent[field] ?? '') !== '')
      .map((field) => `${field}=${typeof sent[field] === 'object' ? JSON.stringify(sent[field]) : sent[field]}`)
      .join('&');
    const headers: Record<string, string> =
      generation === 'V1'
        ? { authToken: hmac(`${secret}${sent.timeStamp}`, data).digest('base64') }
        : { 'x-sign': hmac(secret, `${secret}${nonce}${at}${raw}`).digest('hex'), 'x-timestamp': at, 'x-nonce': nonce };
    const path = generation === 'V1' ? `/produceAPI/${name}` : `/produceAPI/v2/${name}`;
    return answered(await fetch(`${url}${path}`, { method: 'POST', headers, body: raw }));
  };

const doorOf =
  ({ url }: Pick<ExampleMerchant, 'url'>) =>
  async (path: string, body?: unknown) =>
    answered(await fetch(`${url}${path}`, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }));

/** A purchase as V1 sends it; businessId is new in every request. */
export const aPurchase = (orderId: string, more: Record<string, string> = {}): Record<string, string> => ({
  activity: 'newInstance',
  customerId: 'C-1',
  customerName: '示例买家甲',
  businessId: randomUUID(),
  orderId,
  skuCode: 'SKU-1',
  productId: 'P-1',
  chargingMode: '1',
  periodType: 'year',
  periodNumber: '1',
  expireTime: '20271121000000',
  testFlag: '0',
  ...more,
});
