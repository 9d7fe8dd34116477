import { actingState, waitsForOf } from './awaited.ts';
import type { Lifecycle, Notice } from './declaration.ts';
import type { Instance, LogEntry } from './instance.ts';
import type { Bilingual, Role } from './roles.ts';
import { type Calendar, endOf } from './spans.ts';
import type { Channel, Topic } from './topics.ts';

/** What a message tells of the instance as it was when its cause was done. Instants are epoch milliseconds of the family's clock. */
export type About = {
  /** The lifecycle's label, to stand before the number. */
  record: Bilingual;
  state: Bilingual;
  /** Who must act, and until when; of a frozen instance the one who ends the freeze, or is asked for evidence (SUP-11). */
  waitsFor: Role[];
  due: number | null;
  reason: string | null;
};

/** One message of one cause, to be stored with it (NOT-1): a row for each role of `to`. */
export type Message = {
  instance: string;
  revision: number;
  event: string;
  at: number;
  to: readonly Role[];
  text: Bilingual;
  topic: Topic;
  /** Null: by every channel. */
  channels: readonly Channel[] | null;
  /** Until then the same event of the same instance is not told again (PRD-4). */
  onceUntil: number | null;
  about: About;
};

/** The messages that one line of the log means, with what they tell of the instance after it. */
export function messagesOf({
  lifecycle,
  instance,
  entry,
  calendar,
}: {
  lifecycle: Lifecycle;
  instance: Instance;
  entry: LogEntry;
  calendar: Calendar;
}): Message[] {
  const told = { context: instance.context, input: entry.input, at: entry.at };
  const notices = ((entry.applied && lifecycle.notices[entry.type]) || []).filter((notice: Notice) => notice.when?.(told) ?? true);
  if (notices.length === 0) return [];
  const about = aboutOf(lifecycle, instance, entry.reason);
  return notices.map(({ to, text, adds, topic = 'fulfilment', channels = null, onceWithin }) => ({
    instance: instance.id,
    revision: entry.revision,
    event: entry.type,
    at: entry.at,
    to,
    text: adds ? together(text, adds(instance.context, entry.at)) : text,
    topic,
    channels,
    onceUntil: onceWithin ? endOf(onceWithin, entry.at, calendar) : null,
    about,
  }));
}

const together = (text: Bilingual, more: Bilingual): Bilingual => ({ zh: `${text.zh}${more.zh}`, en: `${text.en} ${more.en}` });

function aboutOf(lifecycle: Lifecycle, instance: Instance, reason: string | null): About {
  const state = actingState(lifecycle, instance.value);
  const { zh, en } = lifecycle.states[state] ?? { zh: state, en: state };
  return { record: lifecycle.label, state: { zh, en }, waitsFor: [...waitsForOf(lifecycle, instance)], due: dueOf(lifecycle, instance), reason };
}

/** The next deadline that somebody is expected to meet: its passing is an incident. Without one, the next of any kind. */
function dueOf(lifecycle: Lifecycle, { deadlines }: Instance): number | null {
  const running = deadlines.flatMap(({ name, dueAt }) => (dueAt === null ? [] : [{ dueAt, expected: lifecycle.deadlines[name]?.incident === true }]));
  const expected = running.filter((one) => one.expected);
  const next = Math.min(...(expected.length > 0 ? expected : running).map((one) => one.dueAt));
  return Number.isFinite(next) ? next : null;
}
