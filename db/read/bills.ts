import type { Transaction } from '../../lifecycles/settlement/transactions.ts';
import type { ChargeKind } from '../schema/bills.ts';
import { type Settings, type Versions, versionsSql } from '../settings.ts';
import { ms } from './instants.ts';
import type { Reader } from './reader.ts';

/** One line of a bill. Amounts are minor units (分), instants epoch milliseconds. */
export type BillLineRow = {
  no: number;
  order: string;
  orderNumber: string;
  product: string;
  kind: ChargeKind;
  effectiveAt: number;
  currency: string;
  paid: number;
  refunded: number;
  shareBp: number | null;
  net: number;
  invoiceTo: 'buyer' | 'marketplace';
};

const amounts = (of: string) =>
  `${of}.order_id as "order", ${of}.order_number as "orderNumber", ${of}.product, ${of}.kind, ${ms(`${of}.effective_at`)} as "effectiveAt", ${of}.currency, ${of}.paid,
    ${of}.refunded, ${of}.share_bp as "shareBp", ${of}.net`;

/** The lines of a bill after (or before) a number, in order; whoever may see the bill may see its lines. */
export async function linesOf(
  reader: Reader,
  { bill, after, before, limit, backwards }: { bill: string; after: number | null; before: number | null; limit: number; backwards: boolean },
): Promise<BillLineRow[]> {
  const rows = await reader.rows<BillLineRow>({
    name: `bill lines ${backwards ? 'backwards' : ''}`,
    text: `select l.no, ${amounts('l')}, l.invoice_to as "invoiceTo" from bill_lines l
      where l.bill_id = $1 and exists (select from instances i where i.id = $1) and l.no > $2 and l.no < $3 order by l.no ${backwards ? 'desc' : ''} limit $4`,
    values: [bill, after ?? 0, before ?? 2 ** 31 - 1, limit],
  });
  return backwards ? rows.reverse() : rows;
}

/** Something of an order: a line of a bill, an amount that is owed, or the order itself while nothing is owed yet (BIL-9). */
export type TransactionRow = Transaction & {
  line: Omit<BillLineRow, 'invoiceTo' | 'no'> & { no: number | null };
  partyKind: 'merchant' | 'provider';
  billId: string | null;
};
export type Transactions = { rows: TransactionRow[]; now: number; settings: Settings };

const trade = (of: string) => `${of}.trade_mode as "tradeMode", ${ms(`${of}.paid_at`)} as "paidAt", ${of}.party_kind as "partyKind"`;

type Flat = BillLineRow &
  Pick<Transaction, 'tradeMode' | 'paidAt' | 'orderState' | 'supervised'> & {
    partyKind: 'merchant' | 'provider';
    billId: string | null;
    billNumber: string | null;
    billState: string | null;
    now: number;
    versions: Versions;
  };

/** All that an order earned or will, oldest first; empty for an order that the caller may not see. */
export async function transactionsOf(reader: Reader, orderNumber: string): Promise<Transactions | null> {
  const found = await reader.rows<Flat>({
    name: 'transactions of an order',
    text: `with o as (select id, number, state, context, clock_timestamp() as now from instances where lifecycle = 'order' and number = $1),
      lines as (select l.no, ${amounts('l')}, ${trade('l')}, b.id as "billId", b.number as "billNumber", b.state as "billState", l.instance_id, l.revision
          from o join bill_lines l on l.order_id = o.id join instances b on b.id = l.bill_id
        union all select null, ${amounts('u')}, ${trade('u')}, null, null, null, u.instance_id, u.revision from o join unbilled_charges u on u.order_id = o.id)
      select lines.*, null as "orderState", (o.context ->> 'supervised')::boolean as supervised, ${ms('o.now')} as now, ${versionsSql} as versions from o, lines
      union all
      select null, o.id, o.number, o.context ->> 'productName', 'earned', null, o.context ->> 'currency', case when o.state <> 'pendingPayment' then (o.context ->> 'amount')::bigint else 0 end,
        coalesce((o.context ->> 'refundAmount')::bigint, 0), (o.context ->> 'merchantShareBp')::int, 0, o.context ->> 'tradeMode', (o.context ->> 'paidAt')::bigint, 'merchant',
        null, null, null, o.id, 0, o.state, (o.context ->> 'supervised')::boolean, ${ms('o.now')}, ${versionsSql}
      from o where not exists (select from lines)
      order by "effectiveAt", instance_id, revision`,
    values: [orderNumber],
  });
  const [first] = found;
  if (!first) return null;
  return { rows: found.map(rowOf), now: first.now, settings: await reader.settings(first.versions) };
}

function rowOf({ billId, billNumber, billState, partyKind, tradeMode, paidAt, orderState, supervised, now: _, versions: __, ...line }: Flat): TransactionRow {
  const bill = billNumber === null || billState === null ? null : { number: billNumber, state: billState };
  return { orderNumber: line.orderNumber, tradeMode, paidAt, effectiveAt: line.effectiveAt, orderState, supervised, bill, line, partyKind, billId };
}

/** A bill as its invoicing list shows it (BIL-10); `toInvoice` is null while it is being built. */
export async function listedBill(
  reader: Reader,
  number: string,
): Promise<{ id: string; number: string; receiver: string; period: string; currency: string; toInvoice: number | null; sentAt: number | null } | null> {
  const [bill] = await reader.rows<NonNullable<Awaited<ReturnType<typeof listedBill>>>>({
    name: 'bill to list',
    text: `select i.id, i.number, coalesce(p.name, i.merchant) as receiver, i.context ->> 'period' as period, i.context ->> 'currency' as currency,
        (i.context ->> 'toInvoice')::bigint as "toInvoice", (i.context ->> 'sentAt')::bigint as "sentAt"
      from instances i left join parties p on p.id = i.merchant where i.lifecycle = 'settlementBill' and i.number = $1`,
    values: [number],
  });
  return bill ?? null;
}
