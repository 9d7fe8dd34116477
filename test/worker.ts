import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection, isGrpcDeadlineError } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { Outsides } from '../activities/activities.ts';
import { createActivities } from '../activities/activities.ts';
import { createExports } from '../activities/exports.ts';
import { createHeads } from '../activities/heads.ts';
import { createInvitations } from '../activities/invitations.ts';
import { createLetters } from '../activities/letters.ts';
import { createMerchants } from '../activities/merchants.ts';
import { createOrderCentre } from '../activities/orderCentre.ts';
import { createKitSender } from '../activities/organisation/kit.ts';
import { createOrganisation } from '../activities/organisation.ts';
import { createPayments } from '../activities/payments.ts';
import { createPlaces } from '../activities/places.ts';
import { startOrderCentre } from '../examples/order-centre/server.ts';
import { startPayments } from '../examples/payments/server.ts';
import { createExportStore } from '../exports/store.ts';
import { createStore } from '../files/store.ts';
import { createCallMerchant } from '../production/callMerchant.ts';
import { createSend } from '../production/send.ts';
import { type Repair, startSweep } from '../workflows/sweep.ts';
import { createWaker, type WakerOptions } from '../workflows/wake.ts';
import { unwedge } from '../workflows/wedge.ts';
import type { Database } from './world.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

/** The keeper's bundle, built once in a run: webpack takes seconds. */
export async function bundle(): Promise<{ codePath: string }> {
  const codePath = path.join(inject('bundleDir'), 'keeper.cjs');
  if (!existsSync(codePath)) {
    const { code } = await bundleWorkflowCode({
      workflowsPath: createRequire(import.meta.url).resolve('../workflows/bundle.ts'),
      logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    });
    // whole or not at all: other test files look for it meanwhile
    writeFileSync(`${codePath}.${process.pid}`, code);
    renameSync(`${codePath}.${process.pid}`, codePath);
  }
  return { codePath };
}

export type Engine = Awaited<ReturnType<typeof anEngine>>;

/** Everything alive around a database: order centre, waker, sweep and a worker on a task queue of its own. */
export async function anEngine(
  database: Database,
  {
    deliver,
    outsides = {},
    everyMs = 20,
    patientMs = 100,
    startMs = patientMs,
    sweepMs = 500,
    worker: withWorker = true,
  }: {
    deliver?: WakerOptions['deliver'];
    outsides?: Partial<Outsides>;
    everyMs?: number;
    patientMs?: number;
    startMs?: number;
    sweepMs?: number;
    worker?: boolean;
  } = {},
) {
  const address = inject('temporalAddress');
  const namespace = inject('temporalNamespace');
  const taskQueue = database.name;
  const centre = await startOrderCentre();
  const payments = await startPayments();
  const client = new Client({ connection: Connection.lazy({ address }), namespace });
  const errors: unknown[] = [];
  const repairs: Repair[] = [];
  /** Of which Temporal has not heard in the time that a wake waits for it, as happens on a busy machine: the sweep repeats it. */
  const slow = new Set<string>();
  const onError = (error: unknown, about?: { instance: string }) => {
    if (about && isGrpcDeadlineError(error)) slow.add(about.instance);
    else errors.push(error);
  };
  const waker = createWaker({
    ...database,
    client,
    taskQueue,
    onError,
    everyMs,
    patientMs,
    startMs,
    ...(deliver ? { deliver } : {}),
  });
  database.onCommitted(waker.hear);
  const sweep = startSweep({
    pool: database.pool,
    commit: database.commit,
    waker,
    unwedge: (instance) => unwedge({ pool: database.pool, client, instance }),
    onError,
    onRepair(repair) {
      const isOfSlow = repair.what === 'wake' && slow.delete(repair.instance);
      if (!isOfSlow) repairs.push(repair);
    },
    everyMs: sweepMs,
    patientMs,
    startMs,
  });
  const key = { signingKey: undefined, dir: path.join(tmpdir(), `${database.name}-heads`) };
  const files = path.join(tmpdir(), `${database.name}-files`);
  const store = createStore({ kind: 'disk', dir: files });
  const callMerchant = createCallMerchant({ send: createSend({ allowPrivate: true }) });
  const activities = createActivities({
    commit: database.commit,
    pool: database.pool,
    outsides: {
      ...createOrderCentre({ url: centre.url }),
      ...createPayments({ url: payments.url }),
      ...createOrganisation({ pool: database.pool, send: createKitSender({ pool: database.pool, callMerchant }) }),
      ...createMerchants({ pool: database.pool, callMerchant }),
      ...createInvitations({ pool: database.pool, mail: async () => {}, isFinal: () => false, baseUrl: 'http://localhost:4000' }),
      ...createExports({
        pool: database.pool,
        readPool: database.readPool,
        store: createExportStore({ kind: 'disk', dir: files }),
        directory: path.join(files, 'exporting'),
      }),
      ...createLetters({ pool: database.pool, store, directory: path.join(files, 'incoming'), key }),
      ...outsides,
    },
    signHeads: createHeads({ pool: database.pool, ...key }),
    sandbox: true,
    onBug: onError,
    // a busy machine is no slow outside: what a test tells must not hang on it
    places: createPlaces({ slowMs: 60_000 }),
  });
  const native = await NativeConnection.connect({ address });
  const start = async () => {
    const shared = { connection: native, namespace, activities, shutdownGraceTime: '2s' } as const;
    const worker = await Worker.create({ ...shared, taskQueue, workflowBundle: await bundle(), stickyQueueScheduleToStartTimeout: '1s' });
    const workers = [worker, await Worker.create({ ...shared, taskQueue: `${taskQueue}-merchants` })];
    const ended = Promise.all(workers.map((one) => one.run()));
    return {
      worker,
      stop: async () => {
        for (const one of workers) one.shutdown();
        await ended;
      },
    };
  };
  let running = withWorker ? await start() : null;
  return {
    client,
    centre,
    key,
    store,
    payments,
    waker,
    sweep,
    /** But not that Temporal was slow. */
    errors,
    /** But not of wakes for which Temporal was slow. */
    repairs,
    taskQueue,
    namespace,
    async startWorker() {
      running ??= await start();
    },
    async stopWorker() {
      await running?.stop();
      running = null;
    },
    async stop() {
      await running?.stop();
      await sweep.stop();
      await waker.stop();
      await native.close();
      await client.connection.close();
      await centre.stop();
      await payments.stop();
    },
  };
}

/** Asks again until it is so. @throws with what was last seen */
export async function eventually<T>(look: () => Promise<T>, isSo: (seen: T) => boolean, { withinMs = 60_000 } = {}): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (performance.now() > end) throw new Error(`expected it within ${withinMs} ms, last saw ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
