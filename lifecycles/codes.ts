import { appealCodes } from './codes/appeal.ts';
import { exitCodes } from './codes/exit.ts';
import { fieldCodes } from './codes/fields.ts';
import { orderingCodes } from './codes/ordering.ts';
import { organisationCodes } from './codes/organisation.ts';
import { productionCodes } from './codes/production.ts';
import { refundCodes } from './codes/refund.ts';
import { secondPersonCodes } from './codes/secondPerson.ts';
import { settlementCodes } from './codes/settlement.ts';
import type { Bilingual } from './roles.ts';

/**
 * Every problem a caller can meet: what was expected, what came, what to do. `{name}` is filled in from the
 * problem's details. A code is stable; its sentences may be improved.
 */
export const codes = {
  ...appealCodes,
  ...secondPersonCodes,
  ...settlementCodes,
  ...orderingCodes,
  ...refundCodes,
  ENDED: {
    zh: '“{lifecycle}”{number} 已结束（{state}），不再接受操作。监管完成后的问题请提交售后工单（SUP-10）。',
    en: '{lifecycle} {number} has ended ({state}) and takes no more commands. Raise a later complaint as a support ticket (SUP-10).',
  },
  WRONG_STATE: {
    zh: '“{command}”只能在 {expected} 时进行，当前状态为 {state}。',
    en: '"{command}" is possible only while {expected}; the state is {state}.',
  },
  ROLE_NOT_ALLOWED: {
    zh: '“{command}”由 {expected} 执行，您的角色是 {role}。',
    en: '"{command}" is done by {expected}; you act as {role}.',
  },
  FROZEN_BY_APPEAL: {
    zh: '{number} 因申诉冻结中。请等待运营经理裁决或撤回申诉后再操作（SUP-5）。',
    en: '{number} is frozen by an appeal. Wait for the operations manager’s decision, or for the appeal to be withdrawn (SUP-5).',
  },
  RECORDED_ALREADY: {
    zh: '{number} 因申诉冻结中，“{command}”已经登记，解冻后自动生效，无需重复（SUP-5）。',
    en: '{number} is frozen by an appeal; "{command}" is recorded already and is applied when the freeze ends. Do not send it again (SUP-5).',
  },
  APPEAL_STANDS: {
    zh: '您对 {number} 已有一个未结的申诉，每一方同时只能有一个（SUP-5）。',
    en: 'You already have an open appeal on {number}; each party may have one at a time (SUP-5).',
  },
  NO_APPEAL_OF_YOURS: {
    zh: '您在 {number} 没有未结的申诉，无可撤回。',
    en: 'You have no open appeal on {number}, so there is nothing to withdraw.',
  },
  WRONG_WAY: {
    zh: '“{command}”属于“{expected}”，{number} 的交付方式是“{way}”：{steps}（SUP-2）。',
    en: '"{command}" belongs to the delivery way {expected}; {number} is delivered by {way}: {steps} (SUP-2).',
  },
  REMINDED_RECENTLY: {
    zh: '已于 {since} 催办过 {number}，{until} 之后才能再次催办（SUP-7）。',
    en: 'The merchant of {number} was reminded at {since}; the next reminder is possible from {until} on (SUP-7).',
  },
  NO_EVIDENCE_ASKED_OF_YOU: {
    zh: '运营经理没有要求您为 {number} 举证，或举证期限已过；您可以在申诉中附上文件。',
    en: 'Nobody asked you for evidence on {number}, or the time for it is over; files may come with an appeal.',
  },
  EVIDENCE_REQUESTED: {
    zh: '{number} 已在等待{party}提交证据，请等其提交或期限结束后再要求。',
    en: 'Evidence of {party} is awaited on {number} already; ask again when it is here or its time is over.',
  },
  OWN_CASE: {
    zh: '您本人参与过 {number}，不能处理自己的申诉；请由其他运营经理处理（ACT-3）。',
    en: 'You took part in {number} yourself, and nobody decides a case of his own; another operations manager must (ACT-3).',
  },
  NOTHING_DELIVERED: {
    zh: '{number} 还没有交付过，无法裁决“重新交付”；请选择驳回、代为验收或终止。',
    en: 'Nothing was delivered yet on {number}, so nothing can be delivered again; dismiss, complete or terminate.',
  },
  REFUND_ORDERED: {
    zh: '{number} 已裁决终止并在退款，申诉只能驳回，退款随后继续。',
    en: 'A refund of {number} was ordered by an earlier decision; an appeal against it can only be dismissed, and the refund goes on.',
  },
  REFUND_OVER_PAID: {
    zh: '退款金额应为 0 到 {expected}（{currency}，分），收到的是 {got}（SUP-6）。',
    en: 'Expected a refund from 0 to {expected} ({currency}, minor units), which was paid, got {got} (SUP-6).',
  },
  NO_APPEAL_STANDS: {
    zh: '{number} 没有未结的申诉，无可裁决（SUP-6）。',
    en: 'No appeal stands on {number}, so there is nothing to decide (SUP-6).',
  },
  COMPLETED_BY_SUPERVISION: {
    zh: '{number} 受服务监管，监管完成时自动完成（ORD-4）。',
    en: '{number} is supervised: it is completed when its supervision is finished (ORD-4).',
  },
  NOTHING_TO_RETRY: {
    zh: '{number} 没有等待重试的任务。',
    en: '{number} has no effect that waits for a retry.',
  },
  WHITELIST_ONLY: {
    zh: '商品 {product} 仅限白名单账户购买（ORD-6）。',
    en: 'Product {product} can be bought only by the accounts on its whitelist (ORD-6).',
  },
  PRODUCT_NOT_ON_SALE: {
    zh: '商品 {product} 不存在或未在售，请从商品目录选择。',
    en: 'Product {product} does not exist or is not on sale; choose one from the catalogue.',
  },
  CREDIT_CONTROL_NOT_APPLICABLE: {
    zh: '商品 {product} 的交易模式不适用“{means}”；授信支付仅限联营及华为商品，请改用其他支付方式（ORD-7）。',
    en: 'Payment by {means} does not apply to {product} in its trade mode: only to joint and Huawei products. Use another means (ORD-7).',
  },
  CREDIT_CONTROL: {
    zh: '商品 {product} 未开通支付方式 {means}，请改用其他支付方式（ORD-7）。',
    en: 'Product {product} does not accept payment by {means}; use another means (ORD-7).',
  },
  NO_DELIVERY_WAY: {
    zh: '商品 {product}（接入类型 {accessType}）设为监管，但没有监管的交付方式；请商家更正接入类型或 License 交付方式（SUP-2）。',
    en: 'Product {product} (access type {accessType}) is supervised, but the rules have no way of delivery for it; its merchant must correct the access type or the licence delivery (SUP-2).',
  },
  POLICY_UNKNOWN: {
    zh: '“{lifecycle}”没有名为 {policy} 的策略，可用的有：{expected}。',
    en: '{lifecycle} has no policy named {policy}; there are {expected}.',
  },
  POLICY_KIND: {
    zh: '策略“{policy}”应为{expected}，收到的是 {got}。',
    en: 'Policy "{policy}" takes {expected}, you sent {got}.',
  },
  POLICY_RANGE: {
    zh: '策略“{policy}”应为{expected}，收到的是 {got}。',
    en: 'Policy "{policy}" must be {expected}, you sent {got}.',
  },
  POLICY_NOT_PER_PRODUCT: {
    zh: '“{lifecycle}”的策略不分商品，请不填商品，为全平台设置。',
    en: 'The policies of {lifecycle} are not per product; leave the product out and set them for the installation.',
  },
  POLICY_ONLY_PER_PRODUCT: {
    zh: '策略“{policy}”只能为单个商品设置，全平台一律为 {expected}；请指定商品。',
    en: 'Policy "{policy}" is set for single products only, for the whole installation it stays {expected}; name a product.',
  },
  POLICY_CONTRADICTION: {
    zh: '策略自相矛盾（{scope}）：要求“{rule}”，而现在是 {values}。请一并调整后重试。',
    en: 'The policies contradict each other ({scope}): expected that {rule}, got {values}. Change them together and try again.',
  },
  CALENDAR_DAY: {
    zh: '此处应为 {expected}，收到的是 {got}。',
    en: 'Expected {expected}, got {got}.',
  },
  WHAT_IF_LIMIT: {
    zh: '推演的{what}应为 {expected}，收到的是 {got}。',
    en: 'A what-if takes {expected} {what}, you sent {got}.',
  },
  WHAT_IF_ROLE: {
    zh: '您只能以自己的角色（{expected}）推演操作；只有运营经理可以代其他角色推演。',
    en: 'You may suppose commands of your own role ({expected}); only operations managers suppose those of others.',
  },
  NOT_FOUND: {
    zh: '找不到 {id}，或您无权查看。请核对编号。',
    en: '{id} does not exist, or is not yours to see. Check the id.',
  },
  STALE: {
    zh: '{number} 已被 {changedBy} 更新到版本 {currentRevision}，您提交的是版本 {expectedRevision}。请刷新后重试。',
    en: '{number} is at revision {currentRevision} (last changed by {changedBy}), you sent {expectedRevision}. Read it again and decide anew.',
  },
  INVALID: {
    zh: '输入有误：{fields}。请更正后重试。',
    en: 'The input is not valid: {fields}. Correct it and send it again.',
  },
  ...fieldCodes,
  KEY_REUSED: {
    zh: '幂等键 {key} 已用于另一个请求。请为新的请求使用新的键。',
    en: 'Idempotency key {key} was already used for a different request. Use a new key for a new request.',
  },
  ...organisationCodes,
  UNAVAILABLE: {
    zh: '暂时无法处理（{reason}）。请在 {retryAfter} 秒后用同一幂等键重试：已生效的不会重复。',
    en: 'Not available right now ({reason}). Send the same request with the same key again in {retryAfter} s: what was done is not done twice.',
  },
  ...exitCodes,
  ...productionCodes,
} as const satisfies Record<string, Bilingual>;

export type Code = keyof typeof codes;
export type Detail = string | number | null | Bilingual;
export type Details = Record<string, Detail>;

/** The sentence of a code with its details filled in. */
export function sentence(code: Code, details: Details, language: keyof Bilingual): string {
  return codes[code][language].replace(/\{(\w+)\}/g, (_, name: string) => {
    const detail = details[name] ?? '–';
    return typeof detail === 'object' ? detail[language] : String(detail);
  });
}

/** Several labels as one, in both languages. */
export const joined = (labels: readonly Bilingual[]): Bilingual => ({
  zh: labels.map((label) => label.zh).join('、'),
  en: labels.map((label) => label.en).join(', '),
});
