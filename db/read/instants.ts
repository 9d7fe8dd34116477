/** An instant in SQL as epoch milliseconds. */
export const ms = (instant: string) => `(extract(epoch from ${instant}) * 1000)::bigint`;
