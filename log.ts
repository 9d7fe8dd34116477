import pino from 'pino';
import pretty from 'pino-pretty';

export type Log = pino.Logger;
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

// pino's own destination retries for ever when whoever reads the log is gone; a stream says so once.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

type LogOptions = { level?: LogLevel; stream?: pino.DestinationStream };

/** One JSON object a line; a person at a terminal gets the same, readable. */
export function createLog(name: string, { level = 'info', stream }: LogOptions = {}): Log {
  const destination = stream ?? (process.stdout.isTTY ? readable() : process.stdout);
  return pino({ level, base: { name } }, destination);
}

/** Writes log lines for people: time, level, process, message, then the fields. */
export function readable(destination: NodeJS.WritableStream = process.stdout): pino.DestinationStream {
  return pretty({
    destination,
    sync: true,
    colorize: process.stdout.isTTY && process.env.NO_COLOR === undefined,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,name',
    messageFormat: (line, key) => `${String(line.name).padEnd(8)} ${String(line[key] ?? '')}`,
    singleLine: true,
  });
}
