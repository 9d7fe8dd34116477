import { z } from 'zod';
import { commandOf } from '../declaration.ts';
import type { Context } from './context.ts';

const command = commandOf<Context>();

export const commands = {
  revealCredentials: command({
    label: { zh: '查看登录信息', en: 'Reveal the credentials' },
    description: {
      zh: '登记一次对实例管理员账号和初始密码的查看；内容由商家实时给出，云商店不保存（showCredentials）。',
      en: 'Logs that the administrator’s name and first password are looked at; the merchant says them then, and the marketplace keeps none (showCredentials).',
    },
    by: ['buyer'],
    input: z.object({}),
    reason: 'optional',
    fits: [{ code: 'NO_INTERFACE', met: ({ context }) => context.merchantInstance !== null }],
    rules: ['BUY-1', 'ACT-2'],
  }),
};
