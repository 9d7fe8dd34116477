/** A small seeded generator (mulberry32): a failed run is repeated with STEWARD_SEED=<the seed it printed>. */
export function seeded(): { seed: number; random: () => number } {
  const seed = Number(process.env.STEWARD_SEED ?? Math.floor(Math.random() * 2 ** 31));
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { seed, random };
}
