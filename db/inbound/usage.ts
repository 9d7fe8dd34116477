import type pg from 'pg';
import type { Bilingual } from '../../lifecycles/roles.ts';
import { isServiceOf } from '../services.ts';
import { inTransaction } from '../transaction.ts';

/** One usage record that is well-formed. Instants are epoch milliseconds; `usage` is decimal text with at most four places. */
export type NewUsage = {
  meteringId: string;
  instance: string;
  packageInstance: string | null;
  recordAt: number;
  beginAt: number;
  endAt: number;
  usage: string;
  late: boolean;
  fingerprint: string;
};
export type NewProblem = { meteringId: string | null; code: string; message: Bilingual; record: unknown; fingerprint: string };
export type Named = { named: string; instance: string; buyer: string; now: number };
/** A package that a merchant names 用完即停: the instance that it is held by, and whose. */
export type NamedPackage = { named: string; instance: string; buyer: string; holds: boolean };

/** What merchants report of their instances' usage (MET-3). Throws DatabaseUnavailable. */
export function createUsage(pool: pg.Pool) {
  return { instancesNamed, packagesNamed, keep, keepProblems };

  /** Our instances behind the ids that this merchant uses: its own, or our number. `now` is the instance's own clock. */
  async function instancesNamed(merchant: string, ids: readonly string[]): Promise<Map<string, Named>> {
    const { rows } = await inTransaction(pool, (client) =>
      client.query<Named>({
        name: 'instances a merchant names',
        text: `select n.named, i.id as instance, i.buyer, (extract(epoch from clock_timestamp()) * 1000)::bigint + f.clock_offset_ms as now
          from (select m.merchant_instance as named, m.instance_id as id from merchant_instances m where m.merchant = $1 and m.merchant_instance = any($2::text[])
            union select i.number, i.id from instances i where i.number = any($2::text[]) and i.merchant = $1 and i.lifecycle = 'serviceInstance') n
          join instances i on i.id = n.id join families f on f.id = i.family order by i.created_at`,
        values: [merchant, ids],
      }),
    );
    // of several with one id the newest: a merchant that made the same id twice means its last one
    return new Map(rows.map((row) => [row.named, row]));
  }

  /**
   * What this merchant means by a package: an instance of its own that holds packages, by its id or our number, or the order that
   * bought one for it, by number. An instance without packages is told apart from none at all.
   */
  async function packagesNamed(merchant: string, ids: readonly string[]): Promise<Map<string, NamedPackage>> {
    if (ids.length === 0) return new Map();
    const { rows } = await inTransaction(pool, (client) =>
      client.query<NamedPackage>({
        name: 'packages a merchant names',
        text: `select n.named, i.id as instance, i.buyer, (i.context ->> 'units')::bigint > 0 as holds
          from (select m.merchant_instance as named, m.instance_id as id from merchant_instances m where m.merchant = $1 and m.merchant_instance = any($2::text[])
            union select i.number, i.id from instances i where i.number = any($2::text[]) and i.merchant = $1 and i.lifecycle = 'serviceInstance'
            union select o.number, s.id from instances o join instances s on ${isServiceOf}
              where o.number = any($2::text[]) and o.merchant = $1 and o.lifecycle = 'order' and o.state = 'completed' and o.context ->> 'package' is not null) n
          join instances i on i.id = n.id order by i.created_at`,
        values: [merchant, ids],
      }),
    );
    return new Map(rows.map((row) => [row.named, row]));
  }

  /**
   * Keeps records once by their metering number. @returns the numbers that are new, and of all that were sent what is known
   */
  async function keep(caller: { merchant: string; ak: string }, records: readonly NewUsage[]): Promise<{ fresh: Set<string>; known: Map<string, string> }> {
    return inTransaction(pool, async (client) => {
      const { rows: made } = await client.query<{ metering_id: string }>({
        name: 'keep usage',
        text: `with made as (
            insert into usage_records (merchant, metering_id, instance_id, package_instance, record_at, begin_at, end_at, usage, late, ak, received_at, fingerprint)
            select $1, r."meteringId", r.instance, r."packageInstance", to_timestamp(r."recordAt" / 1000.0), to_timestamp(r."beginAt" / 1000.0),
              to_timestamp(r."endAt" / 1000.0), r.usage, r.late, $2, clock_timestamp(), r.fingerprint
            from rows from (jsonb_to_recordset($3::jsonb) as ("meteringId" text, instance uuid, "packageInstance" text, "recordAt" bigint,
              "beginAt" bigint, "endAt" bigint, usage numeric, late boolean, fingerprint text)) with ordinality
              as r("meteringId", instance, "packageInstance", "recordAt", "beginAt", "endAt", usage, late, fingerprint, no)
            order by r.no on conflict (merchant, metering_id) do nothing returning id, metering_id),
          waiting as (insert into usage_waiting (record_id) select id from made)
          select metering_id from made`,
        values: [caller.merchant, caller.ak, JSON.stringify(records)],
      });
      const { rows: known } = await client.query<{ meteringId: string; fingerprint: string }>({
        name: 'known usage',
        text: 'select metering_id as "meteringId", fingerprint from usage_records where merchant = $1 and metering_id = any($2::text[])',
        values: [caller.merchant, records.map(({ meteringId }) => meteringId)],
      });
      return { fresh: new Set(made.map((row) => row.metering_id)), known: new Map(known.map((row) => [row.meteringId, row.fingerprint])) };
    });
  }

  /** Keeps what was not taken, with why, for its merchant to see. */
  async function keepProblems(caller: { merchant: string; ak: string }, problems: readonly NewProblem[]): Promise<void> {
    if (problems.length === 0) return;
    await inTransaction(pool, (client) =>
      client.query({
        name: 'keep usage problems',
        text: `insert into usage_problems (merchant, metering_id, code, message, record, ak, received_at, fingerprint)
          select $1, p."meteringId", p.code, p.message, p.record, $2, clock_timestamp(), p.fingerprint
          from jsonb_to_recordset($3::jsonb) as p("meteringId" text, code text, message jsonb, record jsonb, fingerprint text)
          order by p.fingerprint on conflict do nothing`,
        values: [caller.merchant, caller.ak, JSON.stringify(problems)],
      }),
    );
  }
}

export type Usage = ReturnType<typeof createUsage>;
