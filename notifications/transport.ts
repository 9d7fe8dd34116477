import { batchSize } from '../db/deliveries.ts';
import type { Channel } from '../lifecycles/topics.ts';
import type { Log } from '../log.ts';
import type { Language, Rendered } from './template.ts';

/** One message to one address. `key` stays the same over every try, so that a repetition can be known. */
export type Outgoing = Rendered & {
  key: string;
  /** The same for all messages about one order. */
  thread: string;
  to: string;
  language: Language;
};

/** How messages leave by one channel. */
export type Transport = {
  channel: Channel;
  /** What a delivery is called once it is out: sent, or captured in development. */
  outcome: 'sent' | 'captured';
  /** Messages under way at once, in one process. */
  concurrency: number;
  /** How long one message may take, in milliseconds. */
  timeoutMs: number;
  /**
   * Resolves when the other side has taken it, with what it answered. Rejects with `Undeliverable` when it never will,
   * with `Unreachable` when nothing else needs to be tried now either; with another error when it may later.
   */
  send(message: Outgoing, signal: AbortSignal): Promise<string | null>;
  close(): void;
};

/** The other side said no to this message for good: the address does not exist, the content is refused. */
export class Undeliverable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Undeliverable';
  }
}

/** The other side cannot be reached or does not let us in: no message would get through. */
export class Unreachable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Unreachable';
  }
}

/** Development: a message is out once it is in the log; it can be read by the query `capturedMessages` (NOT-1). */
export const captured = (channel: Channel, log: Log): Transport => ({
  channel,
  outcome: 'captured',
  // nothing is under way for long: a batch is marked at once
  concurrency: batchSize,
  timeoutMs: 1_000,
  send: async (message) => {
    log.debug({ to: message.to, channel }, message.short);
    return null;
  },
  close() {},
});
