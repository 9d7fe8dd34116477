import { z } from 'zod';
import { commandOf, type Given, type Posted } from '../declaration.ts';
import { shortList } from '../enterprise/members.ts';
import { administering, isAdmin } from '../organisation/admins.ts';
import { type GrantKind, type Row, row } from '../organisation/rows.ts';
import { code, missingFrom, userName } from '../organisation/subjects.ts';
import type { Context } from './context.ts';

const command = commandOf<Context>();

const subjects = {
  departments: z.array(code).max(200).default([]),
  userNames: z.array(userName).max(500).default([]),
  groups: z.array(code).max(200).default([]),
};
type Subjects = { departments: string[]; userNames: string[]; groups: string[] };

const labels = {
  departments: { zh: '部门', en: 'department' },
  userNames: { zh: '成员', en: 'member' },
  groups: { zh: '群组', en: 'group' },
};

/** Whoever is named must be there, and somebody must be named. */
function unknownSubjects({ facts: { organisation }, input }: Pick<Given, 'facts'> & { input: Subjects }) {
  if (input.departments.length + input.userNames.length + input.groups.length === 0) return { code: 'NOBODY_NAMED' as const };
  if (!organisation) return null;
  const there = {
    departments: organisation.departments.map((one) => one.code),
    userNames: organisation.members.map((one) => one.userName),
    groups: organisation.groups.map((one) => one.code),
  };
  for (const kind of ['departments', 'userNames', 'groups'] as const) {
    const missing = missingFrom(input[kind], there[kind]);
    if (missing.length > 0) return { code: 'NOT_IN_ORGANISATION' as const, details: { what: labels[kind], missing: shortList(missing) } };
  }
  return null;
}

const shared = { by: administering, reason: 'optional', requires: [isAdmin] } as const;

export const commands = {
  authoriseApp: command({
    ...shared,
    label: { zh: '授权', en: 'Authorise' },
    description: {
      zh: '勾选协议许可后，把应用授权给部门（含下级）、成员或群组；再次授权不改变什么。',
      en: 'With the licence agreement ticked, authorise departments (with all below them), members or groups; again, it changes nothing.',
    },
    input: z.object({ ...subjects, licenceAgreed: z.boolean() }),
    facts: ['organisation'],
    refuse: (given) => (given.input.licenceAgreed ? unknownSubjects(given) : { code: 'LICENCE_NOT_AGREED' }),
    rules: ['ORG-1', 'ORG-4'],
  }),
  withdrawAuthorisation: command({
    ...shared,
    label: { zh: '取消授权', en: 'Withdraw authorisation' },
    description: {
      zh: '取消对部门、成员或群组的授权；不再有任何授权的用户不能登录，应用收到收回。',
      en: 'Withdraw what departments, members or groups were authorised for; users with nothing left cannot log in, and the app is told.',
    },
    input: z.object(subjects),
    destructive: true,
    refuse: ({ input }) => (input.departments.length + input.userNames.length + input.groups.length === 0 ? { code: 'NOBODY_NAMED' } : null),
    rules: ['ORG-1', 'ORG-4'],
  }),
  retryUserSync: command({
    ...shared,
    label: { zh: '重试用户同步', en: 'Retry users' },
    description: { zh: '再次同步失败的用户。', en: 'Synchronise users again whose synchronisation failed.' },
    input: z.object({ userNames: z.array(userName).min(1).max(500) }),
    facts: ['failedUsers'],
    refuse: ({ input, facts: { failedUsers } }) => {
      const others = failedUsers ? missingFrom(input.userNames, failedUsers) : [];
      return others.length > 0 ? { code: 'NO_FAILED_USER', details: { users: shortList(others) } } : null;
    },
    rules: ['ORG-2'],
  }),
};

type Of<Name extends keyof typeof commands> = Posted<Context, z.output<(typeof commands)[Name]['input']>>;

const each = ({ departments, userNames, groups }: Subjects): { kind: GrantKind; subject: string }[] => [
  ...departments.map((subject) => ({ kind: 'department' as const, subject })),
  ...userNames.map((subject) => ({ kind: 'member' as const, subject })),
  ...groups.map((subject) => ({ kind: 'group' as const, subject })),
];

export const rows = {
  authoriseApp: ({ input, actor, refs }: Of<'authoriseApp'>): Row[] =>
    each(input).map((one) => row('grantKept', { ...one, enterprise: refs.enterprise ?? '', by: actor.id })),
  withdrawAuthorisation: ({ input }: Of<'withdrawAuthorisation'>): Row[] => each(input).map((one) => row('grantEnded', one)),
  retryUserSync: ({ input }: Of<'retryUserSync'>): Row[] => input.userNames.map((user_name) => row('userSyncRetried', { user_name })),
};
