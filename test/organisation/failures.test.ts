import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { merchant } from '../world.ts';
import { aWorld, type World } from './world.ts';

let world: World;
let enterprise: string;
beforeAll(async () => {
  world = await aWorld();
  enterprise = await world.anEnterprise();
  await world.edit(enterprise, 'createDepartment', { department: 'sales', name: '销售部', parent: 'root' });
  await world.edit(enterprise, 'addMembers', { members: ['a', 'b', 'c', 'd'].map((userName) => ({ userName, name: userName, department: 'sales' })) });
}, 60_000);
afterAll(() => world.stop());
afterEach(() => world.receiver.troubledBy(() => undefined));

const bind = async () => world.aBinding(enterprise, await world.aService());
const usersOf = async (binding: string) =>
  (await world.pool.query('select user_name, state, error_code, calls from user_syncs where binding = $1 order by user_name', [binding])).rows.map(
    ({ user_name, state, error_code, calls }) => [user_name, state, error_code, calls].join(' ').trim(),
  );
const toldTo = async (binding: string) =>
  (await world.pool.query('select to_role, channels from outbox where instance_id = $1 and merged_into is null order by to_role', [binding])).rows;

test.each([
  ['tenantSync', 'tenant'],
  ['applicationSync', 'application'],
  ['allOrgSync', 'organisation'],
])('ORG-2: when %s fails, an administrator goes on, and the merchant is told by mail and SMS', async (activity, failedStep) => {
  world.receiver.troubledBy((called) => (called === activity ? '000005' : undefined));
  const binding = await bind();
  const { context } = await world.until(binding, 'interrupted');
  expect(context).toMatchObject({ failedStep, failureCode: '000005' });
  expect(await toldTo(binding)).toEqual([
    { to_role: 'enterpriseAdmin', channels: null },
    { to_role: 'merchant', channels: ['mail', 'sms'] },
  ]);
  world.receiver.troubledBy(() => undefined);
  const since = world.receiver.calls.length;
  await world.done('appBinding', binding, 'goOnSync');
  await world.until(binding, 'bound');
  expect(world.receiver.calls[since]?.activity).toBe(activity);
});

test('ORG-2: stopped, nothing is sent however much changes; gone on with, the app gets what it missed', async () => {
  const binding = await bind();
  await world.until(binding, 'bound');
  world.receiver.troubledBy(() => '000005');
  await world.edit(enterprise, 'createDepartment', { department: 'lab', name: '实验室', parent: 'root' });
  await world.until(binding, 'interrupted');
  await world.done('appBinding', binding, 'stopSync');
  world.receiver.troubledBy(() => undefined);
  const since = world.receiver.calls.length;
  await world.edit(enterprise, 'renameDepartment', { department: 'lab', name: '研究院' });
  const { state, context } = await world.row(binding);
  expect(state).toBe('stopped');
  await world.done('appBinding', binding, 'goOnSync');
  await world.until(binding, 'bound');
  const ours = world.receiver.calls.slice(since).filter(({ fields }) => fields.orgCode === 'lab' && fields.instanceId === context.serviceInstance);
  expect(ours.map(({ fields }) => [fields.flag, fields.orgName])).toEqual([
    [1, '实验室'],
    [2, '研究院'],
  ]);
});
test('ORG-2: users of a call that failed are failed each with the reason; one is retried by itself and the others stay', async () => {
  const binding = await bind();
  await world.until(binding, 'bound');
  world.receiver.troubledBy((activity) => (activity === 'authSync' ? '000002' : undefined));
  await world.done('appBinding', binding, 'authoriseApp', { input: { departments: ['sales'], licenceAgreed: true } });
  await world.until(binding, 'interrupted');
  expect(await usersOf(binding)).toEqual(['a failed 000002 1', 'b failed 000002 1', 'c failed 000002 1', 'd failed 000002 1']);
  world.receiver.troubledBy(() => undefined);
  await world.done('appBinding', binding, 'goOnSync');
  await world.until(binding, 'bound');
  expect(await usersOf(binding)).toEqual(['a failed 000002 1', 'b failed 000002 1', 'c failed 000002 1', 'd failed 000002 1']);
  await world.done('appBinding', binding, 'retryUserSync', { input: { userNames: ['b'] } });
  await world.until(binding, 'bound');
  expect(await usersOf(binding)).toEqual(['a failed 000002 1', 'b done  2', 'c failed 000002 1', 'd failed 000002 1']);
  expect(await world.said('appBinding', binding, 'retryUserSync', { input: { userNames: ['a', 'b'] } })).toBe('NO_FAILED_USER');
});

