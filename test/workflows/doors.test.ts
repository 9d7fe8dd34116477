import { isDeepStrictEqual } from 'node:util';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer, CommandRequest } from '../../db/requests.ts';
import { commandNamed, createRegistry } from '../../lifecycles/registry.ts';
import { roleNames } from '../../lifecycles/roles.ts';
import { commandUpdate } from '../../workflows/keeper.ts';
import { aTroubledCentre } from '../faults/troubled-centre.ts';
import { wrong } from '../lifecycles/happenings.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { aCommand, aDatabase, aPaidOrder, type Database, manager, otherBuyer, otherMerchant } from '../world.ts';
import { cases, declaredCommands } from './cases.ts';
import { keeperOf } from './keepers.ts';
import { createOverGraphql, wrongInputsOf } from './overGraphql.ts';
import { placedCase, refusedAlone } from './placed.ts';
import { actors } from './player.ts';

type Door = 'api' | 'update';
let centre: Awaited<ReturnType<typeof aTroubledCentre>>;
let database: Database;
let engine: Engine;
let over: ReturnType<typeof createOverGraphql>;
beforeAll(async () => {
  centre = await aTroubledCentre();
  database = await aDatabase();
  over = createOverGraphql(database);
  engine = await anEngine(database, { outsides: centre.outsides });
});
afterAll(async () => {
  await engine.stop();
  await database.drop();
  await centre.stop();
});

const registry = createRegistry();
const isOpening = (command: string) => registry.current.some(({ opening }) => opening?.name === command);
const declared = declaredCommands(registry);

/** All their fields are enums or booleans, of which GraphQL lets no wrong value through. */
const ofNamesAlone = ['requestEvidence', 'decideRefund', 'setCreditControl', 'openBuyerAccount'];
const unknownCommand = 'noSuchCommand';

/** What GraphQL has no words for goes to commit, as what comes through an Update does; nothing else may. */
const unsayable = {
  'an input that is no object': ({ input }) => typeof input !== 'object',
  'a command that there is not': ({ command }) => command === unknownCommand,
  'an opening put to an instance': ({ command, instance }) => instance !== null && isOpening(command),
  'a name that is none': ({ command, input }) => ofNamesAlone.includes(command) && input === wrong,
} satisfies Record<string, (request: CommandRequest) => boolean>;
type Unsayable = keyof typeof unsayable;
const unsayables = Object.keys(unsayable) as Unsayable[];
/** The commands of which a form went past GraphQL. */
const unsaid = Object.fromEntries(unsayables.map((why) => [why, new Set()])) as Record<Unsayable, Set<string>>;

async function throughApi(request: CommandRequest): Promise<Answer> {
  const why = unsayables.find((one) => unsayable[one](request));
  if (why) {
    unsaid[why].add(request.idempotencyKey.split(' ')[0] ?? '');
    return database.commit.command(request);
  }
  const { answer, told } = await over.overGraphql(request);
  if (!answer) throw new Error(`expected the mutation ${request.command} to take ${JSON.stringify(request.input)}, got ${JSON.stringify(told)}`);
  return answer;
}

async function through(door: Door, { lifecycle, instance, via: _, ...request }: CommandRequest): Promise<Answer> {
  if (door === 'api') return throughApi({ lifecycle, instance, via: 'api', ...request });
  return keeperOf(engine, { lifecycle, id: instance ?? '' }).executeUpdate(commandUpdate, { args: [request] });
}

/** GraphQL sends what was left out as the schema completes it, refused or not. */
function completed(valid: CommandRequest): CommandRequest {
  const input = commandNamed(registry.of(valid.lifecycle), valid.command)?.input.safeParse(valid.input ?? {}).data;
  return { ...valid, input: input ?? valid.input };
}

/** The command as it must be refused, each time for another reason; then the command itself. */
function requestsOf(valid: CommandRequest, wrongly: readonly object[]): CommandRequest[] {
  const command = commandNamed(registry.of(valid.lifecycle), valid.command);
  if (!command) throw new Error(`expected a declared command, got ${valid.command}`);
  const refused: Partial<CommandRequest>[] = [
    ...roleNames.filter((role) => !command.by.includes(role)).map((role) => ({ actor: actors[role] })),
    { actor: valid.actor.role === 'merchant' ? otherMerchant : otherBuyer },
    ...wrongly.map((input) => ({ input })),
    { input: 'not an object' },
    ...(command.reason === 'required' ? [{ reason: null }] : []),
    { reason: 'x'.repeat(2_001) },
    { expectedRevision: 77 },
    { command: unknownCommand },
  ];
  return [...refused.map((other, index) => ({ ...valid, ...other, idempotencyKey: `${valid.idempotencyKey}-refused-${index}` })), valid];
}

