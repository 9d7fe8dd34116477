const SILENCE_MS = 10_000;

/** Passes a text on unless it was passed on a moment ago: a server in trouble says the same hundreds of times. */
export function unlessRepeated(say: (text: string) => void): (text: string) => void {
  const saidAt = new Map<string, number>();
  return (text) => {
    const now = Date.now();
    if (now - (saidAt.get(text) ?? 0) < SILENCE_MS) return;
    if (saidAt.size > 200) saidAt.clear();
    saidAt.set(text, now);
    say(text);
  };
}
