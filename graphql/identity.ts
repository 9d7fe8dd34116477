import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import type { JwtConfig } from '../config.ts';
import { type Actor, type Role, roles } from '../lifecycles/roles.ts';

/** Who a request is from, or the sentence why it is from nobody. */
export type Identified = (Caller & { ok: true }) | { ok: false; message: string };

export type Caller = {
  actor: Actor;
  /** When the token ends, in ms since 1970. */
  until: number;
};

export type Identify = (authorization: string | undefined) => Promise<Identified>;

const partyRoles: readonly Role[] = ['buyer', 'merchant', 'serviceProvider', 'enterpriseAdmin'];
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const plain = /^[^\u0000-\u001f\u007f]{1,200}$/;

/** A verified token is not verified again for this long, nor past its own end: a tool sends the same one with every request. */
const rememberedMs = 60_000;
const most = 1_000;

/** Reads the bearer token of a request: HS256 by secret, or the keys of a JWKS; claims sub, role and party (ACT-1). */
export function createIdentity(jwt: JwtConfig): Identify {
  const claims = { issuer: jwt.issuer, audience: jwt.audience, clockTolerance: 5, requiredClaims: ['sub', 'role', 'exp'] };
  const options = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  const secret = jwt.kind === 'secret' ? new TextEncoder().encode(jwt.secret) : null;
  const keys = jwt.kind === 'jwks' ? createRemoteJWKSet(new URL(jwt.url)) : null;
  const verify = (token: string): Promise<{ payload: JWTPayload }> =>
    keys
      ? jwtVerify(token, keys, { ...options, algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'] })
      : jwtVerify(token, secret as Uint8Array, { ...options, algorithms: ['HS256'] });

  const known = new Map<string, { identified: Identified; until: number }>();

  return async function identify(authorization) {
    const token = /^Bearer ([\w.-]+)$/i.exec(authorization ?? '')?.[1];
    if (!token) return { ok: false, message: 'Expected "Authorization: Bearer <token>", got none. Sign in first.' };
    const remembered = known.get(token);
    if (remembered && remembered.until > Date.now()) return remembered.identified;
    try {
      const { payload } = await verify(token);
      const identified = callerOf(payload);
      if (known.size >= most) known.clear();
      known.set(token, { identified, until: Math.min(Date.now() + rememberedMs, (payload.exp ?? 0) * 1_000) });
      return identified;
    } catch (error) {
      return { ok: false, message: sentenceOf(error) };
    }
  };
}

function callerOf({ sub, role, party, exp }: JWTPayload): Identified {
  if (typeof sub !== 'string' || !plain.test(sub)) return { ok: false, message: 'Expected the token’s claim sub to name a person, got none.' };
  if (typeof role !== 'string' || !Object.hasOwn(roles, role))
    return { ok: false, message: `Expected the token’s claim role to be one of ${Object.keys(roles).join(', ')}, got ${JSON.stringify(role)}.` };
  const acting = role as Role;
  const until = (exp ?? 0) * 1_000;
  if (!partyRoles.includes(acting)) return { ok: true, actor: { id: sub, role: acting, party: null }, until };
  if (typeof party !== 'string' || !plain.test(party))
    return { ok: false, message: `Expected the token’s claim party to name the party that a ${role} acts for, got none.` };
  return { ok: true, actor: { id: sub, role: acting, party }, until };
}

function sentenceOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired. Sign in again.';
  if (error instanceof errors.JWTClaimValidationFailed) return `The token’s claim ${error.claim} is not what is expected here (${error.reason}).`;
  if (error instanceof errors.JOSEAlgNotAllowed) return 'The token is signed by an algorithm that is not allowed here.';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The token’s signature is not valid.';
  if (error instanceof errors.JOSEError) return 'The token cannot be read as a signed JWT.';
  return 'The token could not be verified: the keys to check it with cannot be had right now.';
}