function wrongInputs({ lifecycle, command, input }: CommandRequest): object[] {
  const schema = commandNamed(registry.of(lifecycle), command)?.input;
  return ofNamesAlone.includes(command) ? [wrong] : schema ? wrongInputsOf(schema, input as Record<string, unknown>) : [];
}

/** Ids, instants and hashes are each run's own. */
function anonymous<T>(value: T): T {
  const names = new Map<string, string>();
  const nameOf = (id: string) => names.get(id) ?? names.set(id, `id ${names.size + 1}`).get(id) ?? '';
  const text = JSON.stringify(value)
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, nameOf)
    .replace(/\b([A-Z]{2})-\d{4}-\d+/g, '$1-number')
    .replace(/\b1[789]\d{11}\b/g, '"an instant"')
    .replace(/20\d\d-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)/g, 'an instant')
    .replace(/"[0-9a-f]{64}"/g, '"a hash"');
  return JSON.parse(text);
}

/**
 * A keeper whose first, short try of a command is late makes another, so that a refusal may be logged twice through an
 * update. @returns the lines without those that are repeated, and are not through the other door
 */
function withoutRepeats<Line>(lines: readonly Line[], others: readonly Line[]): Line[] {
  let at = 0;
  return lines.filter((line, index) => {
    const isRepeat = index > 0 && isDeepStrictEqual(line, lines[index - 1]) && !isDeepStrictEqual(line, others[at]);
    if (!isRepeat) at += 1;
    return !isRepeat;
  });
}

const codeOf = (answer: Answer) => (answer.ok ? (answer.replayed ? 'replayed' : 'accepted') : answer.problem.code);

const isAtRest = async (id: string): Promise<boolean> => (await database.pool.query('select final from instances where id = $1', [id])).rows[0].final;

/** Of these the last word hangs on rows that an instance alone does not have; both doors find them missing alike. */
const missing: Record<string, string> = { ...refusedAlone, settleArrears: 'IN_ARREARS' };

/** Sends a command of one case, and all its wrong forms, through one door. @returns all that was answered and logged; null when it rests and has no Update */
async function sentThrough(door: Door, [owner, command]: readonly [string, string]) {
  const prepare = cases[owner]?.[command] ?? placedCase(registry.of(owner), command);
  const valid = await prepare({ database, engine, centre });
  const rests = await isAtRest(valid.instance);
  if (rests && door === 'update') {
    // nothing keeps it, so that only the API leads to it
    await expect(through('update', aCommand(valid))).rejects.toThrow(WorkflowNotFoundError);
    return null;
  }
  if (!rests)
    await eventually(
      () =>
        keeperOf(engine, { lifecycle: valid.lifecycle, id: valid.instance })
          .describe()
          .catch(() => null),
      (workflow) => workflow !== null,
    );
  const answers: Answer[] = [];
  const request = completed(aCommand({ ...valid, idempotencyKey: `${command} ${valid.instance}` }));
  const wrongly = wrongInputs(request);
  const requests = requestsOf(request, wrongly);
  for (const one of requests) answers.push(await through(door, one));
  const wronglyPut = answers.filter((_, index) => wrongly.includes(requests[index]?.input as object)).map(codeOf);
  // an ended workflow takes no more, the API does; the key is known there whichever door it came through
  if (answers.at(-1)?.ok) answers.push(await through('api', request));
  const last = answers.at(-1);
  const upTo = last?.ok ? last.revision : 0;
  const { rows: events } = await database.pool.query(
    "select to_jsonb(e) - '{at, via, hash, previous}'::text[] as line, via from events e where instance_id = $1 and revision <= $2 order by revision",
    [valid.instance, upTo],
  );
  const { rows: refusals } = await database.pool.query(
    "select to_jsonb(r) - '{id, no, at, via, hash, previous}'::text[] as line, no, via from refusals r where instance_id = $1 order by no",
    [valid.instance],
  );
  expect(refusals.map(({ no }) => no)).toEqual(refusals.map((_, index) => index + 1));
  return {
    rests,
    doors: new Set([...events.slice(-1), ...refusals].map(({ via }) => via)),
    wronglyPut,
    codes: answers.map(codeOf),
    told: anonymous({
      answers: answers.map((answer) => ({ ...answer, replayed: undefined })),
      events: events.map(({ line }) => line),
      refusals: refusals.map(({ line }) => line),
    }),
  };
}

