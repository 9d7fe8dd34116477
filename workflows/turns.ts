/** One turn of some work at a time. */
export function createTurns(work: () => Promise<void>) {
  let turn: Promise<void> | null = null;
  let next: { at: number; timer: NodeJS.Timeout | null } | null = null;
  return { within, now, afterThis, ended };

  /** A turn begins so many milliseconds after the first who asks for it, or once the one under way has ended. */
  function within(ms: number): void {
    if (next) return;
    next = { at: performance.now() + ms, timer: null };
    if (!turn) arm();
  }

  function arm(): void {
    if (next) next.timer = setTimeout(() => void now(), Math.max(0, next.at - performance.now()));
  }

  /** The turn under way, or one that begins now. */
  function now(): Promise<void> {
    if (turn) return turn;
    if (next?.timer) clearTimeout(next.timer);
    next = null;
    // after this line, so that who asks for a turn during the work knows of this one
    turn = Promise.resolve()
      .then(work)
      .finally(() => {
        turn = null;
        arm();
      });
    return turn;
  }

  /** A turn that sees all that is there now. */
  async function afterThis(): Promise<void> {
    await turn;
    await now();
  }

  /** No turn is under way, and none will begin by itself. */
  async function ended(): Promise<void> {
    await turn;
    if (next?.timer) clearTimeout(next.timer);
    next = null;
  }
}

/** How many came in the last whole second, or in this one already. */
export function createPace() {
  let [second, now, before] = [0, 0, 0];
  const turn = () => {
    const at = Math.floor(performance.now() / 1_000);
    if (at === second) return;
    [second, now, before] = [at, 0, at === second + 1 ? now : 0];
  };
  return {
    count() {
      turn();
      now += 1;
    },
    perSecond() {
      turn();
      return Math.max(now, before);
    },
  };
}
