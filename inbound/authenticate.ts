import type { ActiveKey, MerchantKeys } from '../db/inbound/keys.ts';
import { InboundRefused } from './problems.ts';
import { akSkIn, isSame, isSignedByAkSk, nonceSignature, type Signed, sdkDate } from './signatures.ts';

/** PRD-9: how far a call's time may be from PostgreSQL's clock. */
const apartMs = 5 * 60_000;

export type Caller = { ak: string; merchant: string; now: number };

/**
 * Who a call is from. Every failure is answered alike, whether the key exists or not. A call by AK/SK has no nonce: the
 * same one again within its 5 minutes has no second effect, because what it asks for is idempotent.
 * @throws InboundRefused SIGNATURE_MISSING, SIGNATURE_WRONG, TIME_APART, NONCE_USED
 */
export function createAuthentication({ active, takeNonce }: Pick<MerchantKeys, 'active' | 'takeNonce'>) {
  return async function authenticate(call: Signed): Promise<Caller> {
    const byAkSk = akSkIn(call);
    if (byAkSk) {
      const key = await keyOf(byAkSk.ak);
      if (!isSignedByAkSk(call, byAkSk, key.secret)) throw new InboundRefused('SIGNATURE_WRONG');
      requireNear(sdkDate(byAkSk.date), key.now);
      return callerOf(key);
    }
    const [ak, signature, ts, nonce] = ['ak', 'signature', 'ts', 'nonce'].map((name) => call.url.searchParams.get(name) ?? '') as [
      string,
      string,
      string,
      string,
    ];
    if (!ak || !signature || !ts || !nonce) throw new InboundRefused('SIGNATURE_MISSING');
    const key = await keyOf(ak);
    if (!/^[\x21-\x7e]{1,100}$/.test(nonce) || !isSame(signature, nonceSignature(key.secret, { nonce, ts, body: call.body })))
      throw new InboundRefused('SIGNATURE_WRONG');
    requireNear(/^\d{13}$/.test(ts) ? Number(ts) : Number.NaN, key.now);
    // only a nonce that was signed is kept, so that nobody else can use it up
    if (!(await takeNonce(ak, nonce))) throw new InboundRefused('NONCE_USED');
    return callerOf(key);
  };

  async function keyOf(ak: string): Promise<ActiveKey> {
    const key = /^[\w-]{1,100}$/.test(ak) ? await active(ak) : null;
    if (!key) throw new InboundRefused('SIGNATURE_WRONG');
    return key;
  }
}

const callerOf = ({ ak, merchant, now }: ActiveKey): Caller => ({ ak, merchant, now });

function requireNear(at: number, now: number): void {
  if (!(Math.abs(at - now) <= apartMs)) throw new InboundRefused('TIME_APART');
}
