import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPayments } from '../../activities/payments.ts';
import { startPayments } from '../../examples/payments/server.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { aCommand, accepted, aDatabase, aFile, aPaidOrder, buyer, type Database, machine, manager, merchant } from '../world.ts';
import { expectChainsToHold, onSupervision, setPolicies } from './orders.ts';

let database: Database;
let engine: Engine;
let payments: Awaited<ReturnType<typeof startPayments>>;
/** Before each payment of a refund, for tests that stand in its way. */
let before: (orderNumber: string) => Promise<void> = async () => {};
beforeAll(async () => {
  database = await aDatabase();
  payments = await startPayments();
  const { payRefund } = createPayments({ url: payments.url });
  // the policy's five minutes between tries are no part of these promises
  await setPolicies(database, { payEvery: { ms: 200 }, synchroniseEvery: { ms: 200 } }, 'refund');
  engine = await anEngine(database, {
    outsides: {
      payRefund: {
        ...payRefund,
        send: async (sending) => {
          await before(String(sending.params.orderNumber));
          return payRefund.send(sending);
        },
      },
    },
  });
});
afterAll(async () => {
  await engine?.stop();
  await payments?.stop();
  await database?.drop();
});

const onRefund = (instance: string, command: string, more: Partial<Parameters<typeof aCommand>[0]> = {}) =>
  aCommand({ lifecycle: 'refund', instance, command, actor: buyer, ...more });
const requested = (order: string, amount?: number) =>
  aCommand({ lifecycle: 'refund', command: 'requestRefund', actor: buyer, input: { order, because: '不再需要', ...(amount ? { amount } : {}) } });
const approval = async (refund: string) =>
  onRefund(refund, 'approveRefund', { actor: merchant, input: { files: [await aFile(database.pool, merchant)] }, reason: '已沟通' });

const stateOf = async (id: string) =>
  (await database.pool.query('select state, number from instances where id = $1', [id])).rows[0] as { state: string; number: string };
const until = (id: string, state: string) =>
  eventually(
    () => stateOf(id),
    (row) => row.state === state,
    { withinMs: 60_000 },
  );
const balanceOf = async (order: string) =>
  (await database.pool.query('select paid, released, reserved, refunded from order_balances where order_id = $1', [order])).rows[0] as Record<string, number>;

async function aRequest(amount?: number) {
  const placed = await aPaidOrder(database);
  const { number } = await stateOf(placed.order);
  const { instance: refund } = await accepted(database.commit.command(requested(placed.order, amount)));
  return { ...placed, orderNumber: number, refund };
}

test('a refund is paid once, also when the answer is lost: the provider is asked, not paid again (REF-5)', { timeout: 90_000 }, async () => {
  const { order, orderNumber, refund, supervision } = await aRequest(1_000);
  payments.failures.dropAnswers = 1;
  await accepted(database.commit.command(await approval(refund)));
  await until(refund, 'refunded');
  expect(payments.payoutsOf(orderNumber)).toEqual([1_000]);
  expect([(await stateOf(order)).state, (await stateOf(supervision)).state]).toEqual(['refunded', 'terminated']);
  const { paid, released, reserved, refunded } = await balanceOf(order);
  expect({ reserved, refunded, all: (released ?? 0) + (refunded ?? 0) }).toEqual({ reserved: 0, refunded: 1_000, all: paid });
  const { rows } = await database.pool.query(
    "select outcome from attempts a join effects e on e.key = a.effect where e.instance_id = $1 and e.name = 'payRefund' order by no",
    [refund],
  );
  expect(rows.map(({ outcome }) => outcome)).toEqual(['unknown', 'succeeded']);
});

