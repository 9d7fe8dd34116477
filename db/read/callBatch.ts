import type { Chosen } from '../../lifecycles/callBatch/choice.ts';
import type { ItemOutcome } from '../../lifecycles/callBatch/context.ts';
import type { Bilingual } from '../../lifecycles/roles.ts';
import { choiceRow, chosenSql } from '../callBatch/chosen.ts';
import { type Settings, type Versions, versionsSql } from '../settings.ts';
import { ms } from './instants.ts';
import type { Reader } from './reader.ts';

/** A call of a bulk with what became of it. Instants are epoch milliseconds. */
export type BatchItemRow = {
  no: number;
  call: string;
  outcome: ItemOutcome;
  code: string | null;
  message: Bilingual | null;
  sentAt: number | null;
  endedAt: number | null;
};
export type BatchItemPage = { after: number | null; limit: number; outcome: ItemOutcome | null };

/** What is being sent still waits, to people. */
const outcome = "case state when 'sending' then 'waiting' else state end";

/** A page of a bulk's calls in their order, with one row more when there are more. */
export const batchItemsOf = (reader: Reader, batch: string, { after, limit, outcome: only }: BatchItemPage): Promise<BatchItemRow[]> =>
  reader.rows<BatchItemRow>({
    name: 'items of a call batch',
    text: `select no, call, ${outcome} as outcome, code, message, ${ms('sent_at')} as "sentAt", ${ms('ended_at')} as "endedAt"
      from call_batch_items where batch = $1 and no > $2 and ($3::text is null or ${outcome} = $3) order by no limit $4`,
    values: [batch, after ?? 0, only, limit + 1],
  });

export async function batchCounts(reader: Reader, batch: string): Promise<Partial<Record<ItemOutcome, number>>> {
  const rows = await reader.rows<{ outcome: ItemOutcome; many: number }>({
    name: 'counts of a call batch',
    text: `select ${outcome} as outcome, count(*)::int as many from call_batch_items where batch = $1 group by 1`,
    values: [batch],
  });
  return Object.fromEntries(rows.map((row) => [row.outcome, row.many]));
}

export type ChosenCall = { call: string; merchant: string | null; running: boolean };

/** The calls that a choice means, in their order, as far as the caller may see them; at most so many. */
export const chosenCalls = (reader: Reader, choice: Chosen, most: number): Promise<ChosenCall[]> => {
  const seenBy = reader.actor.role === 'merchant' ? reader.actor.party : null;
  const { sql, values } = choiceRow(choice, { seenBy, most });
  return reader.rows<ChosenCall>({
    name: 'calls chosen',
    text: `select c.call, c.merchant, exists (select from attempts a where a.instance_id = c.call and a.outcome = 'running' and a.lease_until > now()) as running
      from ${sql} cross join lateral (${chosenSql}) c`,
    values,
  });
};

/** Policies and calendar in force. */
export async function settingsNow(reader: Reader): Promise<Settings> {
  const [row] = await reader.rows<{ versions: Versions }>({ name: 'settings now', text: `select ${versionsSql} as versions`, values: [] });
  return reader.settings(row?.versions as Versions);
}
