import type { Marketplace, Order } from './marketplace.ts';

export type Story = {
  title: string;
  /** Tells it to the end; `say` prints a line beside what the log will show. */
  tell: (market: Marketplace, say: (line: string) => void) => Promise<Order>;
};

const hour = 60;
const day = 24 * hour;

export const stories: readonly Story[] = [
  {
    title: '一次顺利的交付 · A plain delivery',
    async tell(market) {
      const order = await market.buy('saas-activated');
      await market.advance(order, 20 * hour);
      await market.deliver(order, '已开通 50 个账号');
      await market.advance(order, 5 * hour);
      await market.on(order, 'buyer-a.li', 'acceptDelivery');
      await market.advance(order, 30);
      return order;
    },
  },
  {
    title: '复核退回一次，买家驳回一次 · Returned by the reviewer, then by the buyer',
    async tell(market) {
      const order = await market.buy('saas-activated', 'empowermentCloud');
      await market.advance(order, day);
      await market.deliver(order, '首次交付');
      await market.on(order, 'reviewer.zhou', 'returnReview', { reason: '验收报告缺少买家联系人' });
      await market.advance(order, 3 * hour);
      await market.deliver(order, '补充联系人');
      await market.on(order, 'reviewer.zhou', 'passReview');
      await market.advance(order, 2 * hour);
      await market.on(order, 'buyer-a.li', 'returnDelivery', { reason: '少开通了 5 个账号' });
      await market.advance(order, 4 * hour);
      await market.deliver(order, '账号已补齐');
      await market.on(order, 'reviewer.zhou', 'passReview');
      await market.on(order, 'buyer-a.li', 'acceptDelivery');
      await market.advance(order, 30);
      return order;
    },
  },
  {
    title: '申诉冻结与恢复 · Frozen by an appeal 申诉, and resumed with what was left',
    async tell(market, say) {
      const order = await market.buy('saas-activated');
      await market.advance(order, day);
      await market.deliver(order, '已开通');
      await market.on(order, 'buyer-a.li', 'fileAppeal', { reason: '功能与商品介绍不符，请核实', files: [] });
      say(`冻结中，买家仍点了“确认验收”：${await market.refusedOn(order, 'buyer-a.li', 'acceptDelivery')}`);
      await market.advance(order, day);
      await market.on(order, 'manager.qian', 'decideAppeal', { decision: 'dismiss', reason: '已核实，功能与介绍一致，监管继续' });
      await market.on(order, 'buyer-a.li', 'acceptDelivery');
      await market.advance(order, 10);
      await market.on(order, 'merchant-a.zhao', 'fileAppeal', { reason: '请先确认发票抬头', files: [] });
      say('验收后 10 分钟商家申诉：30 分钟的同步期限停在剩余 20 分钟。');
      await market.advance(order, 2 * day);
      await market.on(order, 'merchant-a.zhao', 'withdrawAppeal', { reason: '抬头已确认' });
      await market.advance(order, 20);
      return order;
    },
  },
  {
    title: '运营经理代为验收 · Completed by the operations manager',
    async tell(market) {
      const order = await market.buy('saas-activated');
      await market.deliver(order, '已开通，多次联系买家未果');
      await market.advance(order, 6 * day);
      await market.on(order, 'merchant-a.zhao', 'fileAppeal', { reason: '买家一直不验收', files: [] });
      await market.advance(order, day);
      await market.on(order, 'manager.qian', 'decideAppeal', { decision: 'complete', reason: '交付属实，代买家验收' });
      await market.advance(order, 30);
      return order;
    },
  },
];
