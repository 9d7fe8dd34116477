import type { About } from '../../lifecycles/notice.ts';
import { type Actor, type Bilingual, maySee, type Role } from '../../lifecycles/roles.ts';
import type { Channel, Topic } from '../../lifecycles/topics.ts';
import { beginningOfFamily } from '../deliveries.ts';
import { type DeliveryState, deliveryStates } from '../schema/notifications.ts';
import { ms } from './instants.ts';
import type { Reader } from './reader.ts';

/** One message as its receivers read it in-app (NOT-1). Instants are epoch milliseconds. */
export type NotificationRow = {
  id: number;
  instance: string;
  revision: number;
  event: string;
  toRole: Role;
  toParty: string | null;
  topic: Topic;
  text: Bilingual;
  about: About | null;
  at: number;
  number: string;
  orderNumber: string;
  product: string | null;
  /** How often it happened within its span (PRD-4). */
  times: number;
  /** When the caller read it. */
  readAt: number | null;
};

export type DeliveryRow = {
  id: number;
  message: number;
  channel: Channel;
  address: string;
  language: keyof Bilingual;
  state: DeliveryState;
  attempts: number;
  queuedAt: number;
  nextAt: number | null;
  finishedAt: number | null;
  error: string | null;
};

export type NotificationFilter = { unread?: boolean | null; topic?: Topic | null };
/** Keyset by id, newest first: `below` for the next page, `above` for the one before. */
export type IdPage = { below: number | null; above: number | null; limit: number; backwards: boolean };

type Parameter = (value: unknown) => string;

const columns = (person: string) => `o.id, o.instance_id as instance, o.revision, o.event, o.to_role as "toRole", o.to_party as "toParty", o.topic,
  o.text, o.about, ${ms('o.created_at')} as at, i.number, coalesce(f.number, i.number) as "orderNumber", f.product,
  1 + (select count(*) from outbox m where m.merged_into = o.id) as times,
  (select ${ms('r.read_at')} from notification_reads r where r.person = ${person} and r.message_id = o.id) as "readAt"`;
const joined = `join instances i on i.id = o.instance_id ${beginningOfFamily}`;

/** The messages to the caller's own role and party. */
function own({ role, party }: Actor, parameter: Parameter): string {
  return `o.to_role = ${parameter(role)} and o.to_party ${party === null ? 'is null' : `= ${parameter(party)}`} and o.merged_into is null`;
}

/** Every message about what one may see: operators all, everyone else those to itself. */
const visible = (actor: Actor, parameter: Parameter) => (seesAll(actor) ? 'o.merged_into is null' : own(actor, parameter));
const seesAll = (actor: Actor) => maySee(actor, { buyer: '', merchant: '' }) && actor.role !== 'reviewer';

function parameters() {
  const values: unknown[] = [];
  return { values, parameter: (value: unknown) => `$${values.push(value)}` };
}

function conditionsOf(reader: Reader, { unread, topic }: NotificationFilter, parameter: Parameter): string[] {
  const read = () => `exists (select from notification_reads r where r.person = ${parameter(reader.actor.id)} and r.message_id = o.id)`;
  return [own(reader.actor, parameter), ...(unread == null ? [] : [unread ? `not ${read()}` : read()]), ...(topic ? [`o.topic = ${parameter(topic)}`] : [])];
}

/** One page of the caller's own messages, with one row more than asked for when there is more. */
export async function notificationPage(reader: Reader, filter: NotificationFilter, page: IdPage): Promise<NotificationRow[]> {
  const { values, parameter } = parameters();
  const { where, order } = paged(page, 'o.id', conditionsOf(reader, filter, parameter), parameter);
  const rows = await reader.rows<NotificationRow>({
    text: `select ${columns(parameter(reader.actor.id))} from outbox o ${joined} where ${where} order by ${order}`,
    values,
  });
  return page.backwards ? rows.reverse() : rows;
}

export async function notificationCount(reader: Reader, filter: NotificationFilter, most: number): Promise<number> {
  const { values, parameter } = parameters();
  const where = conditionsOf(reader, filter, parameter).join(' and ');
  const [row] = await reader.rows<{ count: number }>({
    text: `select count(*)::int as count from (select from outbox o where ${where} limit ${parameter(most)}) matching`,
    values,
  });
  return row?.count ?? 0;
}

/** The messages about each instance that the caller may see, newest first; the newest `limit` of each. */
export async function notificationsOf(reader: Reader, { instances, limit }: { instances: readonly string[]; limit: number }): Promise<NotificationRow[]> {
  const { values, parameter } = parameters();
  const asked = parameter(instances);
  return reader.rows<NotificationRow>({
    text: `select m.* from unnest(${asked}::uuid[]) as asked cross join lateral (
      select ${columns(parameter(reader.actor.id))} from outbox o ${joined}
      where o.instance_id = asked and ${visible(reader.actor, parameter)} order by o.id desc limit ${parameter(limit)}) m`,
    values,
  });
}

/** Messages by their ids, as far as the caller may see them. */
export async function notificationsById(reader: Reader, ids: readonly number[]): Promise<NotificationRow[]> {
  const { values, parameter } = parameters();
  return reader.rows<NotificationRow>({
    text: `select ${columns(parameter(reader.actor.id))} from outbox o ${joined}
      where o.id = any(${parameter(ids)}::bigint[]) and ${visible(reader.actor, parameter)}`,
    values,
  });
}

const deliveryColumns = `d.id, d.message_id as message, d.channel, d.address, d.language, d.state, d.attempts, ${ms('d.queued_at')} as "queuedAt",
  case when d.state = 'waiting' then ${ms('d.next_at')} end as "nextAt", ${ms('d.finished_at')} as "finishedAt", d.error`;

/** The deliveries of messages that the caller may see. */
export async function deliveriesOf(reader: Reader, messages: readonly number[]): Promise<DeliveryRow[]> {
  const { values, parameter } = parameters();
  return reader.rows<DeliveryRow>({
    text: `select ${deliveryColumns} from deliveries d join outbox o on o.id = d.message_id
      where d.message_id = any(${parameter(messages)}::bigint[]) and ${visible(reader.actor, parameter)} order by d.id`,
    values,
  });
}

/** One page of deliveries in the states asked for, newest first, of messages that the caller may see. */
export async function deliveryPage(reader: Reader, states: readonly DeliveryState[], page: IdPage): Promise<DeliveryRow[]> {
  const { values, parameter } = parameters();
  // written out, so that the indexes of the few that wait or are in trouble are of use
  const named = deliveryStates.filter((state) => states.includes(state)).map((state) => `'${state}'`);
  const conditions = [`d.state in (${named.join(', ') || 'null'})`, visible(reader.actor, parameter)];
  const { where, order } = paged(page, 'd.id', conditions, parameter);
  const rows = await reader.rows<DeliveryRow>({
    text: `select ${deliveryColumns} from deliveries d join outbox o on o.id = d.message_id where ${where} order by ${order}`,
    values,
  });
  return page.backwards ? rows.reverse() : rows;
}

function paged({ below, above, limit, backwards }: IdPage, id: string, conditions: readonly string[], parameter: Parameter) {
  const all = [...conditions, ...(below === null ? [] : [`${id} < ${parameter(below)}`]), ...(above === null ? [] : [`${id} > ${parameter(above)}`])];
  return { where: all.join(' and '), order: `${id} ${backwards ? '' : 'desc'} limit ${parameter(limit + 1)}` };
}
