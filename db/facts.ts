import type pg from 'pg';
import { choice, chosen } from '../lifecycles/callBatch/choice.ts';
import { evidenceIn } from '../lifecycles/evidence.ts';
import type { EvidenceFile, FactName, Facts, Product, RefundsThisYear, SupervisionOfOrder } from '../lifecycles/facts.ts';
import type { Instance } from '../lifecycles/instance.ts';
import type { Actor } from '../lifecycles/roles.ts';
import { accountFacts } from './accounts.ts';
import { billingFacts } from './billingFacts.ts';
import { choiceRow, chosenSql } from './callBatch/chosen.ts';
import { merchantFacts } from './merchants.ts';
import * as organisation from './organisation/facts.ts';
import { productOf, productOnSale } from './products.ts';
import { isServiceOf } from './services.ts';
import { inOnePacket } from './transaction.ts';

export type Ask = { actor: Actor; input: Record<string, unknown>; instance: Instance | null };

/** Calls are counted so far: one more than a policy may let a bulk have. */
const countedCalls = 10_001;

/** How each fact is read, inside the command's own transaction. A new fact is a compile error until it has a loader. */
const loaders = {
  ...billingFacts,
  evidence: async (client, { actor, input }): Promise<EvidenceFile[]> => {
    const ids = evidenceIn(input);
    if (ids.length === 0) return [];
    const { rows } = await client.query<EvidenceFile>({
      name: 'fact evidence',
      text: `select id, name, sha256, bytes, uploaded_by as "uploadedBy", party from files
        where id = any($1::uuid[]) and party is not distinct from $2 and (party is not null or uploaded_by = $3) order by id`,
      values: [ids, actor.party, actor.id],
    });
    return rows;
  },
  product: async (client, { input, instance }): Promise<Product | null> => {
    const id = String(instance?.context.product ?? input.product ?? '');
    return instance ? productOf(client, id) : productOnSale(client, id);
  },
  ...organisation,
  ...merchantFacts,
  ...accountFacts,
  trials: async (client, { actor, input }): Promise<string[]> => {
    if (input.kind !== 'trial') return [];
    // two trials of one account count one after the other
    await client.query({
      name: 'one trial at a time',
      text: 'select pg_advisory_xact_lock(hashtextextended($1, 2))',
      values: [`${actor.party} ${input.product}`],
    });
    const { rows } = await client.query<{ number: string }>({
      name: 'fact trials',
      text: `select number from instances where buyer = $1 and lifecycle = 'order' and context ->> 'kind' = 'trial' and context ->> 'product' = $2
        and state not in ('cancelled', 'failed') order by id`,
      values: [actor.party ?? '', input.product],
    });
    return rows.map(({ number }) => number);
  },
  supervisionOfOrder: async (client, { input }): Promise<SupervisionOfOrder | null> => {
    const { rows } = await client.query<SupervisionOfOrder>({
      name: 'fact supervision of order',
      text: `select s.number, (s.context ->> 'acceptedAt')::bigint as "acceptedAt", (s.context ->> 'claimedAt')::bigint as "claimedAt",
        case when s.frozen then least((s.context #>> '{appeals,buyer,at}')::bigint, (s.context #>> '{appeals,merchant,at}')::bigint) end as "frozenSince"
        from instances o join instances s on s.family = o.family and s.lifecycle = 'supervision' and s.refs ->> 'order' = o.id::text
        where o.id = $1::uuid`,
      values: [input.order],
    });
    return rows[0] ?? null;
  },
  instanceOfOrder: async (client, { input }): Promise<Facts['instanceOfOrder']> => {
    const { rows } = await client.query<{ number: string; validUntil: number | null }>({
      name: 'fact instance of order',
      text: `select s.number, (s.context ->> 'validUntil')::bigint as "validUntil" from instances o join instances s on ${isServiceOf}
        where o.id = $1::uuid`,
      values: [input.order],
    });
    return rows[0] ?? null;
  },
  // two requests of one account count one after the other, or the eleventh would not see the tenth
  refundsThisYear: async (client, { actor, input }): Promise<RefundsThisYear> => {
    await client.query({
      name: 'one refund count per account',
      text: "select pg_advisory_xact_lock(hashtextextended('refunds of ' || $1, 0))",
      values: [actor.party ?? ''],
    });
    const { rows } = await client.query<RefundsThisYear>({
      name: 'fact refunds this year',
      text: `with clock as (
          select date_trunc('year', (clock_timestamp() + make_interval(secs => f.clock_offset_ms / 1000.0)) at time zone 'Asia/Shanghai') as year
          from instances o join families f on f.id = o.family where o.id = $2::uuid),
        bounds as (select extract(epoch from year at time zone 'Asia/Shanghai') * 1000 as begins,
          extract(epoch from (year + interval '1 year') at time zone 'Asia/Shanghai') * 1000 as ends from clock)
        select count(r.id)::int as used, ends::bigint as until from bounds left join instances r on r.buyer = $1 and r.lifecycle = 'refund'
          and r.context ->> 'kind' = 'withoutReason' and r.state <> 'abandoned' and (r.context ->> 'requestedAt')::numeric >= begins and (r.context ->> 'requestedAt')::numeric < ends
        group by ends`,
      values: [actor.party ?? '', input.order],
    });
    return rows[0] ?? { used: 0, until: 0 };
  },
  callsChosen: async (client, { actor, input }): Promise<Facts['callsChosen']> => {
    const parsed = choice.safeParse(input);
    if (!parsed.success) return { count: 0 };
    const seenBy = actor.role === 'merchant' ? actor.party : null;
    const { sql, values } = choiceRow(chosen(parsed.data), { seenBy, most: countedCalls });
    const { rows } = await client.query<{ count: number }>({
      name: 'fact calls chosen',
      text: `select count(*)::int as count from ${sql} cross join lateral (${chosenSql}) c`,
      values,
    });
    return { count: rows[0]?.count ?? 0 };
  },
} satisfies { [Name in FactName]: (client: pg.PoolClient, ask: Ask) => Promise<Facts[Name]> };

/** What a statement is answered with after another of its transaction has failed. */
const behindAFailure = '25P02';

/** Asked all at once: in one packet what each begins with. Goes on when nobody asks any more, and fails as the first one did. */
export async function loadFacts(client: pg.PoolClient, names: readonly FactName[] = [], ask: Ask): Promise<Facts> {
  const settled = await Promise.allSettled(inOnePacket(client, () => names.map(async (name) => [name, await loaders[name](client, ask)] as const)));
  const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (failures.length > 0) throw failures.find(({ code }) => code !== behindAFailure) ?? failures[0];
  return Object.fromEntries(settled.flatMap((one) => (one.status === 'fulfilled' && one.value[1] !== undefined ? [one.value] : [])));
}
