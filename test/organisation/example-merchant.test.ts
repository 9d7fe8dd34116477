import { afterAll, beforeAll, expect, test } from 'vitest';
import { setAppKey } from '../../db/organisation/keys.ts';
import { startMerchant } from '../../examples/merchant/server.ts';
import { eventually } from '../worker.ts';
import { aWorld, product, type World } from './world.ts';

let example: Awaited<ReturnType<typeof startMerchant>>;
let world: World;
beforeAll(async () => {
  example = await startMerchant({ key: '00000000-0000-4000-8000-000000000001' });
  world = await aWorld({ merchant: { url: example.url, key: example.accessKey } });
  const { publicKey } = (await (await fetch(`${example.url}/_key`)).json()) as { publicKey: string };
  await setAppKey(world.pool, { product, publicKey, by: 'merchant-a.zhao' });
}, 60_000);
afterAll(async () => {
  await world.stop();
  await example.stop();
});

test('ORG-1: the example merchant, written by the document alone, takes all that our client sends', async () => {
  const enterprise = await world.anEnterprise();
  await world.edit(enterprise, 'createDepartment', { department: 'sales', name: '销售部', parent: 'root' });
  await world.edit(enterprise, 'addMembers', { members: [{ userName: 'wang', name: '王', department: 'sales', role: 'admin' }] });
  const binding = await world.aBinding(enterprise, await world.aService());
  await world.until(binding, 'bound');
  await world.done('appBinding', binding, 'authoriseApp', { input: { departments: ['root'], licenceAgreed: true } });
  await world.edit(enterprise, 'createDepartment', { department: 'east', name: '华东区', parent: 'sales' });
  await world.edit(enterprise, 'moveMembers', { userNames: ['wang'], department: 'east' });
  await eventually(
    async () => Object.entries(example.store.state.organisation).find(([name]) => name.endsWith(' wang')),
    (user) => JSON.stringify(user ?? '').includes('east'),
  );
  await world.until(binding, 'bound');
  const { tenantId } = (await world.row(enterprise)).context;
  const names = Object.keys(example.store.state.organisation).map((name) => name.replace(tenantId, 'T').replace(binding, 'A'));
  expect(names.sort()).toEqual([
    'application T A',
    'department T east',
    'department T root',
    'department T sales',
    'tenant T',
    'user T A buyer-a.li',
    'user T A wang',
  ]);
});
