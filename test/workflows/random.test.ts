import { WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyChains } from '../../db/verify.ts';
import { refusalOf, whyNot } from '../../lifecycles/ask.ts';
import type { KeeperState } from '../../workflows/keeper.ts';
import { aTroubledCentre } from '../faults/troubled-centre.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { aDatabase, type Database } from '../world.ts';
import { comparable, comparableLog, type Explained, explained } from './explained.ts';
import { stateQueried, told, toldOf } from './keepers.ts';
import { aPlayer, type Played } from './player.ts';
import { sequencesOf } from './sequences.ts';
import { type Stored, storedFamilies } from './stored.ts';

const seed = Number(process.env.STEWARD_SEED ?? Math.floor(Math.random() * 2 ** 31));
const count = Number(process.env.STEWARD_SEQUENCES ?? 200);
const lanes = 32;

let centre: Awaited<ReturnType<typeof aTroubledCentre>>;
let database: Database;
let engine: Engine;
beforeAll(async () => {
  centre = await aTroubledCentre();
  database = await aDatabase({ poolSize: lanes });
  engine = await anEngine(database, { outsides: centre.outsides });
});
afterAll(async () => {
  await engine.stop();
  await database.drop();
  await centre.stop();
});

async function inLanes<T, U>(list: readonly T[], work: (item: T, index: number) => Promise<U>): Promise<U[]> {
  const results: U[] = [];
  const queue = list.entries();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const [index, item] of queue) results[index] = await work(item, index);
    }),
  );
  return results;
}

/** What the rules say to a refused command in the state that the answer speaks of. */
function refusedByRules({ model, snapshots }: Explained, { request, answer }: Played['answers'][number]): string[] {
  if (answer.ok || answer.problem.kind !== 'Refused') return [];
  const { since } = answer.problem;
  const { lifecycle: name, command, actor } = request;
  const lifecycle = model.registry.of(name);
  return [...(snapshots.get(request.instance ?? '')?.values() ?? [])]
    .filter(({ at }) => at === since)
    .map((instance) => {
      const question = { actor, facts: {}, now: instance.at, policies: model.policiesOf(name), calendar: model.calendar };
      const asked = { lifecycle, instance, name: command, question };
      return (whyNot(asked) ?? refusalOf({ ...asked, input: request.input as Record<string, unknown> }))?.code ?? 'nothing';
    });
}

test(`in ${count} random sequences, ${lanes} at a time, log = row = pure model, and a keeper knows what the log says at its revision (ACT-2, TIM-2, seed ${seed})`, {
  // a guard against hanging alone
  timeout: 600_000,
}, async () => {
  const { play } = await aPlayer({ database, engine, centre });
  const sequences = sequencesOf({ seed, count });
  const start = performance.now();
  const played = await inLanes(sequences, (sequence, index) =>
    play(sequence).catch((cause) => {
      throw new Error(`sequence ${index} of seed ${seed}: ${JSON.stringify(sequence)}`, { cause });
    }),
  );
  const playedIn = performance.now() - start;

  await eventually(
    () => database.pool.query('select id from instances where wake_seq > woken_seq'),
    ({ rowCount }) => rowCount === 0,
  );
  // not of the example merchants and products: they wait for nothing, so that nothing keeps them
  const { rows } = await database.pool.query<{ id: string; lifecycle: string; revision: number; final: boolean }>(
    'select id, lifecycle, revision, final from instances where family = any($1) order by id',
    [played.map(({ family }) => family)],
  );
  const states = await inLanes(rows, (row) =>
    eventually(
      () => stateQueried(engine, row).catch((error) => (row.final && error instanceof WorkflowNotFoundError ? 'never needed one' : null)),
      (state) => state === 'never needed one' || (state !== null && state.asOfRevision >= row.revision),
    ),
  );
  expect(states.filter((state) => state !== 'never needed one').length).toBeGreaterThan(rows.length / 2);
  const stored = await storedFamilies(database.pool);
  const lines = [...stored.values()].reduce((sum, { log }) => sum + log.length, 0);

  for (const [index, one] of played.entries()) {
    const known = stored.get(one.family) as Stored;
    const says = `sequence ${index} of seed ${seed}: ${JSON.stringify(sequences[index])}`;
    const rules = explained(known);
    expect(comparableLog(rules.model.log), says).toEqual(comparableLog(known.log));
    for (const [id, row] of known.rows) expect(comparable(rules.model.instances.get(id) ?? row), says).toEqual(comparable(row));
    const atEnd = rows.flatMap(({ id }, at) => (known.rows.has(id) ? [{ instance: id, state: states[at] as KeeperState | 'never needed one' }] : []));
    for (const { instance, state } of [...one.seen, ...atEnd]) {
      if (state === 'never needed one') continue;
      const then = rules.snapshots.get(instance)?.get(state.asOfRevision);
      expect(told(state), says).toEqual(then && toldOf(rules.model, then));
    }
    for (const sent of one.answers) {
      const codes = refusedByRules(rules, sent);
      if (!sent.answer.ok && sent.answer.problem.kind === 'Refused') expect(codes, says).toContain(sent.answer.problem.code);
    }
  }
  const broken = (await inLanes(rows, ({ id }) => verifyChains(database.pool, id))).filter((verified) => verified.broken);
  expect(broken).toEqual([]);

  const answers = played.flatMap((one) => one.answers).map(({ answer }) => (answer.ok ? 'accepted' : answer.problem.code));
  const counted = Object.fromEntries(Object.entries(Object.groupBy(answers, (code) => code)).map(([code, list]) => [code, list?.length]));
  console.log(
    `seed ${seed}: ${count} sequences in ${(playedIn / 1_000).toFixed(1)} s, verified after ${((performance.now() - start) / 1_000).toFixed(1)} s; ` +
      `${rows.length} instances, ${lines} lines, ${played.reduce((sum, { seen }) => sum + seen.length, rows.length)} keepers asked; ${JSON.stringify(counted)}`,
  );
  const isPlanted = (error: unknown) => error instanceof TypeError && error.message === 'a bug';
  expect(engine.errors.filter((error) => !isPlanted(error))).toEqual([]);
  expect(counted.accepted).toBeGreaterThan(4 * count);
});
