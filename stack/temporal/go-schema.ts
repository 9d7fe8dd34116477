import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ensureDatabase, withClient } from '../postgres.ts';
import type { Database } from './go-config.ts';

const run = promisify(execFile);

/** The databases of Temporal and the folder of the sql tool that carries the schema of each. */
const SCHEMAS = { temporal: 'postgresql/v12/temporal', temporal_visibility: 'postgresql/v12/visibility' };

/** Creates Temporal's databases, or brings them up to the version of the sql tool. */
export async function migrateTemporal(sqlTool: string, database: Database, adminUrl: string): Promise<void> {
  await Promise.all(
    Object.entries(SCHEMAS).map(async ([name, schema]) => {
      const env = { ...process.env, SQL_PASSWORD: database.password };
      const tool = (...args: string[]) => run(sqlTool, [...connection(database, name), ...args], { env });
      await ensureDatabase(adminUrl, name);
      try {
        // setup-schema sets the version back to 0.0 when it is run a second time.
        if (!(await isSetUp(adminUrl, name))) await tool('setup-schema', '-v', '0.0');
        await tool('update-schema', '--schema-name', schema);
      } catch (error) {
        throw new Error(`Temporal's schema ${schema} could not be applied: ${lastLine(error)}`);
      }
    }),
  );
}

async function isSetUp(adminUrl: string, name: string): Promise<boolean> {
  const url = new URL(adminUrl);
  url.pathname = name;
  return withClient(url.href, async (client) => {
    const { rows } = await client.query<{ found: boolean }>(`select to_regclass('schema_version') is not null as found`);
    return rows[0]?.found ?? false;
  });
}

function connection({ host, port, user }: Database, name: string): string[] {
  return ['--plugin', 'postgres12', '--ep', host, '-p', String(port), '-u', user, '--db', name];
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: string };
  return (stderr || message).trim().split('\n').at(-1) ?? '';
}
