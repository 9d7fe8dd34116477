import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createSandbox } from '../../db/sandbox.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { eventually } from '../worker.ts';
import { otherBuyer } from '../world.ts';
import { admin, aWorld, type World } from './world.ts';

let world: World;
let enterprise: string;
beforeAll(async () => {
  world = await aWorld();
  enterprise = await world.anEnterprise();
}, 60_000);
afterAll(() => world.stop());
afterEach(() => world.troubleMail(() => {}));

const input = () => ({ enterprise, account: 'buyer-b', mail: 'wu@example.com' });
const joined: Actor = { id: otherBuyer.id, role: 'enterpriseAdmin', party: 'buyer-a' };
const newDepartment = (department: string) => ({ as: joined, input: { department, name: department, parent: 'root' } });

async function anInvitation(): Promise<{ invitation: string; token: string }> {
  const before = world.mails.length;
  const invitation = await world.done('adminInvitation', null, 'inviteAdmin', { input: input() });
  await world.until(invitation, 'invited');
  return { invitation, token: await tokenOf(invitation, before) };
}

/** The token of the newest mail with a link to this invitation. */
async function tokenOf(invitation: string, after: number): Promise<string> {
  const mails = await eventually(
    async () => world.mails.slice(after),
    (list) => list.some(({ text }) => text.includes(invitation)),
  );
  return (
    new RegExp(`https://market.example.com/invitations/${invitation}#([\\w-]+)`).exec(
      mails.findLast(({ text }) => text.includes(invitation))?.text ?? '',
    )?.[1] ?? ''
  );
}

test('ORG-3: invited by a link in a mail, the holder of the account accepts and edits the enterprise; removed, no longer', async () => {
  expect(await world.said('enterprise', enterprise, 'createDepartment', newDepartment('before'))).toBe('NOT_ADMIN_OF_ENTERPRISE');
  const { invitation, token } = await anInvitation();
  expect(world.mails.at(-1)?.to).toBe('wu@example.com');
  await world.done('adminInvitation', invitation, 'acceptInvitation', { as: otherBuyer, input: { token } });
  expect((await world.row(invitation)).state).toBe('activated');
  expect((await world.row(enterprise)).context.admins).toEqual([
    { person: 'buyer-a.li', account: 'buyer-a' },
    { person: 'buyer-b.wu', account: 'buyer-b' },
  ]);
  expect(await world.said('enterprise', enterprise, 'createDepartment', newDepartment('after'))).toBe('done');
  expect(await world.said('adminInvitation', null, 'inviteAdmin', { input: input() })).toBe('ADMIN_ALREADY');
  expect(await world.said('enterprise', enterprise, 'removeAdmin', { input: { person: 'buyer-b.wu' }, as: joined })).toBe('NOT_CREATOR_OF_ENTERPRISE');
  expect(await world.said('enterprise', enterprise, 'removeAdmin', { input: { person: 'buyer-a.li' } })).toBe('CREATOR_STAYS');
  await world.done('enterprise', enterprise, 'removeAdmin', { input: { person: 'buyer-b.wu' } });
  expect(await world.said('enterprise', enterprise, 'createDepartment', newDepartment('later'))).toBe('NOT_ADMIN_OF_ENTERPRISE');
});

test('ORG-3: the link’s secret is nowhere in the database while it is good, only its hash', async () => {
  const { invitation, token } = await anInvitation();
  const { rows: tables } = await world.pool.query(
    "select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
  );
  for (const { name } of tables) {
    const { rows } = await world.pool.query(`select count(*)::int as count from "${name}" t where t::text like '%' || $1 || '%'`, [token]);
    expect([name, rows[0].count]).toEqual([name, 0]);
  }
  await world.done('adminInvitation', invitation, 'revokeInvitation');
  expect(await world.said('adminInvitation', invitation, 'acceptInvitation', { as: otherBuyer, input: { token } })).toBe('ENDED');
});

