import { SignJWT } from 'jose';
import type { Actor } from '../../lifecycles/roles.ts';
import { type Answer, type Api, jwt, secret } from './api.ts';

/** People of roles to whom no order is ever shown, and whom no development login has (ACT-1). */
export const strangers: readonly Actor[] = [
  { id: 'provider.he', role: 'serviceProvider', party: 'provider-a' },
  { id: 'admin.lin', role: 'enterpriseAdmin', party: 'buyer-a' },
];

export async function signedFor({ id, role, party }: Actor): Promise<string> {
  const claims = new SignJWT({ role, party })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(id)
    .setAudience(jwt.audience)
    .setIssuedAt()
    .setExpirationTime('1h');
  return claims.sign(new TextEncoder().encode(secret));
}

export async function askAs(api: Api, actor: Actor, query: string, variables: Record<string, unknown>): Promise<Answer> {
  return api.post(JSON.stringify({ query, variables }), { authorization: `Bearer ${await signedFor(actor)}` });
}
