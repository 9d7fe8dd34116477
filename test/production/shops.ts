import { startMerchant } from '../../examples/merchant/server.ts';
import { eventually } from '../worker.ts';
import { aCommand, accepted, buyer, type Database, machine } from '../world.ts';

type At = Pick<Database, 'pool' | 'commit'>;
export const key = '00000000-0000-4000-8000-000000000001';
export const month = { unit: 'month', count: 1 };

/** An example merchant on loopback to which the calls of these products go. */
export async function aShop({ pool }: Pick<Database, 'pool'>, { products = ['saas-instant'], generation = 'V1' as 'V1' | 'V2' } = {}) {
  const shop = await startMerchant({ key });
  for (const product of products)
    await pool.query("insert into endpoints (product, generation, url, key, changed_by) values ($1, $2, $3, $4, 'test')", [
      product,
      generation,
      `${shop.url}/produce`,
      key,
    ]);
  return shop;
}

/** Places an order and pays it. @returns its id */
export async function order({ pool, commit }: At, input: Record<string, unknown>): Promise<string> {
  const { instance } = await accepted(commit.command(aCommand({ lifecycle: 'order', command: 'placeOrder', actor: buyer, input })));
  const { rows } = await pool.query("select (context ->> 'amount')::int as amount from instances where id = $1", [instance]);
  const paid = { amount: rows[0].amount, means: 'balance', reference: 'PAY' };
  await accepted(commit.command(aCommand({ lifecycle: 'order', instance, command: 'recordPayment', actor: machine, input: paid })));
  return instance;
}

/** The newest instance of a lifecycle with a reference to that one. */
export const newest = async ({ pool }: Pick<Database, 'pool'>, lifecycle: string, ref: string, id: string): Promise<string> =>
  (await pool.query('select id from instances where lifecycle = $1 and refs ->> $2 = $3 order by id desc limit 1', [lifecycle, ref, id])).rows[0]?.id;

/** The production call of an order, once there is one. */
export const callOf = (database: Pick<Database, 'pool'>, id: string): Promise<string> =>
  eventually(
    () => newest(database, 'productionCall', 'order', id),
    (call) => call !== undefined,
  );
