import type pg from 'pg';
import { makeLink } from '../db/organisation/invitations.ts';
import { type Outside, OutsideRefused, OutsideUnavailable, type Sending } from './outside.ts';

/** One mail to one address. @throws `undeliverable` when the mailbox will never take it, anything else when it may later */
export type SendMail = (mail: { key: string; to: string; subject: string; text: string }, signal: AbortSignal) => Promise<void>;

/** ORG-3: the mail with the link by which an administrator accepts. The link is in the mail alone; the database has its hash. */
export function createInvitations({
  pool,
  mail,
  isFinal,
  baseUrl,
}: {
  pool: pg.Pool;
  mail: SendMail;
  /** Whether the mailbox will never take it. */
  isFinal: (error: unknown) => boolean;
  /** Where the link leads. */
  baseUrl: string;
}): { mailInvitation: Outside } {
  return { mailInvitation: { send } };

  async function send({ params, instance, idempotencyKey, signal }: Sending): Promise<Record<string, unknown>> {
    const { mail: to, enterpriseName } = params as { mail: string; enterpriseName: string };
    const token = await makeLink(pool, { invitation: instance, round: idempotencyKey });
    // behind #, so that no server on the way logs it
    const link = new URL(`invitations/${instance}#${token}`, baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`).href;
    try {
      await mail({ key: idempotencyKey, to, ...textOf(enterpriseName, link) }, signal);
      return {};
    } catch (error) {
      const message = (error as Error).message;
      if (isFinal(error)) throw new OutsideRefused('UNDELIVERABLE', message);
      throw new OutsideUnavailable('MAIL_UNAVAILABLE', message, { unknown: true });
    }
  }
}

function textOf(enterprise: string, link: string) {
  return {
    subject: `邀请您管理企业 · Invitation to administer ${enterprise}`,
    text: [
      `您被邀请成为企业“${enterprise}”的管理员。请以被邀请的云商店账号登录后打开以下链接接受，链接有期限，仅可使用一次：`,
      link,
      '',
      `You are invited to administer the enterprise “${enterprise}”. Sign in with the invited marketplace account and open the link above; it expires and works once.`,
    ].join('\n'),
  };
}
