import { assign, setup } from 'xstate';
import { z } from 'zod';
import type { Code, Details } from './codes.ts';
import { commandOf, type EventsOf, type Lifecycle, type PlainEvent } from './declaration.ts';
import { administering, isCreator } from './organisation/admins.ts';
import { days, minutes, spanOf } from './spans.ts';
import { instant } from './values.ts';

const context = z.object({
  enterpriseName: z.string(),
  /** The person who created the enterprise: who alone resends and revokes. */
  creator: z.string(),
  /** The marketplace account 账号 that is invited. */
  account: z.string(),
  mail: z.string(),
  invitedAt: instant,
  /** When the newest link was mailed; its hash is in invitation_links, the link itself nowhere. */
  sentAt: instant.nullable(),
  acceptedBy: z.string().nullable(),
});
type Context = z.output<typeof context>;
type Input = Omit<Context, 'sentAt' | 'acceptedBy'>;

const command = commandOf<Context>();

const inviteAdmin = command({
  label: { zh: '邀请管理员', en: 'Invite an administrator' },
  description: {
    zh: '以邮件链接邀请持有云商店账号的人管理企业。',
    en: 'Invite the holder of a marketplace account by a link in a mail to administer the enterprise.',
  },
  by: administering,
  input: z.object({ enterprise: z.uuid(), account: z.string().trim().min(1).max(100), mail: z.email().max(200) }),
  reason: 'optional',
  facts: ['invitee'],
  requires: [
    {
      code: 'ENTERPRISE_NOT_ACTIVE',
      met: ({ joined }) => joined?.enterprise?.value === 'active',
      details: ({ joined }) => ({ enterprise: joined?.enterprise?.number ?? null }),
    },
    { code: 'NOT_CREATOR_OF_ENTERPRISE', met: ({ joined, actor }) => joined?.enterprise?.context.creator === actor.id },
  ],
  refuse: ({ facts: { invitee }, input: { account }, joined }): { code: Code; details: Details } | null => {
    if (invitee === undefined) return null;
    if (invitee === null) return { code: 'ACCOUNT_UNKNOWN', details: { account } };
    if (invitee.forCustomers) return { code: 'ACCOUNT_FOR_CUSTOMERS', details: { account } };
    const admins = (joined?.enterprise?.context.admins ?? []) as { account: string; person: string }[];
    const creator = joined?.enterprise?.context.creator;
    return admins.some((one) => one.account === account && one.person !== creator) ? { code: 'ADMIN_ALREADY', details: { account } } : null;
  },
  rules: ['ORG-3'],
});

const commands = {
  acceptInvitation: command({
    label: { zh: '接受邀请', en: 'Accept the invitation' },
    description: {
      zh: '用邮件中的链接，以被邀请的账号登录后接受，成为企业管理员。',
      en: 'Signed in with the invited account, accept by the link of the mail and become an administrator.',
    },
    by: administering,
    input: z.object({ token: z.string().min(20).max(200) }),
    reason: 'optional',
    facts: ['invitationLink', 'invitee'],
    proof: ({ invitationLink }) => invitationLink === true,
    refuse: ({ actor, context: { account }, facts: { invitee, invitationLink } }): { code: Code; details?: Details } | null => {
      if (invitationLink === undefined) return null;
      if (actor.party !== account) return { code: 'WRONG_ACCOUNT', details: { expected: account, got: actor.party } };
      if (!invitationLink) return { code: 'INVITATION_LINK_VOID' };
      return invitee?.forCustomers ? { code: 'ACCOUNT_FOR_CUSTOMERS', details: { account } } : null;
    },
    rules: ['ORG-3'],
  }),
  resendInvitation: command({
    label: { zh: '重新发送邀请', en: 'Send the invitation again' },
    description: { zh: '发送新的链接，有效期重新计算，旧链接作废。', en: 'Mail a new link with its full time; links sent before are void.' },
    by: administering,
    input: z.object({}),
    reason: 'optional',
    requires: [isCreator],
    rules: ['ORG-3'],
  }),
  revokeInvitation: command({
    label: { zh: '撤销邀请', en: 'Revoke the invitation' },
    description: { zh: '链接立即作废。', en: 'The link is void at once.' },
    by: administering,
    input: z.object({}),
    reason: 'optional',
    destructive: true,
    requires: [isCreator],
    rules: ['ORG-3'],
  }),
};

type Events = EventsOf<typeof commands> | PlainEvent<'invitationMailed', { sentAt: number }> | PlainEvent<'invitationUndeliverable' | 'invitationExpired'>;

export const adminInvitationMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  actions: {
    keepMailed: assign({ sentAt: ({ event }) => event.at }),
    keepAcceptance: assign({ acceptedBy: ({ event }) => event.actor.id }),
  },
}).createMachine({
  id: 'adminInvitation',
  options: { maxIterations: 100 },
  context: ({ input }) => ({ ...input, sentAt: null, acceptedBy: null }),
  initial: 'mailing',
  states: {
    mailing: {
      on: {
        invitationMailed: { target: 'invited', actions: 'keepMailed' },
        invitationUndeliverable: 'undelivered',
        revokeInvitation: 'revoked',
        invitationExpired: 'expired',
      },
    },
    undelivered: { on: { resendInvitation: 'mailing', revokeInvitation: 'revoked', invitationExpired: 'expired' } },
    invited: {
      on: {
        acceptInvitation: { target: 'activated', actions: 'keepAcceptance' },
        resendInvitation: 'mailing',
        revokeInvitation: 'revoked',
        invitationExpired: 'expired',
      },
    },
    activated: { type: 'final' },
    revoked: { type: 'final' },
    expired: { type: 'final' },
  },
});

