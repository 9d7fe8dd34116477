import { createRequire } from 'node:module';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { workflowIdOf } from '../../workflows/wake.ts';
import { anEngine, type Engine, eventually } from '../worker.ts';
import { aDatabase, aPaidOrder, type Database } from '../world.ts';

let database: Database;
let engine: Engine;
beforeAll(async () => {
  database = await aDatabase();
  engine = await anEngine(database, { worker: false });
});
afterAll(async () => {
  await engine.stop();
  await database.drop();
});

test('a workflow whose tasks keep failing is terminated and starts afresh; until it acts the instance shows WEDGED', { timeout: 90_000 }, async () => {
  const broken = await aBrokenWorker();
  const { supervision } = await aPaidOrder(database);
  const workflow = engine.client.workflow.getHandle(workflowIdOf({ lifecycle: 'supervision', id: supervision }));
  const failedTries = async () => (await workflow.describe().catch(() => null))?.raw.pendingWorkflowTask?.attempt ?? 0;
  await eventually(failedTries, (tries) => tries >= 3, { withinMs: 60_000 });
  const first = (await workflow.describe()).runId;
  await database.pool.query(
    `insert into deadlines (instance_id, key, name, status, armed_at, due_at, due_real)
     values ($1, '1:decisionDue', 'decisionDue', 'armed', now(), now() - interval '10 s', now() - interval '10 s')`,
    [supervision],
  );
  const isWedged = async () => (await database.pool.query('select wedged from instances where id = $1', [supervision])).rows[0].wedged as string | null;
  expect(await eventually(isWedged, (text) => text !== null, { withinMs: 30_000 })).toContain('terminated and started afresh');
  // said once the termination is through, a moment after the row shows it
  await eventually(
    async () => engine.repairs.map((repair) => `${repair.what} ${repair.instance}`),
    (repairs) => repairs.includes(`workflow ${supervision}`),
  );

  await broken.stop();
  await engine.startWorker();
  await eventually(
    () => workflow.describe().catch(() => null),
    (run) => run !== null && run.runId !== first,
  );
  expect(await workflow.query('state')).toMatchObject({ state: 'awaitingDelivery', asOfRevision: expect.any(Number) });
});

async function aBrokenWorker() {
  const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  const workflowsPath = createRequire(import.meta.url).resolve('./broken-keeper.ts');
  const worker = await Worker.create({ connection, namespace: engine.namespace, taskQueue: engine.taskQueue, workflowsPath });
  const ended = worker.run();
  return {
    async stop() {
      worker.shutdown();
      await ended;
      await connection.close();
    },
  };
}
