import { styleText } from 'node:util';
import type { Client } from './client.ts';

type Line = {
  at: string;
  kind: string;
  zh: string;
  en: string;
  actor: string;
  roleLabel: string;
  reason: string | null;
  input: Record<string, unknown>;
  applied: boolean;
  after: { zh: string; en: string; frozen: boolean };
};
type Told = { number: string; lifecycle: string; history: { nodes: Line[] } };

const query = `query ($id: ID!) { node(id: $id) { ... on Lifecycle { number lifecycle ...told family { number lifecycle ...told } } } }
  fragment told on Lifecycle { history(first: 100) { nodes { at kind actor roleLabel(language: zh) reason input applied zh: label(language: zh) en: label(language: en)
    after { zh: label(language: zh) en: label(language: en) frozen } } } }`;

const marks: Record<string, string> = { command: '●', deadline: '⏰', effect: '⇄', told: '→', created: '＋', core: '↻', migrated: '⇧' };
const clock = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
});

/** The logs of these records and of all that belongs to them, in one column of time; of what came before `since` nothing. */
export async function timelineOf(client: Client, ids: readonly string[], since = 0): Promise<string> {
  const told = await Promise.all(ids.map((id) => client.ask<{ node: Told & { family: Told[] } }>('manager.qian', query, { id })));
  const records = new Map(told.flatMap(({ node }) => [node, ...node.family]).map((record) => [record.number, record]));
  const lines = [...records.values()]
    .flatMap(({ number, history }) => history.nodes.map((line) => ({ ...line, number })))
    .filter(({ at }) => Date.parse(at) >= since)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || Number(isConsequence(a)) - Number(isConsequence(b)));
  let last = lines[0]?.at ?? '';
  return lines
    .map((line) => {
      const waited = Date.parse(line.at) - Date.parse(last);
      last = line.at;
      const after = `${line.after.zh} ${line.after.en}${line.after.frozen ? styleText('cyan', ' ❄ 申诉冻结') : ''}`;
      const who = line.kind === 'command' ? `${line.roleLabel} ${line.actor}` : '';
      const what = line.kind === 'command' ? saidIn(line.input) : '';
      const reason = line.reason ? styleText('gray', ` “${line.reason}”`) : '';
      const late = line.applied ? '' : styleText('yellow', ' (已记录，解冻后生效 recorded, applied when the freeze ends)');
      return `  ${clock.format(new Date(line.at))} ${styleText('gray', elapsed(waited).padStart(9))}  ${marks[line.kind] ?? '·'} ${styleText('bold', line.zh)} ${line.en}${what}${who ? ` · ${who}` : ''}${reason}${late}\n${' '.repeat(26)}${styleText('gray', line.number)} → ${after}`;
    })
    .join('\n');
}

/** What was decided, asked of whom or paid, in a few words; files and texts are looked up by whoever wants them. */
function saidIn({ decision, refundAmount, amount, from }: Line['input']): string {
  const money = (minorUnits: unknown) => (typeof minorUnits === 'number' ? `¥${(minorUnits / 100).toLocaleString('en', { minimumFractionDigits: 2 })}` : '');
  const words = [decision, from, money(refundAmount ?? amount)].filter((word) => typeof word === 'string' && word !== '');
  return words.length > 0 ? styleText('bold', ` [${words.join(' ')}]`) : '';
}

/** At the same instant the cause stands before what it meant for others. */
const isConsequence = ({ kind }: Line) => kind === 'told' || kind === 'created';

/** How long nothing happened: 20 h, 3 d 4 h; under a minute is nothing. */
export function elapsed(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes === 0) return '';
  const parts = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60), minutes % 60];
  return `+${parts
    .flatMap((part, index) => (part > 0 ? [`${part} ${['d', 'h', 'min'][index]}`] : []))
    .slice(0, 2)
    .join(' ')}`;
}
