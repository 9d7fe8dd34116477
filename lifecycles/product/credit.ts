import type { Product } from '../facts.ts';

/** ORD-7: the trade modes whose products may be paid for on credit: joint and Huawei's own. */
const onCredit: Record<Product['tradeMode'], boolean> = {
  general: false,
  joint: true,
  curated: false,
  curatedSelfOperated: false,
  huaweiSelfService: true,
};

export const takesCredit = (tradeMode: string): boolean => onCredit[tradeMode as Product['tradeMode']] ?? false;
