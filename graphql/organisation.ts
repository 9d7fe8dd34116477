import type { InstanceRow } from '../db/read/instances.ts';
import {
  type DepartmentRow,
  departmentsOf,
  type GrantRow,
  type GroupRow,
  grantsOf,
  groupsOf,
  knownUser,
  type MemberRow,
  membersOf,
  type TextPage,
  type UserRow,
  type UserState,
  userCount,
  type userStates,
  usersOf,
} from '../db/read/organisation.ts';
import { unwritableText } from '../db/storable.ts';
import type { Context as BindingContext } from '../lifecycles/appBinding/context.ts';
import { loginProblem } from '../lifecycles/appBinding/login.ts';
import { grantKinds } from '../lifecycles/organisation/rows.ts';
import { invalid, refused } from '../lifecycles/problem.ts';
import { stateOf } from '../lifecycles/registry.ts';
import type { Role } from '../lifecycles/roles.ts';
import type { Builder } from './builder.ts';
import { type Connections, encodeCursor, isText, type Page, type PageArgs, pageComplexity, pageFrom, placeIn, sizeOf } from './connection.ts';
import type { Context } from './context.ts';
import type { Lifecycles } from './lifecycle.ts';
import type { Problems } from './problem.ts';
import { settingResult, whyFrozen } from './setting.ts';

const setting = { zh: '设置应用公钥', en: 'Set the app’s key' };

/** Who sees people: the enterprise's own side and operations; a merchant has the users it was told of. */
const insiders: readonly Role[] = ['buyer', 'enterpriseAdmin', 'operationsManager', 'system'];

const placeOf = (cursor: string | null | undefined) => placeIn(cursor, { key: isText })?.key ?? null;

async function listOf<Row>(
  args: PageArgs,
  { read, keyOf, count }: { read: (page: TextPage) => Promise<Row[]>; keyOf: (row: Row) => string; count?: () => Promise<number> },
): Promise<Page<Row>> {
  const { limit, backwards } = sizeOf(args);
  const page = { after: placeOf(args.after), before: placeOf(args.before), limit, backwards };
  const rows = await read(page);
  const hasOther = (backwards ? page.before : page.after) !== null;
  return {
    ...pageFrom(rows, { limit, backwards, hasOther, cursorOf: (row) => encodeCursor([keyOf(row)]) }),
    ...(count ? { count: async () => ({ value: await count(), exact: true }) } : {}),
  };
}

