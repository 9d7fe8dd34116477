import { afterAll, beforeAll, expect, test } from 'vitest';
import { toId } from '../../graphql/ids.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { standingClock } from '../db/comparing.ts';
import { everything } from '../db/supposing.ts';
import { aFile, buyer, machine, manager, merchant, otherBuyer, otherMerchant, reviewer } from '../world.ts';
import { type Answer, type Api, anApi } from './api.ts';
import { askAs, strangers } from './strangers.ts';

let api: Api;
beforeAll(async () => {
  api = await anApi();
  await standingClock(api);
});
afterAll(() => api.stop());

const suppose = `query ($id: ID!, $commands: [WhatIfCommand!], $minutes: Int, $assume: Assume) {
  whatIf(id: $id, commands: $commands, advanceMinutes: $minutes, assume: $assume) { __typename
    ... on Problem { code message } ... on Invalid { fields { path message } }
    ... on Supposed { now truncated
      steps { kind name number at problem { code message } messages { to event text }
        changes { number from to frozen deadlines { what deadline { name dueAt } } effects { what effect { name params } } incidents { name code } } }
      records { number lifecycle stateName frozen final revision context deadlines { name dueAt frozen remaining } effects { name status params at } } } } }`;
const whatIf = async (actor: Actor, variables: Record<string, unknown>) => (await api.ask(actor, suppose, variables)).data?.whatIf;
const codes = (told: { steps: { kind: string; name: string; problem: { code: string } | null }[] }) =>
  told.steps.map(({ kind, name, problem }) => (kind === 'command' ? `${name}: ${problem?.code ?? 'ok'}` : name));

/** Records as the family's pages show them, in the form of a what-if's. */
const shown = `query ($id: ID!) { node(id: $id) { ...record ... on Lifecycle { family { ...record } } } }
  fragment record on Lifecycle { number lifecycle stateName frozen final revision contextJson deadlines { name dueAt frozen remaining } effects { name status params } }`;
type Shown = { number: string; contextJson?: unknown; context?: unknown; deadlines: { name: string }[]; effects: { name: string; at?: string }[] };
const byName = <T extends { name: string }>(list: T[]) => list.toSorted((one, other) => one.name.localeCompare(other.name));
/** Whom of a party an operations manager supposes is nobody in particular. */
const anybodyOf = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value).replaceAll(`"${buyer.id}"`, `"${buyer.party}"`).replaceAll(`"${merchant.id}"`, `"${merchant.party}"`));
const comparable = (records: Shown[]) =>
  anybodyOf(records)
    .map(({ contextJson, context, deadlines, effects, ...record }) => ({
      ...record,
      context: context ?? contextJson,
      deadlines: byName(deadlines),
      effects: byName(effects.map(({ at: _, ...effect }) => effect)),
    }))
    .sort((one, other) => one.number.localeCompare(other.number));

test('what is told over HTTP is what the same commands and the same time then bring, value by value (SUP-2 to SUP-7)', async () => {
  const { order, supervision } = await api.aPaidOrder();
  const files = [await aFile(api.pool, merchant)];
  const [reason, far] = ['不符合约定', 3 * 24 * 60];
  const commands = [
    { command: 'acceptDelivery', on: supervision, as: 'buyer' },
    { command: 'uploadAcceptance', on: supervision, as: 'merchant', input: { files } },
    { command: 'returnDelivery', on: supervision, as: 'buyer', reason },
    { command: 'remindMerchant', on: supervision, as: 'buyer' },
    { command: 'fileAppeal', on: supervision, as: 'buyer', reason },
  ];
  const told = await whatIf(manager, { id: order, commands, minutes: far });
  expect(codes(told)).toMatchInlineSnapshot(`
    [
      "acceptDelivery: WRONG_STATE",
      "uploadAcceptance: ok",
      "returnDelivery: ok",
      "remindMerchant: ok",
      "fileAppeal: ok",
      "decisionReminder",
      "decisionDue",
    ]
  `);
  const answers = [];
  for (const { command, as, input, reason: because } of commands)
    answers.push(
      await api.command(as === 'buyer' ? buyer : merchant, command, {
        supervisionId: supervision,
        expectedRevision: null,
        ...input,
        ...(because ? { reason: because } : {}),
      }),
    );
  expect(answers.map(({ code, message }) => [code ?? null, message ?? null])).toEqual(
    told.steps
      .filter(({ kind }: { kind: string }) => kind === 'command')
      .map(({ problem }: { problem: Answer['data'] }) => [problem?.code ?? null, problem?.message ?? null]),
  );
  const advance = 'mutation ($order: ID!, $by: Int!) { sandboxAdvanceTime(order: $order, byMinutes: $by) { ... on TimeAdvanced { now fired } } }';
  const { now, fired } = (await api.ask(manager, advance, { order, by: far })).data.sandboxAdvanceTime;
  expect([now, fired]).toEqual([told.now, told.steps.filter(({ kind }: { kind: string }) => kind === 'deadline').map(({ name }: { name: string }) => name)]);
  const { family, ...own } = (await api.ask(manager, shown, { id: order })).data.node;
  expect(comparable(told.records)).toEqual(comparable([own, ...family]));
});

