import * as authorisation from './appBinding/authorisation.ts';
import { context, steps } from './appBinding/context.ts';
import { effects, policies } from './appBinding/effects.ts';
import * as ending from './appBinding/ending.ts';
import { appBindingMachine, commands } from './appBinding/machine.ts';
import { opening } from './appBinding/opening.ts';
import { states } from './appBinding/states.ts';
import type { Lifecycle, Notice, Posted } from './declaration.ts';
import { type Row, row } from './organisation/rows.ts';
import { hours } from './spans.ts';

/** ORG-2: an administrator decides; the ISV is told by SMS or mail, once for a burst. */
const ofFailure: readonly Notice[] = [
  {
    to: ['enterpriseAdmin'],
    topic: 'organisation',
    text: { zh: '组织同步失败，请选择继续或停止。', en: 'A synchronisation of the organisation failed; go on or stop.' },
  },
  {
    to: ['merchant'],
    topic: 'organisation',
    channels: ['mail', 'sms'],
    onceWithin: hours(1),
    text: { zh: '您的应用未能完成组织同步，请检查接口。', en: 'Your app did not take a synchronisation of an organisation; check its interface.' },
  },
];

/** An app that an enterprise bound, kept in step with its organisation: ORG-1, ORG-2, ORG-4. One file a part. */
export const appBinding = {
  name: 'appBinding',
  version: 1,
  prefix: 'AB',
  label: { zh: '应用绑定', en: 'App binding' },
  machine: appBindingMachine,
  context,
  states,
  opening,
  commands,
  events: {
    departmentsChanged: { zh: '部门有变更', en: 'Departments changed' },
    membersChanged: { zh: '成员或群组有变更', en: 'Members or groups changed' },
    adminsChanged: { zh: '企业管理员有变更', en: 'The administrators changed' },
    tenantSynced: { zh: '租户已同步', en: 'The tenant is synchronised' },
    applicationSynced: { zh: '应用已同步', en: 'The application is synchronised' },
    organisationSynced: { zh: '组织已全量同步', en: 'The organisation is synchronised' },
    departmentsSynced: { zh: '部门变更已同步', en: 'Changed departments are synchronised' },
    usersSynced: { zh: '用户授权已同步', en: 'Users are synchronised' },
    tenantDeleted: { zh: '应用已删除租户', en: 'The app has deleted the tenant' },
    tenantSyncFailed: { zh: '租户同步失败', en: 'Synchronising the tenant failed' },
    applicationSyncFailed: { zh: '应用同步失败', en: 'Synchronising the application failed' },
    organisationSyncFailed: { zh: '全量组织同步失败', en: 'Synchronising the organisation failed' },
    departmentsSyncFailed: { zh: '增量组织同步失败', en: 'Synchronising changed departments failed' },
    usersSyncFailed: { zh: '用户授权同步失败', en: 'Synchronising users failed' },
  },
  deadlines: {},
  effects,
  onEnter: {},
  rows: {
    ...authorisation.rows,
    ...ending.rows,
    usersSyncFailed: ({ input: { code, message } }: Posted): Row[] => [row('userSyncFailed', { code, message })],
  } as Record<string, (posted: Posted) => readonly Row[]>,
  notices: { ...Object.fromEntries(steps.map((step) => [`${step}SyncFailed`, ofFailure])), ...ending.notices },
  policies,
  policyScope: ({ product }) => product ?? null,
  rules: ['ORG-1', 'ORG-2', 'ORG-3', 'ORG-4'],
} satisfies Lifecycle;
