import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import proto from '@temporalio/proto';
import {
  aDeliveredOrder,
  advance,
  anAcceptedOrder,
  deliver,
  effectOf,
  fileAppeal,
  minute,
  numbered,
  type Ordered,
  onSupervision,
  retryByHand,
  untilState,
  withdrawAppeal,
} from '../faults/orders.ts';
import { answering, type aTroubledCentre } from '../faults/troubled-centre.ts';
import { type Engine, eventually } from '../worker.ts';
import { accepted, aPaidOrder, type Database, reviewer } from '../world.ts';
import { keeperOf, stateQueried } from './keepers.ts';

export type Around = { database: Database; engine: Engine; centre: Awaited<ReturnType<typeof aTroubledCentre>> };

const directory = path.join(import.meta.dirname, '..', 'histories');
// the SDK's own historyToJSON fails where two versions of protobufjs are installed
const { History } = proto.temporal.api.history.v1;

/** A file's content: what replay needs, and where it comes from. */
export type Golden = { name: string; workflowId: string; history: Record<string, unknown> };
export const historyOf = ({ history }: Golden) => History.fromObject(history);

export const goldenHistories = (): Golden[] =>
  existsSync(directory) ? readdirSync(directory).map((file) => JSON.parse(readFileSync(path.join(directory, file), 'utf8')) as Golden) : [];

async function record({ engine }: Around, name: string, { lifecycle, id }: { lifecycle: string; id: string }): Promise<void> {
  const { workflowId, raw } = await keeperOf(engine, { lifecycle, id }).describe();
  let run: string | null | undefined = raw.workflowExecutionInfo?.firstRunId;
  for (let no = 1; run; no++) {
    const history = await engine.client.workflow.getHandle(workflowId, run).fetchHistory();
    run = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    const full = no > 1 || run ? `${name}-run-${no}` : name;
    const golden: Golden = { name: full, workflowId, history: History.toObject(history as never, { longs: String, enums: String, bytes: String }) };
    // a stack names the folders of the machine that recorded it, and replay asks for none
    const withoutStacks = (name: string, value: unknown) => (name === 'stackTrace' ? '' : value);
    writeFileSync(path.join(directory, `${full}.json`), `${JSON.stringify(golden, withoutStacks, 1)}\n`);
  }
}

/** Plays every story and keeps the histories of its workflows as `<story><suffix>`, over those of that name. */
export async function recordHistories(around: Around, suffix: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  for (const [name, story] of Object.entries(stories)) {
    const ordered = await story(around);
    await untilState(around.database, ordered.order, 'completed');
    await keeperOf(around.engine, { lifecycle: 'supervision', id: ordered.supervision }).result();
    await record(around, `${name}${suffix}`, { lifecycle: 'supervision', id: ordered.supervision });
    if (name === 'plain') await record(around, `plain-order${suffix}`, { lifecycle: 'order', id: ordered.order });
  }
}

const untilDue = ({ database, engine }: Around, { order }: Ordered, byMs = 30 * minute) => advance(database, { waker: engine.waker, order, byMs });

const knows = ({ engine }: Around, { supervision }: Ordered, state: string) =>
  eventually(
    () => stateQueried(engine, { lifecycle: 'supervision', id: supervision }).catch(() => null),
    (known) => known?.state === state,
  );

async function inTrouble(around: Around, status: number): Promise<Ordered & { key: string }> {
  const ordered = await anAcceptedOrder(around.database);
  await knows(around, ordered, 'accepted');
  around.centre.troubles.set(ordered.orderNumber, answering(status));
  await untilDue(around, ordered);
  const { key } = await eventually(
    () => effectOf(around.database, ordered.supervision),
    (effect) => effect?.outcomes[0]?.endsWith(`HTTP_${status}`) === true,
  );
  return { ...ordered, key };
}

/** What keepers live through, one short life each. @returns an order that is about to be completed by itself */
const stories: Record<string, (around: Around) => Promise<Ordered>> = {
  async plain(around) {
    const ordered = await anAcceptedOrder(around.database);
    await knows(around, ordered, 'accepted');
    await untilDue(around, ordered);
    return ordered;
  },
  async reviewed(around) {
    const { database } = around;
    const ordered = await numbered(database, await aPaidOrder(database, { scenario: 'baseCloud' }));
    const send = (command: string, more = {}) => accepted(database.commit.command(onSupervision(ordered.supervision, command, more)));
    await deliver(database, ordered.supervision);
    await send('returnReview', { actor: reviewer, reason: '材料不全' });
    await deliver(database, ordered.supervision);
    await send('passReview', { actor: reviewer });
    await knows(around, ordered, 'awaitingAcceptance');
    await send('acceptDelivery');
    await knows(around, ordered, 'accepted');
    await untilDue(around, ordered);
    return ordered;
  },
  async appealed(around) {
    const { database } = around;
    const ordered = await aDeliveredOrder(database);
    const send = (request: ReturnType<typeof fileAppeal>) => accepted(database.commit.command(request));
    await knows(around, ordered, 'awaitingAcceptance');
    await send(onSupervision(ordered.supervision, 'acceptDelivery'));
    await knows(around, ordered, 'accepted');
    await send(fileAppeal(ordered.supervision));
    await eventually(
      () => stateQueried(around.engine, { lifecycle: 'supervision', id: ordered.supervision }),
      ({ frozen }) => frozen,
    );
    await send(withdrawAppeal(ordered.supervision));
    await untilDue(around, ordered);
    return ordered;
  },
  async 'parked-by-appeal'(around) {
    const ordered = await inTrouble(around, 503);
    await accepted(around.database.commit.command(fileAppeal(ordered.supervision)));
    await eventually(
      () => stateQueried(around.engine, { lifecycle: 'supervision', id: ordered.supervision }),
      ({ frozen, running }) => frozen && running.length === 0,
    );
    around.centre.troubles.clear();
    await accepted(around.database.commit.command(withdrawAppeal(ordered.supervision)));
    return ordered;
  },
  async 'retried-by-hand'(around) {
    const ordered = await inTrouble(around, 409);
    around.centre.troubles.clear();
    await accepted(around.database.commit.command(retryByHand(ordered.supervision, ordered.key)));
    return ordered;
  },
  async 'continued-as-new'(around) {
    const ordered = await inTrouble(around, 503);
    const keeper = keeperOf(around.engine, { lifecycle: 'supervision', id: ordered.supervision });
    const first = (await keeper.describe()).runId;
    await eventually(
      async () => {
        around.engine.waker.wake([ordered.supervision]);
        return (await keeper.describe()).runId;
      },
      (run) => run !== first,
    );
    around.centre.troubles.clear();
    await untilDue(around, ordered, 5 * minute);
    return ordered;
  },
};
