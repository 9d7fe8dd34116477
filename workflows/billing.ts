import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';

/** Opens the bills that are due for a kind of party, started by its schedule every day (BIL-1); what is there already stays. */
export async function billing(partyKind: 'merchant' | 'provider', at?: number): Promise<{ opened: number }> {
  const activities = proxyActivities<Pick<Activities, 'openBills'>>({ startToCloseTimeout: '30m', retry: { initialInterval: '10s', maximumInterval: '10m' } });
  return activities.openBills({ partyKind, ...(at === undefined ? {} : { at }) });
}
