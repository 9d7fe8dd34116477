import type { Order } from '../marketplace.ts';
import { invoiceLines } from './invoicing.ts';
import { type Stage, seller, type Told, yuan } from './stage.ts';

const hour = 60;
const day = 24 * hour;

/** So late in a month that the story would run into the next one, it begins with that. */
function minutesToBegin(now = new Date()): number {
  const beijing = new Date(now.getTime() + 8 * 3_600_000);
  if (beijing.getUTCDate() <= 18) return 0;
  const first = Date.UTC(beijing.getUTCFullYear(), beijing.getUTCMonth() + 1, 1, 9);
  return Math.ceil((first - beijing.getTime()) / 60_000);
}

/** Three orders of one month: one accepted and invoiced, one that the parties refund in part, one that an appeal refunds in full. */
export async function sell(stage: Stage): Promise<Told & { orders: Order[] }> {
  const { market } = stage;
  const begin = minutesToBegin();
  const orders: Order[] = [];
  for (const quantity of [10, 3, 1]) {
    const order = await market.buy(seller.product, 'none', quantity);
    await market.advance(order, begin);
    orders.push(order);
  }
  const [accepted, negotiated, disputed] = orders as [Order, Order, Order];
  await accept(stage, accepted);
  await negotiate(stage, negotiated);
  await dispute(stage, disputed);
  const ends = await Promise.all([market.ended(accepted, 'completed'), market.ended(negotiated, 'refunded'), market.ended(disputed, 'refunded')]);
  return { ids: orders.map(({ id }) => id), got: ends.every(Boolean), orders };
}

async function accept({ market }: Stage, order: Order): Promise<void> {
  await market.advance(order, 20 * hour);
  await market.handIn(order, 'uploadAcceptance', '已开通 10 个账号', seller.person);
  await market.advance(order, 5 * hour);
  await market.on(order, 'buyer-a.li', 'acceptDelivery');
  await market.advance(order, 30);
  await market.until(order, 'finished');
  const applied = { order: order.id, medium: 'fullyDigital', title: '示例买家甲', mail: 'finance@example.com' };
  const { id: invoiceId } = await market.act('buyer-a.li', 'applyForInvoice', applied);
  await market.advance(order, day);
  // a joint product: the marketplace invoices the buyer (BIL-4)
  await market.act('manager.qian', 'issueInvoice', { invoiceId, invoiceNumber: '26442000000000000001', lines: invoiceLines(order.amount) });
  await market.act('manager.qian', 'sendInvoice', { invoiceId });
}

async function negotiate({ market, say }: Stage, order: Order): Promise<void> {
  await market.advance(order, day);
  await market.handIn(order, 'uploadAcceptance', '已开通 3 个账号', seller.person);
  await market.advance(order, 2 * hour);
  const amount = 100_000;
  const { id: refundId } = await market.act('buyer-a.li', 'requestRefund', { order: order.id, amount, because: '只需要两个账号' });
  say(`退订协商中，买家仍点了“确认验收”：${await market.refusedOn(order, 'buyer-a.li', 'acceptDelivery')}`);
  await market.advance(order, day);
  const files = [await market.upload(seller.person, '沟通记录.txt', `双方同意退 ${yuan(amount)}，保留两个账号`)];
  await market.act(seller.person, 'approveRefund', { refundId, files, reason: '已与客户沟通一致' });
  await market.ended(order, 'refunded');
  const applied = { order: order.id, medium: 'fullyDigital', title: '示例买家甲', mail: 'finance@example.com' };
  say(`退款之后申请发票：${await market.refused('buyer-a.li', 'applyForInvoice', applied)}`);
  const proof = [await market.upload(seller.person, '免开票说明.txt', '客户确认余款无需发票')];
  await market.act(seller.person, 'proveNoInvoiceNeeded', { order: order.id, files: proof });
}

async function dispute({ market }: Stage, order: Order): Promise<void> {
  await market.advance(order, 2 * day);
  await market.handIn(order, 'uploadAcceptance', '已开通', seller.person);
  const { id: refundId } = await market.act('buyer-a.li', 'requestRefund', { order: order.id, because: '无法登录' });
  await market.act(seller.person, 'refuseRefund', { refundId, files: [], reason: '账号已开通' });
  await market.on(order, 'buyer-a.li', 'fileAppeal', { reason: '账号从未能登录，商家拒绝退订', files: [] });
  await market.advance(order, day);
  await market.on(order, 'manager.qian', 'decideAppeal', { decision: 'terminate', refundAmount: order.amount, reason: '登录记录为空，全额退款' });
}
