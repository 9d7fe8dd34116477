import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer, CommandRequest } from '../../db/requests.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { type Way, wayNames } from '../../lifecycles/supervision/ways.ts';
import { supervision as declared } from '../../lifecycles/supervision.ts';
import { expectChainsToHold } from '../faults/orders.ts';
import { file } from '../lifecycles/cast.ts';
import { validInput } from '../lifecycles/stories.ts';
import { results, scenarioFor, stepsOf } from '../lifecycles/ways.ts';
import {
  aCommand,
  accepted,
  aDatabase,
  aFile,
  aPaidOrder,
  buyer,
  type Database,
  machine,
  manager,
  merchant,
  otherBuyer,
  otherMerchant,
  reviewer,
} from '../world.ts';

let database: Database;
beforeAll(async () => {
  database = await aDatabase();
});
afterAll(() => database.drop());

const people: Partial<Record<string, Actor>> = { buyer, merchant, reviewer, operationsManager: manager, system: machine };
const productOf: Record<Way, string> = {
  saas: 'saas-activated',
  humanService: 'human-service',
  licenseOnlineCode: 'license-code',
  licenseOnline: 'license-online',
  licenseOffline: 'license-offline',
  softwarePackage: 'software-package',
};

const on = (supervision: string, command: string, more: Partial<CommandRequest> = {}) =>
  aCommand({ lifecycle: 'supervision', instance: supervision, command, actor: buyer, reason: 'because', ...more });
const code = (answer: Answer) => (answer.ok ? 'ok' : answer.problem.code);
const stateOf = async (id: string) => (await database.pool.query('select state, frozen, revision from instances where id = $1', [id])).rows[0];
const refusalsOf = async (id: string) =>
  (await database.pool.query('select command, actor, code from refusals where instance_id = $1 order by no', [id])).rows as {
    command: string;
    actor: string;
    code: string;
  }[];

/** The outside has answered the open effect. */
async function answered(supervision: string, effect: string) {
  const { rows } = await database.pool.query("select key, generation from effects where instance_id = $1 and status = 'open'", [supervision]);
  await database.commit.effectSucceeded({ instance: supervision, lifecycle: 'supervision', ...rows[0], no: 1, result: results[effect] });
}

test.each(wayNames)('%s: each of its commands twenty times at once is taken once; the others are refused and logged', async (way) => {
  const { supervision } = await aPaidOrder(database, { product: productOf[way], scenario: scenarioFor(way, 'baseCloud') });
  const [mine, theirs] = [await aFile(database.pool, buyer), await aFile(database.pool, merchant)];
  for (const step of stepsOf(way, scenarioFor(way, 'baseCloud'))) {
    if (step in results) {
      await answered(supervision, step);
      continue;
    }
    const by = declared.commands[step as keyof typeof declared.commands].by[0];
    const actor = people[by ?? 'system'] ?? machine;
    const input = JSON.parse(JSON.stringify(validInput(step, undefined)).replaceAll(file, by === 'buyer' ? mine : theirs));
    const before = await stateOf(supervision);
    const answers = await Promise.all(Array.from({ length: 20 }, () => database.commit.command(on(supervision, step, { actor, input }))));
    expect([step, answers.map(code).filter((one) => one === 'ok')]).toEqual([step, ['ok']]);
    expect([step, (await stateOf(supervision)).revision]).toEqual([step, before.revision + 1]);
  }
  expect(await stateOf(supervision)).toMatchObject({ state: 'accepted' });
  const commands = stepsOf(way, scenarioFor(way, 'baseCloud')).filter((step) => !(step in results));
  expect((await refusalsOf(supervision)).map(({ command }) => command)).toEqual(expect.arrayContaining(commands));
});

test('a decision and the withdrawal of its appeal at the same moment: one of them counts, the other is told so (SUP-5, SUP-6)', async () => {
  const counts: Record<string, number> = {};
  const races = Array.from({ length: 40 }, async (_, index) => {
    const { supervision } = await aPaidOrder(database);
    await accepted(database.commit.command(on(supervision, 'fileAppeal')));
    const withdraw = () => database.commit.command(on(supervision, 'withdrawAppeal'));
    const decide = () => database.commit.command(on(supervision, 'decideAppeal', { actor: manager, input: { decision: 'complete' } }));
    const [first, second] = await Promise.all(index % 2 ? [withdraw(), decide()] : [decide(), withdraw()]);
    const [withdrawn, decided] = (index % 2 ? [first, second] : [second, first]).map(code);
    counts[`${withdrawn} ${decided}`] = (counts[`${withdrawn} ${decided}`] ?? 0) + 1;
    expect(await stateOf(supervision)).toMatchObject({ frozen: false, state: decided === 'ok' ? 'accepted' : 'awaitingDelivery' });
  });
  await Promise.all(races);
  const outcomes = ['ok NO_APPEAL_STANDS', 'WRONG_STATE ok'];
  expect(Object.keys(counts).filter((outcome) => !outcomes.includes(outcome))).toEqual([]);
});

