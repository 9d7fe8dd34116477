import type { Bilingual } from '../lifecycles/roles.ts';

/** Why a bundle is not given, as the person who asked reads it: expected, got, what to do. */
const sentences = {
  NOT_FOUND: [404, { zh: '找不到该订单，或您无权查看。请核对编号。', en: 'There is no such order, or it is not yours to see. Check the number.' }],
  ROLE_NOT_ALLOWED: [
    403,
    {
      zh: '存证包仅提供给订单双方和运营经理。',
      en: 'Expected a party of the order or an operations manager, got another role. Ask one of them for the bundle.',
    },
  ],
  METHOD_NOT_ALLOWED: [405, { zh: '请用 GET /evidence/订单编号 下载存证包。', en: 'Expected GET /evidence/NUMBER with the number of an order, got {got}.' }],
  TOO_MANY: [429, { zh: '正在同时准备的存证包过多。请稍后再试。', en: 'Expected at most {expected} bundles at once, got more. Try again in a moment.' }],
  UNAVAILABLE: [503, { zh: '暂时无法提供存证包。请稍后重试。', en: 'Not available right now. Try again in a moment.' }],
} as const satisfies Record<string, readonly [number, Bilingual]>;

export type EvidenceCode = keyof typeof sentences;

/** No bundle was given. */
export class EvidenceRefused extends Error {
  readonly code: EvidenceCode;
  readonly status: number;
  readonly sentence: Bilingual;
  constructor(code: EvidenceCode, details: Record<string, string> = {}, options?: ErrorOptions) {
    const [status, { zh, en }] = sentences[code];
    const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: string) => details[name] ?? '–');
    super(fill(en), options);
    this.name = 'EvidenceRefused';
    this.code = code;
    this.status = status;
    this.sentence = { zh: fill(zh), en: fill(en) };
  }
}
