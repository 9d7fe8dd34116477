import { assign, setup } from 'xstate';
import type { EventsOf, PlainEvent } from '../declaration.ts';
import type { Admin } from '../organisation/admins.ts';
import * as authorisation from './authorisation.ts';
import { beginning, type Context, type Input, type steps } from './context.ts';
import * as ending from './ending.ts';
import * as switching from './switching.ts';

export const commands = { ...authorisation.commands, ...switching.commands, ...ending.commands };

type Step = (typeof steps)[number];
type Failure = { code: string; message: string };
type Events =
  | EventsOf<typeof commands>
  | PlainEvent<'departmentsChanged' | 'membersChanged' | 'tenantSynced' | 'applicationSynced' | 'tenantDeleted'>
  | PlainEvent<'adminsChanged', { admins: Admin[] }>
  | PlainEvent<'organisationSynced', { syncedTo: number }>
  | PlainEvent<'departmentsSynced', { syncedTo: number; more: boolean }>
  | PlainEvent<'usersSynced', { more: boolean }>
  | PlainEvent<`${Step}SyncFailed`, Failure>;
type Of<Type extends Events['type']> = Extract<Events, { type: Type }>;

/** What each event writes into the context; `…Due` is what is still to be synchronised. */
const keeps: { [Type in Events['type']]?: (event: Of<Type>, context: Context) => Partial<Context> } = {
  departmentsChanged: () => ({ departmentsDue: true, usersDue: true }),
  membersChanged: () => ({ usersDue: true }),
  adminsChanged: ({ input }) => ({ admins: input.admins }),
  authoriseApp: () => ({ usersDue: true }),
  withdrawAuthorisation: () => ({ usersDue: true }),
  retryUserSync: () => ({ usersDue: true }),
  enableApp: () => ({ enabled: true, applicationDue: true }),
  disableApp: () => ({ enabled: false, applicationDue: true }),
  organisationSynced: ({ input, at }) => ({ syncedTo: input.syncedTo, connected: true, lastSyncedAt: at }),
  departmentsSynced: ({ input, at }, { departmentsDue }) => ({ syncedTo: input.syncedTo, departmentsDue: departmentsDue || input.more, lastSyncedAt: at }),
  usersSynced: ({ input, at }, { usersDue }) => ({ usersDue: usersDue || input.more, lastSyncedAt: at }),
  tenantSyncFailed: (event) => failed('tenant', event),
  applicationSyncFailed: (event) => failed('application', event),
  organisationSyncFailed: (event) => failed('organisation', event),
  departmentsSyncFailed: (event) => failed('departments', event),
  usersSyncFailed: (event) => failed('users', event),
  goOnSync: () => ({ failedStep: null, failureCode: null, failureMessage: null }),
};

function failed(failedStep: Step, { input: { code, message } }: { input: Failure }): Partial<Context> {
  return { failedStep, failureCode: code, failureMessage: message.slice(0, 500) };
}

const kept = ({ context, event }: { context: Context; event: Events }): Partial<Context> => keeps[event.type]?.(event as never, context) ?? {};
const after = (given: { context: Context; event: Events }): Context => ({ ...given.context, ...kept(given) });

const failedAt =
  (step: Step) =>
  ({ context }: { context: Context }) =>
    context.failedStep === step;

/** What may change at any time; a part under way is done again when it was begun before the change. */
const noted = { actions: 'keep' } as const;
const edits = {
  departmentsChanged: noted,
  membersChanged: noted,
  adminsChanged: noted,
  authoriseApp: noted,
  withdrawAuthorisation: noted,
  retryUserSync: noted,
  enableApp: noted,
  disableApp: noted,
} as const;
/** What is due comes in the order in which an app can take it. The guards look at what is due with the event. */
const next = [
  { guard: 'makesApplicationDue', target: 'syncingApplication', actions: ['keep', 'beginApplication'] },
  { guard: 'makesDepartmentsDue', target: 'syncingDepartments', actions: ['keep', 'beginDepartments'] },
  { guard: 'makesUsersDue', target: 'syncingUsers', actions: ['keep', 'beginUsers'] },
  { target: 'bound', actions: 'keep' },
] as const;
const unbindable = { unbindApp: 'unbinding', endBinding: 'unbinding' } as const;
const interruptedBy = <Type extends string>(type: Type) => ({ [type]: { target: 'interrupted', actions: 'keep' } }) as const;

/** ORG-2: an administrator's word takes the failed step up again. */
const goingOn = {
  goOnSync: [
    { guard: 'failedAtTenant', target: 'syncingTenant', actions: 'keep' },
    { guard: 'failedAtApplication', target: 'syncingApplication', actions: ['keep', 'beginApplication'] },
    { guard: 'failedAtOrganisation', target: 'syncingOrganisation', actions: ['keep', 'beginDepartments'] },
    { guard: 'failedAtDepartments', target: 'syncingDepartments', actions: ['keep', 'beginDepartments'] },
    { target: 'syncingUsers', actions: ['keep', 'beginUsers'] },
  ],
} as const;

export const appBindingMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  guards: {
    isFirst: ({ context }) => !context.connected,
    makesApplicationDue: (given) => after(given).applicationDue,
    makesDepartmentsDue: (given) => after(given).departmentsDue,
    makesUsersDue: (given) => after(given).usersDue,
    failedAtTenant: failedAt('tenant'),
    failedAtApplication: failedAt('application'),
    failedAtOrganisation: failedAt('organisation'),
    failedAtDepartments: failedAt('departments'),
  },
  actions: {
    keep: assign(kept),
    beginApplication: assign({ applicationDue: false }),
    beginDepartments: assign({ departmentsDue: false }),
    beginUsers: assign({ usersDue: false }),
  },
}).createMachine({
  id: 'appBinding',
  options: { maxIterations: 100 },
  context: ({ input }) => beginning(input),
  initial: 'syncingTenant',
  states: {
    syncingTenant: {
      on: { ...edits, ...unbindable, tenantSynced: { target: 'syncingApplication', actions: 'beginApplication' }, ...interruptedBy('tenantSyncFailed') },
    },
    syncingApplication: {
      on: {
        ...edits,
        ...unbindable,
        applicationSynced: [{ guard: 'isFirst', target: 'syncingOrganisation', actions: 'beginDepartments' }, ...next],
        ...interruptedBy('applicationSyncFailed'),
      },
    },
    syncingOrganisation: { on: { ...edits, ...unbindable, organisationSynced: next, ...interruptedBy('organisationSyncFailed') } },
    syncingDepartments: { on: { ...edits, ...unbindable, departmentsSynced: next, ...interruptedBy('departmentsSyncFailed') } },
    syncingUsers: { on: { ...edits, ...unbindable, usersSynced: next, ...interruptedBy('usersSyncFailed') } },
    bound: {
      on: {
        departmentsChanged: next,
        membersChanged: next,
        adminsChanged: noted,
        authoriseApp: next,
        withdrawAuthorisation: next,
        retryUserSync: next,
        enableApp: next,
        disableApp: next,
        ...unbindable,
      },
    },
    interrupted: { on: { ...edits, ...unbindable, ...goingOn, stopSync: 'stopped' } },
    stopped: { on: { ...edits, ...unbindable, ...goingOn } },
    unbinding: { on: { adminsChanged: noted, tenantDeleted: 'unbound' } },
    unbound: { type: 'final' },
  },
});
