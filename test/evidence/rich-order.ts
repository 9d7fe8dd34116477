import { randomUUID } from 'node:crypto';
import { createCalendarDays } from '../../db/calendar.ts';
import { createPolicies } from '../../db/policies.ts';
import type { CommandRequest } from '../../db/requests.ts';
import { advance, effectOf, minute, numbered, type Ordered, onSupervision, retryByHand, untilState } from '../faults/orders.ts';
import { answering, type aTroubledCentre } from '../faults/troubled-centre.ts';
import { type Engine, eventually } from '../worker.ts';
import { accepted, aPaidOrder, buyer, type Database, manager, merchant, otherBuyer } from '../world.ts';

type Around = {
  database: Database;
  engine: Engine;
  centre: Awaited<ReturnType<typeof aTroubledCentre>>;
  upload: (actor: typeof buyer, name: string, content: string) => Promise<string>;
};

/**
 * An order with all that a log may hold: a delivery returned and handed in again, appeals of both parties with evidence, refusals
 * of every kind, policies and calendar changed on the way, an effect that gave up and was retried by hand, and its result
 * recorded while frozen.
 */
export async function aRichOrder({ database, engine, centre, upload }: Around): Promise<Ordered> {
  const { commit } = database;
  const ordered = await numbered(database, await aPaidOrder(database));
  const { supervision, order, orderNumber } = ordered;
  const send = (command: string, more: Partial<CommandRequest> = {}) => accepted(commit.command(onSupervision(supervision, command, more)));
  const refused = async (command: string, more: Partial<CommandRequest> = {}) => {
    const answer = await commit.command(onSupervision(supervision, command, more));
    if (answer.ok) throw new Error(`expected ${command} to be refused`);
  };
  const key = randomUUID();
  await refused('acceptDelivery');
  await refused('fileAppeal', { actor: otherBuyer, reason: '不是我的订单' });
  await refused('uploadAcceptance', { actor: merchant, input: { files: [randomUUID()] } });
  await refused('acceptDelivery', { actor: merchant });
  const files = [await upload(merchant, '验收报告.txt', '验收报告：服务已开通。'), await upload(merchant, 'screenshot.txt', 'it runs')];
  await send('uploadAcceptance', { actor: merchant, input: { files, comment: '已开通 👍' }, idempotencyKey: key });
  await refused('returnDelivery', { reason: null });
  await refused('returnDelivery', { reason: '无法登录', expectedRevision: 1 });
  await send('returnDelivery', { reason: '服务无法登录，\n请重新交付 "今天"' });
  await createPolicies({ pool: database.pool, registry: database.registry }).setPolicies({
    ...{ actor: manager, lifecycle: 'supervision', product: 'saas-activated', reason: '加快裁决', expectedVersion: await policyVersion(database) },
    values: [{ name: 'decisionWithin', value: { workingDays: 2 } }],
  });
  await refused('uploadAcceptance', { actor: merchant, input: { files, comment: 'again' }, idempotencyKey: key });
  await send('uploadAcceptance', { actor: merchant, input: { files: [await upload(merchant, '验收报告.txt', '验收报告：已修复。')] } });
  await send('fileAppeal', { reason: '仍然无法登录', input: { files: [await upload(buyer, 'appeal.txt', 'still no login')] } });
  await refused('acceptDelivery');
  await send('fileAppeal', { actor: merchant, reason: '买家不配合' });
  await send('requestEvidence', { actor: manager, input: { from: 'merchant' }, reason: '请提供日志' });
  await send('submitEvidence', { actor: merchant, input: { files: [await upload(merchant, 'log.txt', 'login ok')] } });
  await createCalendarDays({ pool: database.pool }).setCalendarDays({
    ...{ actor: manager, announcedYear: null, reason: '台风停工', expectedVersion: await calendarVersion(database) },
    days: [{ day: '2026-12-01', kind: 'holiday', name: '台风' }],
  });
  await send('decideAppeal', { actor: manager, input: { decision: 'dismiss' }, reason: '服务可用' });
  await send('acceptDelivery');
  centre.troubles.set(orderNumber, answering(409, 'refused: token=s3cr3t-of-ours'));
  await advance(database, { waker: engine.waker, order, byMs: 30 * minute });
  const failed = await eventually(
    () => effectOf(database, supervision),
    ({ status }) => status === 'failed',
  );
  const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  centre.troubles.set(orderNumber, async (reallySend) => {
    asked.resolve();
    await answered.promise;
    return reallySend();
  });
  await accepted(commit.command(retryByHand(supervision, failed.key)));
  await asked.promise;
  await send('fileAppeal', { reason: '又坏了' });
  answered.resolve();
  await eventually(
    async () => (await database.pool.query('select 1 from events where instance_id = $1 and not applied', [supervision])).rowCount,
    (recorded) => recorded === 1,
  );
  await send('withdrawAppeal');
  await untilState(database, supervision, 'finished');
  await refused('fileAppeal', { reason: '太晚了' });
  return ordered;
}

const policyVersion = async ({ pool }: Database) => (await pool.query('select coalesce(max(version), 0) as version from policies')).rows[0].version as number;
const calendarVersion = async ({ pool }: Database) =>
  (await pool.query('select coalesce(max(version), 0) as version from calendar_versions')).rows[0].version as number;
