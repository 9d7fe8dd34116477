import { z } from 'zod';
import { forms } from '../codes/fields.ts';
import { commandOf, type Given, type Posted } from '../declaration.ts';
import { administering, isAdmin } from '../organisation/admins.ts';
import { row } from '../organisation/rows.ts';
import { code, label, missingFrom, subjectsIn, userName, userNames } from '../organisation/subjects.ts';
import { expectedField } from '../problem.ts';
import type { Context } from './context.ts';

const command = commandOf<Context>();
const what = { member: { zh: '成员', en: 'member' }, department: { zh: '部门', en: 'department' } };

const mail = z.email().max(200);
const phone = z
  .string()
  .trim()
  .regex(/^\+?\d{5,20}$/, forms.telephone.en)
  .meta({ examples: ['+8613800000000'] });
export const newMember = z.object({
  userName,
  name: label,
  department: code,
  role: z.enum(['user', 'admin']).default('user'),
  position: label.optional(),
  mail: mail.optional(),
  phone: phone.optional(),
});

type Asked = Pick<Given, 'facts'> & { input: Record<string, unknown> };

/** Every member and department that the input names must be there. */
export function strangers({ facts: { organisation }, input }: Asked) {
  if (!organisation) return null;
  const named = subjectsIn(input);
  const departments = missingFrom(
    named.departments,
    organisation.departments.map((one) => one.code),
  );
  const members = missingFrom(
    named.members,
    organisation.members.map((one) => one.userName),
  );
  if (departments.length > 0) return { code: 'NOT_IN_ORGANISATION' as const, details: { what: what.department, missing: shortList(departments) } };
  return members.length > 0 ? { code: 'NOT_IN_ORGANISATION' as const, details: { what: what.member, missing: shortList(members) } } : null;
}

/** The first few names of many, for a sentence. */
export const shortList = (names: readonly string[]) => [...names.slice(0, 10), ...(names.length > 10 ? [`… (${names.length})`] : [])].join(', ');

const shared = { by: administering, reason: 'optional', facts: ['organisation'], requires: [isAdmin], rules: ['ORG-4', 'ORG-6'] } as const;

export const commands = {
  addMembers: command({
    ...shared,
    label: { zh: '添加成员', en: 'Add members' },
    description: { zh: '把成员加入部门；部门已获授权的应用随之授权。', en: 'Add members to departments; they are authorised for what their departments are.' },
    input: z.object({ members: z.array(newMember).min(1).max(300) }),
    check: ({ input: { members } }) =>
      members.flatMap(({ userName: name }, index) =>
        members.findIndex((other) => other.userName === name) < index
          ? [expectedField(`members.${index}.userName`, { zh: '不重复的成员', en: 'each member once' }, { zh: name, en: `${name} again` })]
          : [],
      ),
    refuse: (given) => {
      const existing = given.facts.organisation?.members.map((one) => one.userName) ?? [];
      if (existing.length > 0) return { code: 'IN_ORGANISATION_ALREADY', details: { what: what.member, existing: shortList(existing) } };
      return strangers({ ...given, input: { departments: given.input.members.map((one) => one.department) } });
    },
  }),
  moveMembers: command({
    ...shared,
    label: { zh: '移动成员', en: 'Move members' },
    description: {
      zh: '把成员移到另一部门；授权随之变化，只把差异同步到应用。',
      en: 'Put members into another department; who is authorised changes, and apps are told exactly the difference.',
    },
    input: z.object({ userNames, department: code }),
    refuse: strangers,
  }),
  removeMembers: command({
    ...shared,
    label: { zh: '移除成员', en: 'Remove members' },
    description: { zh: '把成员移出企业，其应用授权随之收回。', en: 'Take members out of the enterprise; what they were authorised for is revoked.' },
    input: z.object({ userNames }),
    destructive: true,
    refuse: strangers,
  }),
};

type Of<Name extends keyof typeof commands> = Posted<Context, z.output<(typeof commands)[Name]['input']>>;

export const rows = {
  addMembers: ({ input: { members } }: Of<'addMembers'>) =>
    members.map(({ userName: user_name, name, department, role, position = null, mail: address = null, phone: number = null }) =>
      row('memberKept', { user_name, name, department, role, position, mail: address, phone: number }),
    ),
  moveMembers: ({ input }: Of<'moveMembers'>) => input.userNames.map((user_name) => row('memberMoved', { user_name, department: input.department })),
  removeMembers: ({ input }: Of<'removeMembers'>) =>
    input.userNames.flatMap((user_name) => [
      row('memberEnded', { user_name }),
      row('membershipsEnded', { code: null, user_name }),
      row('subjectEnded', { kind: 'member', subject: user_name }),
    ]),
};
