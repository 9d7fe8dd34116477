import type { Facts } from './facts.ts';
import type { Actor, Parties } from './roles.ts';

export type StateValue = string | { [region: string]: string };

/** A deadline that has neither fired nor been cancelled. While frozen it has a remainder instead of an instant. */
export type ArmedDeadline = { key: string; name: string; armedAt: number; dueAt: number | null; remainingMs: number | null };

/** An effect that is wanted. `generation` moves when it must be tried at once: resumed, or retried by hand. */
export type OpenEffect = {
  key: string;
  name: string;
  params: Record<string, unknown>;
  /** Written when it is opened; not read back. */
  lane?: string;
  status: 'open' | 'parked' | 'failed';
  generation: number;
  openedAt: number;
};

/** A fact from outside that came while frozen; applied in order when the freeze ends (SUP-5). */
export type RecordedFact = { event: string; input: Record<string, unknown>; at: number };

/** Something an operator must look at: an effect that gave up, a window that passed, a bug. `subject` is what it is about. */
export type Incident = { subject: string; name: string; code: string; message: string; openedAt: number };

/** One instance of a lifecycle as the pure rules see it. Instants are epoch milliseconds of the family's clock. */
export type Instance = {
  id: string;
  lifecycle: string;
  version: number;
  number: string;
  family: string;
  refs: Record<string, string>;
  parties: Parties;
  value: StateValue;
  context: Record<string, unknown>;
  /** Moves by one with every event of the log. */
  revision: number;
  /** The last event's instant. */
  at: number;
  deadlines: ArmedDeadline[];
  effects: OpenEffect[];
  recorded: RecordedFact[];
  incidents: Incident[];
};

export const eventKinds = ['created', 'command', 'deadline', 'effect', 'told', 'core', 'migrated'] as const;
export type EventKind = (typeof eventKinds)[number];

/** One line of the operation log (ACT-2). */
export type LogEntry = {
  instance: string;
  revision: number;
  kind: EventKind;
  type: string;
  actor: Actor;
  at: number;
  input: Record<string, unknown>;
  reason: string | null;
  facts: Facts;
  before: StateValue | null;
  after: StateValue;
  /** Top-level context keys that changed, with their new values. */
  changes: Record<string, unknown>;
  /** False: recorded while frozen, or no longer applicable when the freeze ended. */
  applied: boolean;
};
