import { type Reader, rowRule } from './reader.ts';

/** A merchant's figures of one period and currency, in minor units (分). */
export type Gmv = { currency: string; orders: number; sold: number; refunded: number; gmv: number };

const shares = "('merchant', 'platform')";
const sold = `l.from_account = 'held' and l.to_account in ${shares}`;
const taken = `l.from_account in ${shares} and l.to_account = 'reserved'`;
const givenBack = `l.from_account = 'reserved' and l.to_account in ${shares}`;
const sum = (where: string) => `coalesce(sum(l.amount) filter (where ${where}), 0)`;

/**
 * BIL-7: what a merchant's orders brought in a period, from the ledger alone: money that left the guarantee for the shares of
 * merchant and platform, less what refunds took of them. Half open; instants are epoch milliseconds.
 */
export async function gmvOf(reader: Reader, { merchant, from, before }: { merchant: string; from: number; before: number }): Promise<Gmv[]> {
  const values: unknown[] = [merchant, new Date(from).toISOString(), new Date(before).toISOString()];
  const rule = rowRule(reader.actor, (value) => `$${values.push(value)}`).map((condition) => ` and ${condition}`);
  return reader.rows<Gmv>({
    text: `select l.currency, count(distinct l.order_id) filter (where ${sold})::int as orders, ${sum(sold)}::bigint as sold,
        (${sum(taken)} - ${sum(givenBack)})::bigint as refunded, (${sum(sold)} - ${sum(taken)} + ${sum(givenBack)})::bigint as gmv
      from instances i join ledger l on l.order_id = i.id
      where i.lifecycle = 'order' and i.merchant = $1 and l.at >= $2 and l.at < $3${rule.join('')} group by l.currency order by l.currency`,
    values,
  });
}
