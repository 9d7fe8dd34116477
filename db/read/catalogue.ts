import type { Offers, Prices } from '../../lifecycles/facts.ts';
import type { Reader } from './reader.ts';

/** A product on sale as anybody may know it; amounts are minor units (分). */
export type CatalogueRow = {
  id: string;
  name: string;
  merchant: string;
  merchantName: string;
  accessType: string;
  tradeMode: string;
  supervised: boolean;
  currency: string;
  prices: Prices;
  offers: Offers;
  hidden: boolean;
  byWhitelist: boolean;
  openToCaller: boolean;
  creditMeans: string[];
};

const columns = `c.id, c.name, c.merchant, c.merchant_name as "merchantName", c.access_type as "accessType", c.trade_mode as "tradeMode", c.supervised, c.currency,
  c.prices, c.offers, c.hidden, c.by_whitelist as "byWhitelist", c.open_to_caller as "openToCaller", c.credit_means as "creditMeans"`;

/** One page of what is listed, by name; one row more than asked for when there is more. Hidden products are in no listing and no search (ORD-6). */
export async function catalogueAfter(
  reader: Reader,
  { search, after, limit }: { search: string | null; after: { name: string; id: string } | null; limit: number },
): Promise<CatalogueRow[]> {
  return reader.rows<CatalogueRow>({
    name: 'catalogue',
    text: `select ${columns} from catalogue c where not c.hidden and ($1::text is null or position(lower($1) in lower(c.name)) > 0 or c.id = $1)
      and ($2::text is null or (c.name, c.id) > ($2, $3)) order by c.name, c.id limit $4`,
    values: [search, after?.name ?? null, after?.id ?? '', limit + 1],
  });
}

/** One product by its URL, hidden or not; null when it is not on sale. */
export async function catalogueProduct(reader: Reader, id: string): Promise<CatalogueRow | null> {
  const [row] = await reader.rows<CatalogueRow>({ name: 'product of the catalogue', text: `select ${columns} from catalogue c where c.id = $1`, values: [id] });
  return row ?? null;
}
