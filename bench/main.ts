import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { createLog } from '../log.ts';
import { createBench, type Measurement } from './bench.ts';
import { bills } from './bills.ts';
import { burst } from './burst.ts';
import { calls } from './calls.ts';
import { commands } from './commands.ts';
import { costs } from './costs.ts';
import { type Figure, tableOf } from './figure.ts';
import { orders } from './orders.ts';
import { reads } from './reads.ts';
import { startServers } from './servers.ts';

const measurements: Record<string, Measurement> = { costs, commands, orders, burst, reads, bills, calls };

const { values } = parseArgs({ options: { json: { type: 'string' }, only: { type: 'string' }, strict: { type: 'boolean', default: false } } });
const chosen = Object.entries(measurements).filter(([name]) => values.only === undefined || values.only.split(',').includes(name));
if (chosen.length === 0) throw new Error(`expected --only with one of ${Object.keys(measurements).join(', ')}, got ${values.only}`);

const began = performance.now();
const say = (text: string) => console.error(`${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${text}`);
const log = createLog('bench', { level: process.env.BENCH_LOG === undefined ? 'error' : 'info' });

// ends the servers too: what stack/ started goes with this process
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

say('starting PostgreSQL and Temporal');
const servers = await startServers(log);
const bench = createBench({ servers, log, say });
const figures: Figure[] = [];
let failed = false;
try {
  for (const [name, measure] of chosen) {
    say(`measuring ${name}`);
    figures.push(...(await measure(bench)));
  }
} catch (error) {
  // before the servers go: connections that are still open then end with errors of their own
  console.error(error);
  failed = true;
} finally {
  await bench.close();
  await servers.stop();
}
if (failed) process.exit(1);
if (values.json) fs.writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
console.log(tableOf(figures));
const missed = figures.filter(({ ok }) => ok === false);
console.log(missed.length === 0 ? '\nEvery reach is met.' : `\n${missed.length} of ${figures.filter(({ ok }) => ok !== null).length} reaches are missed.`);
process.exit(values.strict && missed.length > 0 ? 1 : 0);
