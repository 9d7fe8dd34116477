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
  CODE_NOT_CLAIMED: {
    zh: '{number} 的授权码尚未被买家领取，不能激活；请等买家领取后再报告（SUP-2）。',
    en: 'The code of {number} was not claimed by the buyer yet, so it cannot have been activated; report it after the claim (SUP-2).',
  },
} as const;
