import { type Config, ConfigError, configOrExit } from '../config.ts';
import { createLog, type Log } from '../log.ts';
import { cannotListen } from './ports.ts';
import { onStopRequest } from './signals.ts';

/** Why a program cannot start, in a sentence that a person can act on: no stack trace helps there. */
export class CannotStart extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CannotStart';
  }
}

/** What a process consists of once it runs. */
export type Running = {
  /** Takes no new work, finishes what it has, and resolves when it is done. */
  stop: () => Promise<void>;
  /** Settles only if it ends by itself, which ends the process. */
  ended?: Promise<unknown>;
  /** Where it is reached, for its ready line. */
  where?: string;
};

export type RunProcess = { name: string; start: (log: Log, config: Config) => Promise<Running> };

/** Runs the program of a process: configuration, ready line, drain on SIGINT, SIGTERM or the end of `npm start`. */
export async function runProcess({ name, start }: RunProcess): Promise<void> {
  const config = configOrExit();
  const { drainSeconds } = config;
  const log = createLog(name, { level: config.logLevel });
  process.on('uncaughtException', (error) => leave(log, error, 'uncaught'));
  process.on('unhandledRejection', (error) => leave(log, error, 'unhandled'));
  const began = Date.now();
  let running: Running;
  // Installed first: a signal may come while it starts.
  const asked = firstRequest(log);
  try {
    running = await start(log, config);
  } catch (error) {
    return leave(log, error, 'could not start');
  }
  running.ended?.then(
    () => leave(log, new Error('it ended by itself'), 'ended'),
    (error: unknown) => leave(log, error, 'ended'),
  );
  log.info(`ready after ${Date.now() - began} ms${running.where ? `: ${running.where}` : ''}`);
  process.send?.('ready');

  const why = await asked;
  log.info(`stopping (${why}), at most ${drainSeconds} s`);
  const late = setTimeout(() => {
    log.warn(`still busy after ${drainSeconds} s; leaving what is unfinished to be taken up again`);
    process.exit(1);
  }, drainSeconds * 1_000);
  await running.stop().catch((error: unknown) => leave(log, error, 'could not stop'));
  clearTimeout(late);
  log.info('stopped');
  process.exit(0);
}

function firstRequest(log: Log): Promise<string> {
  return new Promise((resolve) => {
    onStopRequest(resolve, () => leave(log, new Error('asked to stop a second time'), 'left at once'));
    // npm start is gone without having stopped us: nobody would ever do it.
    if (process.channel) process.once('disconnect', () => resolve('npm start is gone'));
  });
}

function leave(log: Log, error: unknown, what: string): void {
  const { syscall, port = 0, address: host = '', hostname = host } = error as NodeJS.ErrnoException & { port?: number; address?: string; hostname?: string };
  const sentence = syscall === 'listen' || syscall === 'getaddrinfo' ? cannotListen(error as NodeJS.ErrnoException, { port, host: hostname }) : undefined;
  if (error instanceof ConfigError || error instanceof CannotStart) log.fatal(error.message);
  else if (sentence) log.fatal(sentence);
  else log.fatal({ err: error }, `${what}: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
