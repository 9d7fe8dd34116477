import type { StateLabel } from '../declaration.ts';

const syncing = (zh: string, en: string, description: { zh: string; en: string }): StateLabel => ({ zh, en, waitsFor: ['system'], description });

export const states = {
  syncingTenant: syncing('租户同步中', 'Synchronising the tenant', {
    zh: '正在把企业作为租户同步到应用。',
    en: 'The app is told of the enterprise as its tenant.',
  }),
  syncingApplication: syncing('应用同步中', 'Synchronising the application', {
    zh: '正在同步应用的凭证与启用状态。',
    en: 'The app is given its client credentials, and whether it is enabled.',
  }),
  syncingOrganisation: syncing('全量组织同步中', 'Synchronising the organisation', { zh: '正在同步整个组织。', en: 'The app is given all departments.' }),
  syncingDepartments: syncing('增量组织同步中', 'Synchronising changed departments', {
    zh: '正在按顺序同步部门变更。',
    en: 'The app is told of changed departments, in their order.',
  }),
  syncingUsers: syncing('用户授权同步中', 'Synchronising users', {
    zh: '正在同步授权用户的差异，每次最多 500 人。',
    en: 'The app is told of the users whose authorisation differs, at most 500 a call.',
  }),
  bound: {
    zh: '已绑定',
    en: 'Bound',
    waitsFor: ['enterpriseAdmin'],
    description: { zh: '应用与组织一致；变更会自动同步。', en: 'The app knows the organisation as it is; changes are synchronised by themselves.' },
  },
  interrupted: {
    zh: '同步失败待处理',
    en: 'Failed, to be decided',
    waitsFor: ['enterpriseAdmin'],
    description: {
      zh: '同步失败，企业管理员选择继续或停止；商家已收到通知。',
      en: 'A synchronisation failed: an administrator goes on or stops. The merchant was told.',
    },
  },
  stopped: {
    zh: '已停止同步',
    en: 'Stopped',
    waitsFor: ['enterpriseAdmin'],
    description: { zh: '企业管理员停止了同步，可以继续或解除绑定。', en: 'An administrator stopped the synchronisation; it can go on, or the app be unbound.' },
  },
  unbinding: syncing('解除绑定中', 'Unbinding', { zh: '正在让应用删除租户。', en: 'The app deletes the tenant.' }),
  unbound: { zh: '已解除绑定', en: 'Unbound', waitsFor: [], description: { zh: '应用不再绑定企业。', en: 'The app is no longer bound to the enterprise.' } },
} satisfies Record<string, StateLabel>;
