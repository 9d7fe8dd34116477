import { type Client, ScheduleAlreadyRunning, type ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';

/** Of a party kind. Every day, because the calendar and the policies say which day is meant, and what an outage missed is then still owed. */
const billing = (partyKind: 'merchant' | 'provider', comment: string) => ({
  scheduleId: `bill-${partyKind}s`,
  spec: { calendars: [{ hour: 0, minute: 30, comment }], timezone: 'Asia/Shanghai' },
  workflowType: 'billing',
  args: [partyKind],
  catchupWindow: '1 day',
});

const schedules = [
  {
    scheduleId: 'sign-heads',
    spec: { calendars: [{ hour: 0, minute: 10, comment: 'ACT-2: heads of all chains, signed daily' }], timezone: 'Asia/Shanghai' },
    workflowType: 'signHeads',
    args: [],
    catchupWindow: '1 day',
  },
  {
    scheduleId: 'end-bindings',
    // nobody logs in from the release on (ORG-4); what is left is to tell the app
    spec: { intervals: [{ every: '5 minutes' }] },
    workflowType: 'endBindings',
    args: [],
    catchupWindow: '5 minutes',
  },
  billing('merchant', 'BIL-1: bills of merchants, due on the 3rd or the next working day'),
  billing('provider', 'BIL-1: bills of service providers, due on the 7th or the next working day'),
] satisfies (Pick<ScheduleOptions, 'scheduleId' | 'spec'> & { workflowType: string; args: unknown[]; catchupWindow: string })[];

/** What recurs: by the calendar, Asia/Shanghai, or by the clock. Safe to call from every worker at its start: the first one wins. */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<void> {
  for (const { scheduleId, spec, workflowType, args, catchupWindow } of schedules)
    await client.schedule
      .create({
        scheduleId,
        spec,
        action: { type: 'startWorkflow', workflowType, workflowId: scheduleId, taskQueue, args },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
      })
      .catch((error: unknown) => {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      });
}
