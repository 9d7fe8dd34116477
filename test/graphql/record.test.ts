import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromId } from '../../graphql/ids.ts';
import type { Command } from '../../lifecycles/declaration.ts';
import { samplesOf } from '../../lifecycles/samples.ts';
import { aFile, buyer, machine, manager, merchant, reviewer } from '../world.ts';
import { type Api, anApi } from './api.ts';

let api: Api;
beforeAll(async () => {
  api = await anApi();
});
afterAll(() => api.stop());

const whole = `query ($id: ID!) { node(id: $id) { ... on Supervision { number state stateLabel(language: zh) stateDescription frozen final revision attention contextJson
  context { order way scenario round openedAt acceptanceFiles returnedBecause appeals { buyer { reason } merchant { reason } } lastDecision { decision at } }
  parties { buyer merchant } waitsFor { role label(language: zh) party } since
  deadlines { name label(language: zh) dueAt remaining frozen serverNow rules }
  availableCommands { name label(language: zh) description enabled reasonRequired destructive needsSecondPerson inputSchema rules whyNot { code message becomesPossibleAt problem { __typename } } }
  history { nodes { revision at kind type label(language: zh) actor role roleLabel reason input before { name label } after { name label frozen } changes applied via hash previousHash } totalCount { value } }
  refusals { no command label code message actor at } incidents { code } effects { key attempts { no } } calls { outcome } files { id name sha256 revision path }
  family { number lifecycle ... on Order { state context { amount currency placedAt period { unit count } } } }
  machine { states { name label(language: zh) description final region } transitions { from to event label guard kind } } } } }`;

test('one query tells everything about one record: who must act until when, what is possible, what was (SUP-11, ACT-2)', async () => {
  const { supervision } = await api.aPaidOrder({ scenario: 'empowermentCloud' });
  const file = await aFile(api.pool, merchant);
  const on = { supervisionId: supervision, expectedRevision: null };
  await api.command(merchant, 'uploadAcceptance', { ...on, files: [file] });
  await api.command(buyer, 'acceptDelivery', on);
  await api.command(buyer, 'fileAppeal', { ...on, reason: '交付不符' });
  const { data, errors } = await api.ask(buyer, whole, { id: supervision });
  expect(errors).toBeUndefined();
  const { node } = data;
  expect(node).toMatchObject({
    state: 'awaitingReview',
    stateLabel: '待复核',
    frozen: true,
    final: false,
    revision: 3,
    context: { way: 'saas', round: 1, acceptanceFiles: [file], appeals: { buyer: { reason: '交付不符' }, merchant: null }, lastDecision: null },
    parties: { buyer: 'buyer-a', merchant: 'merchant-a' },
    waitsFor: [{ role: 'operationsManager', label: '运营经理', party: null }],
    files: [{ id: file, name: '验收报告.pdf', revision: 2, path: `/files/${file}` }],
    family: [{ lifecycle: 'order', state: 'processing', context: { amount: 120_000, currency: 'CNY', period: { unit: 'year', count: 1 } } }],
  });
  const due = node.deadlines.find(({ name }: { name: string }) => name === 'decisionDue');
  expect(due).toMatchObject({ frozen: false, dueAt: expect.stringMatching(/Z$/), rules: ['SUP-6'] });
  expect(due.label).toMatch(/裁决/);
  expect(due.remaining).toBe(Math.round((Date.parse(due.dueAt) - Date.parse(due.serverNow)) / 1_000));
  // those of the frozen step stand still; which comes first hangs on the day of the week
  const standing = node.deadlines.filter(({ frozen }: { frozen: boolean }) => frozen).map(({ name }: { name: string }) => name);
  // the time for evidence too, until some is asked for
  expect(standing.toSorted()).toEqual(['evidenceDue', 'reviewOverdue', 'reviewReminder']);
  const commands = Object.fromEntries(node.availableCommands.map((one: { name: string }) => [one.name, one]));
  expect(commands.withdrawAppeal).toMatchObject({ label: '撤回申诉', enabled: true, whyNot: null, reasonRequired: false });
  expect(commands.fileAppeal).toMatchObject({ enabled: false, destructive: true, whyNot: { code: 'APPEAL_STANDS', problem: { __typename: 'Refused' } } });
  expect(commands.decideAppeal).toMatchObject({
    whyNot: { code: 'ROLE_NOT_ALLOWED' },
    inputSchema: { properties: { decision: { enum: ['dismiss', 'redeliver', 'complete', 'terminate'] } } },
  });
  expect(node.history.nodes.map((one: { label: string; after: { name: string } }) => [one.label, one.after.name])).toEqual([
    [expect.any(String), 'awaitingDelivery'],
    ['上传交付验收件', 'awaitingReview'],
    ['发起申诉', 'awaitingReview'],
  ]);
  expect(node.history.nodes[2]).toMatchObject({
    actor: buyer.id,
    role: 'buyer',
    reason: '交付不符',
    after: { frozen: true },
    applied: true,
    via: 'api',
    previousHash: node.history.nodes[1].hash,
  });
  expect(node.refusals).toMatchObject([{ no: 1, command: 'acceptDelivery', code: 'WRONG_STATE' }]);
  expect(node.machine.states.map(({ name }: { name: string }) => name)).toContain('synchronising');
  expect(node.machine.transitions).toContainEqual(
    expect.objectContaining({ from: 'awaitingDelivery', to: 'awaitingReview', event: 'uploadAcceptance', guard: 'isReviewed', kind: 'command' }),
  );
});

