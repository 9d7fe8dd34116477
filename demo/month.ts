import { styleText } from 'node:util';
import type { Client } from './client.ts';
import { openMarketplace } from './marketplace.ts';
import { leave } from './month/leaving.ts';
import { sell } from './month/orders.ts';
import { settle } from './month/settlement.ts';
import { type Stage, seller, type Told } from './month/stage.ts';
import { timelineOf } from './timeline.ts';

/** Whether its merchant still trades, with nothing of somebody else's in the way of its leaving. */
export async function canBeTold(client: Client): Promise<boolean> {
  const { merchants, exitCheck } = await client.ask<{ merchants: { nodes: { stateName: string }[] }; exitCheck: { mayApply: boolean } }>(
    'manager.qian',
    'query ($party: String!) { merchants(filter: { merchant: $party }) { nodes { stateName } } exitCheck(merchant: $party) { mayApply } }',
    { party: seller.party },
  );
  return merchants.nodes[0]?.stateName === 'active' && exitCheck.mayApply;
}

/** A month of one merchant: orders, two refunds, the bill and its payment, and the merchant leaving. @returns how many chapters did not get there */
export async function tellMonth(client: Client): Promise<number> {
  const market = openMarketplace(client);
  let missed = 0;
  const chapter = async <Result extends Told>(title: string, tell: (stage: Stage) => Promise<Result>): Promise<Result> => {
    console.log(styleText(['bold', 'underline'], title));
    const asides: string[] = [];
    const told = await tell({ client, market, say: (line) => asides.push(line) });
    if (!told.got) missed += 1;
    console.log(await timelineOf(client, told.ids, told.since));
    for (const aside of asides) console.log(styleText('cyan', `  ✎ ${aside}`));
    console.log(told.got ? styleText('green', '  ✔ 如期到达 got there\n') : styleText('red', '  ✘ 未到达 did not get there\n'));
    return told;
  };
  const sold = await chapter('一个月 · 一：三笔订单，一次协商退订，一次申诉退款 · A month: three orders, a refund, an appeal that ends in one', sell);
  const { bill } = await chapter('一个月 · 二：出账、会签、开票、付款 · Its bill: made, countersigned, invoiced, paid', (stage) => settle(stage, sold.orders));
  await chapter('一个月 · 三：商家退出 · The merchant leaves', (stage) => leave(stage, bill));
  return missed;
}
