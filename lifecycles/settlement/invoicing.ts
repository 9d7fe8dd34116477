/** BIL-4: from this instant on, 2018-11-01 00:00 in Beijing, general products paid for are invoiced to the buyer by the merchant. */
export const buyersInvoicedFrom = Date.parse('2018-11-01T00:00:00+08:00');

/** BIL-3: bills sent before this instant, 2024-12-24 00:00 in Beijing, wait for their receiver's confirmation. */
export const confirmedUntil = Date.parse('2024-12-24T00:00:00+08:00');

/**
 * BIL-4: whom the merchant invoices for what an order earned. What it does not invoice to the buyer, the marketplace does.
 * db/bills.ts says the same in SQL, over the lines of a bill.
 */
export const invoicedTo = ({ tradeMode, paidAt }: { tradeMode: string; paidAt: number | null }): 'buyer' | 'marketplace' =>
  tradeMode === 'general' && paidAt !== null && paidAt >= buyersInvoicedFrom ? 'buyer' : 'marketplace';

/** Who invoices an order's buyer (BIL-4). */
export const issuerOf = (order: { tradeMode: string; paidAt: number | null }): 'merchant' | 'marketplace' =>
  invoicedTo(order) === 'buyer' ? 'merchant' : 'marketplace';

/** The marketplace as a party of a bill or an invoice; nobody acts for it as buyer or merchant. */
export const marketplace = 'marketplace';
