import type { Bilingual } from '../../lifecycles/roles.ts';
import type { Channel, Topic } from '../../lifecycles/topics.ts';
import { ms } from './instants.ts';
import type { Reader } from './reader.ts';

export type Receiver = { channel: Channel; address: string; language: keyof Bilingual };
export type Account = { mail: string | null; phone: string | null; language: keyof Bilingual };
export type ReceiverRow = Receiver & { topic: Topic; addedAt: number; addedBy: string };

/** The message receivers 消息接收人 that the caller's party or role has named (ACT-3). */
export async function receiversOf(reader: Reader): Promise<ReceiverRow[]> {
  const { role, party } = reader.actor;
  return reader.rows<ReceiverRow>({
    name: 'receivers',
    text: `select topic, channel, address, language, ${ms('added_at')} as "addedAt", added_by as "addedBy"
      from receivers where role = $1 and party = $2 and removed_at is null order by topic, channel, id`,
    values: [role, party ?? ''],
  });
}

/** Where the caller's party is reached when it named nobody; null for the marketplace's own roles. */
export async function accountOf(reader: Reader): Promise<Account | null> {
  const [account] = await reader.rows<Account>({
    name: 'account',
    text: 'select mail, phone, language from accounts where party = $1',
    values: [reader.actor.party ?? ''],
  });
  return account ?? null;
}
