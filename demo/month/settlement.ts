import type { Client } from '../client.ts';
import type { Order } from '../marketplace.ts';
import { invoiceLines } from './invoicing.ts';
import { inTheWay, recordOf } from './leaving.ts';
import { type Stage, seller, type Told, yuan } from './stage.ts';

const hour = 60;
const day = 24 * hour;

export type Bill = { id: string; number: string };

/** The bill of that month: made on the day that the API foretold, reviewed, countersigned, invoiced, verified, paid (BIL-1 to BIL-5). */
export async function settle({ client, market, say }: Stage, orders: readonly Order[]): Promise<Told & { bill: Bill }> {
  for (const line of await inTheWay(client)) say(`退出检查：${line}`);
  const merchant = await recordOf(client);
  say(`现在就申请退出：${await market.refused(seller.person, 'applyForExit', { merchant: merchant.id, reason: '业务调整' })}`);

  const due = Math.max(...(await Promise.all(orders.map((order) => billedAt(client, order)))));
  await client.ask('manager.qian', 'mutation ($at: DateTime!) { sandboxMakeBills(at: $at) { opened } }', { at: new Date(due).toISOString() });
  const bill = await openBillOf(client);
  await market.ended(bill, 'inReview');
  const { toInvoice } = await tellLines(client, bill, say);
  const of = { settlementBillId: bill.id };
  await market.advance(bill, 9 * hour);
  await market.act('manager.qian', 'sendBill', of);
  say(`发送人自己会签：${await market.refused('manager.qian', 'countersignBill', of)}`);
  await market.advance(bill, 2 * hour);
  await market.act('manager.zheng', 'countersignBill', of);
  await market.advance(bill, 2 * day);
  const invoice = { medium: 'fullyDigital', invoiceNumber: '26442000000000000002', lines: invoiceLines(toInvoice) };
  await market.act(seller.person, 'submitInvoice', { ...of, ...invoice });
  const invoiceId = await invoiceOf(client, bill);
  await market.advance(bill, day);
  await market.act('manager.qian', 'receiveInvoice', { invoiceId });
  await market.act('manager.qian', 'verifyInvoice', { invoiceId });
  return { ids: [bill.id], got: await market.ended(bill, 'paid'), bill };
}

/** BIL-9: when an order's amount comes onto a bill; 0 of one that earned nothing. */
async function billedAt(client: Client, { number }: Order): Promise<number> {
  const { transactions } = await client.ask<{ transactions: { expectedAt: string | null }[] }>(
    seller.person,
    'query ($number: String!) { transactions(orderNumber: $number) { expectedAt } }',
    { number },
  );
  return Math.max(0, ...transactions.map(({ expectedAt }) => (expectedAt ? Date.parse(expectedAt) : 0)));
}

async function openBillOf(client: Client): Promise<Bill> {
  const { settlementBills } = await client.ask<{ settlementBills: { nodes: Bill[] } }>(
    seller.person,
    '{ settlementBills(filter: { final: false }) { nodes { id number } } }',
  );
  const [bill] = settlementBills.nodes;
  if (!bill) throw new Error(`expected a bill of ${seller.party} to be made, got none`);
  return bill;
}

type Line = { no: number; orderNumber: string; paid: number; refunded: number; shareBp: number; net: number };

async function tellLines(client: Client, { id, number }: Bill, say: Stage['say']): Promise<{ toInvoice: number }> {
  const { billLines, node } = await client.ask<{
    billLines: { nodes: Line[] };
    node: { context: { period: string; net: number; toInvoice: number } };
  }>(
    seller.person,
    `query ($id: ID!) { billLines(bill: $id) { nodes { no orderNumber paid refunded shareBp net } }
      node(id: $id) { ... on SettlementBill { context { period net toInvoice } } } }`,
    { id },
  );
  for (const { no, orderNumber, paid, refunded, shareBp, net } of billLines.nodes)
    say(`账单第 ${no} 行 line ${no}: ${orderNumber} (${yuan(paid)} − ${yuan(refunded)}) × ${shareBp / 100} % = ${yuan(net)}`);
  const { period, net, toInvoice } = node.context;
  say(`账单 ${number}，账期 ${period}：应付 ${yuan(net)} owed，向平台开票 ${yuan(toInvoice)} to invoice`);
  return { toInvoice };
}

async function invoiceOf(client: Client, { id }: Bill): Promise<string> {
  const { node } = await client.ask<{ node: { family: { id: string; lifecycle: string }[] } }>(
    'manager.qian',
    'query ($id: ID!) { node(id: $id) { ... on Lifecycle { family { id lifecycle } } } }',
    { id },
  );
  const invoice = node.family.find(({ lifecycle }) => lifecycle === 'invoice');
  if (!invoice) throw new Error('expected the bill’s invoice beside it, got none');
  return invoice.id;
}
