import { ms } from './instants.ts';
import type { Reader } from './reader.ts';

/** One change of policies: all values of its lifecycle and scope from then on. */
export type PolicyChange = {
  version: number;
  product: string | null;
  values: Record<string, unknown>;
  at: number;
  by: string;
  reason: string;
  basedOn: number;
};

/** Every change of a lifecycle's policies for the installation and, when named, for one product; oldest first. */
export async function policyChangesOf(reader: Reader, { lifecycle, product }: { lifecycle: string; product: string | null }): Promise<PolicyChange[]> {
  return reader.rows<PolicyChange>({
    name: 'policy changes',
    text: `select version, product, values, by, reason, based_on as "basedOn", ${ms('at')} as at
      from policies where lifecycle = $1 and (product is null or product = $2) order by version`,
    values: [lifecycle, product],
  });
}

/** The version to send as expectedVersion: the newest of those that bear on the scope; for the installation every product's counts. */
export async function policyVersionOf(reader: Reader, { lifecycle, product }: { lifecycle: string; product: string | null }): Promise<number> {
  const [row] = await reader.rows<{ version: number }>({
    name: 'policy version',
    text: `select coalesce(max(version), 0) as version from policies where lifecycle = $1 and ($2::text is null or product is null or product = $2)`,
    values: [lifecycle, product],
  });
  return row?.version ?? 0;
}

/** The products that have policies of their own, by lifecycle. */
export async function productsWithPolicies(reader: Reader, lifecycle: string): Promise<string[]> {
  const rows = await reader.rows<{ product: string }>({
    name: 'products with policies',
    text: `select product from (select distinct on (product) product, values from policies where lifecycle = $1 and product is not null
      order by product, version desc) newest where values <> '{}' order by product limit 1000`,
    values: [lifecycle],
  });
  return rows.map(({ product }) => product);
}
