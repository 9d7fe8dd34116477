import pg from 'pg';
import { freePort } from '../stack/ports.ts';
import { inLanes } from '../workflows/lanes.ts';
import { createApiClient, createOverApi } from './api.ts';
import type { Bench } from './bench.ts';
import type { Design, PlacedOrder } from './design.ts';
import { atLeast, type Figure, told } from './figure.ts';
import { createFloor } from './floor.ts';
import { createHandwritten } from './handwritten/client.ts';
import { startHandwritten } from './handwritten/start.ts';
import { cpuByPart, cpuPerOne, partsInWords, sumOf, untilAtRest } from './processes.ts';
import { median, playRound, type Round } from './rounds.ts';
import { createSteward, prepare } from './steward.ts';

const rounds = 3;
/** pay, deliver, accept */
const commandsPerOrder = 3;
/** Orders that are played before a round, and not measured: a program is a third slower in its first thousand commands. */
const warmUp = 240;

type Contestant = { orders: number; start: () => Promise<Running> };
/** @property own the design's programs, by name: their CPU is told apart */
type Running = { design: Design; own?: Record<string, number | undefined>; stop: () => Promise<void> };
type Played = Round & { cpu: Record<string, number> };

/**
 * Commands per second (pay, deliver, accept) of orders that are placed beforehand, in interleaved rounds: each figure
 * is the median of the ratios inside one round, so that a slow minute of the machine hits all alike. Programs are
 * started for each round, so that one design's leftovers do not run beside another's commands.
 */
export async function commands(bench: Bench): Promise<Figure[]> {
  const { servers, client, clients, log, secret, say } = bench;
  const floor = await createFloor(await servers.database('bench_floor'), { clients });
  const commit = await createSteward(await servers.database('bench_commit'), { clients, name: 'commit' });
  const wakingUrl = await servers.database('bench_waking');
  const eagerUrl = await servers.database('bench_eager');
  const apiUrl = await servers.database('bench_api');
  await Promise.all([prepare(wakingUrl), prepare(eagerUrl), prepare(apiUrl)]);
  const pool = new pg.Pool({ connectionString: apiUrl, max: 2 });

  const contestants: Contestant[] = [
    { orders: 800, start: async () => ({ design: floor, stop: async () => {} }) },
    { orders: 500, start: async () => ({ design: commit, stop: async () => {} }) },
    {
      orders: 600,
      start: async () => {
        const worker = await bench.start('../worker.ts', { taskQueue: 'waking', databaseUrl: wakingUrl });
        const design = await createSteward(wakingUrl, { clients, name: 'commit while waking', waking: { client, taskQueue: 'waking', log } });
        return { design, own: { worker: worker.pid }, stop: () => design.close().then(worker.stop) };
      },
    },
    {
      orders: 600,
      start: async () => {
        const worker = await bench.start('../worker.ts', { taskQueue: 'eager', databaseUrl: eagerUrl });
        const design = await createSteward(eagerUrl, {
          clients,
          name: 'commit while all is told at once',
          waking: { client, taskQueue: 'eager', log, eager: true },
        });
        return { design, own: { worker: worker.pid }, stop: () => design.close().then(worker.stop) };
      },
    },
    {
      orders: 600,
      start: async () => {
        const port = await freePort();
        const worker = await bench.start('../worker.ts', { taskQueue: 'api', databaseUrl: apiUrl });
        const server = await bench.start('../server.ts', { taskQueue: 'api', databaseUrl: apiUrl, port });
        const api = createApiClient({ port, secret, clients });
        const stop = async () => {
          api.close();
          await server.stop();
          await worker.stop();
        };
        return { design: createOverApi({ api, pool }), own: { worker: worker.pid, API: server.pid }, stop };
      },
    },
    {
      orders: 120,
      start: async () => {
        const worker = await startHandwritten(bench, { taskQueue: 'handwritten' });
        return { design: createHandwritten({ client, taskQueue: 'handwritten' }), own: { worker: worker.pid }, stop: worker.stop };
      },
    },
  ];
  const seen = new Map<string, Played[]>();
  for (let round = 0; round <= rounds; round++) {
    for (const { orders, start } of contestants) {
      const { design, own = {}, stop } = await start();
      // a program that has just started is slower than one that runs: each is warm before it is measured
      await playRound({ items: await placedBy(design, { many: warmUp, clients }), clients, work: allCommands(design) });
      const placed = await placedBy(design, { many: orders, clients });
      await design.settled?.();
      await untilAtRest([servers.pids.postgres, servers.pids.temporal, ...Object.values(own)]);
      const before = cpuByPart(servers.pids, own);
      const speed = await playRound({ items: placed, clients, work: allCommands(design) });
      const played = { ...speed, cpu: cpuPerOne(before, cpuByPart(servers.pids, own), orders * commandsPerOrder) };
      const left = design.left ? `; ${await design.left()}` : '';
      await stop();
      // the first round warms all of them up
      if (round > 0) seen.set(design.name, [...(seen.get(design.name) ?? []), played]);
      say(
        `commands, round ${round}/${rounds}: ${design.name} ${played.perSecond.toFixed(0)}/s, p50 ${played.p50.toFixed(1)} ms, p95 ${played.p95.toFixed(1)} ms, ${sumOf(played.cpu).toFixed(1)} CPU ms (${partsInWords(played.cpu, 1)})${left}`,
      );
    }
  }
  await Promise.all([floor.close(), commit.close(), pool.end()]);
  return figuresOf(seen);
}

