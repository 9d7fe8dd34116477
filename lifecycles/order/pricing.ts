import type { Detail } from '../codes.ts';
import type { Product } from '../facts.ts';
import type { Instance } from '../instance.ts';
import { expectedField, type FieldProblem, oneOf, unwantedField } from '../problem.ts';
import type { Bilingual } from '../roles.ts';
import type { OrderKind } from './kinds.ts';
import { kindOf } from './kinds.ts';

/** What is ordered, as far as its price hangs on it. */
export type Wanted = {
  kind: OrderKind;
  quantity: number;
  period?: { unit: 'month' | 'year'; count: number } | undefined;
  sku?: string | undefined;
  package?: string | undefined;
};

/** What the instance of a change order is now. */
type Owned = { quantity: number; sku: string | null; period: { unit: 'month' | 'year'; count: number } | null; validUntil: number | null };
export const ownedOf = (instance: Instance | undefined): Owned | null => (instance ? (instance.context as unknown as Owned) : null);

const day = 86_400_000;
/** Days that a unit of the price list stands for, where only a part of it is paid. */
const daysOf = { month: 30, year: 365 } as const;

const pricesOf = (product: Product, sku: string | null | undefined) => (sku ? product.offers.skus?.[sku]?.prices : product.prices);

type Priced = { amount: number } | { problem: FieldProblem };
const problem = (path: string, expected: Bilingual, got: Detail | undefined): Priced => ({ problem: expectedField(path, expected, got) });
function notOffered({ offers }: Product, sku: string): Priced {
  const skus = Object.keys(offers.skus ?? {});
  if (skus.length > 0) return problem('sku', oneOf(skus), sku);
  return { problem: unwantedField('sku', { zh: '该商品没有规格', en: 'the product has no specifications' }, sku) };
}

/**
 * What an order costs, in minor units (分), rounded once (BIL-8), or which field makes it unsellable (ORD-3).
 * Upgrade and expansion: the difference pro rata of the days that are left, a begun day counting whole.
 */
export function priced(product: Product, wanted: Wanted, owned: Owned | null, now: number): Priced {
  const { kind, quantity } = wanted;
  const sku = wanted.sku ?? owned?.sku ?? null;
  if (sku && !product.offers.skus?.[sku]) return notOffered(product, sku);
  if (kind === 'trial')
    return product.offers.trialDays ? { amount: 0 } : problem('kind', { zh: '提供试用的商品', en: 'a product that offers a trial' }, product.name);
  if (kind === 'onDemand')
    return product.offers.unitPrice ? { amount: 0 } : problem('kind', { zh: '按需出售的商品', en: 'a product that is sold on demand' }, product.name);
  if (kind === 'onDemandPackage' || kind === 'stopWhenUsedUp' || kind === 'refill') {
    const chosen = product.offers.packages?.[wanted.package ?? ''];
    const packages = Object.keys(product.offers.packages ?? {});
    if (packages.length === 0) return problem('kind', { zh: '提供套餐包的商品', en: 'a product that offers packages' }, product.name);
    if (!chosen) return problem('package', oneOf(packages), wanted.package);
    return { amount: chosen.price * quantity };
  }
  if (kind === 'upgrade' || kind === 'expansion') return prorated(product, wanted, owned, now);
  const prices = pricesOf(product, sku) ?? {};
  const price = prices[wanted.period?.unit ?? 'once'];
  if (price === undefined || (kindOf(kind).of && !wanted.period))
    return problem(
      'period',
      { zh: `${oneOf(Object.keys(prices)).zh}（“${product.name}”按此出售）`, en: `${oneOf(Object.keys(prices)).en}, which ${product.name} is sold by` },
      wanted.period?.unit ?? 'once',
    );
  return { amount: price * (owned?.quantity ?? quantity) * (wanted.period?.count ?? 1) };
}

function prorated(product: Product, wanted: Wanted, owned: Owned | null, now: number): Priced {
  const unit = owned?.period?.unit;
  if (!owned || !unit || owned.validUntil === null)
    return problem('instance', { zh: '按周期付费的实例', en: 'one that is paid for a period' }, { zh: '没有周期的实例', en: 'one without' });
  if (wanted.kind === 'upgrade' && (!wanted.sku || wanted.sku === owned.sku))
    return problem('sku', { zh: '与实例现有规格不同的规格', en: 'another specification than the instance has' }, wanted.sku ?? owned.sku);
  const before = pricesOf(product, owned.sku)?.[unit];
  const after = pricesOf(product, wanted.kind === 'upgrade' ? wanted.sku : owned.sku)?.[unit];
  if (before === undefined || after === undefined)
    return problem('sku', { zh: `有${unit === 'month' ? '月' : '年'}价的规格`, en: `a specification with a price by the ${unit}` }, wanted.sku);
  const perUnit = wanted.kind === 'upgrade' ? (after - before) * owned.quantity : after * wanted.quantity;
  if (perUnit <= 0) return problem('sku', { zh: '价格更高的规格', en: 'a dearer specification' }, wanted.sku);
  const daysLeft = Math.max(0, Math.ceil((owned.validUntil - now) / day));
  return { amount: Number((BigInt(perUnit) * BigInt(daysLeft) * 2n + BigInt(daysOf[unit])) / (2n * BigInt(daysOf[unit]))) };
}
