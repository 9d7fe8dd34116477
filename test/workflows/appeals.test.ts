import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  aDeliveredOrder,
  advance,
  anAcceptedOrder,
  effectOf,
  fileAppeal,
  logOf,
  minute,
  type Ordered,
  onSupervision,
  rowOf,
  untilAllTold,
  untilState,
  withdrawAppeal,
} from '../faults/orders.ts';
import { aTroubledCentre } from '../faults/troubled-centre.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { accepted, aDatabase, type Database, manager, merchant } from '../world.ts';
import { keeperOf, stateQueried } from './keepers.ts';

let centre: Awaited<ReturnType<typeof aTroubledCentre>>;
let database: Database;
let engine: Engine;
beforeAll(async () => {
  centre = await aTroubledCentre();
  database = await aDatabase();
  engine = await anEngine(database, { outsides: centre.outsides });
});
afterAll(async () => {
  await engine.stop();
  await database.drop();
  await centre.stop();
});

const command = (request: ReturnType<typeof onSupervision>) => accepted(database.commit.command(request));
const skip = ({ order }: Ordered, byMs: number) => advance(database, { waker: engine.waker, order, byMs });
const decide = (supervision: string, decision: string) =>
  onSupervision(supervision, 'decideAppeal', { actor: manager, input: { decision }, reason: '核实完毕' });
const ofMerchant = (supervision: string, name: string) => onSupervision(supervision, name, { actor: merchant, reason: '买家拒不验收' });
const appealsOf = async (supervision: string) =>
  (await database.pool.query("select context -> 'appeals' as appeals from instances where id = $1", [supervision])).rows[0].appeals;
/** Its workflow may be told of the end a moment after it. */
const resultOf = async ({ supervision }: Ordered) => {
  await untilAllTold(database);
  return keeperOf(engine, { lifecycle: 'supervision', id: supervision }).result();
};
const knows = ({ supervision }: Ordered, revision: number) =>
  eventually(
    () => stateQueried(engine, { lifecycle: 'supervision', id: supervision }).catch(() => null),
    (state) => state?.asOfRevision === revision,
  );
const dueOf = async (supervision: string, name: string) =>
  (
    await database.pool.query(
      'select status, (extract(epoch from due_at) * 1000)::bigint as due, remaining_ms as left from deadlines where instance_id = $1 and name = $2',
      [supervision, name],
    )
  ).rows[0];

test('a result that comes while frozen is recorded, told to nobody, and applied when the freeze ends (SUP-5)', async () => {
  const ordered = await anAcceptedOrder(database);
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  centre.troubles.set(ordered.orderNumber, async (send) => {
    ask();
    await answered;
    return send();
  });
  await skip(ordered, 30 * minute);
  await asked;
  await command(fileAppeal(ordered.supervision));
  answer();
  const recorded = 'orderSynchronised by system via keeper (recorded)';
  await eventually(
    () => logOf(database, ordered.supervision),
    (log) => log.at(-1) === recorded,
  );
  expect(await rowOf(database, ordered.supervision)).toMatchObject({ state: 'synchronising', frozen: true });
  expect(await rowOf(database, ordered.order)).toMatchObject({ state: 'processing' });
  expect(await effectOf(database, ordered.supervision)).toMatchObject({ status: 'done' });

  await engine.stopWorker();
  await engine.startWorker();
  await command(decide(ordered.supervision, 'dismiss'));
  expect(await rowOf(database, ordered.order)).toMatchObject({ state: 'completed' });
  expect((await logOf(database, ordered.supervision)).slice(-3)).toEqual([
    recorded,
    'decideAppeal by operationsManager via api',
    'orderSynchronised by system via api',
  ]);
  expect(await resultOf(ordered)).toEqual({ instance: ordered.supervision, state: 'finished', revision: 8 });
  expect(centre.completionsOf(ordered.orderNumber)).toBe(1);
});

