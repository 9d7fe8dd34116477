import type { Client } from '@temporalio/client';

/** What one workflow left behind; the same whenever it is counted. */
export type HistoryCosts = { events: number; bytes: number; tasks: number; actions: number };

/** Event types that Temporal Cloud bills as an action each; a local activity is one with its workflow task. */
const billed = [
  'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
  'EVENT_TYPE_TIMER_STARTED',
  'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED',
  'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED',
  'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED',
  'EVENT_TYPE_MARKER_RECORDED',
];

export async function historyCosts(client: Client, workflowId: string): Promise<HistoryCosts> {
  const workflow = client.workflow.getHandle(workflowId);
  const { historySize = 0 } = await workflow.describe();
  const costs: HistoryCosts = { events: 0, bytes: historySize, tasks: 0, actions: 0 };
  const history = await workflow.fetchHistory();
  for (const { eventType, activityTaskStartedEventAttributes: started } of history.events ?? []) {
    const name = typeof eventType === 'string' ? eventType : nameOf(Number(eventType));
    costs.events += 1;
    if (name === 'EVENT_TYPE_WORKFLOW_TASK_STARTED') costs.tasks += 1;
    if (billed.includes(name)) costs.actions += 1;
    // every retry of an activity is billed too
    if (started) costs.actions += (started.attempt ?? 1) - 1;
  }
  return costs;
}

const { EventType } = (await import('@temporalio/proto')).default.temporal.api.enums.v1;
const nameOf = (type: number): string => EventType[type] ?? String(type);

export const sumOf = (all: readonly HistoryCosts[]): HistoryCosts =>
  all.reduce(
    (sum, one) => ({ events: sum.events + one.events, bytes: sum.bytes + one.bytes, tasks: sum.tasks + one.tasks, actions: sum.actions + one.actions }),
    {
      events: 0,
      bytes: 0,
      tasks: 0,
      actions: 0,
    },
  );
