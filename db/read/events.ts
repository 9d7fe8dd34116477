import type { StateValue } from '../../lifecycles/instance.ts';
import type { Role } from '../../lifecycles/roles.ts';
import { ms } from './instants.ts';
import type { Reader } from './reader.ts';

/** One line of the operation log 操作日志 (ACT-2). */
export type EventRow = {
  instance: string;
  revision: number;
  kind: string;
  type: string;
  actor: string;
  role: Role;
  party: string | null;
  via: string;
  at: number;
  input: Record<string, unknown>;
  reason: string | null;
  before: StateValue | null;
  after: StateValue;
  changes: Record<string, unknown>;
  applied: boolean;
  machineVersion: number;
  policyVersion: number;
  calendarVersion: string;
  expectedRevision: number | null;
  previous: string;
  hash: string;
};

/** For each instance its lines beyond `after`, at most `limit` each, in the direction asked for. */
export async function eventsOf(
  reader: Reader,
  { instances, after, limit, newestFirst }: { instances: readonly string[]; after: number | null; limit: number; newestFirst: boolean },
): Promise<EventRow[]> {
  const [beyond, order] = newestFirst ? ['<', 'desc'] : ['>', 'asc'];
  return reader.rows<EventRow>({
    name: `events ${order}`,
    text: `select e.* from unnest($1::uuid[]) as asked cross join lateral (
        select instance_id as instance, revision, kind, type, actor, role, party, via, ${ms('at')} as at, input, reason, before, after,
          changes, applied, machine_version as "machineVersion", policy_version as "policyVersion",
          calendar_version as "calendarVersion", expected_revision as "expectedRevision", previous, hash
        from events where instance_id = asked and revision ${beyond} $2 order by revision ${order} limit $3) e`,
    values: [instances, after ?? (newestFirst ? 2 ** 31 - 1 : 0), limit],
  });
}

/** Since when each instance is in its state: its last line that changed the states. */
export async function sinceOf(reader: Reader, instances: readonly string[]): Promise<{ instance: string; at: number }[]> {
  return reader.rows({
    name: 'state since',
    text: `select e.* from unnest($1::uuid[]) as asked cross join lateral (
        select instance_id as instance, ${ms('at')} as at from events
        where instance_id = asked and before is distinct from after order by revision desc limit 1) e`,
    values: [instances],
  });
}