test('a decision on a case that was withdrawn a moment before: by revision it is stale, without one no appeal stands (SUP-6)', async () => {
  const { supervision } = await aPaidOrder(database);
  await accepted(database.commit.command(on(supervision, 'fileAppeal')));
  const { revision: expectedRevision } = await stateOf(supervision);
  await accepted(database.commit.command(on(supervision, 'withdrawAppeal')));
  const decide = (more: object) => database.commit.command(on(supervision, 'decideAppeal', { actor: manager, input: { decision: 'complete' }, ...more }));
  const stale = await decide({ expectedRevision });
  expect(stale).toMatchObject({ ok: false, problem: { code: 'STALE', changedBy: buyer.id, currentState: 'awaitingDelivery' } });
  expect(code(await decide({}))).toBe('NO_APPEAL_STANDS');
  for (const command of ['requestEvidence', 'confirmDecision', 'rejectDecision'])
    expect([command, code(await database.commit.command(on(supervision, command, { actor: manager, input: { from: 'buyer' } })))]).toEqual([
      command,
      { requestEvidence: 'NO_APPEAL_STANDS', confirmDecision: 'NO_DECISION_PENDING', rejectDecision: 'WRONG_STATE' }[command],
    ]);
  expect(await stateOf(supervision)).toMatchObject({ state: 'awaitingDelivery', frozen: false });
});

test('evidence from someone who is not a party, was not asked, or hands in what is not his is refused and logged (SUP-6, SUP-9, ACT-1)', async () => {
  const { supervision } = await aPaidOrder(database);
  await accepted(database.commit.command(on(supervision, 'fileAppeal')));
  await accepted(database.commit.command(on(supervision, 'requestEvidence', { actor: manager, input: { from: 'merchant' } })));
  const { revision } = await stateOf(supervision);
  const theirs = await aFile(database.pool, merchant);
  const handIn = async (actor: Actor, files = [theirs]) => code(await database.commit.command(on(supervision, 'submitEvidence', { actor, input: { files } })));
  expect({
    'another buyer': await handIn(otherBuyer),
    'another merchant': await handIn(otherMerchant),
    'a service provider': await handIn({ id: 'feng', role: 'serviceProvider', party: 'merchant-a' }),
    'the reviewer': await handIn(reviewer),
    'who asked': await handIn(manager),
    'the party that was not asked': await handIn(buyer),
    'a file of the other side': await handIn(merchant, [await aFile(database.pool, buyer)]),
    'no file': await handIn(merchant, []),
  }).toEqual({
    'another buyer': 'NOT_FOUND',
    'another merchant': 'NOT_FOUND',
    'a service provider': 'NOT_FOUND',
    'the reviewer': 'ROLE_NOT_ALLOWED',
    'who asked': 'ROLE_NOT_ALLOWED',
    'the party that was not asked': 'NO_EVIDENCE_ASKED_OF_YOU',
    'a file of the other side': 'INVALID',
    'no file': 'INVALID',
  });
  expect((await stateOf(supervision)).revision).toBe(revision);
  expect((await refusalsOf(supervision)).filter(({ command }) => command === 'submitEvidence')).toHaveLength(8);
  expect(await handIn(merchant)).toBe('ok');
});

test('a command of another way is refused with what this way is, and logged (SUP-2)', async () => {
  const { supervision } = await aPaidOrder(database, { product: 'license-offline' });
  const answer = await database.commit.command(on(supervision, 'claimCode'));
  expect(answer).toMatchObject({ ok: false, problem: { code: 'WRONG_WAY', state: 'awaitingDelivery', details: { way: { zh: '线下授权' } } } });
  expect(await refusalsOf(supervision)).toEqual([{ command: 'claimCode', actor: buyer.id, code: 'WRONG_WAY' }]);
});

test('after all this every chain holds (ACT-2)', () => expectChainsToHold(database));
