import { proxyActivities } from '@temporalio/workflow';
import keeper, { type KeeperInput } from '../../workflows/keeper.ts';

const { fire } = proxyActivities<{ fire: (deadline: object) => Promise<void> }>({ startToCloseTimeout: '1s' });

/** The keeper with one activity more at its beginning: what no history of the real one has. */
export default async function changedKeeper(input: KeeperInput) {
  await fire({});
  return keeper(input);
}
