import path from 'node:path';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
// Ctrl-C under npm arrives twice: from the terminal, and passed on by npm.
const SAME_REQUEST_MS = 1_000;

/** How often a program that npm runs looks whether the shell in between is still there. */
const LOOK_MS = 500;
const { ppid } = process;

/**
 * Calls `first` at the first request to stop, and `again` when a person insists. For a program that is itself an npm script, the end
 * of its shell is a request, too: npm passes a SIGTERM on to that alone, and nobody would be left to stop us.
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
  // what such a program starts inherits the variable, but is another program
  const script = path.basename(process.argv[1] ?? '');
  if (!process.env.npm_lifecycle_script?.split(/[\s/]/).includes(script)) return;
  const look = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(look);
    if (asked !== undefined) return;
    asked = Date.now();
    first('npm has ended');
  }, LOOK_MS).unref();
}
