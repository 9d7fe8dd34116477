/** What is refused in a delivery and in a case that an appeal opened (SUP-2, SUP-6, ACT-3). */
export const appealCodes = {
  TOO_MANY_FILES: {
    zh: '一步最多 {expected} 个文件，收到的是 {got} 个；请合并后重新提交（SUP-9）。',
    en: 'Expected at most {expected} files in one step, got {got}; put some of them together (SUP-9).',
  },
  EVIDENCE_TIME_OVER: {
    zh: '{number} 的举证期（每案合计 {within}）已于 {since} 用完，不能再要求举证；请依据现有材料裁决（SUP-6）。',
    en: 'The time for evidence on {number}, {within} in one case in all, was used up at {since}; decide on what is there (SUP-6).',
  },
  DECISION_PENDING: {
    zh: '{by} 已裁决终止 {number} 并退款 {got}（{currency}，分），须另一位运营经理确认或驳回后才能继续（ACT-3）。',
    en: '{by} decided to terminate {number} with a refund of {got} ({currency}, minor units); another operations manager must confirm or reject that first (ACT-3).',
  },
  NO_DECISION_PENDING: {
    zh: '{number} 没有等待确认的裁决。',
    en: 'No decision on {number} awaits confirmation.',
  },
  SECOND_PERSON: {
    zh: '这是您本人作出的裁决，须由另一位运营经理确认（ACT-3）。',
    en: 'You made this decision on {number} yourself; another operations manager must confirm it (ACT-3).',
  },
  CODE_NOT_CLAIMED: {
    zh: '{number} 的授权码尚未被买家领取，不能激活；请等买家领取后再报告（SUP-2）。',
    en: 'The code of {number} was not claimed by the buyer yet, so it cannot have been activated; report it after the claim (SUP-2).',
  },
} as const;
