import type { Bilingual } from '../lifecycles/roles.ts';

/** What can be wrong with a call of a merchant's system (PRD-9): HTTP status, result code of the interface, sentences. */
const sentences = {
  SIGNATURE_MISSING: [
    401,
    '000001',
    {
      zh: '应在 Authorization 中带 AK/SK 签名，或在查询参数中带 ak、signature、ts、nonce，现在没有。请签名后再发。',
      en: 'Expected an AK/SK signature in Authorization, or ak, signature, ts and nonce in the query, got neither. Sign the call and send it again.',
    },
  ],
  SIGNATURE_WRONG: [
    401,
    '000001',
    {
      zh: '签名校验未通过。请核对密钥是否有效、签名内容是否为发出的原文、Host 是否参与签名。',
      en: 'The signature does not fit. Check that the key is active, that the very bytes sent were signed, and that Host was.',
    },
  ],
  TIME_APART: [
    401,
    '000001',
    { zh: '时间与平台相差应不超过 5 分钟。请校准时钟后重新签名。', en: 'Expected a time at most 5 minutes from ours. Set the clock right and sign anew.' },
  ],
  NONCE_USED: [
    401,
    '000001',
    { zh: '该 nonce 在 10 分钟内已用过。每次调用请用新的 nonce。', en: 'This nonce was used within the last 10 minutes. Use a new one for every call.' },
  ],
  BODY_INVALID: [400, '000002', { zh: '请求内容有误：{got}。请更正后重发。', en: 'The request is not valid: {got}. Correct it and send it again.' }],
  TOO_LARGE: [
    413,
    '000002',
    { zh: '请求应不超过 1 MB，一次最多 1,000 条话单。请分批上报。', en: 'Expected at most 1 MB and 1,000 records a call. Send them in parts.' },
  ],
  METHOD: [405, '000002', { zh: '请用 POST {expected}。', en: 'Expected POST {expected}, got {got}.' }],
  NOT_FOUND: [404, '000003', { zh: '找不到 {got}，或它不是您的。请核对编号。', en: 'There is no {got}, or it is not yours. Check the number.' }],
  REFUSED: [409, '000005', { zh: '{got}', en: '{got}' }],
  UNAVAILABLE: [
    503,
    '000005',
    { zh: '暂时无法处理，请稍后用同样的内容重发：不会重复计。', en: 'Not available right now. Send the same again in a moment: it is not counted twice.' },
  ],
} as const satisfies Record<string, readonly [number, string, Bilingual]>;

export type InboundCode = keyof typeof sentences;

/** A call was refused, and answered without data. */
export class InboundRefused extends Error {
  readonly code: InboundCode;
  readonly status: number;
  readonly resultCode: string;
  readonly sentence: Bilingual;
  constructor(code: InboundCode, details: { expected?: string; got?: string | Bilingual } = {}, options?: ErrorOptions) {
    const [status, resultCode, texts] = sentences[code];
    const fill = (language: keyof Bilingual) =>
      texts[language].replace(/\{(expected|got)\}/g, (_, name: 'expected' | 'got') => {
        const detail = details[name] ?? '–';
        return typeof detail === 'string' ? detail : detail[language];
      });
    super(fill('en'), options);
    this.name = 'InboundRefused';
    this.code = code;
    this.status = status;
    this.resultCode = resultCode;
    this.sentence = { zh: fill('zh'), en: fill('en') };
  }
}
