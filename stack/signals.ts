const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
// Ctrl-C under npm arrives twice: from the terminal, and passed on by npm.
const SAME_REQUEST_MS = 1_000;

/** How often who was started by npm looks whether that is still there. */
const LOOK_MS = 500;

/**
 * Calls `first` at the first request to stop, and `again` when a person insists. That npm has gone is a request, too: it passes
 * a SIGTERM on to its shell alone, and nobody would be left to stop us.
 */
export function onStopRequest(first: (signal: string) => void, again: () => void): void {
  let asked: number | undefined;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (asked === undefined) {
        asked = Date.now();
        first(signal);
      } else if (Date.now() - asked > SAME_REQUEST_MS) {
        again();
      }
    });
  }
  const { ppid } = process;
  if (!process.env.npm_lifecycle_event) return;
  const look = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(look);
    if (asked !== undefined) return;
    asked = Date.now();
    first('npm has ended');
  }, LOOK_MS).unref();
}
