import { z } from 'zod';
import { commandOf, type Given, type Posted } from '../declaration.ts';
import { administering, isAdmin } from '../organisation/admins.ts';
import { row } from '../organisation/rows.ts';
import { code, label, userNames } from '../organisation/subjects.ts';
import type { Context } from './context.ts';
import { strangers } from './members.ts';

const command = commandOf<Context>();
const what = { zh: '群组', en: 'group' };
const shared = { by: administering, reason: 'optional', facts: ['organisation'], requires: [isAdmin], rules: ['ORG-4', 'ORG-6'] } as const;

/** The group that the input names must be there, and its members too. */
function unknownGroup(given: Pick<Given, 'facts'> & { input: { group: string; userNames?: string[] } }) {
  const { organisation } = given.facts;
  if (organisation && !organisation.groups.some((one) => one.code === given.input.group))
    return { code: 'NOT_IN_ORGANISATION' as const, details: { what, missing: given.input.group } };
  return strangers(given);
}

export const commands = {
  createGroup: command({
    ...shared,
    label: { zh: '新建群组', en: 'Create a group' },
    description: { zh: '新建跨部门的成员群组。', en: 'Create a group of members across departments.' },
    input: z.object({ group: code, name: label }),
    refuse: ({ facts: { organisation }, input: { group } }) =>
      organisation?.groups.some((one) => one.code === group) ? { code: 'IN_ORGANISATION_ALREADY', details: { what, existing: group } } : null,
  }),
  deleteGroup: command({
    ...shared,
    label: { zh: '删除群组', en: 'Delete a group' },
    description: { zh: '删除群组，经由它的授权随之收回。', en: 'Delete a group; what was authorised through it is revoked.' },
    input: z.object({ group: code }),
    destructive: true,
    refuse: unknownGroup,
  }),
  addToGroup: command({
    ...shared,
    label: { zh: '加入群组', en: 'Add to a group' },
    description: { zh: '把成员加入群组；再次加入不改变什么。', en: 'Add members to a group; adding one again changes nothing.' },
    input: z.object({ group: code, userNames }),
    refuse: unknownGroup,
  }),
  removeFromGroup: command({
    ...shared,
    label: { zh: '移出群组', en: 'Remove from a group' },
    description: { zh: '把成员移出群组。', en: 'Take members out of a group.' },
    input: z.object({ group: code, userNames }),
    refuse: unknownGroup,
  }),
};

type Of<Name extends keyof typeof commands> = Posted<Context, z.output<(typeof commands)[Name]['input']>>;

export const rows = {
  createGroup: ({ input: { group, name } }: Of<'createGroup'>) => [row('groupKept', { code: group, name })],
  deleteGroup: ({ input: { group } }: Of<'deleteGroup'>) => [
    row('groupEnded', { code: group }),
    row('membershipsEnded', { code: group, user_name: null }),
    row('subjectEnded', { kind: 'group', subject: group }),
  ],
  addToGroup: ({ input }: Of<'addToGroup'>) => input.userNames.map((user_name) => row('groupMemberKept', { code: input.group, user_name })),
  removeFromGroup: ({ input }: Of<'removeFromGroup'>) => input.userNames.map((user_name) => row('groupMemberEnded', { code: input.group, user_name })),
};
