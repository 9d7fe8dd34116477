import type { Bilingual } from '../roles.ts';

/** Production calls and where they go: PRD-5, PRD-7, PRD-8. */
export const productionCodes = {
  NO_CALLS_CHOSEN: {
    zh: '没有符合条件的生产接口调用，或您无权查看；请先用 previewCallsAgain 预览（PRD-5）。',
    en: 'Expected production calls that fit the choice and are yours to see, got none; look with previewCallsAgain first (PRD-5).',
  },
  TOO_MANY_CALLS: {
    zh: '一次最多重新调用 {most} 个，选中的更多；请缩小范围（PRD-5）。',
    en: 'Expected at most {most} calls in one bulk, got more; narrow the choice (PRD-5).',
  },
  NO_ENDPOINT: {
    zh: '商品 {product} 没有设置生产接口地址；请先用 setEndpoint 设置（PRD-1）。',
    en: 'Product {product} has no endpoint yet; set it with setEndpoint first (PRD-1).',
  },
  NO_ENDPOINT_KEY: {
    zh: '商品 {product} 还没有签名密钥；首次设置接口须同时提供密钥（PRD-1）。',
    en: 'Product {product} has no signing key yet; expected one with its first endpoint (PRD-1).',
  },
  DEBUGGED_RECENTLY: {
    zh: '商品 {product} 的接口刚调试过，请在 {seconds} 秒后再试（PRD-7）。',
    en: 'The endpoint of {product} was debugged a moment ago; try again in {seconds} s (PRD-7).',
  },
} as const satisfies Record<string, Bilingual>;