test('without a token nothing is told; another’s record is not there for anyone, like one that is not (ACT-1)', async () => {
  const { order, supervision } = await api.aPaidOrder();
  const foreign = await api.aPaidOrder({ by: otherBuyer, product: 'saas-activated-b' });
  expect(await api.post(JSON.stringify({ query: suppose, variables: { id: order } }))).toMatchObject({ status: 401, data: undefined });
  const absent = toId('order', '00000000-0000-4000-8000-000000000000');
  const found = async (actor: Actor, id: string) => (await whatIf(actor, { id })).code ?? 'Supposed';
  for (const actor of [otherBuyer, otherMerchant])
    expect([actor.id, await found(actor, order), await found(actor, supervision)]).toEqual([actor.id, 'NOT_FOUND', 'NOT_FOUND']);
  for (const actor of [buyer, merchant, manager, reviewer, machine])
    expect([actor.id, await found(actor, order), await found(actor, absent)]).toEqual([actor.id, 'Supposed', 'NOT_FOUND']);
  for (const stranger of strangers) expect((await askAs(api, stranger, suppose, { id: order })).data.whatIf).toMatchObject({ code: 'NOT_FOUND' });
  for (const id of ['', 'no id', supervision.slice(1)]) expect([id, await found(manager, id)]).toEqual([id, 'NOT_FOUND']);
  // a command on a record that is another's, or of another family, betrays nothing either
  const onto = async (actor: Actor, on: string) => (await whatIf(actor, { id: order, commands: [{ command: 'fileAppeal', on, reason: '核实' }] })).code;
  expect([await onto(buyer, foreign.supervision), await onto(manager, foreign.supervision), await onto(buyer, absent)]).toEqual(Array(3).fill('NOT_FOUND'));
});

test('everyone supposes commands of the own role, which the rules refuse as they would; an operations manager those of all (ACT-1)', async () => {
  const { supervision } = await api.aPaidOrder();
  const asking = (actor: Actor, as?: string) =>
    whatIf(actor, { id: supervision, commands: [{ command: 'fileAppeal', reason: '核实', ...(as ? { as } : {}) }] });
  expect([codes(await asking(buyer)), codes(await asking(merchant)), codes(await asking(reviewer)), codes(await asking(manager))]).toEqual([
    ['fileAppeal: ok'],
    ['fileAppeal: ok'],
    ['fileAppeal: ROLE_NOT_ALLOWED'],
    ['fileAppeal: ROLE_NOT_ALLOWED'],
  ]);
  for (const as of ['buyer', 'merchant']) expect(codes(await asking(manager, as))).toEqual(['fileAppeal: ok']);
  for (const [actor, as] of [
    [buyer, 'merchant'],
    [merchant, 'operationsManager'],
    [reviewer, 'buyer'],
    [machine, 'buyer'],
  ] as const)
    expect([actor.id, await asking(actor, as)]).toMatchObject([actor.id, { __typename: 'Invalid', fields: [{ path: 'commands.0.as' }] }]);
  const said = async (language: string) =>
    (await api.ask(buyer, suppose, { id: supervision, commands: [{ command: 'fileAppeal', as: 'merchant' }] }, { 'accept-language': language })).data.whatIf
      .fields[0].message;
  expect([await said('zh-CN'), await said('en')]).toMatchInlineSnapshot(`
    [
      "您只能以自己的角色（买家）推演操作；只有运营经理可以代其他角色推演。",
      "You may suppose commands of your own role (Buyer); only operations managers suppose those of others.",
    ]
  `);
});

