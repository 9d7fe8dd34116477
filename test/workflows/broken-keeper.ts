/** Throws in every workflow task, as a keeper does that cannot replay a history. */
export default async function brokenKeeper(): Promise<never> {
  throw new TypeError('a bug in the keeper');
}
