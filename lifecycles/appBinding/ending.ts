import { z } from 'zod';
import { commandOf, type Posted } from '../declaration.ts';
import { type Row, row } from '../organisation/rows.ts';
import type { Context } from './context.ts';

const command = commandOf<Context>();

/** ORG-4, ORD-5: a binding does not outlive the service that was bound; what an administrator does by hand, the release does by itself. */
export const commands = {
  endBinding: command({
    label: { zh: '结束绑定', en: 'End the binding' },
    description: {
      zh: '所绑定的服务已释放，绑定随之结束：收回所有授权，并通知应用删除租户。',
      en: 'The bound service was released, so its binding ends: every authorisation is withdrawn, and the app is told to delete the tenant.',
    },
    by: ['system'],
    input: z.object({}),
    reason: 'optional',
    facts: ['boundService'],
    refuse: ({ facts: { boundService } }) =>
      boundService && boundService.state !== 'released' ? { code: 'SERVICE_NOT_RELEASED', details: { service: boundService.number } } : null,
    rules: ['ORG-1', 'ORG-4', 'ORD-5'],
  }),
};

const withdrawn = (): Row[] => [row('grantsEnded', {})];

/** However a binding ends, nobody is authorised by it any more; with the tenant the app has forgotten its users (ORG-4). */
export const rows: Record<string, (posted: Posted) => readonly Row[]> = {
  unbindApp: withdrawn,
  endBinding: withdrawn,
  tenantDeleted: () => [row('usersForgotten', {})],
};

export const notices = {
  endBinding: [
    {
      to: ['enterpriseAdmin', 'merchant'],
      topic: 'organisation',
      text: { zh: '所购应用已释放，其企业绑定随之结束。', en: 'The purchased app was released, so its binding to the enterprise ends.' },
    },
  ],
} as const;