const ended = (zh: string, en: string, description: { zh: string; en: string }) => ({ zh, en, waitsFor: [], description });

/** An invitation to administer an enterprise (ORG-3): invited → 已激活, or it is revoked or expires. */
export const adminInvitation = {
  name: 'adminInvitation',
  version: 1,
  prefix: 'AI',
  label: { zh: '管理员邀请', en: 'Administrator invitation' },
  machine: adminInvitationMachine,
  context,
  states: {
    mailing: { zh: '发送中', en: 'Being mailed', waitsFor: ['system'], description: { zh: '邀请邮件正在发送。', en: 'The mail with the link is on its way.' } },
    undelivered: {
      zh: '邮件未送达',
      en: 'Not delivered',
      waitsFor: ['enterpriseAdmin'],
      description: {
        zh: '邮箱拒收邀请，请核对后重发，或撤销后重新邀请。',
        en: 'The mailbox does not take the mail; send it again, or revoke and invite another address.',
      },
    },
    invited: {
      zh: '已邀请',
      en: 'Invited',
      waitsFor: ['enterpriseAdmin'],
      description: { zh: '等待被邀请人通过链接接受。', en: 'The invited person accepts by the link.' },
    },
    activated: ended('已激活', 'Activated', { zh: '被邀请人已成为企业管理员。', en: 'The invited person is an administrator.' }),
    revoked: ended('已撤销', 'Revoked', { zh: '邀请已撤销。', en: 'The invitation was revoked.' }),
    expired: ended('已过期', 'Expired', { zh: '邀请未在有效期内接受。', en: 'The invitation was not accepted in time.' }),
  },
  opening: {
    name: 'inviteAdmin',
    command: inviteAdmin,
    joins: ({ enterprise }: z.output<(typeof inviteAdmin)['input']>) => ({ enterprise }),
    start: ({ input, actor, joined, now }) => {
      const { account, mail } = input as z.output<(typeof inviteAdmin)['input']>;
      if (!joined?.enterprise) throw new Error('expected the enterprise to be joined');
      const { context: of, parties } = joined.enterprise;
      const begun: Input = { enterpriseName: String(of.name), creator: actor.id, account, mail, invitedAt: now };
      return { input: begun, parties };
    },
  },
  commands,
  events: {
    invitationMailed: { zh: '邀请邮件已发送', en: 'The invitation was mailed' },
    invitationUndeliverable: { zh: '邀请邮件被拒收', en: 'The invitation could not be delivered' },
  },
  deadlines: {
    invitationExpired: {
      in: ['mailing', 'undelivered', 'invited'],
      due: ({ policies }) => spanOf(policies, 'invitationValid'),
      rearmOn: ['resendInvitation'],
      label: { zh: '邀请过期', en: 'The invitation expires' },
      rules: ['ORG-3'],
    },
  },
  effects: {
    mailInvitation: {
      in: ['mailing'],
      params: ({ context: { mail, enterpriseName } }: { context: Context }) => ({ mail, enterpriseName }),
      result: z.object({}),
      retry: { every: (policies) => spanOf(policies, 'mailEvery'), attempts: () => null, timeoutMs: 30_000 },
      onLeave: 'cancel',
      whenFrozen: 'run',
      succeeded: 'invitationMailed',
      failed: { event: 'invitationUndeliverable' },
      exhausted: 'incident',
      label: { zh: '发送邀请邮件', en: 'Mail the invitation' },
      rules: ['ORG-3'],
    },
  },
  onEnter: {
    activated: [{ tell: 'enterprise', event: 'adminJoined', input: ({ context: { acceptedBy, account } }) => ({ person: acceptedBy, account }) }],
  },
  notices: {
    acceptInvitation: [{ to: ['buyer'], topic: 'organisation', text: { zh: '被邀请人已成为企业管理员。', en: 'The invited person is an administrator now.' } }],
    invitationExpired: [
      { to: ['buyer'], topic: 'organisation', text: { zh: '管理员邀请已过期，可重新邀请。', en: 'The invitation has expired; invite again.' } },
    ],
    invitationUndeliverable: [
      { to: ['buyer'], topic: 'organisation', text: { zh: '邀请邮件被拒收，请核对邮箱。', en: 'The invitation could not be delivered; check the address.' } },
    ],
  },
  policies: {
    invitationValid: { default: days(7), label: { zh: '邀请有效期', en: 'An invitation is valid for' }, rule: 'ORG-3' },
    mailEvery: { default: minutes(1), label: { zh: '邮件重试间隔', en: 'Between tries to mail' }, rule: 'ORG-3' },
  },
  rules: ['ORG-3'],
} satisfies Lifecycle;
