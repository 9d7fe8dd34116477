import type { Bilingual } from '../../lifecycles/roles.ts';
import { ms } from './instants.ts';
import type { Reader } from './reader.ts';

/** A usage record with what came of it at its instance. Instants are epoch milliseconds. */
export type UsageRow = {
  id: number;
  instance: string;
  meteringId: string;
  packageInstance: string | null;
  recordAt: number;
  beginAt: number;
  endAt: number;
  /** Decimal text with four places. */
  usage: string;
  late: boolean;
  receivedAt: number;
  revision: number | null;
  code: string | null;
  message: Bilingual | null;
};
export type UsageProblemRow = {
  id: number;
  merchant: string;
  meteringId: string | null;
  code: string;
  message: Bilingual;
  record: unknown;
  receivedAt: number;
};
export type MerchantKeyRow = { ak: string; merchant: string; createdAt: number; createdBy: string; revokedAt: number | null; revokedBy: string | null };
/** A page by row id, newest first; one row more than `limit`. */
export type IdPage = { limit: number; backwards: boolean; below: number | null; above: number | null };

const place = 'and ($2::bigint is null or id < $2) and ($3::bigint is null or id > $3)';

/** Rows by id: read upwards from `above` when backwards, and given newest first either way. */
function inOrder<Row>(rows: Row[], { backwards }: IdPage): Row[] {
  return backwards ? rows.reverse() : rows;
}
const direction = ({ backwards }: IdPage) => (backwards ? 'asc' : 'desc');

/** What was reported of one instance (MET-3), as far as the caller may see it. */
export async function usageOf(reader: Reader, instance: string, page: IdPage): Promise<UsageRow[]> {
  const rows = await reader.rows<UsageRow>({
    name: `usage of an instance ${direction(page)}`,
    text: `select r.id, r.instance_id as instance, r.metering_id as "meteringId", r.package_instance as "packageInstance", ${ms('r.record_at')} as "recordAt",
        ${ms('r.begin_at')} as "beginAt", ${ms('r.end_at')} as "endAt", r.usage::text as usage, r.late, ${ms('r.received_at')} as "receivedAt",
        c.revision, c.code, c.message
      from usage_records r left join usage_counted c on c.record_id = r.id
      where r.instance_id = $1 and ($2::bigint is null or r.id < $2) and ($3::bigint is null or r.id > $3) order by r.id ${direction(page)} limit $4`,
    values: [instance, page.below, page.above, page.limit + 1],
  });
  return inOrder(rows, page);
}

/** What was not taken, with why: a merchant's own, operators see all. */
export async function usageProblemsOf(reader: Reader, merchant: string | null, page: IdPage): Promise<UsageProblemRow[]> {
  const rows = await reader.rows<UsageProblemRow>({
    name: `usage problems ${direction(page)}`,
    text: `select id, merchant, metering_id as "meteringId", code, message, record, ${ms('received_at')} as "receivedAt"
      from usage_problems where ($1::text is null or merchant = $1) ${place} order by id ${direction(page)} limit $4`,
    values: [merchant, page.below, page.above, page.limit + 1],
  });
  return inOrder(rows, page);
}

/** The keys of the caller's systems (PRD-9), newest first, without their secrets. */
export async function merchantKeysOf(reader: Reader): Promise<MerchantKeyRow[]> {
  return reader.rows<MerchantKeyRow>({
    name: 'merchant keys',
    text: `select ak, merchant, ${ms('created_at')} as "createdAt", created_by as "createdBy", ${ms('revoked_at')} as "revokedAt", revoked_by as "revokedBy"
      from merchant_keys where merchant = $1 order by created_at desc limit 100`,
    values: [reader.actor.party ?? ''],
  });
}
