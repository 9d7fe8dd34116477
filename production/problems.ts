import { type Details, type Sentence, sentence } from './sentences.ts';

/** One thing that is wrong with an answer; `isError`: it makes the call a failure. */
export type Problem = { field: string; code: string; isError: boolean; sentence: Sentence };

export const problem = (field: string, code: string, { isError = true, details = {} }: { isError?: boolean; details?: Details } = {}): Problem => ({
  field,
  code,
  isError,
  sentence: sentence(code, details),
});

/** What a field of an answer must be. */
export const expectations = {
  object: { zh: '对象', en: 'an object' },
  list: { zh: '数组', en: 'a list' },
  text: { zh: '字符串', en: 'a text' },
  code: { zh: '六位数字的字符串', en: 'a text of six digits' },
  knownCode: { zh: '协议规定的结果码', en: 'a code that the interface has for this activity' },
  url: { zh: '不超过 1000 个字符的 http(s) 地址', en: 'an http(s) address of at most 1000 characters' },
  id: { zh: '1 到 200 个字符的字符串', en: 'a text of 1 to 200 characters' },
  askedFor: { zh: '所查询的实例', en: 'one that was asked for' },
  encrypted: { zh: '16 位 IV 加 AES-CBC 密文的 base64，密钥由 Key 派生', en: '16 characters of IV and base64 of AES-CBC by the key derived from Key' },
} as const satisfies Record<string, Sentence>;

const kinds: Record<string, Sentence> = {
  undefined: { zh: '（缺失）', en: 'nothing' },
  null: { zh: 'null', en: 'null' },
  list: { zh: '数组', en: 'a list' },
  object: { zh: '对象', en: 'an object' },
  string: { zh: '字符串', en: 'a text' },
  number: { zh: '数字', en: 'a number' },
  boolean: { zh: '布尔值', en: 'true or false' },
};

/** What came, by its type, since it may be secret. */
const kindOf = (value: unknown): Sentence => {
  const name = value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
  return kinds[name] ?? { zh: name, en: name };
};

/** A field of another form than the interface's. */
export function fieldProblem(
  field: string,
  expected: keyof typeof expectations,
  { value, got = kindOf(value), isError = false }: { value?: unknown; got?: Sentence; isError?: boolean },
): Problem {
  const { zh, en } = expectations[expected];
  return {
    field,
    code: value === undefined && got.en === 'nothing' ? 'FIELD_MISSING' : 'FIELD_WRONG',
    isError,
    sentence: { zh: `${field}：应为${zh}，收到 ${got.zh}。请更正。`, en: `${field}: expected ${en}, got ${got.en}. Correct it.` },
  };
}
