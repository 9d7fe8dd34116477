import { afterEach, beforeEach, expect, test } from 'vitest';
import { createNotifications } from '../../db/notifications.ts';
import { hours } from '../../lifecycles/spans.ts';
import { supervision } from '../../lifecycles/supervision.ts';
import { advance, deliver, fileAppeal, onSupervision, untilState } from '../faults/orders.ts';
import { anEngine, eventually } from '../worker.ts';
import { accepted, aDatabase, aPaidOrder, buyer, type Database, manager, merchant } from '../world.ts';
import { aMailServer, type MailServer } from './a-mail-server.ts';
import { aDelivery, deliveriesIn, mailTo, statesIn } from './post.ts';

let database: Database;
let server: MailServer;
const started: { stop(): Promise<void> }[] = [];
beforeEach(async () => {
  database = await aDatabase();
  server = await aMailServer({ tls: false });
});
afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
  await server.stop();
  await database.drop();
});

const delivering = (options: Parameters<typeof aDelivery>[1] = {}) => {
  const delivery = aDelivery(database, { mail: mailTo(server.port), ...options });
  started.push(delivery);
  return delivery;
};
const allSent = (least = 1) =>
  eventually(
    () => statesIn(database),
    ({ waiting, ...states }) => !waiting && Object.values(states).reduce((sum, count) => sum + count, 0) >= least,
  );
const sentTo = (address: string) => server.mails.filter(({ to }) => to === address);

test('a supervised order is told from payment to completion, to each receiver in its language, each message once (NOT-1, ACT-3)', async () => {
  await createNotifications(database.pool).setReceivers(buyer, 'fulfilment', [
    { channel: 'mail', address: 'cai@example.com', language: 'zh' },
    { channel: 'mail', address: 'purchasing@example.com', language: 'en' },
  ]);
  const engine = await anEngine(database);
  try {
    delivering();
    const placed = await aPaidOrder(database);
    await deliver(database, placed.supervision);
    await accepted(database.commit.command(onSupervision(placed.supervision, 'returnDelivery', { reason: '缺少管理员账号' })));
    await deliver(database, placed.supervision);
    await accepted(database.commit.command(onSupervision(placed.supervision, 'acceptDelivery')));
    await advance(database, { waker: engine.waker, order: placed.order, byMs: 31 * 60_000 });
    await untilState(database, placed.supervision, 'finished');
    await eventually(
      () => database.pool.query('select from outbox where dispatched_at is null'),
      ({ rowCount }) => rowCount === 0,
    );
    await allSent();
  } finally {
    await engine.stop();
  }
  const { rows } = await database.pool.query("select count(*)::int as count from outbox where to_role = 'buyer'");
  expect([sentTo('cai@example.com').length, sentTo('purchasing@example.com').length]).toEqual([rows[0].count, rows[0].count]);
  expect(new Set(server.mails.map(({ messageId }) => messageId)).size).toBe(server.mails.length);
  const withoutNumber = (subject = '') => subject.replace(/OR-\d+-\d+ /, '');
  expect(sentTo('cai@example.com').map(({ subject }) => withoutNumber(subject))).toEqual(
    expect.arrayContaining(['[云商店] 商家已提交交付验收件。请验收', '[云商店] 订单已完成']),
  );
  expect(sentTo('purchasing@example.com').map(({ subject }) => withoutNumber(subject))).toEqual(
    expect.arrayContaining(['[Marketplace] The merchant has handed in the acceptance document. Accept the delivery', '[Marketplace] The order is completed']),
  );
  const returned = sentTo('merchant-a@example.com').find(({ text }) => text?.includes('缺少管理员账号'));
  expect(returned?.text).toMatch(/商品: 协同办公 SaaS（需开通交付）\n服务监管: SV-\d{4}-\d+\n当前状态: 待交付\n待处理方: 商家\n/);
  expect(returned?.html).toContain(`<a href="https://console.example/records/${/SV-\d{4}-\d+/.exec(returned?.text ?? '')?.[0]}">`);
  expect(Object.fromEntries(returned?.headers.map(({ key, value }) => [key, value]) ?? [])).toMatchObject({
    from: 'Marketplace <no-reply@steward.example>',
    'content-language': 'zh-CN',
    'auto-submitted': 'auto-generated',
    references: expect.stringMatching(/^<OR-\d{4}-\d+@steward\.example>$/),
  });
});

