import { createRequire } from 'node:module';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import { beforeAll, expect, test } from 'vitest';
import { aTroubledCentre } from '../faults/troubled-centre.ts';
import { anEngine } from '../worker.ts';
import { aDatabase } from '../world.ts';
import { type Golden, goldenHistories, historyOf, recordHistories } from './golden.ts';
import { startedWith } from './keepers.ts';

const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** What became of each history under this bundle: null when it replays. */
async function replayed(file: string, histories: Golden[]): Promise<Record<string, string | null>> {
  const workflowsPath = createRequire(import.meta.url).resolve(file);
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: quiet });
  const results: Record<string, string | null> = {};
  const list = histories.map((golden) => ({ workflowId: golden.name, history: historyOf(golden) }));
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { code } }, list)) results[workflowId] = error?.name ?? null;
  return results;
}

// npm has no script for it: node scripts/record-histories.ts -SUFFIX
beforeAll(async () => {
  const suffix = process.env.STEWARD_RECORD_HISTORIES;
  if (suffix === undefined) return;
  const centre = await aTroubledCentre();
  const database = await aDatabase();
  const engine = await anEngine(database, {
    outsides: centre.outsides,
    deliver: (wake, send) => (wake.isNew && wake.lifecycle === 'supervision' ? startedWith(engine, wake, { historyLimit: 60 }) : send()),
  });
  await recordHistories({ database, engine, centre }, suffix);
  await engine.stop();
  await database.drop();
  await centre.stop();
}, 180_000);

test('the keeper of today replays every golden history, continue-as-new included', async () => {
  const histories = goldenHistories();
  expect(histories.map(({ name }) => name)).toMatchInlineSnapshot(`
    [
      "appealed-in-task",
      "appealed",
      "continued-as-new-in-task-run-1",
      "continued-as-new-in-task-run-2",
      "continued-as-new-run-1",
      "continued-as-new-run-2",
      "parked-by-appeal-in-task",
      "parked-by-appeal",
      "plain-in-task",
      "plain-order-in-task",
      "plain-order",
      "plain",
      "retried-by-hand-in-task",
      "retried-by-hand",
      "reviewed-in-task",
      "reviewed",
    ]
  `);
  expect(await replayed('../../workflows/bundle.ts', histories)).toEqual(Object.fromEntries(histories.map(({ name }) => [name, null])));
});

test('a keeper with one activity more fails every one of them: this test can fail', async () => {
  const histories = goldenHistories();
  const results = await replayed('./changed-keeper.ts', histories);
  expect(results).toEqual(Object.fromEntries(histories.map(({ name }) => [name, 'DeterminismViolationError'])));
});
