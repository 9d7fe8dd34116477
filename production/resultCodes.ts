import type { Sentence } from './sentences.ts';

/** What the production interface's result codes mean. Merchants reuse them freely: what came is always shown beside it. */
const meanings: Record<string, Sentence> = {
  '000000': { zh: '成功', en: 'success' },
  '000001': { zh: '鉴权失败', en: 'authentication failed' },
  '000002': { zh: '请求参数不合法', en: 'parameter invalid' },
  '000003': { zh: '实例 ID 不存在', en: 'instance id does not exist' },
  '000004': { zh: '请求处理中', en: 'in progress' },
  '000005': { zh: '其他内部错误', en: 'other internal error' },
  '000100': { zh: '无可用实例资源分配', en: 'no instance resource to allot' },
  '000101': { zh: '手机号为空', en: 'mobile number missing' },
  '000102': { zh: '手机号已被注册', en: 'mobile number taken' },
  '000103': { zh: '邮箱为空', en: 'mail address missing' },
  '000104': { zh: '邮箱已被注册', en: 'mail address taken' },
  '000105': { zh: '已购买过该商品', en: 'bought already' },
  '000106': { zh: '商家内部错误', en: 'internal error at the merchant' },
  '000107': { zh: '权益已使用、售罄或邮箱域名已占用', en: 'benefits already used, sold out, or mail domain taken' },
  '000900': { zh: '授权配额不足', en: 'licence quota short' },
  '000901': { zh: '超出订单有效期', en: 'outside the order’s validity' },
  '000902': { zh: '需要到期时间', en: 'expiry date needed' },
  '000903': { zh: '需要设备指纹', en: 'device fingerprint needed' },
};

/** Only newInstance may answer these. [I] The document names more meanings than codes; the last three share one. */
const ofNewInstance = /^00010[1-7]$/;

export const success = '000000';
export const notThere = '000003';
export const inProgress = '000004';

export const meaningOf = (code: string): Sentence => meanings[code] ?? { zh: '协议中没有的结果码', en: 'a code that the interface does not have' };
export const isKnown = (code: string, activity: string): boolean => code in meanings && (activity === 'newInstance' || !ofNewInstance.test(code));