test('each topic goes to its own receivers, the others to the account; the marketplace’s roles by configuration or their own (ACT-3)', async () => {
  const notifications = createNotifications(database.pool);
  await notifications.setReceivers(merchant, 'disputes', [{ channel: 'mail', address: 'legal@example.com', language: 'en' }]);
  await database.pool.query("update accounts set mail = null where party = 'buyer-a'");
  delivering({ roleAddresses: [{ role: 'operationsManager', channel: 'mail', address: 'operations@example.com', language: 'zh' }] });
  const { supervision: id } = await aPaidOrder(database);
  await accepted(database.commit.command(fileAppeal(id)));
  await eventually(
    () => deliveriesIn(database),
    (rows) => rows.length >= 4 && rows.every(({ state }) => state !== 'waiting'),
  );
  const told = (await deliveriesIn(database)).map(({ event, role, address, state }) => [event, role, address, state].join(' '));
  expect(told.filter((line) => /^(recordPayment merchant|fileAppeal)/.test(line)).sort()).toEqual([
    'fileAppeal buyer  noAddress',
    `fileAppeal merchant ${appealTopic() === 'disputes' ? 'legal' : 'merchant-a'}@example.com sent`,
    'fileAppeal operationsManager operations@example.com sent',
    'recordPayment merchant merchant-a@example.com sent',
  ]);
  // nobody was known: it is there in-app, and goes out once somebody is
  await notifications.setReceivers(buyer, appealTopic(), [{ channel: 'mail', address: 'buyer@example.com', language: 'zh' }]);
  await notifications.setReceivers(manager, appealTopic(), [{ channel: 'mail', address: 'qian@example.com', language: 'en' }]);
  const { rows } = await database.pool.query("select id from deliveries where state = 'noAddress' and channel = 'mail'");
  expect(await notifications.retry(rows.map((row) => row.id))).toBe(1);
  await eventually(
    () => Promise.resolve(sentTo('buyer@example.com').length),
    (count) => count === 1,
  );
  expect([sentTo('qian@example.com').length, sentTo('operations@example.com').length]).toEqual([0, 1]);
});

const appealTopic = () => (supervision.notices.fileAppeal[0] as { topic?: 'disputes' }).topic ?? 'fulfilment';

test('what is told at most once within an hour is one mail, however often it happens; later it is told again (PRD-4)', async () => {
  const returnDelivery = [{ to: ['merchant'] as const, text: { zh: '买家驳回交付。', en: 'The buyer returned the delivery.' }, onceWithin: hours(1) }];
  const burst = await aDatabase({
    lifecycles: database.registry.all.map((one) => (one.name === 'supervision' ? { ...one, notices: { returnDelivery } } : one)),
  });
  const delivery = aDelivery(burst, { mail: mailTo(server.port) });
  try {
    const { order, supervision: id } = await aPaidOrder(burst);
    const again = async () => {
      await deliver(burst, id);
      await accepted(burst.commit.command(onSupervision(id, 'returnDelivery', { reason: '不符合约定' })));
    };
    const told = async () =>
      (
        await burst.pool.query(
          `select (select count(*)::int from outbox m where m.merged_into = o.id) as more from outbox o where event = 'returnDelivery' and merged_into is null order by id`,
        )
      ).rows.map(({ more }) => more);
    await again();
    await again();
    await again();
    expect(await told()).toEqual([2]);
    await advance(burst, { waker: { wake() {} }, order, byMs: 61 * 60_000 });
    await again();
    await again();
    expect(await told()).toEqual([2, 1]);
    await eventually(
      () => statesIn(burst),
      ({ waiting, sent }) => !waiting && sent === 3,
    );
    expect(sentTo('merchant-a@example.com').filter(({ subject }) => subject?.includes('驳回'))).toHaveLength(2);
  } finally {
    await delivery.stop();
    await burst.drop();
  }
});

test('a hostile reason of 2,000 characters adds neither header nor receiver nor markup to the mail', async () => {
  const reason = `行一\nBcc: all@example.com\nSubject: forged\n\n<img src=x onerror=alert(1)>${'长'.repeat(1_900)}`;
  delivering();
  const { supervision: id } = await aPaidOrder(database);
  await accepted(database.commit.command({ ...fileAppeal(id), reason }));
  // what no door lets in, the template holds off as well: it may come from a merchant's system
  await database.pool.query(`update outbox set about = jsonb_set(about, '{record,zh}', to_jsonb(E'x\\r\\nX-Evil: 1'::text)) where event = 'fileAppeal'`);
  await eventually(
    () => Promise.resolve(sentTo('buyer-a@example.com')),
    (mails) => mails.some(({ subject }) => subject?.includes('申诉')),
  );
  const mail = sentTo('buyer-a@example.com').find(({ subject }) => subject?.includes('申诉'));
  expect(mail?.headers.map(({ key }) => key).sort()).toEqual(
    [
      'auto-submitted',
      'content-language',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'references',
      'subject',
      'to',
      'x-auto-response-suppress',
    ].sort(),
  );
  expect(mail?.subject).not.toMatch(/forged/);
  expect(mail?.text).toContain('> Bcc: all@example.com\n> Subject: forged\n> \n> <img src=x');
  expect(mail?.html).not.toContain('<img');
  expect(mail?.text).toContain('长'.repeat(1_900));
  expect(server.mails.every(({ to }) => to !== 'all@example.com')).toBe(true);
});
