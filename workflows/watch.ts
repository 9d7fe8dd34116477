import type { Client } from '@temporalio/client';

/** `noWorker`: Temporal answers, and nobody works on the task queue. */
export type TemporalState = 'up' | 'noWorker' | 'down';
/** As /health/ready says it. */
const sentences: Record<TemporalState, string> = {
  up: 'up',
  noWorker: 'up, but no worker asks for work: commands are accepted, their effects wait; start one with npm run worker',
  down: 'down: commands are accepted, their effects wait',
};

/** Temporal's TASK_QUEUE_TYPE_WORKFLOW. */
const workflowTasks = 1;
/** Temporal answers in this time or counts as away; milliseconds. */
const rpcMs = 1_000;
/** A worker that is idle asks again after a minute; one that has not for longer is gone. Milliseconds. */
const askedWithinMs = 75_000;

/**
 * Looks every so often whether Temporal answers and a worker asks for work, so that a command's answer can say that its
 * effects wait. Resolves with the first look done. A killed worker is still counted until its last request for work is
 * `askedWithinMs` old: Temporal knows no sooner.
 */
export async function watchTemporal({ client, taskQueue, everyMs = 2_000 }: { client: Client; taskQueue: string; everyMs?: number }) {
  let state = await look();
  let stopped = false;
  let timer = setTimeout(again, everyMs);
  return {
    state: () => state,
    says: () => sentences[state],
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };

  async function again(): Promise<void> {
    state = await look();
    if (!stopped) timer = setTimeout(again, everyMs);
  }

  async function look(): Promise<TemporalState> {
    const { namespace } = client.options;
    const asked = { namespace, taskQueue: { name: taskQueue }, taskQueueType: workflowTasks };
    try {
      const { pollers } = await client.withDeadline(Date.now() + rpcMs, () => client.workflowService.describeTaskQueue(asked));
      const asking = (pollers ?? []).some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 > Date.now() - askedWithinMs);
      return asking ? 'up' : 'noWorker';
    } catch {
      return 'down';
    }
  }
}