test('both parties’ appeals can stand: one withdrawn leaves the freeze, one decision closes both (SUP-5, SUP-6)', async () => {
  const ordered = await anAcceptedOrder(database);
  const { supervision } = ordered;
  await command(fileAppeal(supervision));
  await command(ofMerchant(supervision, 'fileAppeal'));
  const frozen = await dueOf(supervision, 'completionSyncDue');
  expect(frozen).toMatchObject({ status: 'frozen', due: null });
  await command(withdrawAppeal(supervision));
  expect(await rowOf(database, supervision)).toMatchObject({ frozen: true });
  expect(await dueOf(supervision, 'completionSyncDue')).toEqual(frozen);
  await command(fileAppeal(supervision));
  expect(await appealsOf(supervision)).toMatchObject({ buyer: { reason: '服务无法登录' }, merchant: { reason: '买家拒不验收' } });
  await command(decide(supervision, 'dismiss'));
  expect(await appealsOf(supervision)).toEqual({ buyer: null, merchant: null });
  const armed = await dueOf(supervision, 'completionSyncDue');
  const { rows } = await database.pool.query('select (extract(epoch from last_event_at) * 1000)::bigint as at from instances where id = $1', [supervision]);
  expect(armed.due - rows[0].at).toBe(frozen.left);
  expect((await skip(ordered, frozen.left))?.fired).toEqual(['completionSyncDue']);
  await untilState(database, ordered.order, 'completed');
  expect(await resultOf(ordered)).toMatchObject({ state: 'finished' });
});

test('a decision to complete accepts on the buyer’s behalf, and the order completes by itself (SUP-4, SUP-6)', async () => {
  const ordered = await aDeliveredOrder(database);
  const { supervision } = ordered;
  await command(ofMerchant(supervision, 'fileAppeal'));
  await command(decide(supervision, 'complete'));
  const { rows } = await database.pool.query("select context ->> 'acceptedBy' as by, state, frozen from instances where id = $1", [supervision]);
  expect(rows[0]).toEqual({ by: 'operationsManager', state: 'accepted', frozen: false });
  expect((await skip(ordered, 30 * minute))?.fired).toEqual(['completionSyncDue']);
  await untilState(database, ordered.order, 'completed');
  expect(centre.completionsOf(ordered.orderNumber)).toBe(1);
});

test('a decision that is overdue is an incident until it is made, and the freeze goes on (SUP-6, TIM-1)', async () => {
  const ordered = await aDeliveredOrder(database);
  const { supervision } = ordered;
  await command(fileAppeal(supervision));
  await knows(ordered, 3);
  const { rows } = await database.pool.query(
    `select (extract(epoch from d.due_at - i.last_event_at) * 1000)::bigint as ms from deadlines d join instances i on i.id = d.instance_id where i.id = $1 and name = 'decisionDue'`,
    [supervision],
  );
  expect((await skip(ordered, rows[0].ms))?.fired).toEqual(['decisionReminder', 'decisionDue']);
  const incidents = async () =>
    (await database.pool.query('select name, code, closed_at is null as stands from incidents where instance_id = $1', [supervision])).rows;
  expect(await incidents()).toEqual([{ name: 'decisionDue', code: 'DEADLINE_PASSED', stands: true }]);
  expect(await rowOf(database, supervision)).toMatchObject({ state: 'awaitingAcceptance', frozen: true });
  await command(decide(supervision, 'dismiss'));
  expect(await incidents()).toMatchObject([{ stands: false }]);
  expect(await rowOf(database, supervision)).toMatchObject({ state: 'awaitingAcceptance', frozen: false });
});

test('the time to decide stands still while evidence is awaited, three days at most, and a termination refunds once (SUP-6, REF-5)', async () => {
  const ordered = await aDeliveredOrder(database);
  const { supervision, order, orderNumber } = ordered;
  await command(fileAppeal(supervision));
  await knows(ordered, 3);
  await command(onSupervision(supervision, 'requestEvidence', { actor: manager, input: { from: 'merchant' }, reason: '请提供开通记录' }));
  const stopped = await dueOf(supervision, 'decisionDue');
  expect(stopped).toMatchObject({ status: 'frozen', due: null });
  expect((await skip(ordered, 3 * 24 * 60 * minute))?.fired).toEqual(['evidenceDue']);
  const { rows } = await database.pool.query('select (extract(epoch from last_event_at) * 1000)::bigint as at from instances where id = $1', [supervision]);
  expect(await dueOf(supervision, 'decisionDue')).toEqual({ status: 'armed', due: rows[0].at + stopped.left, left: null });
  await command(onSupervision(supervision, 'decideAppeal', { actor: manager, input: { decision: 'terminate', refundAmount: 1 }, reason: '未举证' }));
  await untilState(database, order, 'refunded');
  expect(await resultOf(ordered)).toMatchObject({ state: 'terminated' });
  // the money is back; the order centre is told of it next
  const told = async () => [...centre.refunds.values()].filter((refund) => refund.orderNumber === orderNumber).length;
  await eventually(told, (times) => times > 0);
  expect(await told()).toBe(1);
  expect(centre.completionsOf(orderNumber)).toBe(0);
});
