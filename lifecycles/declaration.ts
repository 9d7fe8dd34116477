import type { AnyStateMachine } from 'xstate';
import type { z } from 'zod';
import type { Code, Details } from './codes.ts';
import type { Contact } from './contacts.ts';
import type { FactName, Facts } from './facts.ts';
import type { Instance, OpenEffect } from './instance.ts';
import type { Posting } from './ledger.ts';
import type { Migration } from './migrate.ts';
import type { Row } from './organisation/rows.ts';
import type { FieldProblem } from './problem.ts';
import type { Actor, Bilingual, Parties, Role } from './roles.ts';
import type { Calendar, Policies, Span } from './spans.ts';
import type { Channel, Topic } from './topics.ts';

/** Everything a rule may look at. Instants are epoch milliseconds of the family's clock. */
// biome-ignore lint/suspicious/noExplicitAny: a registry holds lifecycles of every context
export type Given<Context = any> = {
  context: Context;
  actor: Actor;
  facts: Facts;
  now: number;
  policies: Policies;
  calendar: Calendar;
  parties: Parties;
  effects: readonly OpenEffect[];
  /** What was sent, for the requirements of an opening command only: nothing exists yet that they could look at. */
  opening?: Record<string, unknown>;
  /** The instances that an opening command joins, by the reference that the new one will have to each. */
  joined?: Readonly<Record<string, Instance>>;
};

/** A fact that must hold for a command; its code is the answer when it does not. It never looks at the input. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export type Requirement<Context = any> = {
  code: Code;
  met: (given: Given<Context>) => boolean;
  details?: (given: Given<Context>) => Details;
  /** When waiting alone makes it hold. */
  possibleAt?: (given: Given<Context>) => number | null;
};

// biome-ignore lint/suspicious/noExplicitAny: as above
export type Command<Context = any, Input extends z.ZodObject = z.ZodObject> = {
  label: Bilingual;
  /** What it does, for the person about to do it. */
  description: Bilingual;
  by: readonly Role[];
  input: Input;
  reason: 'required' | 'optional';
  /**
   * SUP-5: only the appeal's own commands pass while frozen. What a machine reports (`recorded`) is a fact from
   * outside: it is kept then, and applied when the freeze ends.
   */
  whenFrozen?: 'allowed' | 'recorded';
  /** EXT-3: the frozen merchant's people may do it; left out: what their lifecycle says, else they only read. */
  whenMerchantFrozen?: 'allowed' | 'refused';
  /** Whether it belongs to such an instance at all. Asked before state and freeze: no waiting makes it hold. */
  fits?: readonly Requirement<Context>[];
  requires?: readonly Requirement<Context>[];
  /** What the schema alone cannot see: the input against context, facts and clock. */
  check?: (given: Given<Context> & { input: z.output<Input> }) => FieldProblem[];
  /** A rule that a well-formed input breaks, by a code of its own; asked last. */
  refuse?: (given: Given<Context> & { input: z.output<Input> }) => { code: Code; details?: Details } | null;
  facts?: readonly FactName[];
  /** Whoever proves by these facts to be meant (the link of a mail) may send it without seeing the instance. */
  proof?: (facts: Facts) => boolean;
  destructive?: boolean;
  /** ACT-3: whether a second person has to confirm it here, with some input at least. */
  secondPerson?: (given: Given<Context>) => boolean;
  /** Its requirements let only another person do it than the one whose doing it is about. */
  anotherPerson?: true;
  rules: readonly string[];
};

/** A timer as declared data. Armed on entering a state of `in`, cancelled on leaving all of them. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export type Deadline<Context = any> = {
  /** States (of any region) in which it runs. */
  in: readonly string[];
  /** How long from arming, or the instant itself; null: not armed. */
  due: (given: Given<Context>) => Span | { at: number } | null;
  /** Events that arm it anew although its state is not left. */
  rearmOn?: readonly string[];
  label: Bilingual;
  /** A freeze stops it and keeps its remainder, unless it says `run`. */
  whenFrozen?: 'run';
  /** States in which it stands still and keeps its remainder, frozen or not (SUP-6). */
  pausedIn?: readonly string[];
  /** Its passing is an incident that an operator sees until the state is left. */
  incident?: true;
  /** What must be known of the world when it has come; a forecast, which knows nothing of it, goes without. */
  facts?: readonly FactName[];
  rules: readonly string[];
};

