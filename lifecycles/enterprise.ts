import { assign, setup } from 'xstate';
import { z } from 'zod';
import type { EventsOf, Lifecycle, PlainEvent, Posted } from './declaration.ts';
import * as admins from './enterprise/admins.ts';
import { type Context, context, type Input } from './enterprise/context.ts';
import * as departments from './enterprise/departments.ts';
import * as groups from './enterprise/groups.ts';
import * as members from './enterprise/members.ts';
import * as opening from './enterprise/opening.ts';
import type { Admin } from './organisation/admins.ts';
import type { Row } from './organisation/rows.ts';
import { minutes, spanOf } from './spans.ts';

const edits = { ...departments.commands, ...members.commands, ...groups.commands };
const commands = { ...edits, ...admins.commands };

type Provisioned = { tenantId: string; tenantCode: string };
type Events = EventsOf<typeof commands> | PlainEvent<'enterpriseProvisioned', Provisioned> | PlainEvent<'adminJoined', Admin> | PlainEvent<'provisioningLate'>;

export const enterpriseMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  actions: {
    keepTenant: assign(({ event }) => (event.type === 'enterpriseProvisioned' ? { tenantId: event.input.tenantId, tenantCode: event.input.tenantCode } : {})),
    addAdmin: assign(({ context, event }) =>
      event.type !== 'adminJoined'
        ? {}
        : { admins: [...context.admins.filter(({ person }) => person !== event.input.person), { person: event.input.person, account: event.input.account }] },
    ),
    dropAdmin: assign(({ context, event }) =>
      event.type === 'removeAdmin' ? { admins: context.admins.filter(({ person }) => person !== event.input.person) } : {},
    ),
  },
}).createMachine({
  id: 'enterprise',
  options: { maxIterations: 100 },
  context: ({ input }) => ({ ...input, tenantId: null, tenantCode: null }),
  initial: 'provisioning',
  states: {
    provisioning: { on: { enterpriseProvisioned: { target: 'active', actions: 'keepTenant' }, provisioningLate: {} } },
    active: {
      on: {
        createDepartment: {},
        renameDepartment: {},
        moveDepartment: {},
        deleteDepartment: {},
        addMembers: {},
        moveMembers: {},
        removeMembers: {},
        createGroup: {},
        deleteGroup: {},
        addToGroup: {},
        removeFromGroup: {},
        adminJoined: { actions: 'addAdmin' },
        removeAdmin: { actions: 'dropAdmin' },
        closeEnterprise: 'closed',
      },
    },
    closed: { type: 'final' },
  },
});

/** An edit changes what every bound app must know: departments by increments, users by the difference (ORG-1, ORG-4). */
const toApps = (departmentsToo: boolean) => [{ tellMembers: 'appBinding', event: departmentsToo ? 'departmentsChanged' : 'membersChanged', input: () => ({}) }];
const adminsToApps = [{ tellMembers: 'appBinding', event: 'adminsChanged', input: ({ context }: { context: Context }) => ({ admins: context.admins }) }];

/** An enterprise 企业 with its departments, members and groups: ORG-3, ORG-4, ORG-6. They live in tables; see organisation/rows.ts. */
export const enterprise = {
  name: 'enterprise',
  version: 1,
  prefix: 'EN',
  label: { zh: '企业', en: 'Enterprise' },
  machine: enterpriseMachine,
  context,
  states: {
    provisioning: {
      zh: '开通中',
      en: 'Provisioning',
      waitsFor: ['system'],
      description: { zh: '企业正在开通，通常需要 1 至 3 分钟。', en: 'The enterprise is being provisioned, usually within 1 to 3 minutes.' },
    },
    active: {
      zh: '已开通',
      en: 'Active',
      waitsFor: ['enterpriseAdmin'],
      description: { zh: '可以管理部门、成员、群组，绑定应用。', en: 'Departments, members and groups can be edited and apps bound.' },
    },
    closed: { zh: '已关闭', en: 'Closed', waitsFor: [], description: { zh: '企业已关闭。', en: 'The enterprise is closed.' } },
  },
  opening: opening.opening,
  commands,
  events: {
    enterpriseProvisioned: { zh: '企业已开通', en: 'The enterprise is provisioned' },
    adminJoined: { zh: '新管理员加入', en: 'An administrator joined' },
  },
  deadlines: {
    provisioningLate: {
      in: ['provisioning'],
      due: ({ policies }) => spanOf(policies, 'provisionWithin'),
      label: { zh: '企业开通时限', en: 'Time to provision an enterprise' },
      incident: true,
      rules: ['ORG-6'],
    },
  },
  effects: {
    provisionEnterprise: {
      in: ['provisioning'],
      params: ({ context }: { context: Context }) => ({ name: context.name, domainName: context.domainName }),
      result: z.object({ tenantId: z.string().min(1).max(100), tenantCode: z.string().min(1).max(100) }),
      retry: { every: (policies) => spanOf(policies, 'provisionEvery'), attempts: () => null, timeoutMs: 10_000 },
      onLeave: 'cancel',
      whenFrozen: 'run',
      succeeded: 'enterpriseProvisioned',
      failed: 'incident',
      exhausted: 'incident',
      label: { zh: '开通企业', en: 'Provision the enterprise' },
      rules: ['ORG-6'],
    },
  },
  onEnter: {},
  onEvent: {
    createDepartment: toApps(true),
    renameDepartment: toApps(true),
    moveDepartment: toApps(true),
    deleteDepartment: toApps(true),
    addMembers: toApps(false),
    moveMembers: toApps(false),
    removeMembers: toApps(false),
    deleteGroup: toApps(false),
    addToGroup: toApps(false),
    removeFromGroup: toApps(false),
    adminJoined: adminsToApps,
    removeAdmin: adminsToApps,
  },
  rows: { ...opening.rows, ...departments.rows, ...members.rows, ...groups.rows } as Record<string, (posted: Posted) => readonly Row[]>,
  notices: {
    enterpriseProvisioned: [{ to: ['buyer'], topic: 'organisation', text: { zh: '企业已开通。', en: 'The enterprise is active.' } }],
    adminJoined: [{ to: ['enterpriseAdmin'], topic: 'organisation', text: { zh: '新管理员已加入企业。', en: 'An administrator has joined the enterprise.' } }],
  },
  policies: {
    provisionWithin: { default: minutes(3), label: { zh: '企业开通时限', en: 'Time to provision an enterprise' }, rule: 'ORG-6' },
    provisionEvery: { default: { ms: 15_000 }, label: { zh: '开通重试间隔', en: 'Between tries to provision' }, rule: 'ORG-6' },
  },
  rules: ['ORG-1', 'ORG-3', 'ORG-4', 'ORG-6'],
} satisfies Lifecycle;
