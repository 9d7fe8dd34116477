import type pg from 'pg';
import type { Actor } from '../lifecycles/roles.ts';
import { link } from './chain.ts';
import type { Locked } from './load.ts';
import type { Via } from './save.ts';
import { storable, storableJson } from './storable.ts';

/** More than this many a minute on one instance, or by one actor on none, serve nobody's evidence; they are dropped. */
const perMinute = 120;
const inputLimit = 2_000;

/** Who wanted what, and why it is refused. */
export type Refusal = {
  command: string;
  actor: Actor;
  via: Via;
  input: unknown;
  problem: { code: string; details: Record<string, unknown>; state?: string | null };
};

/** Keeps what was refused before anything existed. */
export async function keepRefusalOfNothing(client: pg.PoolClient, refusal: Refusal): Promise<void> {
  const { rows } = await client.query({ name: 'now', text: 'select (extract(epoch from clock_timestamp()) * 1000)::bigint as now' });
  await keepRefusal(client, { ...refusal, locked: null, now: rows[0].now });
}

/** Keeps a refused operation (ACT-2), linked to the instance's refusals before it. */
export async function keepRefusal(
  client: pg.PoolClient,
  { locked, command: given, actor, via, input, problem, now }: Refusal & { locked: Locked | null; now: number },
): Promise<void> {
  const command = storable(given);
  const no = (locked?.refusals ?? 0) + 1;
  const previous = locked?.refusalHead ?? '';
  const content = {
    instance_id: locked?.instance.id ?? null,
    no,
    at: new Date(now).toISOString(),
    command,
    actor: actor.id,
    role: actor.role,
    party: actor.party,
    via,
    input: shortened(input),
    code: problem.code,
    // through JSON, as it is stored: a state's label may carry rules
    details: JSON.parse(JSON.stringify(storableJson(problem.details))) as Record<string, unknown>,
    state: problem.state ?? null,
  };
  const hash = link(previous, content);
  await client.query({
    name: 'refusal',
    text: `with kept as (
        insert into refusals (at, instance_id, no, command, actor, role, party, via, input, code, details, state, previous, hash)
        select $3::timestamptz, $1::uuid, $2::int, $4, $5, $6, $7, $8, $9::jsonb, $10, $11::jsonb, $12, $13, $14
        where (select count(*) from refusals where (instance_id = $1::uuid or ($1::uuid is null and instance_id is null and actor = $5)) and at > $3::timestamptz - interval '1 minute') < ${perMinute}
        returning 1)
      update instances set refusals = $2::int, refusal_head = $14 where id = $1::uuid and exists (select from kept)`,
    values: [
      content.instance_id,
      no,
      content.at,
      command,
      actor.id,
      actor.role,
      actor.party,
      via,
      JSON.stringify(content.input),
      problem.code,
      JSON.stringify(content.details),
      content.state,
      previous,
      hash,
    ],
  });
}

/** What was asked, short enough to keep: a refused 2 MB comment must not fill the log. */
function shortened(input: unknown): Record<string, unknown> {
  const text = JSON.stringify(storableJson(input)) ?? 'null';
  if (text.length > inputLimit) return { shortened: storable(text.slice(0, inputLimit)), characters: text.length };
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : { value };
}
