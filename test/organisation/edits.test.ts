import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOrderCentre } from '../../activities/orderCentre.ts';
import { startOrderCentre } from '../../examples/order-centre/server.ts';
import { aCommand, accepted, aDatabase, buyer, type Database } from '../world.ts';
import { admin } from './world.ts';

let database: Database;
let enterprise: string;
beforeAll(async () => {
  database = await aDatabase();
  enterprise = (
    await accepted(database.commit.command(aCommand({ lifecycle: 'enterprise', command: 'createEnterprise', actor: buyer, input: { name: '甲公司' } })))
  ).instance;
}, 60_000);
afterAll(() => database.drop());

const say = async (command: string, input: Record<string, unknown>, actor = admin): Promise<string> => {
  const answer = await database.commit.command(aCommand({ lifecycle: 'enterprise', instance: enterprise, command, actor, input }));
  return answer.ok ? 'done' : answer.problem.code;
};
const department = (code: string, parent: string) => say('createDepartment', { department: code, name: code, parent });
const tree = async () =>
  (await database.pool.query('select code, parent from departments where enterprise = $1 and ended_at is null order by code', [enterprise])).rows.map(
    ({ code, parent }) => `${parent ?? ''}/${code}`,
  );

test('ORG-6: nothing is edited before the enterprise is provisioned', async () => {
  expect(await department('early', 'root')).toBe('WRONG_STATE');
  const { rows } = await database.pool.query("select key, name, params, generation from effects where instance_id = $1 and status = 'open'", [enterprise]);
  expect(rows).toEqual([{ key: expect.any(String), name: 'provisionEnterprise', params: { name: '甲公司', domainName: null }, generation: 1 }]);
  const { key, generation } = rows[0];
  await database.commit.effectSucceeded({ instance: enterprise, lifecycle: 'enterprise', key, generation, no: 1, result: { tenantId: 'T', tenantCode: 'C' } });
  expect(await department('sales', 'root')).toBe('done');
});

test('ORG-6: provisioning takes its time: who is at work on it is asked again, and gives one tenant', async () => {
  const centre = await startOrderCentre();
  const { provisionEnterprise } = createOrderCentre({ url: centre.url });
  const sending = { instance: enterprise, params: { name: '甲公司' }, idempotencyKey: 'key', signal: AbortSignal.timeout(5_000), record() {} };
  centre.failures.atWork = 1;
  await expect(provisionEnterprise.send(sending)).rejects.toMatchObject({ code: 'IN_PROGRESS', unknown: false });
  const made = await provisionEnterprise.send(sending);
  expect([await provisionEnterprise.send(sending), await provisionEnterprise.ask?.(sending)]).toEqual([made, made]);
  await centre.stop();
});

test('ORG-6: the departments are one tree: no cycle, no orphan, no code twice, none deeper than 20 levels', async () => {
  expect(await department('east', 'sales')).toBe('done');
  expect(await department('finance', 'root')).toBe('done');
  expect({
    'a code twice': await department('sales', 'root'),
    'below one that is not there': await department('lost', 'nowhere'),
    'below itself': await say('moveDepartment', { department: 'sales', parent: 'sales' }),
    'below one that is under it': await say('moveDepartment', { department: 'sales', parent: 'east' }),
    'the root': await say('moveDepartment', { department: 'root', parent: 'sales' }),
    'delete the root': await say('deleteDepartment', { department: 'root' }),
    'delete one that has departments': await say('deleteDepartment', { department: 'sales' }),
    'delete one that is not there': await say('deleteDepartment', { department: 'nowhere' }),
    'rename one that is not there': await say('renameDepartment', { department: 'nowhere', name: 'x' }),
    'a code that is none': await department('a b', 'root'),
  }).toEqual({
    'a code twice': 'IN_ORGANISATION_ALREADY',
    'below one that is not there': 'NOT_IN_ORGANISATION',
    'below itself': 'DEPARTMENT_CYCLE',
    'below one that is under it': 'DEPARTMENT_CYCLE',
    'the root': 'ROOT_DEPARTMENT',
    'delete the root': 'ROOT_DEPARTMENT',
    'delete one that has departments': 'DEPARTMENT_NOT_EMPTY',
    'delete one that is not there': 'NOT_IN_ORGANISATION',
    'rename one that is not there': 'NOT_IN_ORGANISATION',
    'a code that is none': 'INVALID',
  });
  expect(await tree()).toEqual(['sales/east', 'root/finance', '/root', 'root/sales']);
  for (let level = 2; level <= 20; level++) expect(await department(`deep${level}`, level === 2 ? 'root' : `deep${level - 1}`)).toBe('done');
  expect(await department('deep21', 'deep20')).toBe('DEPARTMENT_TOO_DEEP');
  expect(await say('moveDepartment', { department: 'deep2', parent: 'sales' })).toBe('DEPARTMENT_TOO_DEEP');
  expect(await say('moveDepartment', { department: 'deep3', parent: 'sales' })).toBe('done');
});

