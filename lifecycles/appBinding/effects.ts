import { z } from 'zod';
import type { Effect } from '../declaration.ts';
import type { Bilingual, Parties } from '../roles.ts';
import { countOf, minutes, spanOf } from '../spans.ts';
import type { Context, steps } from './context.ts';

type Named = { context: Context };

/** What every call names; the ids that the merchant knows. */
const about = ({ context: { product, serviceInstance, tenantId, orderNumber } }: Named) => ({ product, instanceId: serviceInstance, tenantId, orderNumber });
const tenant = ({ context: { tenantCode, enterpriseName, domainName } }: Named) => ({ tenantCode, name: enterpriseName, domainName });

/** A merchant that hangs holds neither another's calls nor anything else. */
const ofMerchant = { taskQueue: 'merchants', lane: { of: ({ parties }: { parties: Parties }) => parties.merchant, atMost: 4 } } as const;

/** A call that does not succeed in its tries is for an administrator to decide on (ORG-2). */
function call<Result extends z.ZodObject>(
  step: (typeof steps)[number],
  {
    state,
    succeeded,
    result,
    params,
    label,
  }: { state: string; succeeded: string; result: Result; params: (given: Named) => Record<string, unknown>; label: Bilingual },
) {
  return {
    in: [state],
    params,
    result,
    retry: { every: (policies) => spanOf(policies, 'syncEvery'), attempts: (policies) => countOf(policies, 'syncTries'), timeoutMs: 60_000 },
    onLeave: 'cancel',
    whenFrozen: 'run',
    ...ofMerchant,
    repeats: true,
    succeeded,
    failed: { event: `${step}SyncFailed` },
    exhausted: { event: `${step}SyncFailed` },
    label,
    rules: ['ORG-1', 'ORG-2'],
  } satisfies Effect;
}

const nothing = z.object({});

/** The calls of the Kit protocol, one effect each. What they send is read when they send it, so that it is never stale. */
export const effects = {
  syncTenant: call('tenant', {
    state: 'syncingTenant',
    succeeded: 'tenantSynced',
    result: nothing,
    params: (given) => ({ ...about(given), ...tenant(given) }),
    label: { zh: '租户同步', en: 'Synchronise the tenant' },
  }),
  syncApplication: call('application', {
    state: 'syncingApplication',
    succeeded: 'applicationSynced',
    result: nothing,
    params: (given) => ({ ...about(given), enabled: given.context.enabled }),
    label: { zh: '应用同步', en: 'Synchronise the application' },
  }),
  syncOrganisation: call('organisation', {
    state: 'syncingOrganisation',
    succeeded: 'organisationSynced',
    result: z.object({ syncedTo: z.number().int().min(0) }),
    params: about,
    label: { zh: '全量组织同步', en: 'Synchronise the whole organisation' },
  }),
  syncDepartments: call('departments', {
    state: 'syncingDepartments',
    succeeded: 'departmentsSynced',
    result: z.object({ syncedTo: z.number().int().min(0), more: z.boolean() }),
    params: (given) => ({ ...about(given), syncedTo: given.context.syncedTo }),
    label: { zh: '增量组织同步', en: 'Synchronise changed departments' },
  }),
  syncUsers: call('users', {
    state: 'syncingUsers',
    succeeded: 'usersSynced',
    result: z.object({ more: z.boolean() }),
    params: about,
    label: { zh: '用户授权同步', en: 'Synchronise authorised users' },
  }),
  deleteTenant: {
    in: ['unbinding'],
    params: (given: Named) => ({ ...about(given), ...tenant(given) }),
    result: nothing,
    retry: { every: (policies) => spanOf(policies, 'unbindEvery'), attempts: (policies) => countOf(policies, 'unbindTries'), timeoutMs: 60_000 },
    onLeave: 'cancel',
    whenFrozen: 'run',
    ...ofMerchant,
    succeeded: 'tenantDeleted',
    failed: 'incident',
    exhausted: 'incident',
    label: { zh: '删除租户', en: 'Delete the tenant' },
    rules: ['ORG-1'],
  },
} satisfies Record<string, Effect>;

export const policies = {
  syncTries: {
    default: 1,
    label: { zh: '同步尝试次数，之后由企业管理员决定', en: 'Tries of a synchronisation before an administrator decides' },
    rule: 'ORG-2',
  },
  syncEvery: { default: minutes(2), label: { zh: '同步重试间隔', en: 'Between tries of a synchronisation' }, rule: 'ORG-2' },
  unbindTries: { default: 30, label: { zh: '解除绑定尝试次数', en: 'Tries to unbind' }, rule: 'ORG-1' },
  unbindEvery: { default: minutes(2), label: { zh: '解除绑定重试间隔', en: 'Between tries to unbind' }, rule: 'ORG-1' },
};
