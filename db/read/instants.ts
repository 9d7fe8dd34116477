/** An instant in SQL as epoch milliseconds, as exact as it is stored: in floating point, for `extract` counts in decimals at four times the cost. */
export const ms = (instant: string) => `(date_part('epoch', ${instant}) * 1000)::bigint`;
