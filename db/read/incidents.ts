import { ms } from './instants.ts';
import type { Reader } from './reader.ts';

/** What an operator must look at, or had to. */
export type IncidentRow = {
  instance: string;
  subject: string;
  name: string;
  code: string;
  message: string;
  openedAt: number;
  closedAt: number | null;
};

/** The newest incidents of each instance, newest first, closed ones among them. */
export async function incidentsOf(reader: Reader, { instances, limit }: { instances: readonly string[]; limit: number }): Promise<IncidentRow[]> {
  return reader.rows<IncidentRow>({
    name: 'incidents',
    text: `select x.* from unnest($1::uuid[]) as asked cross join lateral (
        select instance_id as instance, subject, name, code, message, ${ms('opened_at')} as "openedAt",
          ${ms('closed_at')} as "closedAt"
        from incidents x where instance_id = asked order by x.id desc limit $2) x`,
    values: [instances, limit],
  });
}
