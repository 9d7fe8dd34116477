/** The page of a record in the console; null where there is no console. */
export const recordLink = (consoleUrl: string | null, number: string): string | null =>
  consoleUrl && `${consoleUrl.replace(/\/+$/, '')}/records/${encodeURIComponent(number)}`;
