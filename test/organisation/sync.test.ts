import { constants, privateDecrypt } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../worker.ts';
import { appKey, aWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await aWorld();
}, 60_000);
afterAll(() => world.stop());
afterEach(() => world.receiver.troubledBy(() => undefined));

const people = (from: number, to: number, department: string) =>
  Array.from({ length: to - from }, (_, index) => ({ userName: `user${String(from + index).padStart(4, '0')}`, name: `用户 ${from + index}`, department }));
const activities = (since: number) => world.receiver.calls.slice(since).map(({ activity, fields }) => `${activity} ${fields.flag ?? ''}`.trim());
const namesIn = (fields: Record<string, unknown>) => (fields.userList as { userName: string }[]).map(({ userName }) => userName);
const numberOf = async (sql: string, id: string) => (await world.pool.query(`select count(*)::int as count from ${sql}`, [id])).rows[0].count;

async function aBoundApp() {
  const enterprise = await world.anEnterprise();
  await world.edit(enterprise, 'createDepartment', { department: 'sales', name: '销售部', parent: 'root' });
  await world.edit(enterprise, 'createDepartment', { department: 'east', name: '华东区', parent: 'sales' });
  await world.edit(enterprise, 'createDepartment', { department: 'finance', name: '财务部', parent: 'root' });
  const since = world.receiver.calls.length;
  const binding = await world.aBinding(enterprise, await world.aService());
  await world.until(binding, 'bound');
  return { enterprise, binding, since };
}

test('ORG-1: binding an app synchronises tenant, application and the whole organisation, in this order', async () => {
  const { binding, since } = await aBoundApp();
  expect(activities(since)).toEqual(['tenantSync 1', 'applicationSync 1', 'allOrgSync']);
  const all = world.receiver.calls.at(-1)?.fields.orgInfoList;
  expect(all).toEqual([
    { orgCode: 'root', orgName: '甲公司', parentCode: null },
    { orgCode: 'finance', orgName: '财务部', parentCode: 'root' },
    { orgCode: 'sales', orgName: '销售部', parentCode: 'root' },
    { orgCode: 'east', orgName: '华东区', parentCode: 'sales' },
  ]);
  const { clientId, clientSecret } = world.receiver.apps.get(binding) as Record<string, string>;
  const padding = { key: appKey.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  const { rows } = await world.pool.query('select client_id, client_secret from app_clients where binding = $1', [binding]);
  expect(rows).toEqual([{ client_id: clientId, client_secret: privateDecrypt(padding, Buffer.from(clientSecret as string, 'base64')).toString() }]);
});

test('ORG-1: changes of departments are told one by one, in their order, also those made while others are on their way', async () => {
  const { enterprise, binding } = await aBoundApp();
  const since = world.receiver.calls.length;
  await world.edit(enterprise, 'createDepartment', { department: 'north', name: '华北', parent: 'sales' });
  await world.edit(enterprise, 'renameDepartment', { department: 'north', name: '华北区' });
  await world.edit(enterprise, 'moveDepartment', { department: 'north', parent: 'finance' });
  await world.edit(enterprise, 'deleteDepartment', { department: 'north' });
  await eventually(
    async () => world.receiver.calls.slice(since).filter(({ activity }) => activity === 'singleOrgSync').length,
    (count) => count === 4,
  );
  await world.until(binding, 'bound');
  const told = world.receiver.calls.slice(since).filter(({ activity }) => activity === 'singleOrgSync');
  expect(told.map(({ fields: { flag, orgCode, orgName, parentCode } }) => [flag, orgCode, orgName, parentCode])).toEqual([
    [1, 'north', '华北', 'sales'],
    [2, 'north', '华北区', 'sales'],
    [2, 'north', '华北区', 'finance'],
    [0, 'north', '华北区', 'finance'],
  ]);
});

test('ORG-4: 1,200 users of a department and those below it are authorised in calls of at most 500; again, nothing is sent', async () => {
  const { enterprise, binding } = await aBoundApp();
  for (let from = 0; from < 1_200; from += 300)
    await world.edit(enterprise, 'addMembers', { members: people(from, from + 300, from < 600 ? 'sales' : 'east') });
  await world.edit(enterprise, 'addMembers', { members: people(2_000, 2_010, 'finance') });
  const since = world.receiver.calls.length;
  expect(await world.said('appBinding', binding, 'authoriseApp', { input: { departments: ['sales'], licenceAgreed: false } })).toBe('LICENCE_NOT_AGREED');
  await world.done('appBinding', binding, 'authoriseApp', { input: { departments: ['sales'], licenceAgreed: true } });
  await eventually(
    () => numberOf("user_syncs where state = 'done' and acknowledged is not null and binding = $1", binding),
    (count) => count === 1_200,
  );
  await world.until(binding, 'bound');
  expect(world.receiver.calls.slice(since).map(({ fields }) => [fields.flag, namesIn(fields).length])).toEqual([
    [1, 500],
    [1, 500],
    [1, 200],
  ]);
  const after = world.receiver.calls.length;
  await world.done('appBinding', binding, 'authoriseApp', { input: { departments: ['sales'], licenceAgreed: true } });
  await world.until(binding, 'bound');
  expect(world.receiver.calls).toHaveLength(after);
});

test('ORG-4: moving persons tells the app exactly the difference', async () => {
  const { enterprise, binding } = await aBoundApp();
  await world.edit(enterprise, 'addMembers', { members: [...people(0, 3, 'sales'), ...people(3, 6, 'finance')] });
  await world.done('appBinding', binding, 'authoriseApp', { input: { departments: ['sales'], licenceAgreed: true } });
  await eventually(
    async () => world.receiver.users.size,
    (size) => size >= 3,
  );
  await world.until(binding, 'bound');
  const since = world.receiver.calls.length;
  const told = () => world.receiver.calls.slice(since).map(({ fields }) => [fields.flag, namesIn(fields)]);
  const afterwards = (count: number) =>
    eventually(
      async () => told(),
      (seen) => seen.length === count,
    ).then(() => world.until(binding, 'bound'));
  // out of the authorised departments: revoked; from one to another that is: modified; into one: added
  await world.edit(enterprise, 'moveMembers', { userNames: ['user0000'], department: 'finance' });
  await afterwards(1);
  await world.edit(enterprise, 'moveMembers', { userNames: ['user0001'], department: 'east' });
  await afterwards(2);
  await world.edit(enterprise, 'moveMembers', { userNames: ['user0003'], department: 'east' });
  await afterwards(3);
  await world.edit(enterprise, 'removeMembers', { userNames: ['user0002'] });
  await afterwards(4);
  expect(told()).toEqual([
    [3, ['user0000']],
    [2, ['user0001']],
    [1, ['user0003']],
    [0, ['user0002']],
  ]);
});