/** What happens to an open effect: `finish` lets it end and ignores the result, `cancel` ends it at once. */
export type OnLeave = 'finish' | 'cancel';
/** An exit: an event of the machine, or an incident for an operator. */
export type Exit = 'incident' | { event: string };

/** Work on the outside world, wanted while the instance is in a state of `in`. Mapped to an activity by its name. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export type Effect<Context = any, Result extends z.ZodObject = z.ZodObject> = {
  in: readonly string[];
  params: (given: Given<Context>) => Record<string, unknown>;
  result: Result;
  retry: {
    every: (policies: Policies, context: Context) => Span;
    /** Attempts before it is exhausted; null: it goes on until it succeeds. */
    attempts: (policies: Policies, context: Context) => number | null;
    /** Its outside may put the next try off, at most so far; left out: the rhythm alone counts. */
    putOff?: (policies: Policies) => Span;
    /** One attempt's limit, in milliseconds. */
    timeoutMs: number;
  };
  onLeave: OnLeave;
  whenFrozen: 'park' | 'run';
  /** Events that have it tried at once although its state is not left, in place of the try that was to come (PRD-5). */
  againOn?: readonly string[];
  /** What must hold for a retry by hand, besides that it is open or gave up; the code is the answer where it does not. */
  byHand?: readonly Requirement<Context>[];
  /** Its outside answers within a second as a rule: its first try is made inside the workflow task, at a sixth of the events. */
  quick?: true;
  /** Its tries wait for nobody else's: a queue of workers for outside systems that may hang. */
  taskQueue?: 'merchants';
  /** Who is told of a try that failed and will be repeated: once until something else happens to the instance (PRD-4). */
  failing?: readonly Notice[];
  /** Tries of one lane run at most so many at a time (a merchant that hangs must not take all). */
  lane?: { of: (given: Given<Context>) => string; atMost: number };
  /** Done, it is opened anew as long as the instance stays in its states: work that comes a batch at a time. */
  repeats?: true;
  /** It starts only when this other effect of the same stay has succeeded. */
  after?: string;
  /** The machine's event on success; its input is the result. */
  succeeded: string;
  /** The outside said no for good. */
  failed: Exit;
  exhausted: Exit;
  label: Bilingual;
  rules: readonly string[];
};

/** What a consequence of entering a state may look at: the instance that entered it. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export type Entered<Context = any> = Given<Context> & { id: string; number: string; refs: Readonly<Record<string, string>> };

/** What a posting or a row may look at: the instance after the event, and what came with it. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export type Posted<Context = any, Input = any> = Entered<Context> & { before: Context | null; input: Input };

/** What entering a state, or an event, means for other instances, in the same transaction. Without `when`: always. */
export type Consequence = {
  when?: (entered: Entered) => boolean;
  input: (entered: Entered) => Record<string, unknown>;
} & (
  | /** Sends an event to the instance that the immutable reference names, which must be able to take it. */
  { tell: string; event: string }
  /** Sends an event to each live instance of a lifecycle in the same family that can take it. */
  | { tellMembers: string; event: string; where?: (member: Instance, entered: Entered) => boolean }
  /** Starts one that refers back by `ref`, and to what this one refers to by `refs`. */
  | { create: string; ref: string; refs?: readonly string[] }
);

/** The lifecycle that a consequence tells or creates. A reference is named like the lifecycle it leads to. */
export const targetOf = (consequence: Consequence): string =>
  'tell' in consequence ? consequence.tell : 'create' in consequence ? consequence.create : consequence.tellMembers;

/** The instance after an event, and what came with that. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export type Told<Context = any> = { context: Context; input: Record<string, unknown>; at: number };

/** A message through the outbox (NOT-1), one per cause and receiver. */
export type Notice = {
  to: readonly Role[];
  text: Bilingual;
  /** Told only then. */
  when?: (told: Told) => boolean;
  /** ACT-3: which of the receiver's message receivers get it; `fulfilment` when not said. */
  topic?: Topic;
  /** Besides in-app; every channel when not said. */
  channels?: readonly Channel[];
  /** PRD-4: the same event of the same instance is told once within this span; what comes besides is only counted. */
  onceWithin?: Span;
  /** Figures and numbers of this instance at that instant, which follow the text. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  adds?: (context: any, at: number) => Bilingual;
};

export type StateLabel = Bilingual & {
  description: Bilingual;
  /** Who must act here; `deadline` and effects may move it on as well. Empty only for final states. */
  waitsFor: readonly Role[];
  /** Who must act by what the record itself says, instead of `waitsFor`. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  whom?: (context: any) => readonly Role[];
  /** Whether such an instance ever comes here; left out: any may. */
  fits?: readonly Requirement[];
  /** While it is active, its people must act instead of the main region's state's; of several such states those of the highest. */
  takesOver?: number;
};

