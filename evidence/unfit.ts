import type { Bilingual } from '../lifecycles/roles.ts';

/** What can be wrong with a bundle, as the person who verifies it reads it: expected, got, what it means. */
const sentences = {
  NOT_READABLE: {
    zh: '无法读取 {file}（{why}）。请检查路径和权限。',
    en: 'Expected to read {file}, got {why}. Check the path and the rights.',
  },
  EMPTY: { zh: '文件为空。请重新下载存证包。', en: 'Expected an evidence bundle, got an empty file. Download it again.' },
  TOO_LARGE: {
    zh: '文件超过 {expected}，不可能是一个订单的存证包。',
    en: 'Expected at most {expected}, got more: no bundle of one order is that large. Check the file.',
  },
  NOT_A_BUNDLE: {
    zh: '第一行应为存证包的开头，实际不是。这不是存证包，或开头已被改动。',
    en: 'Expected the first line of an evidence bundle, got something else. This is no bundle, or its beginning was changed.',
  },
  VERSION_UNKNOWN: {
    zh: '存证包格式为 {got}，本程序只认识 {expected}。请使用更新的版本验证。',
    en: 'Expected a bundle of format {expected}, got {got}. Verify it with a newer version of Steward.',
  },
  LINE_UNREADABLE: {
    zh: '该行不是规范的 JSON（{why}）：内容已被改动。',
    en: 'Expected a line of canonical JSON, got {why}: the line was changed.',
  },
  LINE_SHAPE: {
    zh: '该行内容不符合格式：{why}。',
    en: 'Expected the line to have the form of its kind, got {why}. It was not written by Steward.',
  },
  LINE_MISSING: {
    zh: '此处应为第 {expected} 行，实际为第 {got} 行：有行被删除、插入或调换。',
    en: 'Expected line number {expected}, got {got}: lines were removed, inserted or reordered.',
  },
  LINE_CHANGED: {
    zh: '该行的内容与其哈希不符：内容已被改动。',
    en: 'Expected the content to have the hash that the line says, got another: the line was changed.',
  },
  LINE_MOVED: {
    zh: '该行与上一行的哈希不衔接：有行被删除、调换或替换。',
    en: 'Expected the line to continue the one before it, got another hash: a line was removed, moved or replaced.',
  },
  TAIL_MISSING: {
    zh: '缺少带签名的结尾行：文件被截断或未下载完整。请重新下载。',
    en: 'Expected the signed head as the last line, got the end of the file: its end was cut. Download it again.',
  },
  AFTER_HEAD: { zh: '结尾行之后还有内容：有人追加了内容。', en: 'Expected nothing after the signed head, got more: something was appended.' },
  HEAD_DIFFERS: {
    zh: '结尾声明与存证包不符：{field} 应为 {expected}，实际为 {got}。',
    en: 'Expected the signed head to speak of this bundle ({field} {expected}), got {got}.',
  },
  SIGNATURE_WRONG: {
    zh: '签名与结尾声明不符：存证包被改动后重新计算过哈希。',
    en: 'Expected a signature over the head, got another: the bundle was changed and its hashes were computed anew.',
  },
  KEY_DIFFERS: {
    zh: '签名密钥应为 {expected}，实际为 {got}：不是由该密钥签署。',
    en: 'Expected a bundle signed by the key {expected}, got one signed by {got}. It is not from whom you think, or the key was changed.',
  },
  KEY_UNREADABLE: {
    zh: '{file} 不是 Ed25519 公钥（PEM）。请从本平台另行获取公钥。',
    en: 'Expected {file} to hold an Ed25519 public key as PEM, got something else. Get the key from the marketplace itself.',
  },
  CHAIN_CHANGED: {
    zh: '操作记录的内容与其哈希不符：记录在数据库中被改动。',
    en: 'Expected the record to have its own hash, got another: it was changed where it was kept.',
  },
  CHAIN_BROKEN: {
    zh: '此处应为第 {expected} 条记录，实际为 {got}：有记录被删除或调换。',
    en: 'Expected record {expected} of this chain, got {got}: records were removed or reordered where they were kept.',
  },
  CHAIN_SHORT: {
    zh: '记录链应有 {expected} 条并止于其链头，实际为 {got} 条。',
    en: 'Expected {expected} records that end at the head of their chain, got {got}: the end was cut where they were kept.',
  },
  UNKNOWN_INSTANCE: { zh: '该行属于存证包中不存在的实例 {got}。', en: 'Expected an instance of this bundle, got {got}.' },
  NOT_EXECUTABLE: {
    zh: '无法重新执行：本程序没有 {lifecycle} 的第 {version} 版规则。请使用含有该版本的程序，或加 --chain-only 只验证哈希链。',
    en: 'It cannot be re-executed: expected the rules of {lifecycle} version {version}, got a program without them. Use one that has them, or --chain-only.',
  },
  EVENT_NOT_ALLOWED: {
    zh: '规则不允许“{event}”：{why}',
    en: 'Expected the rules to allow “{event}”, got: {why}',
  },
  EVENT_DIFFERS: {
    zh: '按规则重新执行“{event}”，{field} 应为 {expected}，记录为 {got}。{rules}',
    en: 'Re-executing “{event}” gives {field} {expected}, the record says {got}. {rules}',
  },
  EVENT_MISSING: {
    zh: '按规则还应有“{expected}”的记录，实际没有。',
    en: 'Expected a record of “{expected}”, which follows by the rules, got none.',
  },
  EVENT_WITHOUT_CAUSE: {
    zh: '没有任何记录能导致“{event}”：该记录是添加的，或其原因被删除。',
    en: 'Expected a record that causes “{event}”, got none: this one was added, or its cause was removed.',
  },
  ROW_DIFFERS: {
    zh: '{what} {key}：按记录 {field} 应为 {expected}，实际为 {got}。{rules}',
    en: 'Expected {what} {key} to have {field} {expected} by the log, got {got}. {rules}',
  },
  ROW_MISSING: { zh: '按操作记录应有 {what} {key}，实际没有。', en: 'Expected {what} {key} by the log, got none.' },
  ROW_UNEXPLAINED: { zh: '操作记录中没有导致 {what} {key} 的内容。', en: 'Expected the log to explain {what} {key}, got nothing that does.' },
  REFUSAL_UNEXPLAINED: {
    zh: '对“{command}”的拒绝（{code}）在当时的状态下没有依据：规则会回答 {got}。',
    en: 'Expected “{command}” to be refused with {code} as it stood then, got {got} from the rules.',
  },
  FILE_DIFFERS: {
    zh: '证据文件 {name} 的 SHA-256 应为 {expected}，目录中的文件为 {got}：不是同一个文件。',
    en: 'Expected the evidence file {name} to have the SHA-256 {expected}, got {got}: it is another file.',
  },
} as const satisfies Record<string, Bilingual>;

export type UnfitCode = keyof typeof sentences;
export type Details = Record<string, string | number | Bilingual>;

/** Where in a bundle: the file's line, and the instance with its revision or refusal. */
export type Place = { line?: number; instance?: string; revision?: number; refusal?: number };

/** The first place where a bundle does not fit, or why it cannot be verified at all. */
export class Unfit extends Error {
  readonly code: UnfitCode;
  readonly details: Details;
  readonly place: Place;
  constructor(code: UnfitCode, details: Details = {}, place: Place = {}) {
    super(filled(sentences[code].en, details, 'en'));
    this.name = 'Unfit';
    this.code = code;
    this.details = details;
    this.place = place;
  }
}

export const sentenceOf = ({ code, details }: Unfit, language: keyof Bilingual): string => filled(sentences[code][language], details, language);

export function filled(text: string, details: Details, language: keyof Bilingual): string {
  return text
    .replace(/\{(\w+)\}/g, (_, name: string) => {
      const detail = details[name] ?? '';
      return String(typeof detail === 'object' ? detail[language] : detail);
    })
    .trim();
}

/** A value in a sentence: short enough to read. */
export function short(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
