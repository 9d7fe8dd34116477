import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { knownUser, usersOf } from '../../db/read/organisation.ts';
import { createReader } from '../../db/read/reader.ts';
import { createSandbox } from '../../db/sandbox.ts';
import { loginProblem } from '../../lifecycles/appBinding/login.ts';
import { machine, merchant } from '../world.ts';
import { admin, aWorld, type World } from './world.ts';

let world: World;
let enterprise: string;
beforeAll(async () => {
  world = await aWorld();
  enterprise = await world.anEnterprise();
  await world.edit(enterprise, 'createDepartment', { department: 'sales', name: '销售部', parent: 'root' });
  await world.edit(enterprise, 'addMembers', { members: ['a', 'b'].map((userName) => ({ userName, name: userName, department: 'sales' })) });
}, 60_000);
afterAll(() => world.stop());
afterEach(() => world.receiver.troubledBy(() => undefined));

const day = 86_400_000;
/** An app whose users a and b are authorised, bound to a service of a year. */
async function aBoundApp() {
  const service = await world.aService();
  const binding = await world.aBinding(enterprise, service);
  await world.until(binding, 'bound');
  await world.done('appBinding', binding, 'authoriseApp', { input: { departments: ['sales'], licenceAgreed: true } });
  await world.until(binding, 'bound');
  return { service, binding };
}
async function release(service: string) {
  await createSandbox({ ...world, onNudged: () => {} }).advance({ instance: service, byMs: 400 * day });
  await world.until(service, 'released');
}
/** What the schedule does every 5 minutes. */
const endBindings = () =>
  world.engine.client.workflow.execute('endBindings', { workflowId: `end-bindings-${world.database.name}`, taskQueue: world.engine.taskQueue });
const reader = () => createReader(world.database.readPool, admin);
const states = async (binding: string) =>
  (await usersOf(reader(), { binding, state: null }, { after: null, before: null, limit: 10, backwards: false })).map(
    ({ userName, state }) => `${userName} ${state}`,
  );
async function loginOf(user: string, binding: string) {
  const { state, context } = await world.row(binding);
  return loginProblem({ state, context, user, known: await knownUser(reader(), binding, user) })?.code ?? null;
}

test('when its service is released nobody logs in any more, the binding ends, and the app is told to delete the tenant with its users (ORG-1, ORG-4, ORD-5)', async () => {
  const { service, binding } = await aBoundApp();
  const other = await aBoundApp();
  expect([await loginOf('a', binding), await states(binding)]).toEqual([null, ['a authorised', 'b authorised']]);
  expect(await world.said('appBinding', binding, 'endBinding', { as: machine })).toBe('SERVICE_NOT_RELEASED');
  expect(await world.said('appBinding', binding, 'endBinding', { as: merchant })).toBe('ROLE_NOT_ALLOWED');

  await release(service);
  expect(await loginOf('a', binding)).toBe('SERVICE_ENDED');
  const since = world.receiver.calls.length;
  expect(await endBindings()).toEqual({ ended: 1 });
  await world.until(binding, 'unbound');
  expect(world.receiver.calls.slice(since).map(({ activity, fields }) => [activity, fields.flag])).toEqual([['tenantSync', 0]]);
  expect(await states(binding)).toEqual(['a revoked', 'b revoked']);
  const { rows: told } = await world.pool.query("select to_role from outbox where instance_id = $1 and event = 'endBinding' order by to_role", [binding]);
  expect(told.map(({ to_role }) => to_role)).toEqual(['enterpriseAdmin', 'merchant']);
  // the same again ends nothing, and what is bound to a living service goes on
  expect(await endBindings()).toEqual({ ended: 0 });
  expect((await world.row(other.binding)).state).toBe('bound');
  expect(await loginOf('a', other.binding)).toBeNull();
});

test('a merchant that no longer knows the released instance has no tenant in it either (ORG-1)', async () => {
  const { service, binding } = await aBoundApp();
  world.receiver.troubledBy((activity) => (activity === 'tenantSync' ? '000003' : undefined));
  await release(service);
  expect(await endBindings()).toEqual({ ended: 1 });
  expect(await world.until(binding, 'unbound')).toMatchObject({ incidents: 0 });
});
