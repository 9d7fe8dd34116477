import { waitsForAccount } from '../accounts.ts';
import { ms } from './instants.ts';
import type { Reader } from './reader.ts';

/** What is on an account, in minor units (分); below 0 since `arrearsSince`. */
export type AccountRow = { account: string; balance: number; paidIn: number; paidOut: number; used: number; arrearsSince: number | null };

export async function accountsOf(reader: Reader, accounts: readonly string[]): Promise<AccountRow[]> {
  return reader.rows<AccountRow>({
    name: 'account balances',
    text: `select account_id as account, balance, paid_in as "paidIn", paid_out as "paidOut", used, ${ms('arrears_since')} as "arrearsSince"
      from account_balances where account_id = any($1::uuid[])`,
    values: [accounts],
  });
}

type Holder = { buyer: string; currency: string };

/** The services that wait for the account to be covered again, oldest first; the first hundred. */
export async function servicesWaitingFor(reader: Reader, { buyer, currency }: Holder): Promise<string[]> {
  const rows = await reader.rows<{ id: string }>({
    name: 'services waiting for an account',
    text: `select s.id from instances s where ${waitsForAccount} order by s.created_at, s.id limit 100`,
    values: [buyer, currency],
  });
  return rows.map(({ id }) => id);
}

/** A movement of an account's money: above 0 what came in, below 0 what went. `order`: of what was used; else the account itself. */
export type AccountEntry = {
  instance: string;
  revision: number;
  no: number;
  event: string;
  order: string;
  amount: number;
  meteringId: string | null;
  reference: string | null;
  at: number;
  countsAt: number | null;
};
export type EntryPlace = Pick<AccountEntry, 'at' | 'instance' | 'revision' | 'no'>;

const last: EntryPlace = { at: 253_370_764_800_000, instance: 'ffffffff-ffff-ffff-ffff-ffffffffffff', revision: 0, no: 0 };

/** Of a top-up that a second person confirmed by the event `e`: the last before that was not booked by itself (ACT-3). */
const confirmedReference = `case when e.type = 'confirmCorrection' and l.from_account = 'buyer' then (select t.input ->> 'reference' from events t
  where t.instance_id = e.instance_id and t.revision < e.revision and t.type = 'topUpAccount'
    and not exists (select from ledger b where b.instance_id = t.instance_id and b.revision = t.revision) order by t.revision desc limit 1) end`;

/** The account's entries, newest first; one more than asked for when there is more. */
export async function entriesOf(
  reader: Reader,
  { buyer, currency }: Holder,
  { after, limit }: { after: EntryPlace | null; limit: number },
): Promise<AccountEntry[]> {
  const place = after ?? last;
  return reader.rows<AccountEntry>({
    name: 'account entries',
    text: `select l.instance_id as instance, l.revision, l.no, e.type as event, l.order_id as "order", case when l.to_account = 'balance' then l.amount else -l.amount end as amount,
        e.input ->> 'meteringId' as "meteringId", coalesce(e.input ->> 'reference', ${confirmedReference}) as reference, ${ms('l.at')} as at, ${ms('l.counts_at')} as "countsAt"
      from ledger l join instances o on o.id = l.order_id join events e on e.instance_id = l.instance_id and e.revision = l.revision
      where 'balance' in (l.from_account, l.to_account) and o.buyer = $1 and o.lifecycle in ('order', 'buyerAccount') and l.currency = $2
        and (l.at, l.instance_id, l.revision, l.no) < ($3::timestamptz, $4::uuid, $5::int, $6::int)
      order by l.at desc, l.instance_id desc, l.revision desc, l.no desc limit $7`,
    values: [buyer, currency, new Date(place.at).toISOString(), place.instance, place.revision, place.no, limit + 1],
  });
}
