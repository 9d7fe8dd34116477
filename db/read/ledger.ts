import type { Account } from '../../lifecycles/ledger.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { ms } from './instants.ts';
import type { Reader } from './reader.ts';

/** A movement of an order's money, with the event that it was written with. Amounts are minor units (分). */
export type LedgerRow = {
  order: string;
  revision: number;
  no: number;
  event: string;
  from: Account;
  to: Account;
  amount: number;
  currency: string;
  at: number;
};

/** How merchant and marketplace share what is released is between those two: a buyer sees what it paid and got back. A condition over `ledger l`. */
export const ledgerRule = ({ role }: Actor): string[] =>
  role === 'buyer' ? ["(l.from_account in ('buyer', 'balance') or l.to_account in ('buyer', 'balance'))"] : [];

/** The movements of these orders that the caller may see, in the order in which they happened (REF-5). */
export async function ledgerOf(reader: Reader, orders: readonly string[]): Promise<LedgerRow[]> {
  return reader.rows<LedgerRow>({
    text: `select l.order_id as "order", l.revision, l.no, e.type as event, l.from_account as "from", l.to_account as "to", l.amount, l.currency,
        ${ms('l.at')} as at
      from ledger l join instances i on i.id = l.order_id join events e on e.instance_id = l.instance_id and e.revision = l.revision
      where ${['l.order_id = any($1::uuid[])', ...ledgerRule(reader.actor)].join(' and ')} order by l.order_id, l.at, l.revision, l.no`,
    values: [orders],
  });
}

export type BalanceRow = { order: string; currency: string; paid: number; reserved: number; refunded: number; released: number };

export async function balancesOf(reader: Reader, orders: readonly string[]): Promise<BalanceRow[]> {
  return reader.rows<BalanceRow>({
    name: 'order balances',
    text: 'select order_id as "order", currency, paid, reserved, refunded, released from order_balances where order_id = any($1::uuid[])',
    values: [orders],
  });
}
