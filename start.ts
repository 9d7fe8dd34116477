import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { configOrExit } from './config.ts';
import { migrate } from './db/migrate.ts';
import { rearm } from './db/rearm.ts';
import { seed } from './db/seed.ts';
import { seedInterface } from './db/seedInterface.ts';
import { main } from './stack/main.ts';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

await main({
  steps: { migrate, rearm, seed: seedExamples },
  programs: { worker: here('worker.ts'), api: here('server.ts') },
});

/** Never in production. Where this machine may be called, the example merchant is there as well, with a product to order from it (PRD-7, PRD-8). */
async function seedExamples(databaseUrl: string): Promise<void> {
  await seed(databaseUrl);
  const { allowPrivateEndpoints, dataDir } = configOrExit();
  if (!allowPrivateEndpoints) return;
  const { startMerchant, exampleKey, examplePort } = await import('./examples/merchant/server.ts');
  const merchant = { key: exampleKey, stateFile: path.join(dataDir, 'example-merchant.json') };
  // its usual port may be another's: the endpoint is set to where it is
  const { url } = await startMerchant({ ...merchant, port: examplePort }).catch(() => startMerchant(merchant));
  const { product } = await seedInterface(databaseUrl, { url: `${url}/produce`, key: exampleKey });
  process.stdout.write(`An example merchant is at ${url}; ${product} is opened by it.\n`);
}