/** The first command of a lifecycle that people start themselves. */
export type Opening = {
  name: string;
  command: Command;
  /**
   * Existing instances that the new one refers to, by reference, from the checked input. They are locked with it and
   * must be visible to the caller; the new one belongs to the first one's family, so it has its clock.
   */
  joins?: (input: never) => Record<string, string>;
  /** The machine's input and the parties, from the checked input. */
  start: (given: Given & { input: never }) => { input: Record<string, unknown>; parties: Parties };
};

/** A value that operators may set, for the installation or for one product (ᵖ in the rules). */
export type DeclaredPolicy = {
  default: Span | number;
  label: Bilingual;
  rule: string;
  /** The least and the most of a count; 1 and 1,000 when not said. A span is longer than nothing and at most five years. */
  least?: number;
  most?: number;
  /** It is set for single products, never for the whole installation. */
  onlyPerProduct?: true;
};

/** A sentence that must hold of a lifecycle's policies together. */
export type PolicyRule = { policies: readonly string[]; label: Bilingual; holds: (policies: Policies) => boolean };

/** One lifecycle, declared once. Everything else in Steward is derived from this object. */
export type Lifecycle = {
  name: string;
  version: number;
  /** Prefix of the human number, as in SV-2026-000123. */
  prefix: string;
  label: Bilingual;
  machine: AnyStateMachine;
  /** The context's shape: what GraphQL shows, and what a migrated context must fit. */
  context: z.ZodObject;
  /** Fields of the context that people of a role are not shown, though the record is theirs to see (ACT-1). */
  notFor?: Partial<Record<Role, readonly string[]>>;
  states: Record<string, StateLabel>;
  opening?: Opening;
  commands: Record<string, Command>;
  /** Events that other instances send in the same transaction, and effects' results: label only. */
  events: Record<string, Bilingual>;
  deadlines: Record<string, Deadline>;
  effects: Record<string, Effect>;
  onEnter: Record<string, readonly Consequence[]>;
  /** What an event means for other instances although no state is entered. */
  onEvent?: Record<string, readonly Consequence[]>;
  /** Rows that an event leaves in tables of its own, in its transaction: what is too much for a context. */
  rows?: Record<string, (posted: Posted) => readonly Row[]>;
  /** Money that an event moves, written in its transaction (REF-5). */
  postings?: Record<string, (posted: Posted) => readonly Posting[]>;
  /** States in which nothing is owed, so that its workflow ends, but which a later event may still leave. */
  rests?: readonly string[];
  notices: Record<string, readonly Notice[]>;
  /** Whose contact the rules show to whom. */
  contacts?: readonly Contact[];
  policies: Record<string, DeclaredPolicy>;
  /** What policies must be to one another; operators' values that break one are refused. */
  policyRules?: readonly PolicyRule[];
  /** The product whose own policies an instance goes by, from its context; left out: the installation's alone. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  policyScope?: (context: any) => string | null;
  /** EXT-3: refunds, appeals, tickets, invoices and settlement go on for a merchant who is frozen. */
  whenMerchantFrozen?: 'allowed';
  rules: readonly string[];
  /** Plans from earlier versions; without one, their instances stay until they drain. */
  migrations?: readonly Migration[];
};

/** What every event carries beside its input. */
export type Stamp = { at: number; actor: Actor; reason: string | null; facts: Facts; calendar: Calendar; policies: Policies };

/** The machine's event union, derived from the declared commands. */
export type EventsOf<Commands extends Record<string, { input: z.ZodObject }>> = {
  [Name in keyof Commands & string]: Stamp & { type: Name; input: z.output<Commands[Name]['input']> };
}[keyof Commands & string];

/** An event without a command's schema: a deadline, a result, a word from another instance. */
export type PlainEvent<Name extends string, Input = unknown> = Stamp & { type: Name; input: Input };

/** Keeps the literal types of a declared command while checking it. */
export const commandOf =
  <Context>() =>
  <Input extends z.ZodObject>(command: Command<Context, Input>) =>
    command;
