import { z } from 'zod';
import { commandOf } from '../declaration.ts';
import { administering, isAdmin } from '../organisation/admins.ts';
import type { Context } from './context.ts';

const command = commandOf<Context>();
const shared = { by: administering, input: z.object({}), reason: 'optional', rules: ['ORG-4'] } as const;

/** ORG-4: an app is enabled and disabled by an administrator. ORG-2: after a failure an administrator goes on or stops. */
export const commands = {
  enableApp: command({
    ...shared,
    label: { zh: '启用应用', en: 'Enable the app' },
    description: { zh: '已授权的用户可以登录；应用收到通知。', en: 'Authorised users can log in; the app is told.' },
    requires: [isAdmin, { code: 'APP_ENABLED_ALREADY', met: ({ context }) => !context.enabled }],
  }),
  disableApp: command({
    ...shared,
    label: { zh: '停用应用', en: 'Disable the app' },
    description: { zh: '立即无人能登录；授权保留，应用收到通知。', en: 'From now on nobody logs in; authorisations are kept, the app is told.' },
    requires: [isAdmin, { code: 'APP_DISABLED', met: ({ context }) => context.enabled }],
  }),
  goOnSync: command({
    ...shared,
    label: { zh: '继续同步', en: 'Go on' },
    description: {
      zh: '从失败处继续：再次调用失败的步骤；失败的用户保持失败，可单独重试。',
      en: 'Go on where it failed: the failed call is made again; users that failed stay so and can be retried by themselves.',
    },
    requires: [isAdmin],
    rules: ['ORG-2'],
  }),
  stopSync: command({
    ...shared,
    label: { zh: '停止同步', en: 'Stop' },
    description: { zh: '不再同步，变更照常记录，之后可以继续。', en: 'Nothing is synchronised any more; changes are kept, and it can go on later.' },
    requires: [isAdmin],
    rules: ['ORG-2'],
  }),
  unbindApp: command({
    ...shared,
    label: { zh: '解除绑定', en: 'Unbind the app' },
    description: {
      zh: '应用删除该租户的数据；不能恢复，可重新绑定。',
      en: 'The app deletes the tenant; it cannot be taken back, but the app can be bound anew.',
    },
    reason: 'required',
    destructive: true,
    requires: [isAdmin],
    rules: ['ORG-1'],
  }),
};
