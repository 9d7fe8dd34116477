import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';

/** What recurs by the calendar, Asia/Shanghai. Safe to call from every worker at its start: the first one wins. */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<void> {
  await client.schedule
    .create({
      scheduleId: 'sign-heads',
      spec: { calendars: [{ hour: 0, minute: 10, comment: 'ACT-2: heads of all chains, signed daily' }], timezone: 'Asia/Shanghai' },
      action: { type: 'startWorkflow', workflowType: 'signHeads', workflowId: 'sign-heads', taskQueue, args: [] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 day' },
    })
    .catch((error: unknown) => {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    });
}
