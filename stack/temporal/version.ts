/** The first version in which everything that the workflows use is on by default: Update, and its start with one. */
export const OLDEST_TEMPORAL = '1.25';

/** Temporal Cloud and builds from source may give no number, and are believed. */
export function isTooOld(version: string): boolean {
  if (!/^\d+\.\d+/.test(version)) return false;
  return order(version) < order(OLDEST_TEMPORAL);
}

function order(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major * 1_000 + minor;
}
