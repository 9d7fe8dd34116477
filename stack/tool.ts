import { ConfigError, configOrExit } from '../config.ts';
import { CannotStart } from './serve.ts';
import { readyDatabase } from './servers.ts';

/** Runs a program that works on the database and ends; what it cannot begin with is said in one sentence. */
export async function runTool(work: (databaseUrl: string) => Promise<void>): Promise<void> {
  try {
    await work(await readyDatabase(configOrExit()));
  } catch (error) {
    if (!(error instanceof CannotStart || error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
