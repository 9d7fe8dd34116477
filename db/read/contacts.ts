import type { ShownContact } from '../../lifecycles/contacts.ts';
import type { Channel } from '../../lifecycles/topics.ts';
import type { Reader } from './reader.ts';

/** One address by which a party is reached. `name` is the party's. */
export type ContactRow = { of: ShownContact['of']; party: string; topic: string; name: string; channel: Channel; address: string };

/**
 * How parties are reached: the message receivers that they named for the topic, by each channel, else their account
 * (ACT-3). Whether the caller may see it at all is asked before; row-level security stands behind it.
 */
export function contactsOf(reader: Reader, wanted: readonly ShownContact[]): Promise<ContactRow[]> {
  return reader.rows<ContactRow>({
    name: 'contacts',
    text: `select w.role as of, w.party, w.topic, p.name, c.channel, found.address
      from jsonb_to_recordset($1::jsonb) as w(role text, party text, topic text)
      join parties p on p.id = w.party cross join (values ('mail'), ('sms')) as c(channel)
      cross join lateral (
        select r.address, r.id from receivers r
        where r.role = w.role and r.party = w.party and r.topic = w.topic and r.channel = c.channel and r.removed_at is null
        union all
        select case c.channel when 'mail' then a.mail else a.phone end, 0 from accounts a
        where a.party = w.party and not exists (
          select from receivers r where r.role = w.role and r.party = w.party and r.topic = w.topic and r.channel = c.channel and r.removed_at is null)
      ) as found
      where found.address is not null order by c.channel, found.id`,
    values: [JSON.stringify(wanted.map(({ of, party, topic }) => ({ role: of, party, topic })))],
  });
}
