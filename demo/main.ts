import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { styleText } from 'node:util';
import { freePort } from '../stack/ports.ts';
import { type Client, connectTo } from './client.ts';
import { openMarketplace } from './marketplace.ts';
import { canBeTold, tellMonth } from './month.ts';
import { tellOvernight } from './overnight.ts';
import { stories } from './stories.ts';
import { timelineOf } from './timeline.ts';

/** Tells each story against the running stack, or a throwaway one of its own; exits 0 only if every order ends as it should. */
const running = process.env.STEWARD_URL ?? `http://localhost:${process.env.PORT ?? 4000}`;
const own = (await isReady(running)) ? null : await startOwn();
const base = own?.base ?? running;
console.log(`${own ? 'No stack was running, so this is one of its own' : 'Against the running stack'}: ${base}\n`);

const endings = { completed: '已完成', refunded: '已退款' };
let unfinished = 0;
try {
  const client = await connectTo(base);
  const market = openMarketplace(client);
  for (const { title, ends = 'completed', tell } of stories) {
    console.log(styleText(['bold', 'underline'], title));
    const began = performance.now();
    const asides: string[] = [];
    const order = await tell(market, (line) => asides.push(line));
    const isDone = await market.ended(order, ends);
    if (!isDone) unfinished += 1;
    console.log(await timelineOf(client, [order.id]));
    for (const aside of asides) console.log(styleText('cyan', `  ✎ ${aside}`));
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    console.log(
      `  ${isDone ? styleText('green', `✔ ${endings[ends]} ${ends}`) : styleText('red', `✘ 未到达 not ${ends}`)} ${order.number} ${styleText('gray', `(${seconds} s)`)}\n`,
    );
  }
  unfinished += await onFreshStage(client, tellMonth);
  unfinished += await onOwnStage(tellOvernight);
} catch (error) {
  unfinished += 1;
  console.error(error instanceof Error ? error.message : error);
} finally {
  await own?.stop();
}
console.log(
  unfinished === 0
    ? `${stories.length} orders, a month and a night, all ended as told.`
    : `${unfinished} of ${stories.length} orders, a month and a night did not get there.`,
);
process.exit(unfinished === 0 ? 0 : 1);

/** The month ends with a merchant that leaves for good: where it has left already, the month is told on a stack of its own. */
async function onFreshStage(client: Client, tell: (client: Client) => Promise<number>): Promise<number> {
  if (await canBeTold(client)) return tell(client);
  const fresh = await startOwn();
  try {
    return await tell(await connectTo(fresh.base));
  } finally {
    await fresh.stop();
  }
}

/** A merchant on loopback is called: only on a stack of the demo's own. */
async function onOwnStage(tell: (client: Client) => Promise<number>): Promise<number> {
  const stage = own ?? (await startOwn());
  try {
    return await tell(await connectTo(stage.base));
  } finally {
    if (stage !== own) await stage.stop();
  }
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  );
}

async function startOwn(): Promise<{ base: string; stop: () => Promise<void> }> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'steward-demo-'));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  console.log('Starting PostgreSQL, Temporal, worker and API …');
  const child = spawn(process.execPath, [path.join(import.meta.dirname, '..', 'start.ts')], {
    env: { ...process.env, PORT: String(port), STEWARD_DATA_DIR: dataDir, STEWARD_ALLOW_PRIVATE_ENDPOINTS: 'true' },
    stdio: ['ignore', process.env.LOG_LEVEL ? 'inherit' : 'ignore', 'inherit'],
  });
  const stop = async () => {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await ended(child);
    }
    rmSync(dataDir, { recursive: true, force: true });
  };
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`expected the stack to start, but it ended with ${child.exitCode}; npm start says why`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { base: url, stop };
}

function ended(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('exit', resolve));
}