/** How many commands a second the floor takes now, for what else is measured in this minute. */
export async function floorNow({ servers, clients }: Bench): Promise<number> {
  const floor = await createFloor(await servers.database('bench_floor_now'), { clients });
  await playRound({ items: await placedBy(floor, { many: warmUp, clients }), clients, work: allCommands(floor) });
  const { perSecond } = await playRound({ items: await placedBy(floor, { many: 800, clients }), clients, work: allCommands(floor) });
  await floor.close();
  return perSecond;
}

async function placedBy(design: Design, { many, clients }: { many: number; clients: number }): Promise<PlacedOrder[]> {
  const placed: PlacedOrder[] = [];
  await inLanes(Array.from({ length: many }), clients, async () => placed.push(await design.place()));
  return placed;
}

const allCommands =
  ({ pay, deliver, accept }: Design) =>
  async (order: PlacedOrder, timed: <T>(command: () => Promise<T>) => Promise<T>): Promise<void> => {
    await timed(() => pay(order));
    await timed(() => deliver(order));
    await timed(() => accept(order));
  };

function figuresOf(seen: ReadonlyMap<string, readonly Played[]>): Figure[] {
  const of = (name: string) => seen.get(name) ?? [];
  const ratio = (name: string, to: string) => median(of(name).map((round, index) => round.perSecond / (of(to)[index]?.perSecond ?? Number.NaN)));
  return [
    ...[...seen].flatMap(([name, rounds]) => [
      told(`commands/s: ${name}`, median(rounds.map((round) => round.perSecond)), '/s'),
      told(`p50: ${name}`, median(rounds.map((round) => round.p50)), 'ms'),
      told(`p95: ${name}`, median(rounds.map((round) => round.p95)), 'ms'),
      told(`CPU per command: ${name}`, median(rounds.map(({ cpu }) => sumOf(cpu))), 'ms'),
    ]),
    atLeast('commands/s: commit to floor', ratio('commit', 'floor'), { reach: 0.5 }),
    atLeast('commands/s: commit while waking to floor', ratio('commit while waking', 'floor'), { reach: 0.25 }),
    atLeast('commands/s: GraphQL to floor', ratio('GraphQL', 'floor'), { reach: 0.15 }),
    atLeast('commands/s: GraphQL to hand-written workflow', ratio('GraphQL', 'hand-written workflow'), { reach: 5 }),
  ];
}
