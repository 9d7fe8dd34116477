import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
export type HistoryEvent = NonNullable<History['events']>[number];

/** The history of the run that a handle names, or of the newest. */
export const eventsOf = async (workflow: Pick<WorkflowHandle, 'fetchHistory'>): Promise<HistoryEvent[]> => (await workflow.fetchHistory()).events ?? [];

/** What Temporal's UI shows beside a timer or an activity. */
export function summaryOf({ userMetadata }: HistoryEvent): string {
  const payload = userMetadata?.summary;
  return payload ? defaultPayloadConverter.fromPayload<string>(payload) : '';
}

/** Tells wakes apart: an agenda's number. A wake comes at least once; the sweep may send one again that is still under way. */
function newsOf(): (event: HistoryEvent) => boolean {
  const heard = new Set<number>();
  return ({ workflowExecutionSignaledEventAttributes: signal }) => {
    const payload = signal?.input?.payloads?.[0];
    if (!payload) return true;
    const { seq } = defaultPayloadConverter.fromPayload<{ seq: number }>(payload);
    const isNews = !heard.has(seq);
    heard.add(seq);
    return isNews;
  };
}

/** What is told of timers. One that starts while its like is armed is that one, corrected by the keeper's clock, and not told anew. */
function timersOf(): (event: HistoryEvent) => string[] {
  const summaries = new Map<string, string>();
  const armed = new Map<string, string>();
  const corrected = new Set<string>();
  const ended = (what: string, id: string) => {
    const summary = summaries.get(id) ?? '';
    if (corrected.has(id)) return [];
    armed.delete(summary);
    return [`${what} ${summary}`];
  };
  return (event) => {
    const { timerStartedEventAttributes: started, timerCanceledEventAttributes: cancelled, timerFiredEventAttributes: fired } = event;
    if (cancelled) return ended('cancelled', cancelled.timerId ?? '');
    if (fired) return ended('fired', fired.timerId ?? '');
    if (!started) return [];
    const [id, summary] = [started.timerId ?? '', summaryOf(event)];
    const older = armed.get(summary);
    summaries.set(id, summary);
    armed.set(summary, id);
    if (older === undefined) return [`timer ${summary}`];
    corrected.add(older);
    return [];
  };
}

/** A history as people read it: signals, timers and activities, a line each; a wake that came twice is told once. */
export function storyOf(events: readonly HistoryEvent[]): string[] {
  const timer = timersOf();
  return events.filter(newsOf()).flatMap((event) => {
    if (event.workflowExecutionSignaledEventAttributes) return [`signal ${event.workflowExecutionSignaledEventAttributes.signalName}`];
    if (event.activityTaskScheduledEventAttributes)
      return [`activity ${event.activityTaskScheduledEventAttributes.activityType?.name} ${summaryOf(event)}`.trimEnd()];
    const local = event.markerRecordedEventAttributes?.details?.data?.payloads?.[0];
    if (local) return [`activity ${defaultPayloadConverter.fromPayload<{ activity_type: string }>(local).activity_type}`];
    return timer(event);
  });
}

/** When Temporal says that it was; in skipped time this is the workflow's own clock. */
export const instantOf = ({ eventTime }: HistoryEvent): number => Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1_000_000;

export const spanOf = (duration: { seconds?: unknown; nanos?: number | null } | null | undefined): number =>
  Number(duration?.seconds ?? 0) * 1_000 + (duration?.nanos ?? 0) / 1_000_000;