test('a what-if has its limits, each said by its field', async () => {
  const { order } = await api.aPaidOrder();
  const many = (count: number) => Array.from({ length: count }, () => ({ command: 'cancelOrder' }));
  const years = 2 * 366 * 24 * 60;
  expect(await whatIf(buyer, { id: order, commands: many(50), minutes: years })).toMatchObject({ __typename: 'Supposed', truncated: false });
  const refused = await Promise.all(
    [{ commands: many(51) }, { minutes: years + 1 }, { minutes: -1 }, { commands: many(51), minutes: -1 }].map((over) => whatIf(buyer, { id: order, ...over })),
  );
  expect(refused.map(({ fields }) => fields.map(({ path, message }: { path: string; message: string }) => `${path}: ${message}`))).toMatchInlineSnapshot(`
    [
      [
        "commands: A what-if takes 0–50 commands, you sent 51.",
      ],
      [
        "advanceMinutes: A what-if takes 0–1054080 minutes, you sent 1054081.",
      ],
      [
        "advanceMinutes: A what-if takes 0–1054080 minutes, you sent -1.",
      ],
      [
        "commands: A what-if takes 0–50 commands, you sent 51.",
        "advanceMinutes: A what-if takes 0–1054080 minutes, you sent -1.",
      ],
    ]
  `);
});

test('malformed input is refused by the step or the request, and never as a bug', async () => {
  const { supervision } = await api.aPaidOrder();
  const step = async (command: Record<string, unknown>) => (await whatIf(merchant, { id: supervision, commands: [command] }))?.steps?.[0]?.problem?.code;
  for (const input of ['text', 7, [], [[]], true, {}, { files: 'all' }, { files: ['x'] }, { files: [], more: 1 }, { files: ['x'.repeat(70_000)] }])
    expect([JSON.stringify(input).slice(0, 40), await step({ command: 'uploadAcceptance', input })]).toEqual([JSON.stringify(input).slice(0, 40), 'INVALID']);
  for (const command of ['', 'noSuchCommand', '__proto__', 'constructor', 'placeOrder', 'x'.repeat(5_000)])
    expect([command.slice(0, 20), await step({ command })]).toEqual([command.slice(0, 20), 'INVALID']);
  for (const wrong of [{ command: 'a\u0000' }, { command: 'fileAppeal', reason: 'a\u0000' }, { command: 'uploadAcceptance', input: { comment: '\ud800' } }])
    expect((await api.ask(merchant, suppose, { id: supervision, commands: [wrong] })).errors?.[0].extensions.code).toBe('BAD_INPUT');
  for (const wrong of [{ minutes: 1.5 }, { minutes: 1e12 }, { assume: 'failed' }, { commands: [{}] }, { commands: [{ command: 'fileAppeal', as: 'king' }] }]) {
    const { status, errors } = await api.ask(buyer, suppose, { id: supervision, ...wrong });
    expect([JSON.stringify(wrong), status >= 200 && status < 500, (errors ?? []).length > 0]).toEqual([JSON.stringify(wrong), true, true]);
  }
  expect(api.errors).toEqual([]);
});

test('nothing is executed: no row of any table changes, whatever is asked (SUP-5, ACT-2)', async () => {
  const { order, supervision } = await api.aPaidOrder();
  const files = [await aFile(api.pool, merchant)];
  const before = await everything(api);
  const commands = [
    { command: 'uploadAcceptance', on: supervision, as: 'merchant', input: { files } },
    { command: 'acceptDelivery', on: supervision, as: 'buyer' },
    { command: 'noSuchCommand' },
  ];
  for (const assume of ['open', 'succeeded'])
    expect((await whatIf(manager, { id: order, commands, minutes: 500_000, assume })).steps.length).toBeGreaterThan(3);
  await whatIf(buyer, { id: order, commands: [{ command: 'fileAppeal', as: 'merchant' }] });
  await whatIf(otherBuyer, { id: order });
  expect(await everything(api)).toBe(before);
});
