import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Database } from './go-config.ts';

const run = promisify(execFile);

/** The databases of Temporal and the folder of the sql tool that carries the schema of each. */
const SCHEMAS = { temporal: 'postgresql/v12/temporal', temporal_visibility: 'postgresql/v12/visibility' };

/** Creates Temporal's databases, or brings them up to the version of the sql tool; changes nothing when they are. */
export async function migrateTemporal(sqlTool: string, database: Database): Promise<void> {
  const { host, port, user, password } = database;
  await Promise.all(
    Object.entries(SCHEMAS).map(async ([name, schema]) => {
      const where = ['--plugin', 'postgres12', '--ep', host, '-p', String(port), '-u', user, '--db', name];
      const env = { ...process.env, SQL_PASSWORD: password };
      const tool = (...args: string[]) => run(sqlTool, [...where, ...args], { env });
      try {
        await tool('create-database');
        await tool('setup-schema', '-v', '0.0');
        await tool('update-schema', '--schema-name', schema);
      } catch (error) {
        throw new Error(`Temporal's schema ${schema} could not be applied: ${lastLine(error)}`);
      }
    }),
  );
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: string };
  return (stderr || message).trim().split('\n').at(-1) ?? '';
}
