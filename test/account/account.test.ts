import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRestoring } from '../../activities/restoring.ts';
import { buildLines } from '../../db/bills.ts';
import { createCounting } from '../../db/inbound/counting.ts';
import { toId } from '../../graphql/ids.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { anInbound, aRecord, type Key } from '../inbound/caller.ts';
import { aCommand, accepted, buyer, machine, manager, merchant, otherBuyer } from '../world.ts';

let api: Awaited<ReturnType<typeof anInbound>>;
let key: Key;
const onDemand = { product: 'saas-instant', kind: 'onDemand' };
beforeAll(async () => {
  api = await anInbound();
  key = await api.aKey(merchant);
  await api.pool.query(`update products set offers = '{"unitPrice": 250}' where id = 'saas-instant'`);
});
afterAll(() => api.stop());

type On = { lifecycle: string; command: string; instance?: string; actor?: Actor; input?: Record<string, unknown>; key?: string };
const put = ({ actor = machine, key: idempotencyKey = randomUUID(), ...rest }: On) =>
  api.commit.command(aCommand({ ...rest, actor, idempotencyKey, reason: '说明' }));
const openAccount = async (actor: Actor) => (await accepted(put({ lifecycle: 'buyerAccount', command: 'openBuyerAccount', actor }))).instance;
const topUp = (instance: string, amount: number, reference: string = randomUUID()) =>
  put({ lifecycle: 'buyerAccount', command: 'topUpAccount', instance, input: { amount, reference } });
const moneyIn = async (account: string) =>
  (await api.pool.query('select balance, paid_in, used, arrears_since is not null as arrears from account_balances where account_id = $1', [account])).rows[0];
const serviceIn = async (id: string) => (await api.pool.query('select state, context, revision from instances where id = $1', [id])).rows[0];

/** A service on demand of the buyer's, which its merchant knows by an id of its own. */
async function aService(actor: Actor) {
  const { instance: order } = await accepted(put({ lifecycle: 'order', command: 'placeOrder', actor, input: onDemand }));
  await accepted(put({ lifecycle: 'order', command: 'recordOpening', instance: order }));
  const { rows } = await api.pool.query("select id from instances where refs ->> 'order' = $1 and lifecycle = 'serviceInstance'", [order]);
  const instanceId = `theirs-${randomUUID()}`;
  await api.pool.query('insert into merchant_instances values ($1, $2, $3)', ['merchant-a', instanceId, rows[0].id]);
  return { order, id: rows[0].id as string, instanceId };
}
async function use(instanceId: string, ...usage: string[]) {
  const usageRecords = usage.map((usageValue) => aRecord(instanceId, { usageValue }));
  for (const _ of [1, 2]) expect((await api.byNonce(key, 'usage/push', { usageRecords })).body).toMatchObject({ refused: 0 });
  const { run } = createCounting({ pool: api.pool, commit: api.commit });
  await Promise.all([run(), run()]);
  return usageRecords;
}

test('pushed usage is taken from the account once, is on the merchant’s bill by its end, and the buyer sees each entry (MET-2, BIL-2, BIL-9)', async () => {
  expect(await put({ lifecycle: 'order', command: 'placeOrder', actor: buyer, input: onDemand })).toMatchObject({ problem: { code: 'BUYER_ACCOUNT_NEEDED' } });
  const account = await openAccount(buyer);
  expect(await put({ lifecycle: 'buyerAccount', command: 'openBuyerAccount', actor: buyer })).toMatchObject({ problem: { code: 'ACCOUNT_OPEN_ALREADY' } });
  await accepted(topUp(account, 100_00, 'BANK-1'));
  expect(await topUp(account, 100_00, 'BANK-1')).toMatchObject({ problem: { code: 'TOP_UP_KNOWN' } });
  const { order, instanceId } = await aService(buyer);
  const [first] = await use(instanceId, '2', '0.5');
  expect(await moneyIn(account)).toEqual({ balance: 93_75, paid_in: 100_00, used: 6_25, arrears: false });
  const charges = await api.pool.query(
    `select kind, paid, refunded, share_bp as share, net, effective_at < now() as counted, paid_at is not null as paid_at from unbilled_charges where order_id = $1 order by paid desc`,
    [order],
  );
  expect(charges.rows).toEqual([
    { kind: 'earned', paid: 5_00, refunded: 0, share: 8_000, net: 4_00, counted: true, paid_at: true },
    { kind: 'earned', paid: 1_25, refunded: 0, share: 8_000, net: 1_00, counted: true, paid_at: true },
  ]);
  const { rows: balances } = await api.pool.query('select paid, released from order_balances where order_id = any($1::uuid[])', [[order, account]]);
  expect(balances).toEqual([{ paid: 6_25, released: 6_25 }]);

  const query = `query ($id: ID!, $after: String) { node(id: $id) { ... on BuyerAccount { money { balance owed arrearsSince }
    entries(first: 2, after: $after) { nodes { event amount meteringId reference record { number lifecycle } } pageInfo { endCursor hasNextPage } } servicesInArrears { number } } } }`;
  const ask = async (actor: Actor, after: string | null = null) => (await api.ask(actor, query, { id: toId('buyerAccount', account), after })).data.node;
  const seen = await ask(buyer);
  expect(seen).toMatchObject({ money: { balance: 93_75, owed: 0, arrearsSince: null }, servicesInArrears: [] });
  expect(seen.entries.nodes).toMatchObject([
    { event: 'recordUsage', amount: -1_25, record: { lifecycle: 'order' } },
    { event: 'recordUsage', amount: -5_00, meteringId: first?.meteringId },
  ]);
  const next = await ask(manager, seen.entries.pageInfo.endCursor);
  expect(next.entries).toMatchObject({ nodes: [{ event: 'topUpAccount', amount: 100_00, reference: 'BANK-1' }], pageInfo: { hasNextPage: false } });
  expect([await ask(otherBuyer), await ask(merchant)]).toEqual([null, null]);
});

