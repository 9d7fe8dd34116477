import { connect } from './connect.ts';
import { beginLives } from './lives.ts';
import { endpoints } from './schema/endpoints.ts';
import { products } from './schema/products.ts';

/** A product of the example merchant that its server opens, renews and releases (PRD-1). */
const connected = {
  id: 'saas-connected',
  merchant: 'merchant-a',
  name: '项目管理 SaaS（生产接口开通）',
  accessType: 'SaaS',
  tradeMode: 'general',
  supervised: false,
  prices: { once: 250_000, month: 9_900, year: 99_000 },
  offers: { trialDays: 7 },
};

/** Beside the other examples: a product whose merchant is called, at this address. Run again, it only corrects the address and its key. */
export async function seedInterface(databaseUrl: string, { url, key }: { url: string; key: string }): Promise<{ product: string }> {
  const { db, pool, close } = connect(databaseUrl, { poolSize: 2, name: 'steward seed' });
  try {
    await db.insert(products).values(connected).onConflictDoNothing();
    const endpoint = { generation: 'V1' as const, url, key, changedBy: 'seed' };
    await db
      .insert(endpoints)
      .values({ product: connected.id, ...endpoint })
      .onConflictDoUpdate({ target: endpoints.product, set: endpoint });
    await beginLives(pool);
    return { product: connected.id };
  } finally {
    await close();
  }
}
