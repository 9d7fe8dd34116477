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
import { aCommand, aDatabase, aPaidOrder, type Database, otherBuyer, otherMerchant } from '../world.ts';
import { cases, declaredCommands } from './cases.ts';
import { keeperOf } from './keepers.ts';
import { createOverGraphql } from './overGraphql.ts';
import { placedCase } from './placed.ts';
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
const refusedKey = '-refused-';

/** Of what GraphQL's own types refuse, no command is left: that goes to commit, as what comes through an Update does. */
async function through(door: Door, { lifecycle, instance, via: _, ...request }: CommandRequest): Promise<Answer> {
  const whole: CommandRequest = { lifecycle, instance, via: 'api', ...request };
  if (door === 'api') {
    const answer = await over.overGraphql(whole);
    if (!answer && !request.idempotencyKey.includes(refusedKey) && !isOpening(request.command))
      throw new Error(`expected the mutation ${request.command} to take ${JSON.stringify(request.input)}`);
    return answer ?? database.commit.command(whole);
  }
  return keeperOf(engine, { lifecycle, id: instance ?? '' }).executeUpdate(commandUpdate, { args: [request] });
}

const wrongInput = { ...wrong, quantity: 0, redLetterNumber: '%' };

/** The command as it must be refused, each time for another reason; then the command itself. */
function requestsOf(valid: CommandRequest): CommandRequest[] {
  const declared = commandNamed(database.registry.of(valid.lifecycle), valid.command);
  if (!declared) throw new Error(`expected a declared command, got ${valid.command}`);
  const foreign = valid.actor.role === 'merchant' ? otherMerchant : otherBuyer;
  const refused = [
    ...roleNames.filter((role) => !declared.by.includes(role)).map((role) => ({ ...valid, actor: actors[role] })),
    { ...valid, actor: foreign },
    ...(Object.keys(declared.input.shape).length > 0 ? [{ ...valid, input: wrongInput }] : []),
    { ...valid, input: 'not an object' },
    ...(declared.reason === 'required' ? [{ ...valid, reason: null }] : []),
    { ...valid, reason: 'x'.repeat(2_001) },
    { ...valid, expectedRevision: 77 },
    { ...valid, command: 'noSuchCommand' },
  ];
  return [...refused.map((request, index) => ({ ...request, idempotencyKey: `${valid.idempotencyKey}${refusedKey}${index}` })), valid];
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

const isAtRest = async (id: string): Promise<boolean> => (await database.pool.query('select final from instances where id = $1', [id])).rows[0].final;

/** Of these the last word hangs on rows that an instance alone does not have; both doors find them missing alike. */
const refusedAlone: Record<string, string> = {
  authoriseApp: 'NOT_IN_ORGANISATION',
  retryUserSync: 'NO_FAILED_USER',
  acceptInvitation: 'WRONG_ACCOUNT',
  recordDifference: 'INVALID',
  confirmDifference: 'DIFFERENCE_OVER_SHARE',
  settleArrears: 'IN_ARREARS',
  allowAccount: 'WHITELIST_ACCOUNT_UNKNOWN',
};

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
  const declared = commandNamed(database.registry.of(valid.lifecycle), command);
  // GraphQL sends what was left out as the schema completes it, refused or not
  const input = declared?.input.safeParse(valid.input ?? {}).data ?? valid.input;
  const requests = requestsOf(aCommand({ ...valid, input, idempotencyKey: `${command} ${valid.instance}` }));
  for (const request of requests) answers.push(await through(door, request));
  // an ended workflow takes no more, the API does; the key is known there whichever door it came through
  if (answers.at(-1)?.ok) answers.push(await through('api', requests.at(-1) as CommandRequest));
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
    codes: answers.map((answer) => (answer.ok ? (answer.replayed ? 'replayed' : 'accepted') : answer.problem.code)),
    told: anonymous({
      answers: answers.map((answer) => ({ ...answer, replayed: undefined })),
      events: events.map(({ line }) => line),
      refusals: refusals.map(({ line }) => line),
    }),
  };
}

const declared = declaredCommands(registry);

test('no case is of nothing', () => {
  const named = Object.entries(cases).flatMap(([owner, known]) => Object.keys(known).map((command) => `${owner}.${command}`));
  expect(declared.map(([owner, command]) => `${owner}.${command}`)).toEqual(expect.arrayContaining(named));
});

test.for(declared)('%s.%s: API and Temporal Update answer, refuse and log alike (ACT-2)', { concurrent: true }, async (named) => {
  const [api, update] = await Promise.all([sentThrough('api', named), sentThrough('update', named)]);
  if (!api) throw new Error(`expected the API to take ${named[1]}, got no answer`);
  if (update) expect({ ...update.told, refusals: withoutRepeats(update.told.refusals, api.told.refusals) }).toEqual(api.told);
  expect([api.doors, update?.doors ?? null]).toEqual([new Set(['api']), api.rests ? null : new Set(['update'])]);
  // an opening command has no instance yet: put to one, it is refused like any that is not known there
  const ends = isOpening(named[1]) ? ['INVALID'] : refusedAlone[named[1]] ? [refusedAlone[named[1]]] : ['accepted', 'replayed'];
  expect(api.codes.slice(-ends.length)).toEqual(ends);
  expect(api.codes.slice(0, -ends.length)).not.toContain('accepted');
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