/** An enterprise's departments, members and groups, and the users of the apps that it bound (ORG-2, ORG-4, ORG-6). */
export function addOrganisation(
  builder: Builder,
  { lifecycles, connections, problems }: { lifecycles: Lifecycles; connections: Connections; problems: Problems },
): void {
  const department = builder.objectRef<DepartmentRow>('Department').implement({
    fields: (t) => ({
      code: t.exposeString('code'),
      name: t.exposeString('name'),
      parent: t.exposeString('parent', { nullable: true, description: 'The code of the department above; null for the root.' }),
      members: t.exposeInt('members', { description: 'Those directly in it.' }),
    }),
  });
  const member = builder.objectRef<MemberRow>('Member').implement({
    fields: (t) => ({
      userName: t.exposeString('userName'),
      name: t.exposeString('name'),
      department: t.exposeString('department'),
      role: t.exposeString('role'),
      position: t.exposeString('position', { nullable: true }),
      mail: t.exposeString('mail', { nullable: true }),
      phone: t.exposeString('phone', { nullable: true }),
      joinedAt: t.field({ type: 'DateTime', resolve: (row) => row.joinedAt }),
    }),
  });
  const group = builder.objectRef<GroupRow>('MemberGroup').implement({
    fields: (t) => ({ code: t.exposeString('code'), name: t.exposeString('name'), members: t.exposeInt('members') }),
  });
  const kind = builder.enumType('AuthorisedKind', { values: grantKinds });
  const grant = builder.objectRef<GrantRow>('AppAuthorisation').implement({
    fields: (t) => ({
      kind: t.field({ type: kind, resolve: (row) => row.kind }),
      subject: t.exposeString('subject', { description: 'The code of the department or group, or the member’s user name.' }),
      grantedBy: t.exposeString('grantedBy'),
      grantedAt: t.field({ type: 'DateTime', resolve: (row) => row.grantedAt }),
    }),
  });
  const state = builder.enumType('AppUserState', {
    values: {
      authorised: { description: 'The app knows the user as it is.' },
      pending: { description: 'The app is still to be told.' },
      failed: { description: 'The last call about the user failed; retry it (ORG-2).' },
      revoked: { description: 'No longer authorised, and the app knows.' },
    } satisfies Record<(typeof userStates)[number], object>,
  });
  const user = builder.objectRef<UserRow>('AppUser').implement({
    fields: (t) => ({
      userName: t.exposeString('userName'),
      state: t.field({ type: state, resolve: (row) => row.state }),
      authorised: t.exposeBoolean('authorised', { description: 'By a department, a group or by name, here and now.' }),
      errorCode: t.exposeString('errorCode', { nullable: true }),
      errorMessage: t.exposeString('errorMessage', { nullable: true }),
      calls: t.exposeInt('calls', { description: 'How often the app was told of the user.' }),
      calledAt: t.field({ type: 'DateTime', nullable: true, resolve: (row) => row.calledAt }),
      acknowledgedAt: t.field({ type: 'DateTime', nullable: true, resolve: (row) => row.acknowledgedAt }),
    }),
  });

  builder.objectFields(lifecycles.named('enterprise').ref, (t) => ({
    departments: t.field({
      type: connections.connectionOf('Department', department),
      description: 'By code; a tree by `parent`.',
      args: { ...connections.args, parent: t.arg.string({ required: false, description: 'Only those directly below this one.' }) },
      authScopes: { as: insiders },
      complexity: pageComplexity,
      resolve: ({ instance }: InstanceRow, { parent = null, ...args }, { reads }) =>
        listOf(args, { read: (page) => departmentsOf(reads.reader, { enterprise: instance.id, parent }, page), keyOf: (row) => row.code }),
    }),
    members: t.field({
      type: connections.connectionOf('Member', member),
      description: 'By user name.',
      args: { ...connections.args, department: t.arg.string({ required: false }), group: t.arg.string({ required: false }) },
      authScopes: { as: insiders },
      complexity: pageComplexity,
      resolve: ({ instance }: InstanceRow, { department: only = null, group: of = null, ...args }, { reads }) =>
        listOf(args, { read: (page) => membersOf(reads.reader, { enterprise: instance.id, department: only, group: of }, page), keyOf: (row) => row.userName }),
    }),
    groups: t.field({
      type: connections.connectionOf('MemberGroup', group),
      args: connections.args,
      authScopes: { as: insiders },
      complexity: pageComplexity,
      resolve: ({ instance }: InstanceRow, args, { reads }) =>
        listOf(args, { read: (page) => groupsOf(reads.reader, instance.id, page), keyOf: (row) => row.code }),
    }),
  }));

  const set = builder.objectRef<{ kind: 'Set'; product: string }>('AppKeySet').implement({ fields: (t) => ({ product: t.exposeID('product') }) });
  const input = builder.inputType('SetAppKeyInput', {
    fields: (t) => ({
      product: t.id({ required: true }),
      publicKey: t.string({ required: true, description: 'RSA, at least 3,072 bits, as PEM.' }),
    }),
  });
  builder.mutationField('setAppKey', (t) =>
    t.field({
      type: settingResult(builder, { name: 'SetAppKeyResult', changed: set, problems }) as never,
      description:
        'Set the key by which a product’s app is sent its client secret 设置应用公钥 (ORG-1). Again, it changes nothing. By: merchant, operationsManager.',
      args: { input: t.arg({ type: input, required: true }) },
      authScopes: { as: ['merchant', 'operationsManager'] },
      complexity: 20,
      resolve: (async (_root: unknown, { input: given }: { input: { product: string; publicKey: string } }, context: Context) => {
        const { actor, core } = context;
        const unwritable = unwritableText(given, '');
        if (unwritable.length > 0) return invalid(unwritable);
        const problem = (await whyFrozen(setting, context)) ?? (await core.settings.setAppKey({ actor, ...given }));
        return problem ?? { kind: 'Set', product: given.product };
      }) as never,
    }),
  );

  builder.objectFields(lifecycles.named('appBinding').ref, (t) => ({
    authorisations: t.field({
      type: connections.connectionOf('AppAuthorisation', grant),
      description: 'Departments (with all below them), members and groups that are authorised (ORG-4).',
      args: connections.args,
      authScopes: { as: insiders },
      complexity: pageComplexity,
      resolve: ({ instance }: InstanceRow, args, { reads }) =>
        listOf(args, { read: (page) => grantsOf(reads.reader, instance.id, page), keyOf: (row) => row.key }),
    }),
    users: t.field({
      type: connections.connectionOf('AppUser', user),
      description: 'Each user whom the app has, is to have, or had; by user name (ORG-2).',
      args: { ...connections.args, state: t.arg({ type: state, required: false }) },
      authScopes: { as: insiders },
      complexity: pageComplexity,
      resolve: ({ instance }: InstanceRow, { state: only, ...args }, { reads }) => {
        const asked = { binding: instance.id, state: (only ?? null) as UserState | null };
        return listOf(args, { read: (page) => usersOf(reads.reader, asked, page), keyOf: (row) => row.userName, count: () => userCount(reads.reader, asked) });
      },
    }),
    loginProblem: t.field({
      type: problems.problem,
      nullable: true,
      description: 'Why this user could not log in to the app now; null: the user could (ORG-4).',
      args: { userName: t.arg.string({ required: true }) },
      authScopes: { as: insiders },
      complexity: 5,
      resolve: async ({ instance }: InstanceRow, { userName }, { reads }) => {
        const known = await knownUser(reads.reader, instance.id, userName);
        const value = stateOf(instance.value);
        const no = loginProblem({ state: value, context: instance.context as BindingContext, user: userName, known });
        return no && { ...refused(no.code, no.details, value), about: instance.id };
      },
    }),
  }));
}
