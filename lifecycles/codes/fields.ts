import type { Bilingual } from '../roles.ts';

/** What is wrong with one field, as a clause of INVALID; made by `expectedField` and `unwantedField`. */
export const fieldCodes = {
  FIELD_EXPECTED: { zh: '应为{expected}，收到的是 {got}', en: 'expected {expected}, got {got}' },
  FIELD_MISSING: { zh: '应为{expected}，但没有填写', en: 'expected {expected}, got none' },
  FIELD_UNWANTED: { zh: '不应填写（{because}），收到的是 {got}', en: 'expected none: {because}, got {got}' },
} as const satisfies Record<string, Bilingual>;

/** What an input's own shape says of a text that is not of its form: a schema takes the English, `formOf` finds the Chinese. */
export const forms = {
  plainText: { zh: '应为不含控制字符的文本', en: 'expected text without control characters' },
  wellFormed: { zh: '应为不含 NUL 的完整文本', en: 'expected well-formed text without NUL' },
  wholeCharacters: { zh: '应为不含控制字符、字符完整的文本', en: 'expected text without control characters and with whole characters' },
  storable: {
    zh: '应为完整的文本且不超过 200 层，收到的含 NUL、不完整的字符或层次更深',
    en: 'expected well-formed text at most 200 levels deep, got NUL, half a surrogate pair, or deeper',
  },
  idempotencyKey: { zh: '应为 1 到 200 个字符的完整文本', en: 'expected 1 to 200 characters of well-formed text' },
  taxNumber: { zh: '应为 15 到 20 位数字与大写字母', en: 'expected 15 to 20 digits and capital letters' },
  telephone: { zh: '应为电话号码', en: 'expected a telephone number' },
  invoiceCode: { zh: '应为 10 位或 12 位数字', en: 'expected 10 or 12 digits' },
  invoiceNumber: { zh: '应为 8 位数字，数电发票为 20 位', en: 'expected 8 digits, or the 20 of a fully digital invoice' },
  redInvoiceNumber: { zh: '应为红字发票的 8 到 20 位号码', en: 'expected the 8 to 20 digits of the red-letter invoice' },
  domain: { zh: '应为域名，如 example.com', en: 'expected a domain name such as example.com' },
  systemCode: { zh: '应为字母、数字与 . : / + = _ -', en: 'expected letters, digits and . : / + = _ -' },
  subjectCode: { zh: '应为字母、数字与 . _ -', en: 'expected letters, digits and . _ -' },
  userName: { zh: '应为字母、数字与 . _ @ + -', en: 'expected letters, digits and . _ @ + -' },
  usage: { zh: '应为大于 0、最多 4 位小数的数', en: 'expected a number above 0 with at most 4 decimals' },
  notZero: { zh: '应为非 0 的金额', en: 'expected an amount other than 0' },
  month: { zh: '应为月份，如 2026-03', en: 'expected a month such as 2026-03' },
  meteringId: { zh: '应为 1 到 100 个可见的 ASCII 字符', en: 'expected 1 to 100 visible ASCII characters' },
  usageTime: {
    zh: '应为 yyyyMMddHHmmss[SSS] 或 2026-11-21T08:00:00Z 形式的 UTC 时间',
    en: 'expected UTC as yyyyMMddHHmmss[SSS] or 2026-11-21T08:00:00Z',
  },
} as const satisfies Record<string, Bilingual>;

const byEnglish: ReadonlyMap<string, Bilingual> = new Map(Object.values(forms).map((form) => [form.en, form]));

/** A form's sentence in both languages, by its English; null for one that is none of them. */
export const formOf = (english: string): Bilingual | null => byEnglish.get(english) ?? null;