test('a worker that stops between the payment and its record pays nobody twice (REF-5)', { timeout: 90_000 }, async () => {
  const { orderNumber, refund } = await aRequest();
  let stopped = false;
  before = async (number) => {
    if (number !== orderNumber || stopped) return;
    stopped = true;
    // paid by the try whose worker is gone before it can say so
    const { rows } = await database.pool.query("select key, params from effects where instance_id = $1 and name = 'payRefund'", [refund]);
    await fetch(`${payments.url}/payments/${orderNumber}/refunds`, {
      method: 'PUT',
      headers: { 'idempotency-key': rows[0].key, 'content-type': 'application/json' },
      body: JSON.stringify(rows[0].params),
    });
    throw new Error('the process died here');
  };
  await accepted(database.commit.command(await approval(refund)));
  await eventually(
    async () => (await database.pool.query("select status from effects where instance_id = $1 and name = 'payRefund'", [refund])).rows[0]?.status as string,
    (status) => status === 'failed',
  );
  const { rows } = await database.pool.query("select key from effects where instance_id = $1 and name = 'payRefund'", [refund]);
  await accepted(database.commit.command(onRefund(refund, 'retryEffect', { actor: manager, input: { effect: rows[0].key }, reason: '已修复' })));
  await until(refund, 'refunded');
  expect(payments.payoutsOf(orderNumber)).toHaveLength(1);
  before = async () => {};
});

test('an acceptance and a refund at the same moment: one of them, and both orders happen (SUP-4, REF-2)', { timeout: 90_000 }, async () => {
  const acceptanceFirst = 'accepted / REFUND_AFTER_ACCEPTANCE';
  const seen = new Set<string>();
  // which head start is enough hangs on the machine: it grows, for whoever has not won yet
  for (let headStartMs = 0; seen.size < 2; headStartMs = 2 * headStartMs + 1) {
    expect(headStartMs).toBeLessThan(10_000);
    const { order, supervision } = await aPaidOrder(database);
    await accepted(
      database.commit.command(onSupervision(supervision, 'uploadAcceptance', { actor: merchant, input: { files: [await aFile(database.pool, merchant)] } })),
    );
    const isRefundFirst = seen.has(acceptanceFirst);
    const [accepting, refunding] = await Promise.all([
      sleep(isRefundFirst ? headStartMs : 0).then(() => database.commit.command(onSupervision(supervision, 'acceptDelivery'))),
      sleep(isRefundFirst ? 0 : headStartMs).then(() => database.commit.command(requested(order))),
    ]);
    const outcome = `${accepting.ok ? 'accepted' : accepting.problem.code} / ${refunding.ok ? 'refunding' : refunding.problem.code}`;
    expect([acceptanceFirst, 'REFUND_PENDING / refunding']).toContain(outcome);
    seen.add(outcome);
  }
});

test('two operations managers who decide at once, and a merchant beside them: one answer counts (REF-4)', { timeout: 60_000 }, async () => {
  const { order, refund, orderNumber } = await aRequest(500);
  await database.pool.query("update instances set state = 'escalated', value = jsonb_set(value, '{progress}', '\"escalated\"') where id = $1", [refund]);
  const decide = (id: string, decision: string) =>
    database.commit.command(onRefund(refund, 'decideRefund', { actor: { ...manager, id }, input: { decision }, reason: '商家未答复' }));
  const answers = await Promise.all([decide('manager.qian', 'approve'), decide('manager.zhou', 'approve'), database.commit.command(await approval(refund))]);
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  await until(refund, 'refunded');
  expect([payments.payoutsOf(orderNumber), (await balanceOf(order)).refunded]).toEqual([[500], 500]);
});

test('twenty requests at once begin one refund; the eleventh refund without a reason of a year is refused whoever comes with it (REF-1a, REF-2)', {
  timeout: 90_000,
}, async () => {
  const { order } = await aPaidOrder(database);
  const answers = await Promise.all(Array.from({ length: 20 }, () => database.commit.command(requested(order))));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  const other = { ...buyer, id: 'buyer-b.wu', party: 'buyer-b' };
  const orders = await Promise.all(Array.from({ length: 12 }, () => anOpenService(other)));
  const free = await Promise.all(orders.map((one) => database.commit.command({ ...requested(one), actor: other })));
  expect(free.map((answer) => (answer.ok ? 'ok' : answer.problem.code)).sort()).toEqual([...Array(2).fill('REFUND_LIMIT'), ...Array(10).fill('ok')]);
});

/** An unsupervised SaaS order that is open since now. */
async function anOpenService(by: typeof buyer): Promise<string> {
  const { instance: order } = await accepted(
    database.commit.command(
      aCommand({ lifecycle: 'order', command: 'placeOrder', actor: by, input: { product: 'saas-instant', period: { unit: 'month', count: 1 } } }),
    ),
  );
  const { rows } = await database.pool.query("select (context ->> 'amount')::int as amount from instances where id = $1", [order]);
  const paying = { amount: rows[0].amount, means: 'card', reference: 'P' };
  await accepted(database.commit.command(aCommand({ lifecycle: 'order', instance: order, command: 'recordPayment', actor: machine, input: paying })));
  await accepted(database.commit.command(aCommand({ lifecycle: 'order', instance: order, command: 'recordOpening', actor: machine })));
  return order;
}

