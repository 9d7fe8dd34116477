/** What a person sees that needs attention, worst first. */
export const attentions = ['WEDGED', 'PARKED', 'OVERDUE', 'RETRYING'] as const;
export type Attention = (typeof attentions)[number];

/** One filter for lists, exports and bulk; an absent member asks for nothing. */
export type Filter = {
  state?: readonly string[] | null;
  frozen?: boolean | null;
  final?: boolean | null;
  attention?: readonly Attention[] | null;
  buyer?: string | null;
  merchant?: string | null;
  /** A human number or its beginning. */
  number?: string | null;
  createdFrom?: string | null;
  createdBefore?: string | null;
  /** A deadline has passed that somebody should have met. */
  overdue?: boolean | null;
};

/** A deadline that fires normally is never this late; milliseconds. */
export const lateMs = 3_000;

const retrying = "e.status = 'open' and (e.tries > 1 or e.next_attempt_at is not null)";
const late = `d.status = 'armed' and d.due_real < now() - interval '${lateMs} milliseconds'`;
const passed = "x.closed_at is null and x.code = 'DEADLINE_PASSED'";

/** Per attention: the ids that have it, found along a partial index, and whether one row has it. */
const sources: Record<Attention, { ids: string; has: string }> = {
  WEDGED: { ids: 'select w.id from instances w where w.wedged is not null', has: 'i.wedged is not null' },
  PARKED: {
    ids: "select x.instance_id from incidents x join effects e on e.key = x.subject where x.closed_at is null and e.status = 'failed'",
    has: "exists (select from effects e where e.instance_id = i.id and e.status = 'failed')",
  },
  OVERDUE: {
    ids: `select x.instance_id from incidents x where ${passed} union all select d.instance_id from deadlines d where ${late}`,
    has: `(exists (select from incidents x where x.instance_id = i.id and ${passed}) or exists (select from deadlines d where d.instance_id = i.id and ${late}))`,
  },
  RETRYING: {
    ids: `select e.instance_id from effects e where ${retrying}`,
    has: `exists (select from effects e where e.instance_id = i.id and ${retrying})`,
  },
};

const worst = `case ${attentions.map((name) => `when ${sources[name].has} then '${name}'`).join(' ')} end`;

/** Found first, then looked up: few have it, and reading along the page's index would pass a million that do not. */
const among = (ids: string) => `i.id = any(array(${ids}))`;

/** A filter as conditions over `instances i`. */
export function filterSql(filter: Filter, parameter: (value: unknown) => string): string[] {
  const { state, frozen, final, attention, buyer, merchant, number, createdFrom, createdBefore, overdue } = filter;
  const found: string[] = [];
  if (state) found.push(`i.state = any(${parameter(state)}::text[])`);
  if (frozen != null) found.push(`i.frozen = ${parameter(frozen)}`);
  if (final != null) found.push(`i.final = ${parameter(final)}`);
  if (buyer != null) found.push(`i.buyer = ${parameter(buyer)}`);
  if (merchant != null) found.push(`i.merchant = ${parameter(merchant)}`);
  // by its milliseconds: PostgreSQL does not read all the years that JavaScript writes
  const instant = (text: string) => `to_timestamp(${parameter(Date.parse(text) / 1_000)}::float8)`;
  if (createdFrom) found.push(`i.created_at >= ${instant(createdFrom)}`);
  if (createdBefore) found.push(`i.created_at < ${instant(createdBefore)}`);
  // leakproof comparisons, so that an index on the number serves it under row-level security
  if (number) found.push(`i.number ~>=~ ${parameter(number)} and i.number ~<~ ${parameter(`${number}\u{10ffff}`)}`);
  if (overdue != null) found.push(overdue ? among(sources.OVERDUE.ids) : `not ${sources.OVERDUE.has}`);
  if (attention) {
    const ids = attention.map((name) => sources[name].ids).join(' union all ');
    found.push(attention.length === 0 ? 'false' : `${among(ids)} and ${worst} = any(${parameter(attention)}::text[])`);
  }
  return found;
}
