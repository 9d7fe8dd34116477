const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
// Ctrl-C under npm arrives twice: from the terminal, and passed on by npm.
const SAME_REQUEST_MS = 1_000;

/** Calls `first` at the first request to stop, and `again` when a person insists. */
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
}
