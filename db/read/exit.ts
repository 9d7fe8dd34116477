import type { ObstacleKind } from '../../lifecycles/merchantExit/conditions.ts';
import { kindNames } from '../../lifecycles/merchantExit/conditions.ts';
import { obstacleSql } from '../exit.ts';
import type { Place } from './instances.ts';
import { ms } from './instants.ts';
import { type Reader, rowRule } from './reader.ts';

/** How many of each kind stand in the way of a merchant's exit, as far as the caller may see them (EXT-1). */
export async function obstacleCounts(reader: Reader, merchant: string): Promise<Record<ObstacleKind, number>> {
  const values: unknown[] = [merchant];
  const rule = rowRule(reader.actor, (value) => `$${values.push(value)}`).map((condition) => ` and ${condition}`);
  const counts = kindNames.map((kind) => `(select count(*)::int from instances i where ${obstacleSql[kind]}${rule.join('')}) as "${kind}"`);
  const [row] = await reader.rows<Record<ObstacleKind, number>>({ text: `select ${counts.join(', ')}`, values });
  return row as Record<ObstacleKind, number>;
}

export type ObstacleRow = { id: string; number: string; createdAt: number };

/** One page of a kind, oldest first; one row more than asked for when there is more. */
export async function obstaclesAfter(
  reader: Reader,
  { merchant, kind, after, limit }: { merchant: string; kind: ObstacleKind; after: Place | null; limit: number },
): Promise<ObstacleRow[]> {
  const values: unknown[] = [merchant, new Date(after?.at ?? 0).toISOString(), after?.id ?? '00000000-0000-0000-0000-000000000000', limit + 1];
  const rule = rowRule(reader.actor, (value) => `$${values.push(value)}`).map((condition) => ` and ${condition}`);
  return reader.rows<ObstacleRow>({
    text: `select i.id, i.number, ${ms('i.created_at')} as "createdAt" from instances i
      where ${obstacleSql[kind]}${rule.join('')} and (i.created_at, i.id) > ($2::timestamptz, $3::uuid) order by i.created_at, i.id limit $4`,
    values,
  });
}