/** The commands of which wrong inputs went through their own mutation. */
const wronglySaid = new Set<string>();

test('no case is of nothing', () => {
  const named = Object.entries(cases).flatMap(([owner, known]) => Object.keys(known).map((command) => `${owner}.${command}`));
  expect(declared.map(([owner, command]) => `${owner}.${command}`)).toEqual(expect.arrayContaining(named));
});

test.for(declared)('%s.%s: API and Temporal Update answer, refuse and log alike (ACT-2)', { concurrent: true }, async (named) => {
  const [api, update] = await Promise.all([sentThrough('api', named), sentThrough('update', named)]);
  if (!api) throw new Error(`expected the API to take ${named[1]}, got no answer`);
  if (update) expect({ ...update.told, refusals: withoutRepeats(update.told.refusals, api.told.refusals) }).toEqual(api.told);
  expect([api.doors, update?.doors ?? null]).toEqual([new Set(['api']), api.rests ? null : new Set(['update'])]);
  expect(api.wronglyPut.filter((code) => code !== 'INVALID')).toEqual([]);
  if (api.wronglyPut.length > 0 && !isOpening(named[1]) && !ofNamesAlone.includes(named[1])) wronglySaid.add(named[1]);
  // an opening command has no instance yet: put to one, it is refused like any that is not known there
  const ends = isOpening(named[1]) ? ['INVALID'] : missing[named[1]] ? [missing[named[1]]] : ['accepted', 'replayed'];
  expect(api.codes.slice(-ends.length)).toEqual(ends);
  expect(api.codes.slice(0, -ends.length)).not.toContain('accepted');
});

const openings = declared.filter(([, command]) => isOpening(command) && !ofNamesAlone.includes(command));

test.for(openings)('%s.%s: what is wrong is refused by its own mutation as by commit, and opens nothing (ACT-2)', async ([owner, command]) => {
  const prepare = cases[owner]?.[command] ?? placedCase(registry.of(owner), command);
  const valid = completed(aCommand({ ...(await prepare({ database, engine, centre })), instance: null }));
  const wronglyPut = wrongInputs(valid);
  const countOf = async () => (await database.pool.query('select count(*)::int as n from instances where lifecycle = $1', [owner])).rows[0].n as number;
  const before = await countOf();
  for (const [index, input] of wronglyPut.entries()) {
    const answers = [];
    for (const put of [throughApi, database.commit.command])
      answers.push(await put({ ...valid, input, idempotencyKey: `${command} wrong ${put.name} ${index}` }));
    expect(answers[0]).toMatchObject({ ok: false, problem: { kind: 'Invalid' } });
    expect(answers[1]).toEqual(answers[0]);
  }
  expect(wronglyPut.length).toBeGreaterThan(0);
  expect(await countOf()).toBe(before);
  wronglySaid.add(command);
});

test('only what GraphQL has no words for went past it; what else is wrong was told to the mutation', () => {
  const names = declared.map(([, command]) => command);
  expect(unsaid).toEqual({
    'an input that is no object': new Set(names),
    'a command that there is not': new Set(names),
    'an opening put to an instance': new Set(names.filter(isOpening)),
    'a name that is none': new Set(ofNamesAlone.filter((command) => !isOpening(command))),
  });
  const fielded = declared.filter(([owner, command]) => {
    const lifecycle = registry.current.find(({ name }) => name === owner) ?? registry.of('supervision');
    return Object.keys(commandNamed(lifecycle, command)?.input.shape ?? {}).length > 0;
  });
  expect(wronglySaid).toEqual(new Set(fielded.map(([, command]) => command).filter((command) => !ofNamesAlone.includes(command))));
  expect(wronglySaid.size).toBeGreaterThanOrEqual(60);
});

