import { createHash } from 'node:crypto';
import type pg from 'pg';
import { createRegistry } from '../lifecycles/registry.ts';
import { system } from '../lifecycles/roles.ts';
import { createCommit } from './commit.ts';
import type { Answer } from './requests.ts';

/**
 * Begins the lives of the merchants and products that are in the catalogue and have none yet, by the commands that anybody would
 * begin them with. What a product's row says of sale and hiding is where its life begins; from then on its life says it.
 */
export async function beginLives(pool: pg.Pool): Promise<void> {
  const commit = createCommit({ pool, registry: createRegistry(), onCommitted: () => {} });
  const open = async (lifecycle: string, command: string, input: Record<string, unknown>) => {
    const idempotencyKey = createHash('sha256').update(JSON.stringify(input)).digest('hex');
    const request = {
      lifecycle,
      instance: null,
      command,
      input,
      reason: null,
      actor: system,
      idempotencyKey,
      expectedRevision: null,
      via: 'migration' as const,
    };
    const answer: Answer = await commit.command(request);
    if (!answer.ok) throw new Error(`expected ${command} ${JSON.stringify(input)} to be accepted, got ${JSON.stringify(answer.problem)}`);
  };
  const accounts = await pool.query<{ id: string }>(
    "select p.id from parties p where p.kind = 'merchant' and not exists (select from subjects s where s.lifecycle = 'merchant' and s.subject = p.id) order by p.id",
  );
  for (const { id } of accounts.rows) await open('merchant', 'onboardMerchant', { account: id });
  const products = await pool.query<{ id: string; merchant: string; onSale: boolean; hidden: boolean }>(
    `select p.id, m.instance_id as merchant, p.on_sale as "onSale", p.hidden from products p join subjects m on m.lifecycle = 'merchant' and m.subject = p.merchant
      where not exists (select from subjects s where s.lifecycle = 'product' and s.subject = p.id) order by p.id`,
  );
  for (const { id, ...product } of products.rows) await open('product', 'listProduct', { product: id, ...product });
}