test('ORG-3: sent again, only the newest link is good', async () => {
  const { invitation, token } = await anInvitation();
  const before = world.mails.length;
  await world.done('adminInvitation', invitation, 'resendInvitation');
  await world.until(invitation, 'invited');
  const newest = await tokenOf(invitation, before);
  expect(newest).not.toBe(token);
  // a link that is void proves nothing: whoever holds it does not even see that there is an invitation
  expect(await world.said('adminInvitation', invitation, 'acceptInvitation', { as: otherBuyer, input: { token } })).toBe('NOT_FOUND');
  expect(await world.said('adminInvitation', invitation, 'acceptInvitation', { as: otherBuyer, input: { token: newest } })).toBe('done');
  await world.done('enterprise', enterprise, 'removeAdmin', { input: { person: 'buyer-b.wu' } });
});

test('ORG-3: not accepted for 7 days it expires; sent again it has its full time from then', async () => {
  const { invitation, token } = await anInvitation();
  const { advance } = createSandbox({ pool: world.pool, commit: world.commit, onNudged: () => {} });
  const day = 86_400_000;
  await advance({ instance: invitation, byMs: 6 * day });
  await world.done('adminInvitation', invitation, 'resendInvitation');
  await world.until(invitation, 'invited');
  await advance({ instance: invitation, byMs: 6 * day });
  expect((await world.row(invitation)).state).toBe('invited');
  await advance({ instance: invitation, byMs: day });
  expect((await world.row(invitation)).state).toBe('expired');
  expect(await world.said('adminInvitation', invitation, 'acceptInvitation', { as: otherBuyer, input: { token } })).toBe('NOT_FOUND');
});

test('ORG-3: who may not be invited, and who may not accept', async () => {
  const invite = (over: object, as: Actor = admin) => world.said('adminInvitation', null, 'inviteAdmin', { as, input: { ...input(), ...over } });
  await world.pool.query("insert into customer_accounts (party) values ('merchant-b')");
  expect({
    'an account that is not there': await invite({ account: 'nobody' }),
    'an account chosen for customers 给客户用': await invite({ account: 'merchant-b' }),
    'no mail address': await invite({ mail: 'wu' }),
    'by another administrator': await invite({}, { ...admin, id: 'wang' }),
    'by another buyer': await invite({}, otherBuyer),
    'to an enterprise that is not there': await invite({ enterprise: '11111111-1111-4111-8111-111111111111' }),
  }).toEqual({
    'an account that is not there': 'ACCOUNT_UNKNOWN',
    'an account chosen for customers 给客户用': 'ACCOUNT_FOR_CUSTOMERS',
    'no mail address': 'INVALID',
    'by another administrator': 'NOT_CREATOR_OF_ENTERPRISE',
    'by another buyer': 'NOT_FOUND',
    'to an enterprise that is not there': 'NOT_FOUND',
  });
  const { invitation, token } = await anInvitation();
  const wrong: Actor = { id: 'someone', role: 'buyer', party: 'buyer-c' };
  expect(await world.said('adminInvitation', invitation, 'acceptInvitation', { as: wrong, input: { token } })).toBe('WRONG_ACCOUNT');
  expect(await world.said('adminInvitation', invitation, 'acceptInvitation', { as: wrong, input: { token: `${token}x` } })).toBe('NOT_FOUND');
  expect(await world.said('adminInvitation', invitation, 'acceptInvitation', { as: admin, input: { token: 'guessed guessed guessed' } })).toBe('WRONG_ACCOUNT');
  // chosen for customers after it was invited
  await world.pool.query("insert into customer_accounts (party) values ('buyer-b')");
  expect(await world.said('adminInvitation', invitation, 'acceptInvitation', { as: otherBuyer, input: { token } })).toBe('ACCOUNT_FOR_CUSTOMERS');
  await world.pool.query('delete from customer_accounts');
});

test('a mailbox that refuses is shown and corrected by hand; a mail server that is away is tried again', async () => {
  world.troubleMail(() => {
    throw new Error('no such mailbox');
  });
  const invitation = await world.done('adminInvitation', null, 'inviteAdmin', { input: input() });
  await world.until(invitation, 'undelivered');
  world.troubleMail(() => {});
  await world.done('adminInvitation', invitation, 'resendInvitation');
  await world.until(invitation, 'invited');
});
