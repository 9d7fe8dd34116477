import type { Code, Details } from '../codes.ts';
import type { Context } from './context.ts';

/** What decides a login besides the binding itself: is the user authorised here and now, and does the app know it? */
export type Known = { authorised: boolean; acknowledged: boolean; serviceEnded: boolean };

/**
 * ORG-4: only authorised users of an enabled app log in. An authorisation that was withdrawn counts at once, whether or
 * not the app has been told; one that was given counts when the app knows the user. So does the service's release. @returns why not, or null
 */
export function loginProblem({ state, context, user, known }: { state: string; context: Context; user: string; known: Known }): {
  code: Code;
  details: Details;
} | null {
  const details = { user, product: context.productName };
  if (known.serviceEnded) return { code: 'SERVICE_ENDED', details };
  if (!context.connected || state === 'unbinding' || state === 'unbound') return { code: 'APP_NOT_CONNECTED', details };
  if (!context.enabled) return { code: 'APP_DISABLED', details };
  if (!known.authorised) return { code: 'USER_NOT_AUTHORISED', details };
  return known.acknowledged ? null : { code: 'USER_NOT_SYNCHRONISED', details };
}