test('a frozen deadline stands still with its remainder (SUP-5, TIM-2)', async () => {
  const { supervision } = await api.aPaidOrder();
  const file = await aFile(api.pool, merchant);
  const on = { supervisionId: supervision, expectedRevision: null };
  await api.command(merchant, 'uploadAcceptance', { ...on, files: [file] });
  await api.command(buyer, 'acceptDelivery', on);
  await api.command(merchant, 'fileAppeal', { ...on, reason: 'r' });
  const read = async () =>
    (await api.ask(buyer, 'query ($id: ID!) { node(id: $id) { ... on Lifecycle { deadlines { name dueAt remaining frozen } } } }', { id: supervision })).data
      .node.deadlines;
  const [sync] = await read();
  expect(sync).toMatchObject({ name: 'completionSyncDue', dueAt: null, frozen: true });
  expect(sync.remaining).toBeGreaterThan(1_790);
  await api.ask(manager, 'mutation ($id: ID!) { sandboxAdvanceTime(order: $id, byMinutes: 600) { __typename } }', { id: supervision });
  expect((await read()).find(({ name }: { name: string }) => name === 'completionSyncDue')).toEqual(sync);
});

test('available commands say enabled exactly when the command is then accepted, its input aside', async () => {
  const { supervision } = await api.aPaidOrder();
  const read = 'query ($id: ID!) { node(id: $id) { ... on Lifecycle { availableCommands { name enabled whyNot { code } } } } }';
  const supervisionCommands: Record<string, Command> = api.registry.of('supervision').commands;
  const inputs: Record<string, object> = { uploadAcceptance: { files: [randomUUID()] }, decideAppeal: { decision: 'dismiss' }, retryEffect: { effect: 'x' } };
  for (const actor of [buyer, merchant, manager, reviewer, machine]) {
    const { data } = await api.ask(actor, read, { id: supervision });
    for (const { name, enabled, whyNot } of data.node.availableCommands) {
      const idField = name === 'retryEffect' ? 'id' : 'supervisionId';
      if (enabled && !inputs[name]) continue; // it would be done
      const [sample] = name in supervisionCommands ? samplesOf(supervisionCommands[name]?.input as never) : [{}];
      const answer = await api.command(actor, name, { [idField]: supervision, expectedRevision: null, reason: 'r', ...(sample as object), ...inputs[name] });
      expect([actor.role, name, answer.code]).toEqual([actor.role, name, enabled ? 'INVALID' : whyNot.code]);
    }
  }
});

test('atLeastRevision never answers with an older state', async () => {
  const { order } = await api.aPaidOrder();
  const read = (atLeast: number) => api.ask(buyer, `{ node(id: "${order}", atLeastRevision: ${atLeast}) { ... on Lifecycle { revision } } }`);
  expect((await read(2)).data.node.revision).toBe(2);
  expect((await read(3)).errors?.[0].extensions).toMatchObject({ code: 'UNAVAILABLE', retryAfter: 1 });
  const later = read(3);
  await api.command(machine, 'recordOpening', { orderId: order, expectedRevision: null });
  await api.pool.query('update instances set revision = revision + 1 where id = $1', [fromId(order)?.uuid]);
  expect((await later).data.node.revision).toBe(3);
});

test('the history pages by revision, both ways', async () => {
  const { supervision } = await api.aPaidOrder();
  for (let i = 0; i < 4; i++) {
    await api.command(buyer, 'fileAppeal', { supervisionId: supervision, reason: 'r', expectedRevision: null });
    await api.command(buyer, 'withdrawAppeal', { supervisionId: supervision, expectedRevision: null });
  }
  const read = async (args: string) =>
    (
      await api.ask(
        buyer,
        `query ($id: ID!) { node(id: $id) { ... on Lifecycle { history${args} { nodes { revision } pageInfo { hasNextPage endCursor } totalCount { value exact } } } } }`,
        { id: supervision },
      )
    ).data.node.history;
  const first = await read('(first: 4)');
  expect(first).toMatchObject({
    nodes: [1, 2, 3, 4].map((revision) => ({ revision })),
    pageInfo: { hasNextPage: true },
    totalCount: { value: 9, exact: true },
  });
  expect((await read(`(first: 4, after: "${first.pageInfo.endCursor}")`)).nodes.at(-1)).toEqual({ revision: 8 });
  expect((await read('(first: 2, newestFirst: true)')).nodes).toEqual([{ revision: 9 }, { revision: 8 }]);
});
