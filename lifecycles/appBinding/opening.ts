import { z } from 'zod';
import { commandOf, type Opening } from '../declaration.ts';
import type { Context as Enterprise } from '../enterprise/context.ts';
import { administering } from '../organisation/admins.ts';
import type { Context, Input } from './context.ts';

const command = commandOf<Context>();

/** ORG-1: an enterprise binds an app that its buyer has purchased. */
export const bindApp = command({
  label: { zh: '绑定应用', en: 'Bind an app' },
  description: {
    zh: '把所购应用绑定到企业：依次同步租户、应用和整个组织，此后同步增量。',
    en: 'Bind a purchased app to the enterprise: tenant, application and the whole organisation are synchronised, then every change.',
  },
  by: administering,
  input: z.object({ enterprise: z.uuid(), serviceInstance: z.uuid() }),
  reason: 'optional',
  facts: ['purchasedApp'],
  requires: [
    {
      code: 'ENTERPRISE_NOT_ACTIVE',
      met: ({ joined }) => joined?.enterprise?.value === 'active',
      details: ({ joined }) => ({ enterprise: joined?.enterprise?.number ?? null }),
    },
    {
      code: 'NOT_ADMIN_OF_ENTERPRISE',
      met: ({ joined, actor }) => (joined?.enterprise?.context.admins as Context['admins'] | undefined)?.some(({ person }) => person === actor.id) ?? false,
      details: ({ joined }) => ({ number: joined?.enterprise?.number ?? null }),
    },
    {
      code: 'SERVICE_NOT_USABLE',
      met: ({ joined, facts }) => joined?.serviceInstance?.value === 'active' && facts.purchasedApp != null,
      details: ({ joined }) => ({ service: joined?.serviceInstance?.number ?? null }),
    },
    {
      code: 'APP_BOUND_ALREADY',
      met: ({ facts }) => facts.purchasedApp?.binding == null,
      details: ({ joined, facts }) => ({ service: joined?.serviceInstance?.number ?? null, binding: facts.purchasedApp?.binding ?? null }),
    },
  ],
  rules: ['ORG-1', 'ORG-3'],
});

type Bound = z.output<(typeof bindApp)['input']>;

export const opening = {
  name: 'bindApp',
  command: bindApp,
  joins: ({ enterprise, serviceInstance }: Bound) => ({ enterprise, serviceInstance }),
  start: ({ joined, facts: { purchasedApp }, now }) => {
    const { enterprise, serviceInstance } = joined ?? {};
    if (!enterprise || !serviceInstance || !purchasedApp) throw new Error('expected the enterprise and the purchased app to be joined');
    const { name, domainName, tenantId, tenantCode, admins } = enterprise.context as Enterprise;
    const input: Input = {
      enterpriseName: name,
      domainName,
      tenantId: tenantId ?? '',
      tenantCode: tenantCode ?? '',
      admins,
      product: purchasedApp.product,
      productName: purchasedApp.productName,
      orderNumber: purchasedApp.orderNumber,
      serviceInstance: purchasedApp.instanceId,
      boundAt: now,
    };
    return { input, parties: { buyer: enterprise.parties.buyer, merchant: serviceInstance.parties.merchant } };
  },
} satisfies Opening;
