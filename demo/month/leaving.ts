import type { Client } from '../client.ts';
import type { Bill } from './settlement.ts';
import { type Stage, seller, type Told } from './stage.ts';

const hour = 60;
const day = 24 * hour;

/** Application, an order that comes in between, delisting, freeze, clearing out: 商家退出成功 (EXT-1 to EXT-3). */
export async function leave({ client, market, say }: Stage, bill: Bill): Promise<Told> {
  for (const line of await inTheWay(client)) say(`账单付款后的退出检查：${line}`);
  const merchant = await recordOf(client);
  // what happened to its bill lies behind it
  const since = await market.advance(merchant, Math.ceil(((await market.advance(bill, 0)) - (await market.advance(merchant, 0))) / 60_000) + day);
  const applying = { merchant: merchant.id, reason: '公司业务调整，退出云商店' };
  const exit = await market.act(seller.person, 'applyForExit', applying);
  const between = await market.act('buyer-a.li', 'placeOrder', { product: seller.product, period: { unit: 'year', count: 1 } });
  await market.advance(merchant, day);
  const of = { merchantExitId: exit.id };
  await market.act('manager.qian', 'approveExit', of);
  say(`审核期间来了一笔新订单，冻结前再次核对：${await market.refused('manager.qian', 'freezeForExit', of)}`);
  await market.act('buyer-a.li', 'cancelOrder', { orderId: between.id, reason: '改购其他商品' });
  await market.advance(merchant, 3 * hour);
  await market.act('manager.qian', 'freezeForExit', of);
  say(`冻结后商家隐藏商品：${await market.refused(seller.person, 'hideProduct', { productId: merchant.product })}`);
  await market.advance(merchant, day);
  await market.act('manager.qian', 'clearOut', of);
  const got = await market.ended(exit, 'succeeded');
  say(`退出后再次申请：${await market.refused(seller.person, 'applyForExit', applying)}`);
  return { ids: [exit.id], since, got };
}

/** EXT-1: what stands in the way of the exit, by kind, with the records and the steps that they stop. */
export async function inTheWay(client: Client): Promise<string[]> {
  const { exitCheck } = await client.ask<{
    exitCheck: { obstacles: { zh: string; en: string; stops: string[]; records: { nodes: { number: string }[] } }[] };
  }>(
    seller.person,
    'query ($party: String!) { exitCheck(merchant: $party) { obstacles { zh: label(language: zh) en: label(language: en) stops records(first: 5) { nodes { number } } } } }',
    { party: seller.party },
  );
  return exitCheck.obstacles.map(
    ({ zh, en, stops, records }) => `${zh} ${en} (→ ${stops.join(', ')}): ${records.nodes.map(({ number }) => number).join(', ')}`,
  );
}

/** The merchant's record, and the product of the month. */
export async function recordOf(client: Client): Promise<{ id: string; product: string }> {
  const { merchants, products } = await client.ask<{
    merchants: { nodes: { id: string }[] };
    products: { nodes: { id: string; context: { product: string } }[] };
  }>(seller.person, '{ merchants { nodes { id } } products { nodes { id context { product } } } }');
  const [merchant] = merchants.nodes;
  const product = products.nodes.find(({ context }) => context.product === seller.product);
  if (!merchant || !product) throw new Error(`expected the records of ${seller.party} and of ${seller.product}`);
  return { id: merchant.id, product: product.id };
}
