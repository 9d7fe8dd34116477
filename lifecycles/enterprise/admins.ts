import { z } from 'zod';
import { commandOf } from '../declaration.ts';
import { administering, isAdmin, isCreator } from '../organisation/admins.ts';
import { expectedField, oneOf } from '../problem.ts';
import type { Context } from './context.ts';

const command = commandOf<Context>();

export const commands = {
  removeAdmin: command({
    label: { zh: '移除管理员', en: 'Remove an administrator' },
    description: {
      zh: '该管理员不再能编辑企业；其邀请与操作记录保留。',
      en: 'This administrator can no longer edit the enterprise; what was done stays in the log.',
    },
    by: administering,
    input: z.object({ person: z.string().trim().min(1).max(200) }),
    reason: 'required',
    destructive: true,
    requires: [isCreator],
    refuse: ({ input, context }) => (input.person === context.creator ? { code: 'CREATOR_STAYS' } : null),
    check: ({ input, context }) =>
      context.admins.some(({ person }) => person === input.person)
        ? []
        : [expectedField('person', oneOf(context.admins.map(({ person }) => person)), input.person)],
    rules: ['ORG-3'],
  }),
  closeEnterprise: command({
    label: { zh: '关闭企业', en: 'Close the enterprise' },
    description: { zh: '没有绑定应用的企业可以关闭，关闭后不能恢复。', en: 'An enterprise without bound apps can be closed; it cannot be opened again.' },
    by: administering,
    input: z.object({}),
    reason: 'required',
    destructive: true,
    facts: ['boundApps'],
    requires: [isAdmin, isCreator],
    refuse: ({ facts: { boundApps = 0 } }) => (boundApps > 0 ? { code: 'APPS_BOUND', details: { count: boundApps } } : null),
    rules: ['ORG-6'],
  }),
};
