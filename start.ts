import { fileURLToPath } from 'node:url';
import { migrate } from './db/migrate.ts';
import { rearm } from './db/rearm.ts';
import { seed } from './db/seed.ts';
import { main } from './stack/main.ts';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

await main({
  steps: { migrate, rearm, seed },
  programs: { worker: here('worker.ts'), api: here('server.ts') },
});
