import { SignJWT } from 'jose';
import type { JwtConfig } from '../config.ts';
import type { Actor } from '../lifecycles/roles.ts';

/** A named login per role, for development only. Buyer A's administrator sees its enterprises, and edits those that invited them (ORG-3). */
export const developmentLogins: readonly Actor[] = [
  { id: 'buyer-a.li', role: 'buyer', party: 'buyer-a' },
  { id: 'buyer-b.wu', role: 'buyer', party: 'buyer-b' },
  { id: 'merchant-a.zhao', role: 'merchant', party: 'merchant-a' },
  { id: 'merchant-b.sun', role: 'merchant', party: 'merchant-b' },
  { id: 'manager.qian', role: 'operationsManager', party: null },
  { id: 'manager.zheng', role: 'operationsManager', party: null },
  { id: 'reviewer.zhou', role: 'reviewer', party: null },
  { id: 'provider-a.he', role: 'serviceProvider', party: 'provider-a' },
  { id: 'buyer-a.lin', role: 'enterpriseAdmin', party: 'buyer-a' },
  { id: 'payments', role: 'system', party: null },
];

export type Login = { name: string; role: string; party: string | null; token: string };
export type Logins = ReturnType<typeof createLogins>;

/** Makes tokens for the development logins; there are none where keys come from elsewhere (JWKS). */
export function createLogins(jwt: Extract<JwtConfig, { kind: 'secret' }>) {
  const secret = new TextEncoder().encode(jwt.secret);
  return { login, all: () => Promise.all(developmentLogins.map(tokenFor)) };

  async function login(name: string): Promise<Login | null> {
    const actor = developmentLogins.find(({ id }) => id === name);
    return actor ? tokenFor(actor) : null;
  }

  async function tokenFor({ id, role, party }: Actor): Promise<Login> {
    const token = new SignJWT({ role, ...(party ? { party } : {}) }).setProtectedHeader({ alg: 'HS256' }).setSubject(id).setIssuedAt().setExpirationTime('12h');
    if (jwt.issuer) token.setIssuer(jwt.issuer);
    if (jwt.audience) token.setAudience(jwt.audience);
    return { name: id, role, party, token: await token.sign(secret) };
  }
}
