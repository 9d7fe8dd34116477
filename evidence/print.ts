import { type Bilingual, roles } from '../lifecycles/roles.ts';
import type { Compared } from './contents.ts';
import { filled, type Place, sentenceOf, type Unfit, type UnfitCode } from './unfit.ts';
import type { Verified } from './verify.ts';

const texts = {
  title: { zh: '{number} 的存证包，{takenAt} 由 {who}（{role}）取得', en: 'Evidence bundle of {number}, taken {takenAt} for {who} ({role})' },
  lines: { zh: '✓ {lines} 行在一条哈希链上，没有改动、删除或调换', en: '✓ {lines} lines in one chain, none changed, removed or reordered' },
  keyChecked: { zh: '✓ 由密钥 {keyId} 签名，与您提供的公钥一致', en: '✓ signed by the key {keyId}, which is the one you gave' },
  keyTaken: {
    zh: '! 由存证包自带的密钥 {keyId} 签名；未核对它是否属于本平台。请另行获取平台公钥，用 --key FILE 再验证',
    en: '! signed by the key {keyId} that the bundle itself brings; that it is the marketplace’s was NOT checked. Get that key elsewhere and give it with --key FILE',
  },
  chain: {
    zh: '✓ {number}：{revision} 条操作记录、{refusals} 条拒绝记录，各成一链',
    en: '✓ {number}: operations ({revision}) and refusals ({refusals}), each in a chain of their own',
  },
  executed: {
    zh: '✓ 按规则重新执行 {executed} 条操作记录：状态、内容、期限、任务、通知和哈希都相同',
    en: '✓ {executed} operations executed again by the rules: the same states, contexts, deadlines, effects, messages and hashes',
  },
  notExecuted: { zh: '– 未重新执行（--chain-only）', en: '– not executed again (--chain-only)' },
  refusals: {
    zh: '✓ 重新询问 {asked} 条拒绝：规则的回答相同；{notAsked} 条无法重问（未保存其原因或事实）',
    en: '✓ {asked} refusals asked again, with the same answer; {notAsked} could not be (their reason or facts are not kept)',
  },
  rules: {
    zh: '! 本程序的规则与取证时不同，但重新执行的结果相同',
    en: '! the rules of this program are not those that the bundle was taken with; executed again, they come to the same',
  },
  rulesNotExecuted: { zh: '! 本程序的规则与取证时不同', en: '! the rules of this program are not those that the bundle was taken with' },
  clock: {
    zh: '! 该订单的时钟被拨动了 {ms} 毫秒：这是沙箱订单',
    en: '! the clock of this order was moved by {ms} ms: it is a sandbox’s order',
  },
  filesSame: { zh: '✓ {same} 个证据文件的内容与记录一致', en: '✓ {same} evidence files have the content that was handed in' },
  filesNotGiven: { zh: '– {count} 个证据文件未提供内容（--files DIR）：', en: '– {count} evidence files whose content was not given (--files DIR):' },
  file: { zh: '    {name}  {bytes} 字节  sha256 {sha256}', en: '    {name}  {bytes} bytes  sha256 {sha256}' },
  fits: { zh: '存证包完好。', en: 'The bundle fits.' },
  unfit: {
    zh: '存证包不可信。此处之前没有发现问题，之后的内容没有检查。',
    en: 'The bundle does not fit. This is the first place found; what comes after it was not looked at.',
  },
  unverified: { zh: '未能验证。', en: 'It could not be verified.' },
  line: { zh: '第 {line} 行', en: 'line {line}' },
  revision: { zh: '{instance} 第 {revision} 条操作', en: '{instance} operation {revision}' },
  refusal: { zh: '{instance} 第 {refusal} 条拒绝', en: '{instance} refusal {refusal}' },
} as const satisfies Record<string, Bilingual>;

type Language = keyof Bilingual;

/** What says nothing of the bundle's content. */
const unverifiable: ReadonlySet<UnfitCode> = new Set([
  'NOT_READABLE',
  'EMPTY',
  'TOO_LARGE',
  'NOT_A_BUNDLE',
  'VERSION_UNKNOWN',
  'KEY_UNREADABLE',
  'NOT_EXECUTABLE',
]);

/** What was checked, a line each, for the person who verifies. */
export function printed({ statement, taken, keyChecked, family }: Verified, compared: Compared | null, language: Language): string[] {
  const say = (name: keyof typeof texts, details = {}) => filled(texts[name][language], details, language);
  const { executed, refusals, files, instances } = family;
  const { same, notGiven } = compared ?? { same: [], notGiven: files };
  const indented = (file: object) => `    ${say('file', file)}`;
  return [
    say('title', { ...statement, who: taken.for.id, role: roles[taken.for.role] }),
    '',
    say('lines', { lines: statement.lines + 1 }),
    say(keyChecked ? 'keyChecked' : 'keyTaken', statement),
    ...instances.map((instance) => say('chain', instance)),
    executed === null ? say('notExecuted') : say('executed', { executed }),
    ...(executed !== null && refusals.asked + refusals.notAsked > 0 ? [say('refusals', refusals)] : []),
    ...(family.otherRules ? [say(executed === null ? 'rulesNotExecuted' : 'rules')] : []),
    ...(taken.clockOffsetMs === 0 ? [] : [say('clock', { ms: taken.clockOffsetMs })]),
    ...(same.length > 0 ? [say('filesSame', { same: same.length })] : []),
    ...(notGiven.length > 0 ? [say('filesNotGiven', { count: notGiven.length }), ...notGiven.map(indented)] : []),
    '',
    say('fits'),
  ];
}

/** The first place that does not fit, and what is wrong there. */
export function printedUnfit(unfit: Unfit, language: Language): string[] {
  const place = placeOf(unfit.place, language);
  const verdict = texts[unverifiable.has(unfit.code) ? 'unverified' : 'unfit'][language];
  return [`✗ ${unfit.code}${place ? ` (${place})` : ''}: ${sentenceOf(unfit, language)}`, '', verdict];
}

function placeOf({ line, instance, revision, refusal }: Place, language: Language): string {
  const say = (name: keyof typeof texts, details: Record<string, string | number>) => filled(texts[name][language], details, language);
  return [
    ...(line === undefined ? [] : [say('line', { line })]),
    ...(instance !== undefined && revision !== undefined ? [say('revision', { instance, revision })] : []),
    ...(instance !== undefined && refusal !== undefined ? [say('refusal', { instance, refusal })] : []),
  ].join(', ');
}
