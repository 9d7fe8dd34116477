import type { Chosen } from '../../lifecycles/callBatch/choice.ts';

/** A choice as a row: what `chosenSql` reads. `seen_by`: only calls of this merchant; `most`: at most so many. */
export const choiceColumns =
  'seen_by text, calls uuid[], states text[], activities text[], product text, merchant text, code text, since timestamptz, before timestamptz, most int';

const mine = "i.lifecycle = 'productionCall' and (r.seen_by is null or i.merchant = r.seen_by)";

/**
 * The calls that row `r` chooses, in their order: `call`, `merchant`, `created_at`. Chosen by id, each of them stands there, with a
 * merchant only where it is one to be seen: what is none is refused in its turn, like any that may not be seen.
 */
export const chosenSql = `select i.id as call, i.merchant, i.created_at from instances i
    where r.calls is null and ${mine} and i.state = any(r.states)
      and (r.activities is null or i.context ->> 'activity' = any(r.activities)) and (r.product is null or i.context ->> 'product' = r.product)
      and (r.merchant is null or i.merchant = r.merchant) and (r.code is null or starts_with(i.context ->> 'stoppedBecause', r.code || ':'))
      and (r.since is null or i.created_at >= r.since) and (r.before is null or i.created_at < r.before)
  union all
  select asked.id, i.merchant, i.created_at from unnest(r.calls) asked(id) left join instances i on i.id = asked.id and ${mine}
  order by created_at, call limit r.most`;

/** The choice as the one row of a statement, with its values in the columns' order. */
export function choiceRow(choice: Chosen, { seenBy, most }: { seenBy: string | null; most: number }): { sql: string; values: unknown[] } {
  const { calls, states, activities, product, merchant, code, since, before } = choice;
  const columns = choiceColumns.split(', ').map((column) => column.split(' ') as [string, string]);
  return {
    sql: `(values (${columns.map(([, type], index) => `$${index + 1}::${type}`).join(', ')})) as r(${columns.map(([name]) => name).join(', ')})`,
    values: [seenBy, calls, states, activities, product, merchant, code, since, before, most],
  };
}
