import { randomUUID } from 'node:crypto';
import type { Call, Endpoint } from '../call.ts';
import { canonicalJson, compactInBeijing, compactWithMs } from '../forms.ts';
import { kitV1Fields, v1Data, v1Token } from '../signatures/v1.ts';
import { kitV2Signature, v2Signature } from '../signatures/v2.ts';
import { bodyOfKit, kitUrl } from './kit.ts';
import { fieldsOfV1 } from './v1.ts';
import { bodyOfV2 } from './v2.ts';

/** One HTTP request, signed and ready. */
export type MerchantRequest = {
  method: 'GET' | 'POST';
  url: URL;
  headers: Record<string, string>;
  body: string | null;
  /** The text that was signed, for a developer who compares; the key stands in it as <key>. */
  signed: string;
  signature: string;
};

/** What makes a request new each time; given by tests. businessId is new in every request and never a key. */
export type Fresh = { at: number; nonce: string; businessId: string };
const fresh = (): Fresh => ({ at: Date.now(), nonce: randomUUID(), businessId: randomUUID() });

/** The request of a call in the generation that its endpoint speaks; null: that generation has no such call. */
export function requestOf(call: Call, endpoint: Endpoint, { at, nonce, businessId }: Fresh = fresh()): MerchantRequest | null {
  const { generation, key, url } = endpoint;
  const unique: Record<string, string> = call.activity === 'newInstance' ? { businessId } : {};
  const kit = bodyOfKit(call, generation);
  if (kit) return generation === 'V1' ? kitV1() : kitV2();
  return generation === 'V1' ? v1() : v2();

  function v1(): MerchantRequest | null {
    const own = fieldsOfV1(call, key);
    if (!own) return null;
    const target = new URL(url);
    // every parameter of the query is signed, so what the address brings along is, too
    const fields = { ...Object.fromEntries(target.searchParams), ...own, ...unique, timeStamp: compactWithMs(at) };
    const authToken = v1Token(key, fields);
    target.search = queryOf({ ...fields, authToken });
    return { method: 'GET', url: target, headers: { accept: 'application/json' }, body: null, signed: v1Data(fields), signature: authToken };
  }

  function v2(): MerchantRequest | null {
    const own = bodyOfV2(call);
    if (!own) return null;
    const body = canonicalJson({ ...own, ...unique });
    const timestamp = stamps[endpoint.v2Timestamp ?? 'milliseconds'](at);
    const signature = v2Signature(key, { nonce, timestamp, body });
    const target = new URL(url);
    target.search = queryOf({ ...Object.fromEntries(target.searchParams), signature, timestamp, nonce });
    return { method: 'POST', url: target, headers: jsonHeaders, body, signed: `<key>${nonce}${timestamp}hex(HMAC-SHA256(<key>, ${body}))`, signature };
  }

  function kitV1(): MerchantRequest {
    const body = { ...kit, timeStamp: compactInBeijing(at) };
    const fields = kitV1Fields(body);
    const authToken = v1Token(key, fields);
    return {
      method: 'POST',
      url: kitTarget(),
      headers: { ...jsonHeaders, authToken },
      body: canonicalJson(body),
      signed: v1Data(fields),
      signature: authToken,
    };
  }

  function kitV2(): MerchantRequest {
    const body = canonicalJson(kit);
    const timestamp = stamps[endpoint.v2Timestamp ?? 'milliseconds'](at);
    const sign = kitV2Signature(key, { nonce, timestamp, body });
    const headers = { ...jsonHeaders, 'x-sign': sign, 'x-timestamp': timestamp, 'x-nonce': nonce };
    return { method: 'POST', url: kitTarget(), headers, body, signed: `<key>${nonce}${timestamp}${body}`, signature: sign };
  }

  function kitTarget(): URL {
    return kitUrl(url, { activity: call.activity, generation });
  }
}

const jsonHeaders = { accept: 'application/json', 'content-type': 'application/json; charset=utf-8' };

/** [I] The forms in which documents write V2's timestamp. */
const stamps = {
  milliseconds: String,
  seconds: (at: number) => String(Math.floor(at / 1_000)),
  compact: compactWithMs,
} as const satisfies Record<NonNullable<Endpoint['v2Timestamp']>, (at: number) => string>;

/** Percent-encoded throughout: a blank as %20, since not every server reads "+" as one. */
const queryOf = (fields: Record<string, string>) =>
  Object.entries(fields)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
