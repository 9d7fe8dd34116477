import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';

/** Signs and exports the heads of all chains once a day, started by its schedule (ACT-2). */
export async function signHeads(): Promise<{ instances: number; sha256: string }> {
  const activities = proxyActivities<Pick<Activities, 'signHeads'>>({ startToCloseTimeout: '30m', retry: { initialInterval: '10s', maximumInterval: '10m' } });
  return activities.signHeads();
}
