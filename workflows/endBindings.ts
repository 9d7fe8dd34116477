import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';

/** Ends what is bound to released services, started by its schedule (ORG-4). */
export async function endBindings(): Promise<{ ended: number }> {
  const activities = proxyActivities<Pick<Activities, 'endBindings'>>({ startToCloseTimeout: '5m', retry: { initialInterval: '10s', maximumInterval: '1m' } });
  return activities.endBindings();
}
