import type { Client } from '../client.ts';
import type { Marketplace } from '../marketplace.ts';

export type Stage = { client: Client; market: Marketplace; say: (line: string) => void };
/** What a chapter was about: the records whose logs tell it, what of them is new, and whether they got where they should. */
export type Told = { ids: string[]; since?: number; got: boolean };

/** The merchant of the month, who leaves for good at its end: a stack can be told it once. */
export const seller = { party: 'merchant-b', person: 'merchant-b.sun', product: 'saas-activated-b' } as const;

/** Minor units (分) as people write them: ¥1,234.50. */
export const yuan = (minorUnits: number): string => `¥${(minorUnits / 100).toLocaleString('en', { minimumFractionDigits: 2 })}`;