test('two moves that together would make a cycle, at once: one is done, one refused', async () => {
  expect([await department('one', 'root'), await department('two', 'root')]).toEqual(['done', 'done']);
  const answers = await Promise.all([say('moveDepartment', { department: 'one', parent: 'two' }), say('moveDepartment', { department: 'two', parent: 'one' })]);
  expect(answers.sort()).toEqual(['DEPARTMENT_CYCLE', 'done']);
});

test('ORG-6: members and groups: who is there twice, who is not there, what goes with whoever leaves', async () => {
  const add = (...members: object[]) => say('addMembers', { members });
  const member = (userName: string, of = 'sales') => ({ userName, name: userName, department: of });
  expect(await add(member('a'), member('b'))).toBe('done');
  expect(await say('createGroup', { group: 'g', name: 'g' })).toBe('done');
  expect(await say('addToGroup', { group: 'g', userNames: ['a'] })).toBe('done');
  expect({
    'one who is there': await add(member('a')),
    'one twice': await add(member('c'), member('c')),
    'of a department that is not there': await add(member('c', 'nowhere')),
    'moved, who is not there': await say('moveMembers', { userNames: ['x'], department: 'sales' }),
    'moved to where is nothing': await say('moveMembers', { userNames: ['a'], department: 'nowhere' }),
    'into a group that is not there': await say('addToGroup', { group: 'nothing', userNames: ['a'] }),
    'into a group, who is not there': await say('addToGroup', { group: 'g', userNames: ['a', 'x'] }),
    'a group twice': await say('createGroup', { group: 'g', name: 'g' }),
    'a department that has members': await say('deleteDepartment', { department: 'sales' }),
    'with a mail address that is none': await add({ ...member('c'), mail: 'c' }),
  }).toEqual({
    'one who is there': 'IN_ORGANISATION_ALREADY',
    'one twice': 'INVALID',
    'of a department that is not there': 'NOT_IN_ORGANISATION',
    'moved, who is not there': 'NOT_IN_ORGANISATION',
    'moved to where is nothing': 'NOT_IN_ORGANISATION',
    'into a group that is not there': 'NOT_IN_ORGANISATION',
    'into a group, who is not there': 'NOT_IN_ORGANISATION',
    'a group twice': 'IN_ORGANISATION_ALREADY',
    'a department that has members': 'DEPARTMENT_NOT_EMPTY',
    'with a mail address that is none': 'INVALID',
  });
  expect(await say('removeMembers', { userNames: ['a'] })).toBe('done');
  expect(await add(member('a'))).toBe('done');
  const { rows } = await database.pool.query('select count(*)::int as count from group_members where enterprise = $1 and ended_at is null', [enterprise]);
  expect(rows[0].count).toBe(0);
});

test('ACT-2, ORG-3: every edit is in the log with who did it and what it named; other administrators of the buyer edit nothing', async () => {
  expect(await say('renameDepartment', { department: 'east', name: '华东区' }, { ...admin, id: 'wang' })).toBe('NOT_ADMIN_OF_ENTERPRISE');
  expect(await say('renameDepartment', { department: 'east', name: '华东区' }, { id: 'zhao', role: 'merchant', party: 'merchant-a' })).toBe('NOT_FOUND');
  expect(await say('renameDepartment', { department: 'east', name: '华东区' })).toBe('done');
  const { rows } = await database.pool.query("select actor, role, input, facts from events where instance_id = $1 and type = 'renameDepartment'", [enterprise]);
  expect(rows).toEqual([
    {
      actor: 'buyer-a.li',
      role: 'enterpriseAdmin',
      input: { department: 'east', name: '华东区' },
      facts: {
        organisation: {
          departments: [{ code: 'east', name: 'east', parent: 'sales', ancestors: ['sales', 'root'], levels: 1, children: 0, members: 0 }],
          members: [],
          groups: [],
        },
      },
    },
  ]);
  const { rows: refused } = await database.pool.query("select code from refusals where instance_id = $1 and actor = 'wang'", [enterprise]);
  expect(refused).toEqual([{ code: 'NOT_ADMIN_OF_ENTERPRISE' }]);
});

test('an enterprise is closed by its creator, once no app is bound', async () => {
  const close = (actor = admin) =>
    database.commit.command(aCommand({ lifecycle: 'enterprise', instance: enterprise, command: 'closeEnterprise', actor, reason: '不再使用' }));
  expect(await close()).toMatchObject({ ok: true });
  expect(await department('late', 'root')).toBe('ENDED');
});
