// npm start with stand-ins for everything that is not the stack.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from '../../../stack/main.ts';
import { withClient } from '../../../stack/postgres.ts';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const run = (databaseUrl: string, sql: string) => withClient(databaseUrl, (client) => client.query(sql)).then(() => {});

await main({
  steps: {
    migrate: (databaseUrl) => run(databaseUrl, 'create table if not exists notes (note text)'),
    seed: async () => {},
    rearm: async () => {
      fs.appendFileSync(path.join(process.env.STEWARD_DATA_DIR as string, 'rearmed'), 'x');
      return 1;
    },
  },
  programs: { worker: here('worker.ts'), api: here('api.ts') },
});