test('a bill takes what was used in its month, by the usage’s end (BIL-1, BIL-2)', async () => {
  const account = await openAccount({ ...buyer, party: 'buyer-c', id: 'buyer-c.ma' });
  await accepted(topUp(account, 10_00));
  const { order } = await aService({ ...buyer, party: 'buyer-c', id: 'buyer-c.ma' });
  const { rows } = await api.pool.query("select id from instances where refs ->> 'order' = $1 and lifecycle = 'serviceInstance'", [order]);
  const used = (until: string) =>
    accepted(
      put({
        lifecycle: 'serviceInstance',
        command: 'recordUsage',
        instance: rows[0].id,
        input: { meteringId: until, from: '2026-01-01T00:00:00Z', until, usage: '1' },
      }),
    );
  await used('2026-01-31T15:59:59.999Z');
  await used('2026-01-31T16:00:00Z');
  const input = { partyKind: 'merchant', party: 'merchant-a', period: '2026-01', currency: 'CNY' };
  const { instance: bill } = await accepted(put({ lifecycle: 'settlementBill', command: 'openBill', input }));
  expect(await buildLines(api.pool, bill)).toMatchObject({ lines: 1, paid: 2_50, net: 2_00 });
});

test('arrears: money below zero says since when; a top-up and the end of the grace have one outcome, whichever comes first (MET-2)', async () => {
  const account = await openAccount(otherBuyer);
  await accepted(topUp(account, 1_00));
  const services = [await aService(otherBuyer), await aService(otherBuyer), await aService(otherBuyer)];
  for (const { instanceId } of services) await use(instanceId, '1');
  expect(await moneyIn(account)).toMatchObject({ balance: -6_50, arrears: true });
  expect(await put({ lifecycle: 'order', command: 'placeOrder', actor: otherBuyer, input: onDemand })).toMatchObject({ problem: { code: 'IN_ARREARS' } });
  const query = `query ($id: ID!) { node(id: $id) { ... on BuyerAccount { money { owed } servicesInArrears { deadlines { name } } } } }`;
  expect((await api.ask(otherBuyer, query, { id: toId('buyerAccount', account) })).data.node).toMatchObject({
    money: { owed: 6_50 },
    servicesInArrears: services.map(() => ({ deadlines: [{ name: 'arrearsGraceOver' }] })),
  });
  // the grace ends now
  await api.pool.query('update families set clock_offset_ms = 3 * 86400000 where id in (select family from instances where id = any($1::uuid[]))', [
    services.map(({ id }) => id),
  ]);
  const { rows: due } = await api.pool.query("select instance_id as instance, key from deadlines where name = 'arrearsGraceOver' and status = 'armed'");
  expect(due).toHaveLength(3);
  const fire = ({ instance, key }: { instance: string; key: string }) => api.commit.fire({ instance, key, lifecycle: 'serviceInstance', via: 'keeper' });
  const [one, ...others] = due;
  expect(await fire(one)).toMatchObject({ fired: true });
  expect((await serviceIn(one.instance)).context.suspendedBecause).toBe('arrears');
  const [paid] = await Promise.all([topUp(account, 10_00), ...others.map(fire)]);
  expect(paid.ok).toBe(true);
  const { restoreServices } = createRestoring(api);
  const restore = () =>
    restoreServices.send({
      instance: account,
      params: { buyer: 'buyer-b', currency: 'CNY' },
      idempotencyKey: 'again and again',
      signal: AbortSignal.timeout(5_000),
      record: () => {},
    });
  await restore();
  expect(await restore()).toEqual({ restored: 0 });
  for (const { id } of services) expect(await serviceIn(id)).toMatchObject({ state: 'active', context: { arrearsSince: null, suspendedBecause: null } });
  expect(await moneyIn(account)).toMatchObject({ balance: 3_50, arrears: false });
});

