import { type Config, configOrExit } from '../config.ts';
import { createLog, readable } from '../log.ts';
import { killAll } from './daemon.ts';
import { bringUp, type Programs, type Steps } from './run.ts';
import { onStopRequest } from './signals.ts';
import type { Temporal } from './temporal/server.ts';

/** The whole of `npm start`: brings everything up, watches it, and stops it in order when asked to. */
export async function main({ steps, programs }: { steps: Steps; programs: Programs }): Promise<void> {
  const config = configOrExit();
  const stream = config.production ? process.stdout : readable();
  const logOf = (name: string) => createLog(name, { level: config.logLevel, stream });
  const log = logOf('steward');
  const abort = new AbortController();
  let failed = false;

  const stopAll = (why: string) => {
    if (abort.signal.aborted) return;
    log.info(`stopping everything (${why}); once more to stop at once`);
    abort.abort(new Error(why));
  };
  const giveUp = (reason: string) => {
    failed = true;
    log.fatal(reason);
    stopAll('it cannot go on');
  };
  onStopRequest(stopAll, () => {
    killAll();
    process.exit(130);
  });

  const write = (line: string) => void stream.write(`${line}\n`);
  try {
    const running = await bringUp({ config, steps, programs, logOf, write, stopping: abort.signal, giveUp });
    if (!abort.signal.aborted) tellWhere(config, running.temporal);
    await aborted(abort.signal);
    await running.stop();
  } catch (error) {
    if (!abort.signal.aborted) {
      failed = true;
      log.fatal(error instanceof Error ? error.message : String(error));
      log.debug({ err: error });
    }
  }
  log.info('everything is stopped');
  process.exit(failed ? 1 : 0);
}

function tellWhere({ port, host, production, dataDir }: Config, temporal: Temporal): void {
  const base = `http://${host === '127.0.0.1' || host === '0.0.0.0' ? 'localhost' : host}:${port}`;
  const places = {
    GraphQL: `${base}/graphql`,
    ...(!production && { Logins: `${base}/dev/logins` }),
    Health: `${base}/health/ready`,
    Temporal: `${temporal.address}, namespace ${temporal.namespace}`,
    ...(temporal.uiUrl && { 'Temporal UI': temporal.uiUrl }),
    Data: dataDir,
  };
  const lines = Object.entries(places).map(([name, where]) => `  ${name.padEnd(12)} ${where}`);
  const end = '  Ctrl-C stops everything; the next start goes on where this one was.';
  process.stdout.write(`\nSteward is running.\n\n${lines.join('\n')}\n\n${end}\n\n`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
