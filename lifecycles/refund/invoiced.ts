import type { Given, Requirement } from '../declaration.ts';
import type { Facts } from '../facts.ts';
import { isOfUseAlone } from '../invoice/invoiceable.ts';

/** REF-2: an invoice to the order's buyer that is issued and was not returned 退票, of what was paid: use is not given back. */
const issuedIn = ({ invoices }: Facts) => invoices?.find((one) => one.issuedAt !== null && one.state !== 'returned' && !isOfUseAlone(one));

export const isNotInvoiced = ({ facts }: Pick<Given, 'facts'>): boolean => issuedIn(facts) === undefined;
export const invoiceDetails = ({ facts }: Pick<Given, 'facts'>) => {
  const issued = issuedIn(facts);
  return { invoice: issued?.number ?? null, since: new Date(issued?.issuedAt ?? 0).toISOString() };
};

/** REF-2, SUP-6: money goes back only when no invoice stands; the command names the fact `invoices`. */
export const notInvoiced: Requirement = { code: 'INVOICE_ISSUED', met: isNotInvoiced, details: invoiceDetails };