test('what GraphQL refuses by its types is told in a sentence as an error of the request; commit is not asked, and nothing is logged', async () => {
  const { supervision } = await aPaidOrder(database);
  const logged = async () =>
    (
      await database.pool.query("select 'event', at from events where instance_id = $1 union all select 'refusal', at from refusals where instance_id = $1", [
        supervision,
      ])
    ).rows;
  const before = await logged();
  const forms: Partial<CommandRequest>[] = [
    { input: { decision: 'perhaps' } },
    { input: {} },
    { input: { decision: 'terminate', refundAmount: 1.5 } },
    { input: { decision: 'complete', because: 'no field of it' } },
    { input: 'not an object' },
    { command: unknownCommand },
    { lifecycle: 'order', command: 'placeOrder', input: { product: 'saas-activated' } },
  ];
  const told = [];
  for (const form of forms) {
    const request = aCommand({ lifecycle: 'supervision', command: 'decideAppeal', instance: supervision, actor: manager, ...form });
    const { answer, told: said } = await over.overGraphql(request);
    expect(answer).toBeNull();
    told.push(...(said.errors ?? []).map(({ message, extensions }) => [said.status, extensions?.code ?? null, message.replaceAll(/\{.*?\}/g, '{…}')]));
  }
  expect(told).toMatchInlineSnapshot(`
    [
      [
        400,
        "BAD_INPUT",
        "Variable "$input" got invalid value "perhaps" at "input.decision"; Value "perhaps" does not exist in "DecideAppealDecision" enum.",
      ],
      [
        400,
        "BAD_INPUT",
        "Variable "$input" got invalid value {…}; Expected value of type "DecideAppealInput" to include required field "decision", found: {…}.",
      ],
      [
        400,
        "BAD_INPUT",
        "Variable "$input" got invalid value 1.5 at "input.refundAmount"; expected money as an integer of minor units (分), got 1.5",
      ],
      [
        400,
        "BAD_INPUT",
        "Variable "$input" got invalid value {…}; Expected value of type "DecideAppealInput" not to include unknown field "because", found: {…}.",
      ],
      [
        400,
        "BAD_INPUT",
        "Variable "$input" got invalid value "not an object"; Expected value of type "DecideAppealInput" to be an object, found: "not an object".",
      ],
      [
        200,
        "GRAPHQL_VALIDATION_FAILED",
        "Unknown type "NoSuchCommandInput".",
      ],
      [
        200,
        "GRAPHQL_VALIDATION_FAILED",
        "Cannot query field "noSuchCommand" on type "Mutation".",
      ],
      [
        400,
        "BAD_INPUT",
        "Variable "$input" got invalid value {…}; Expected value of type "PlaceOrderInput" not to include unknown field "orderId", found: {…}.",
      ],
    ]
  `);
  expect(await logged()).toEqual(before);
});

test('what a command is answered with is what a read gives of the instance', () => {
  expect(new Set(over.left.map(({ command }) => command)).size).toBeGreaterThan(declared.length / 3);
  expect(over.left.map(({ command, answered }) => ({ command, instance: answered }))).toEqual(
    over.left.map(({ command, read }) => ({ command, instance: read })),
  );
});

test('an Update that is no command is rejected before it is accepted: no line in the history, none in the log', async () => {
  const { supervision } = await aPaidOrder(database);
  const keeper = keeperOf(engine, { lifecycle: 'supervision', id: supervision });
  const lengthOf = async () => (await keeper.fetchHistory()).events?.filter(({ workflowExecutionUpdateAcceptedEventAttributes: accepted }) => accepted).length;
  await eventually(
    () => keeper.describe().catch(() => null),
    (workflow) => workflow !== null,
  );
  for (const wrong of [undefined, {}, { command: 'acceptDelivery' }, { command: 'acceptDelivery', idempotencyKey: 'k', actor: null }])
    await expect(keeper.executeUpdate('command', { args: [wrong] })).rejects.toThrow(WorkflowUpdateFailedError);
  expect(await lengthOf()).toBe(0);
  expect((await database.pool.query('select from refusals where instance_id = $1', [supervision])).rowCount).toBe(0);
});
