import type { Code, Details } from '../../lifecycles/codes.ts';
import type { Role } from '../../lifecycles/roles.ts';
import { ms } from './instants.ts';
import type { Reader } from './reader.ts';

/** A refused operation (ACT-2). */
export type RefusalRow = {
  instance: string;
  no: number;
  at: number;
  command: string;
  actor: string;
  role: Role;
  party: string | null;
  via: string;
  input: Record<string, unknown>;
  code: Code;
  details: Details;
  state: string | null;
  hash: string;
};

/** The newest refusals of each instance, newest first. */
export async function refusalsOf(reader: Reader, { instances, limit }: { instances: readonly string[]; limit: number }): Promise<RefusalRow[]> {
  return reader.rows<RefusalRow>({
    name: 'refusals',
    text: `select r.* from unnest($1::uuid[]) as asked cross join lateral (
        select instance_id as instance, no, ${ms('at')} as at, command, actor, role, party, via, input, code, details, state, hash
        from refusals where instance_id = asked order by no desc limit $2) r`,
    values: [instances, limit],
  });
}
