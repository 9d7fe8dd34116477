import type { Marketplace, Order } from './marketplace.ts';

export type Story = {
  title: string;
  /** The state in which its order ends; 已完成 when not said. */
  ends?: 'refunded';
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
      await market.handIn(order, 'uploadAcceptance', '已开通 50 个账号');
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
      await market.handIn(order, 'uploadAcceptance', '首次交付');
      await market.on(order, 'reviewer.zhou', 'returnReview', { reason: '验收报告缺少买家联系人' });
      await market.advance(order, 3 * hour);
      await market.handIn(order, 'uploadAcceptance', '补充联系人');
      await market.on(order, 'reviewer.zhou', 'passReview');
      await market.advance(order, 2 * hour);
      await market.on(order, 'buyer-a.li', 'returnDelivery', { reason: '少开通了 5 个账号' });
      await market.advance(order, 4 * hour);
      await market.handIn(order, 'uploadAcceptance', '账号已补齐');
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
      await market.handIn(order, 'uploadAcceptance', '已开通');
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
      await market.handIn(order, 'uploadAcceptance', '已开通，多次联系买家未果');
      await market.advance(order, 6 * day);
      await market.on(order, 'merchant-a.zhao', 'fileAppeal', { reason: '买家一直不验收', files: [] });
      await market.advance(order, day);
      await market.on(order, 'manager.qian', 'decideAppeal', { decision: 'complete', reason: '交付属实，代买家验收' });
      await market.advance(order, 30);
      return order;
    },
  },
  {
    title: '人工服务：需求驳回一次 · Human service, its requirement rejected once',
    async tell(market, say) {
      const order = await market.buy('human-service', 'baseCloud');
      await market.on(order, 'buyer-a.li', 'fileRequirement', { text: '迁移数据库', files: [] });
      await market.on(order, 'merchant-a.zhao', 'rejectRequirement', { reason: '请写明数据库版本与数据量' });
      await market.advance(order, 4 * hour);
      await market.on(order, 'buyer-a.li', 'fileRequirement', { text: '迁移 3 个 MySQL 8.0 数据库，共 2 TB', files: [] });
      await market.on(order, 'merchant-a.zhao', 'confirmRequirement');
      say(`人工服务没有授权码：${await market.refusedOn(order, 'buyer-a.li', 'claimCode')}`);
      await market.advance(order, 5 * day);
      await market.on(order, 'buyer-a.li', 'remindMerchant');
      say(`再催一次：${await market.refusedOn(order, 'buyer-a.li', 'remindMerchant')}`);
      await market.handIn(order, 'uploadImplementation', '迁移完成并校验');
      await market.on(order, 'reviewer.zhou', 'passReview');
      await market.on(order, 'buyer-a.li', 'acceptDelivery');
      await market.advance(order, 30);
      return order;
    },
  },
  {
    title: '在线授权码：领取、激活、凭证即验收 · Online code, accepted by its proof',
    async tell(market, say) {
      const order = await market.buy('license-code');
      await market.until(order, 'awaitingDelivery');
      await market.on(order, 'merchant-a.zhao', 'deliverCode', { comment: '授权码已备好' });
      await market.advance(order, 2 * hour);
      await market.on(order, 'buyer-a.li', 'claimCode');
      await market.on(order, 'buyer-a.li', 'fileAppeal', { reason: '激活报错', files: [] });
      await market.on(order, 'payments', 'recordActivation');
      say('冻结中商家系统报告已激活：先登记，撤回申诉后生效。');
      await market.advance(order, 1 * hour);
      await market.on(order, 'buyer-a.li', 'withdrawAppeal', { reason: '已能激活' });
      await market.handIn(order, 'uploadProof', '激活截图');
      await market.advance(order, 30);
      return order;
    },
  },
  {
    title: '在线授权：系统码 · Online licence for a system code',
    async tell(market) {
      const order = await market.buy('license-online');
      await market.on(order, 'buyer-a.li', 'submitSystemCode', { systemCode: 'HW-8F:33:A1:07' });
      await market.advance(order, day);
      await market.handIn(order, 'deliverLicence', '授权文件见附件');
      await market.on(order, 'buyer-a.li', 'acceptDelivery');
      await market.advance(order, 30);
      return order;
    },
  },
  {
    title: '线下授权：逾期提醒与升级 · Offline licence, delivered late',
    async tell(market) {
      const order = await market.buy('license-offline');
      await market.advance(order, 30 * day);
      await market.handIn(order, 'confirmOfflineDelivery', '加密狗已寄达');
      await market.on(order, 'buyer-a.li', 'acceptDelivery');
      await market.advance(order, 30);
      return order;
    },
  },
  {
    title: '软件包：买家自动部署后确认完成 · Package deployed by the buyer',
    async tell(market) {
      const order = await market.buy('software-package');
      await market.advance(order, day);
      await market.on(order, 'buyer-a.li', 'confirmCompletion');
      await market.advance(order, 30);
      return order;
    },
  },
  {
    title: '举证后裁决终止并退款，双人复核 · Terminated with a refund after evidence, by two persons',
    ends: 'refunded',
    async tell(market, say) {
      const order = await market.buy('app-orchestration', 'none', 60);
      await market.handIn(order, 'uploadAcceptance', '集群已部署');
      await market.on(order, 'buyer-a.li', 'fileAppeal', { reason: '60 个节点只部署了 12 个', files: [] });
      await market.on(order, 'manager.qian', 'requestEvidence', { from: 'merchant', reason: '请提供全部节点的部署记录' });
      await market.advance(order, 3 * day);
      say('三天内没有等到证据，裁决期限自动继续。');
      await market.on(order, 'manager.qian', 'decideAppeal', { decision: 'terminate', refundAmount: 6_000_000, reason: '未按约交付，扣除已用部分后退款' });
      say(`退款超过限额，本人确认：${await market.refusedOn(order, 'manager.qian', 'confirmDecision')}`);
      await market.advance(order, 1 * hour);
      await market.on(order, 'manager.zheng', 'confirmDecision', { reason: '证据核对无误' });
      return order;
    },
  },
];
