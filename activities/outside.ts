/** The outside said no for good: asking again cannot help. Takes the effect's `failed` exit. */
export class OutsideRefused extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'OutsideRefused';
    this.code = code;
  }
}

/** The outside did not do it, or nobody knows: tried again in the effect's rhythm. */
export class OutsideUnavailable extends Error {
  readonly code: string;
  /** True when the request may have arrived: the next try asks before it sends. */
  readonly unknown: boolean;
  /** How long the outside asks not to be tried again, in milliseconds; null when it says nothing. */
  readonly notBeforeMs: number | null;
  constructor(code: string, message: string, { unknown, notBeforeMs = null }: { unknown: boolean; notBeforeMs?: number | null }) {
    super(message);
    this.name = 'OutsideUnavailable';
    this.code = code;
    this.unknown = unknown;
    this.notBeforeMs = notBeforeMs;
  }
}

export type Sending = {
  /** Whose effect it is. */
  instance: string;
  params: Record<string, unknown>;
  /** The same for every try of one effect: the outside knows a doubled request by it. */
  idempotencyKey: string;
  signal: AbortSignal;
  /** Keeps with the try what was sent and what came, for people: masked, capped, plain JSON. The last word counts (PRD-5). */
  record: (what: Record<string, unknown>) => void;
};

/** How one effect reaches its outside system. */
export type Outside = {
  send: (sending: Sending) => Promise<Record<string, unknown>>;
  /** What the outside knows of this key: its result, or null when it never heard of it. */
  ask?: (sending: Sending) => Promise<Record<string, unknown> | null>;
};
