import { z } from 'zod';
import { forms } from '../codes/fields.ts';
import { commandOf, type Posted } from '../declaration.ts';
import { type Row, row } from '../organisation/rows.ts';
import { label, rootDepartment } from '../organisation/subjects.ts';
import type { Context, Input } from './context.ts';

const command = commandOf<Context>();

export const createEnterprise = command({
  label: { zh: '创建企业', en: 'Create an enterprise' },
  description: {
    zh: '创建企业并开通，创建者为首位管理员和首位成员。',
    en: 'Create an enterprise; its creator is its first administrator and its first member.',
  },
  by: ['buyer'],
  input: z.object({
    name: label,
    domainName: z
      .string()
      .trim()
      .toLowerCase()
      .max(253)
      .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, forms.domain.en)
      .meta({ examples: ['example.com'] })
      .optional(),
    /** The creator's name among the members; the account's when it is left out. */
    contactName: label.optional(),
  }),
  reason: 'optional',
  facts: ['account'],
  rules: ['ORG-6'],
});
type Created = z.output<(typeof createEnterprise)['input']>;

export const opening = {
  name: 'createEnterprise',
  command: createEnterprise,
  start: ({ input, actor, now }: { input: never; actor: { id: string; party: string | null }; now: number }) => {
    const { name, domainName = null } = input as Created;
    const account = actor.party ?? '';
    const begun: Input = { name, domainName, creator: actor.id, admins: [{ person: actor.id, account }], createdAt: now };
    return { input: begun, parties: { buyer: account, merchant: '' } };
  },
};

/** ORG-6: the root department, and in it the first member, prefilled from the creator's account. */
export const rows = {
  createEnterprise: ({ input: { name, contactName }, actor, facts: { account } }: Posted<Context, Created>): Row[] => [
    row('departmentKept', { code: rootDepartment, name, parent: null }),
    row('memberKept', {
      user_name: actor.id,
      name: contactName ?? account?.name ?? actor.id,
      department: rootDepartment,
      role: 'admin',
      position: null,
      mail: account?.mail ?? null,
      phone: account?.phone ?? null,
    }),
  ],
};
