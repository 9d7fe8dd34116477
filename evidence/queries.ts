import { eventContent, iso, refusalContent } from '../db/verify.ts';
import type { Kind } from './format.ts';

const object = (columns: Record<string, string>) =>
  `jsonb_build_object(${Object.entries(columns)
    .map(([name, column]) => `'${name}', ${column}`)
    .join(', ')})`;
/** Columns under their own names, and those that are instants as text. */
const columns = (plain: string, instants = '', from = '') =>
  object({
    ...Object.fromEntries(plain.split(' ').map((name) => [name, `${from}${name}`])),
    ...Object.fromEntries(
      instants
        .split(' ')
        .filter(Boolean)
        .map((name) => [name, iso(`${from}${name}`)]),
    ),
  });

/** Where a number or an id of anything in the family leads, as far as the caller may see it. */
export const familySql = `select i.family, o.number, f.clock_offset_ms as "clockOffsetMs", o.buyer, o.merchant, ${iso('clock_timestamp()')} as "takenAt"
  from instances i join families f on f.id = i.family join instances o on o.id = i.family where i.number = $1 or i.id = $2`;

export const partiesSql = `select id, kind, name from parties where id = any($1) order by id`;

/** Every machine version that wrote a line, and each instance's own. */
export const machinesSql = `select distinct i.lifecycle, v.version from instances i
  cross join lateral (select i.version union select e.machine_version from events e where e.instance_id = i.id) v
  where i.id = any($1::uuid[]) order by 1, 2`;

export const calendarsSql = `select e.calendar_version as version, min(e.policy_version) as "policyVersion" from events e where e.instance_id = any($1::uuid[]) group by 1 order by 1`;

/** The years over which deadlines were counted. */
export const yearsSql = `select extract(year from min(i.created_at))::int as first,
  greatest(extract(year from max(i.last_event_at))::int, (select max(extract(year from greatest(d.due_at, d.armed_at + make_interval(secs => d.remaining_ms / 1000.0))))::int
    from deadlines d where d.instance_id = any($1::uuid[]))) + 1 as last
  from instances i where i.id = any($1::uuid[])`;

/** Every version of the values that bear on the family: the installation's, and those of its products ($3). */
export const policiesSql = `select ${columns('version lifecycle product values by reason', 'at')} as row from policies
  where lifecycle = any($2::text[]) and (product is null or product = any($3::text[])) and $1::uuid[] is not null order by version, lifecycle`;

export const instancesSql = `select ${columns(
  'id lifecycle version number family refs buyer merchant state frozen final value context recorded revision last_actor head refusals refusal_head',
  'created_at last_event_at',
)} || jsonb_build_object('first_version', (select machine_version from events where instance_id = id and revision = 1)) as row
  from instances where family = $1 order by created_at, id`;

const of = (table: string) => `from ${table} where instance_id = any($1::uuid[])`;
const chained = (content: string) => `${content} || jsonb_build_object('previous', previous, 'hash', hash) as row`;

/** What each kind of line is read by, from the instances of the family ($1), in the order in which it is exported. */
export const lineSql = {
  refusal: `select ${chained(refusalContent)} ${of('refusals')} order by at, instance_id, no`,
  event: `select ${chained(eventContent)} ${of('events')} order by at, instance_id, revision`,
  deadline: `select ${columns('instance_id key name status remaining_ms', 'armed_at due_at closed_at')} as row ${of('deadlines')} order by instance_id, armed_at, key`,
  effect: `select ${columns('instance_id key name params status generation attempts tries', 'opened_at next_attempt_at closed_at')} as row
    ${of('effects')} order by instance_id, opened_at, key`,
  attempt: `select ${columns('instance_id effect no outcome error', 'started_at finished_at')} as row ${of('attempts')} order by instance_id, effect, no`,
  incident: `select ${columns('instance_id subject name code message', 'opened_at closed_at')} as row ${of('incidents')} order by id`,
  file: `select ${columns('id name media_type bytes sha256 uploaded_by role party', 'uploaded_at', 'f.')} || jsonb_build_object('steps',
      (select jsonb_agg(jsonb_build_object('instance_id', a.instance_id, 'revision', a.revision) order by a.instance_id, a.revision)
        from attachments a where a.file_id = f.id and a.instance_id = any($1::uuid[]))) as row
    from files f where exists (select from attachments a where a.file_id = f.id and a.instance_id = any($1::uuid[])) order by f.uploaded_at, f.id`,
  message: `select ${columns('id instance_id revision event to_role to_party topic channels text about merged_into', 'created_at once_until')} as row
    ${of('outbox')} order by id`,
  delivery: `select ${columns('id channel address language state attempts error receipt', 'queued_at finished_at', 'd.')} || jsonb_build_object('message', d.message_id) as row
    from deliveries d where d.message_id in (select id ${of('outbox')}) order by d.id`,
} as const satisfies Partial<Record<Kind, string>>;