test('released and refunded never exceed what was paid, whatever the rules say: PostgreSQL refuses (REF-5)', async () => {
  const { order } = await aRequest();
  const post = (no: number, from: string, to: string, amount: number) =>
    database.pool.query(
      'insert into ledger (instance_id, revision, no, order_id, from_account, to_account, amount, currency, at) values ($1, 1000, $2, $1, $3, $4, $5, $6, now())',
      [order, no, from, to, amount, 'CNY'],
    );
  const { paid } = await balanceOf(order);
  await post(1, 'held', 'merchant', (paid ?? 0) - 1);
  await expect(post(2, 'held', 'reserved', 2)).rejects.toThrow('released_and_refunded_at_most_paid');
  await expect(post(3, 'merchant', 'held', paid ?? 0)).rejects.toThrow('no_balance_below_zero');
  await expect(post(4, 'held', 'merchant', 0)).rejects.toThrow('ledger_amount');
  await expect(database.pool.query('delete from ledger where order_id = $1', [order])).rejects.toThrow();
});

test('while a payment made another way awaits its second person the provider is not asked again; the money goes once, whichever way (REF-5, ACT-3)', {
  timeout: 60_000,
}, async () => {
  await setPolicies(database, { payEvery: { ms: 200 }, synchroniseEvery: { ms: 200 }, secondPersonAbove: 0 }, 'refund');
  const [byBank, byProvider] = [await aRequest(700), await aRequest(800)];
  before = async () => {
    throw new Error('the provider says no for good');
  };
  const second = { ...manager, id: 'manager.sun' };
  const on = (refund: string, command: string, actor: typeof manager, input = {}) =>
    database.commit.command(onRefund(refund, command, { actor, input, reason: '渠道拒绝' }));
  const codes = async (answers: ReturnType<typeof on>[]) => (await Promise.all(answers)).map((answer) => (answer.ok ? 'ok' : answer.problem.code));
  const effectOf = async (refund: string) =>
    (await database.pool.query("select key, status, attempts from effects where instance_id = $1 and name = 'payRefund'", [refund])).rows[0];
  for (const { refund } of [byBank, byProvider]) {
    await accepted(database.commit.command(await approval(refund)));
    await eventually(
      () => effectOf(refund),
      ({ status }) => status === 'failed',
    );
  }
  // from now on it would pay
  before = async () => {};
  const retry = async (refund: string) => on(refund, 'retryEffect', manager, { effect: (await effectOf(refund)).key });
  for (const { refund } of [byBank, byProvider]) {
    await accepted(on(refund, 'recordPayout', manager, { reference: 'BANK-1' }));
    const asked = [1, 2, 3, 4, 5].map(() => retry(refund));
    expect(await codes([...asked, on(refund, 'confirmRefundDecision', manager)])).toEqual([...asked.map(() => 'DECISION_PENDING'), 'SECOND_PERSON']);
  }
  const [confirmed, ...retried] = await codes([on(byBank.refund, 'confirmRefundDecision', second), ...[1, 2, 3].map(() => retry(byBank.refund))]);
  expect([confirmed, retried.includes('ok')]).toEqual(['ok', false]);
  await accepted(on(byProvider.refund, 'rejectRefundDecision', second));
  await accepted(retry(byProvider.refund));
  for (const [{ refund, order, orderNumber }, amount, payouts] of [
    [byBank, 700, []],
    [byProvider, 800, [800]],
  ] as const) {
    await until(refund, 'refunded');
    expect([payments.payoutsOf(orderNumber), (await balanceOf(order)).refunded]).toEqual([payouts, amount]);
  }
  expect(await codes([on(byProvider.refund, 'confirmRefundDecision', second)])).toEqual(['ENDED']);
});

test('every chain holds after all of it (ACT-2)', async () => {
  expect((await expectChainsToHold(database)).events).toBeGreaterThan(100);
});
