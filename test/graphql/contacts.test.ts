import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Actor } from '../../lifecycles/roles.ts';
import { aFile, buyer, manager, merchant, otherBuyer, reviewer } from '../world.ts';
import { type Api, anApi } from './api.ts';

let api: Api;
let supervision: string;
beforeAll(async () => {
  api = await anApi();
  supervision = (await api.aPaidOrder()).supervision;
});
afterAll(() => api.stop());

async function contacts(actor: Actor) {
  const { data, errors } = await api.ask(
    actor,
    'query ($id: ID!) { node(id: $id) { ... on Supervision { contacts { role label(language: zh) party name mails phones } } } }',
    { id: supervision },
  );
  return errors ?? data.node?.contacts ?? null;
}

test('while it is the merchant’s turn the buyer sees how to reach it, and nobody else does (SUP-7, ACT-1)', async () => {
  const [account] = (await api.pool.query("select mail, phone, name from accounts join parties on id = party where party = 'merchant-a'")).rows;
  const shown = { role: 'merchant', label: '商家', party: 'merchant-a', name: account.name };
  expect(await contacts(buyer)).toEqual([{ ...shown, mails: [account.mail], phones: [account.phone] }]);
  expect([await contacts(merchant), await contacts(manager), await contacts(reviewer)]).toEqual([[], [], []]);
  expect(await contacts(otherBuyer)).toBeNull();

  // those whom the merchant named for the topic come before its account, each channel by itself
  await api.pool.query(`insert into receivers (role, party, topic, channel, address, language, added_by, removed_at) values
    ('merchant', 'merchant-a', 'fulfilment', 'mail', 'delivery@merchant-a.example', 'zh', 'test', null),
    ('merchant', 'merchant-a', 'fulfilment', 'mail', 'gone@merchant-a.example', 'zh', 'test', now()),
    ('merchant', 'merchant-a', 'disputes', 'mail', 'legal@merchant-a.example', 'zh', 'test', null)`);
  expect(await contacts(buyer)).toEqual([{ ...shown, mails: ['delivery@merchant-a.example'], phones: [account.phone] }]);
});

test('what the merchant has handled, and what an appeal has frozen, shows no contact (SUP-5, SUP-7)', async () => {
  const appeal = { supervisionId: supervision, reason: '迟迟未交付', expectedRevision: null };
  expect(await api.command(buyer, 'fileAppeal', { ...appeal, files: [] })).toMatchObject({ __typename: 'SupervisionChanged' });
  expect(await contacts(buyer)).toEqual([]);
  expect(await api.command(buyer, 'withdrawAppeal', appeal)).toMatchObject({ __typename: 'SupervisionChanged' });
  expect(await contacts(buyer)).toHaveLength(1);
  await api.pool.query(
    "update instances set state = 'awaitingAcceptance', value = jsonb_set(value, '{progress}', '\"awaitingAcceptance\"') where lifecycle = 'supervision'",
  );
  expect(await contacts(buyer)).toEqual([]);
});

test('row-level security stands behind it: a buyer with nothing under way reads no merchant’s address', async () => {
  const { pool } = api;
  const seenBy = async (party: string) => {
    const client = await pool.connect();
    try {
      await client.query(
        `begin; set local role steward_reader; select set_config('steward.role', 'buyer', true), set_config('steward.party', '${party}', true)`,
      );
      const { rows } = await client.query(
        "select 'account' from accounts where party = 'merchant-a' union all select address from receivers where party = 'merchant-a'",
      );
      return rows.length;
    } finally {
      await client.query('rollback');
      client.release();
    }
  };
  expect(await seenBy('buyer-a')).toBeGreaterThan(1);
  expect(await seenBy('buyer-b')).toBe(0);
});

test('evidence files and their attachments are never changed nor removed (SUP-9, ACT-2)', async () => {
  const file = await aFile(api.pool, buyer);
  const appeal = { supervisionId: supervision, files: [file], reason: '未交付', expectedRevision: null };
  expect(await api.command(buyer, 'fileAppeal', appeal)).toMatchObject({ __typename: 'SupervisionChanged' });
  for (const statement of [
    "update files set name = 'other.pdf'",
    'delete from files',
    'update attachments set revision = 0',
    'truncate attachments',
    'truncate files cascade',
  ])
    await expect(api.pool.query(statement)).rejects.toThrow(/append-only/);
});