test('ORG-1: a call that was taken but whose answer was lost is sent again, and creates nothing', async () => {
  const binding = await bind();
  await world.until(binding, 'bound');
  world.receiver.troubledBy((activity) => (activity === 'authSync' ? 'hang up after' : undefined));
  await world.done('appBinding', binding, 'authoriseApp', { input: { userNames: ['c'], licenceAgreed: true } });
  await world.until(binding, 'interrupted');
  world.receiver.troubledBy(() => undefined);
  const since = world.receiver.calls.length;
  await world.done('appBinding', binding, 'goOnSync');
  await world.until(binding, 'bound');
  await world.done('appBinding', binding, 'retryUserSync', { input: { userNames: ['c'] } });
  await world.until(binding, 'bound');
  expect(world.receiver.calls.slice(since).map(({ activity, fields, created }) => [activity, fields.flag, created])).toEqual([['authSync', 1, false]]);
});

test('ORG-1: a user whose addition may have reached the app is revoked there when no longer authorised', async () => {
  const binding = await bind();
  await world.until(binding, 'bound');
  world.receiver.troubledBy((activity) => (activity === 'authSync' ? 'hang up after' : undefined));
  await world.done('appBinding', binding, 'authoriseApp', { input: { userNames: ['d'], licenceAgreed: true } });
  await world.until(binding, 'interrupted');
  world.receiver.troubledBy(() => undefined);
  const since = world.receiver.calls.length;
  await world.done('appBinding', binding, 'withdrawAuthorisation', { input: { userNames: ['d'] } });
  await world.done('appBinding', binding, 'goOnSync');
  await world.until(binding, 'bound');
  expect(world.receiver.calls.slice(since).map(({ activity, fields }) => [activity, fields.flag])).toEqual([['authSync', 3]]);
});

test('ORG-4: disabled and enabled, the app is told each time; ORG-1: unbound, its tenant is deleted and it can be bound anew', async () => {
  const service = await world.aService();
  const binding = await world.aBinding(enterprise, service);
  await world.until(binding, 'bound');
  const since = world.receiver.calls.length;
  expect(await world.said('appBinding', binding, 'enableApp')).toBe('APP_ENABLED_ALREADY');
  for (const command of ['disableApp', 'enableApp']) {
    await world.done('appBinding', binding, command);
    await world.until(binding, 'bound');
  }
  expect(await world.said('appBinding', null, 'bindApp', { input: { enterprise, serviceInstance: service } })).toBe('APP_BOUND_ALREADY');
  await world.done('appBinding', binding, 'unbindApp');
  await world.until(binding, 'unbound');
  expect(world.receiver.calls.slice(since).map(({ activity, fields }) => [activity, fields.flag])).toEqual([
    ['applicationSync', 0],
    ['applicationSync', 1],
    ['tenantSync', 0],
  ]);
  const clients = world.receiver.calls.slice(since, since + 2).map(({ fields }) => fields.clientId);
  expect(clients[0]).toBe(clients[1]);
  await world.until(await world.aBinding(enterprise, service), 'bound');
});

test('a merchant without an RSA key gets no secret: the administrator and the merchant are told which key is missing', async () => {
  await world.pool.query('delete from app_keys');
  const { context } = await world.until(await bind(), 'interrupted');
  expect(context).toMatchObject({ failedStep: 'application', failureCode: 'NO_APP_KEY' });
});

test('ORG-3: nobody but the enterprise’s side decides on a binding, whatever role it is', async () => {
  const binding = await bind();
  expect(await world.said('appBinding', binding, 'disableApp', { as: merchant })).toBe('ROLE_NOT_ALLOWED');
  expect(await world.said('appBinding', binding, 'disableApp', { as: { id: 'wang', role: 'enterpriseAdmin', party: 'buyer-a' } })).toBe(
    'NOT_ADMIN_OF_ENTERPRISE',
  );
  expect(await world.said('appBinding', binding, 'disableApp', { as: { id: 'buyer-a.li', role: 'enterpriseAdmin', party: 'buyer-b' } })).toBe('NOT_FOUND');
});