test('an operator’s top-up above the limit is booked once a second person has confirmed it, and once with what the provider reports (ACT-3, MET-2)', async () => {
  const account = await openAccount({ ...buyer, party: 'buyer-e', id: 'buyer-e.lu' });
  const second = { ...manager, id: 'manager.sun' };
  const large = (reference: string, actor = manager) =>
    put({ lifecycle: 'buyerAccount', command: 'topUpAccount', instance: account, actor, input: { amount: 60_000_00, reference } });
  const decide = (command: 'confirmCorrection' | 'dropCorrection', actor = second) => put({ lifecycle: 'buyerAccount', command, instance: account, actor });
  const codes = async (answers: ReturnType<typeof put>[]) => (await Promise.all(answers)).map((answer) => (answer.ok ? 'ok' : answer.problem.code)).sort();

  await accepted(large('BANK-1'));
  expect([await codes([large('BANK-2')]), await codes([decide('confirmCorrection', manager)]), await moneyIn(account)]).toMatchObject([
    ['DECISION_PENDING'],
    ['SECOND_PERSON'],
    { balance: 0 },
  ]);
  expect(await codes([decide('confirmCorrection'), decide('confirmCorrection'), decide('confirmCorrection')])).toEqual([
    'NO_DECISION_PENDING',
    'NO_DECISION_PENDING',
    'ok',
  ]);
  expect([await moneyIn(account), await codes([large('BANK-1', machine)])]).toMatchObject([{ balance: 60_000_00 }, ['TOP_UP_KNOWN']]);
  // reported while it awaits the second person, it counts at once, and only so
  await accepted(large('BANK-2'));
  await accepted(large('BANK-2', machine));
  expect(await codes([decide('confirmCorrection')])).toEqual(['TOP_UP_KNOWN']);
  await accepted(decide('dropCorrection'));
  // what was dropped was never booked
  await accepted(large('BANK-3'));
  await accepted(decide('dropCorrection'));
  await accepted(large('BANK-3', machine));
  expect(await moneyIn(account)).toMatchObject({ balance: 180_000_00, paid_in: 180_000_00 });
  const query = `query ($id: ID!) { node(id: $id) { ... on BuyerAccount { entries { nodes { event reference } } } } }`;
  const { data } = await api.ask(manager, query, { id: toId('buyerAccount', account) });
  expect(data.node.entries.nodes).toEqual([
    { event: 'topUpAccount', reference: 'BANK-3' },
    { event: 'topUpAccount', reference: 'BANK-2' },
    { event: 'confirmCorrection', reference: 'BANK-1' },
  ]);
});

test('PostgreSQL itself refuses a payment that an account does not cover, and money of no account (MET-2)', async () => {
  const account = await openAccount({ ...buyer, party: 'buyer-d', id: 'buyer-d.xu' });
  await accepted(topUp(account, 99));
  const post = (order: string, from: string, to: string, no: number) =>
    api.pool.query(
      "insert into ledger (instance_id, revision, no, order_id, from_account, to_account, amount, currency, at) values ($1, 1, $2, $3, $4, $5, 100, 'CNY', now())",
      [account, no, order, from, to],
    );
  await expect(post(account, 'balance', 'bank', 1)).rejects.toThrow('that covers a payment of 100');
  expect(await moneyIn(account)).toMatchObject({ balance: 99 });
  const { rows } = await api.pool.query("select id from instances where lifecycle = 'product' limit 1");
  await expect(post(rows[0].id, 'buyer', 'balance', 2)).rejects.toThrow('expected an account of');
});

test('an account that another decision holds for too long is busy, whichever of its facts hears it first (MET-2)', async () => {
  const third: Actor = { id: 'buyer-z.yan', role: 'buyer', party: 'buyer-z' };
  const account = await openAccount(third);
  const holder = await api.pool.connect();
  try {
    await holder.query(`begin; select pg_advisory_xact_lock(hashtextextended('account of ${third.party} in CNY', 0))`);
    expect(await topUp(account, 100_00)).toMatchObject({ ok: false, problem: { code: 'UNAVAILABLE' } });
  } finally {
    await holder.query('rollback');
    holder.release();
  }
  expect(await moneyIn(account)).toMatchObject({ balance: 0 });
  await accepted(topUp(account, 100_00));
});
