import { joined } from '../codes.ts';
import type { Given } from '../declaration.ts';
import { type Bilingual, type Role, roles } from '../roles.ts';
import { days, spanOf, workingDays } from '../spans.ts';
import type { Context } from './context.ts';
import { reminderOf } from './waits.ts';

/** SUP-5: an appeal freezes supervision. The states of progress are not left; a second region says so. */
export const freeze = {
  initial: 'running',
  states: {
    running: { on: { fileAppeal: { target: 'frozen', actions: 'keep' } } },
    frozen: {
      on: {
        fileAppeal: { actions: 'keep' },
        withdrawAppeal: [{ guard: 'isOnlyAppeal', target: 'running', actions: 'keep' }, { actions: 'keep' }],
        decideAppeal: [
          { guard: 'needsSecondPerson', actions: 'keep' },
          { target: 'running', actions: 'keep' },
        ],
        confirmDecision: { target: 'running', actions: 'keep' },
        rejectDecision: { actions: 'keep' },
        decisionReminder: {},
        decisionDue: {},
      },
    },
  },
} as const;

/** SUP-6: while evidence is awaited the time to decide stands still, which a case may cost three days in all. */
export const evidence = {
  initial: 'noEvidenceAwaited',
  states: {
    noEvidenceAwaited: { on: { requestEvidence: { target: 'evidenceAwaited', actions: 'keep' } } },
    evidenceAwaited: {
      on: {
        requestEvidence: { actions: 'keep' },
        submitEvidence: [{ guard: 'isLastEvidence', target: 'noEvidenceAwaited', actions: 'keep' }, { actions: 'keep' }],
        evidenceDue: { target: 'noEvidenceAwaited', actions: 'keep' },
        withdrawAppeal: { guard: 'isOnlyAppeal', target: 'noEvidenceAwaited' },
        decideAppeal: 'noEvidenceAwaited',
      },
    },
  },
} as const;

/** The parties whose evidence is awaited. */
const askedOf = ({ evidence: asked }: Context): Role[] => (['buyer', 'merchant'] as const).filter((party) => asked[party] !== null);

export const labels = {
  running: {
    zh: '进行中',
    en: 'Running',
    waitsFor: ['system'],
    description: { zh: '没有申诉。', en: 'No appeal stands.' },
  },
  frozen: {
    zh: '申诉冻结',
    en: 'Frozen by an appeal',
    waitsFor: ['operationsManager'],
    takesOver: 2,
    description: {
      zh: '申诉未结，除申诉相关操作外一律暂停，期限保留剩余时间。',
      en: 'An appeal stands; nothing but its own steps is possible, and every deadline keeps what was left of it.',
    },
  },
  noEvidenceAwaited: {
    zh: '无待交证据',
    en: 'No evidence awaited',
    waitsFor: ['system'],
    description: { zh: '没有待提交的证据。', en: 'Nobody was asked for evidence.' },
  },
  evidenceAwaited: {
    zh: '待交证据',
    en: 'Evidence awaited',
    waitsFor: ['buyer', 'merchant'],
    whom: askedOf,
    takesOver: 3,
    description: { zh: '等待被要求的一方提交证据，裁决期限暂停。', en: 'The party that was asked hands in evidence; the time to decide stands still.' },
  },
} as const;

export const deadlines = {
  decisionReminder: {
    in: ['frozen'],
    due: (given: Given) => reminderOf(spanOf(given.policies, 'decisionWithin'), given),
    label: { zh: '提醒：裁决申诉', en: 'Reminder: decide the appeal' },
    whenFrozen: 'run',
    pausedIn: ['evidenceAwaited'],
    rules: ['SUP-6', 'SUP-7'],
  },
  decisionDue: {
    in: ['frozen'],
    due: ({ policies }: Given) => spanOf(policies, 'decisionWithin'),
    label: { zh: '期限：裁决申诉', en: 'Time to decide the appeal' },
    whenFrozen: 'run',
    pausedIn: ['evidenceAwaited'],
    incident: true,
    rules: ['SUP-6'],
  },
  // one time for the whole case: it runs while evidence is awaited and keeps its remainder from one request to the next
  evidenceDue: {
    in: ['frozen'],
    due: ({ policies }: Given) => spanOf(policies, 'evidenceWithin'),
    label: { zh: '举证期（每案合计）', en: 'Time for evidence, in one case in all' },
    whenFrozen: 'run',
    pausedIn: ['noEvidenceAwaited'],
    rules: ['SUP-6'],
  },
} as const;

export const policies = {
  decisionWithin: { default: workingDays(3), label: { zh: '申诉裁决时限', en: 'Decision on an appeal within' }, rule: 'SUP-6' },
  evidenceWithin: { default: days(3), label: { zh: '每案举证期合计', en: 'Time for evidence in one case, in all' }, rule: 'SUP-6' },
};

export const notices = {
  fileAppeal: [
    {
      topic: 'disputes',
      to: ['operationsManager', 'buyer', 'merchant'],
      text: { zh: '有申诉，监管已冻结。', en: 'An appeal was filed; supervision is frozen.' },
    },
  ],
  withdrawAppeal: [{ topic: 'disputes', to: ['operationsManager', 'buyer', 'merchant'], text: { zh: '一方已撤回申诉。', en: 'An appeal was withdrawn.' } }],
  requestEvidence: [
    {
      topic: 'disputes',
      to: ['buyer', 'merchant'],
      text: { zh: '运营经理要求补充证据。', en: 'The operations manager asks for evidence.' },
      adds: (context: Context): Bilingual => {
        const asked = joined(askedOf(context).map((role) => roles[role]));
        return { zh: `请${asked.zh}提交。`, en: `It is for the ${asked.en.toLowerCase()} to hand it in.` };
      },
    },
  ],
  submitEvidence: [{ topic: 'disputes', to: ['operationsManager'], text: { zh: '证据已提交。', en: 'Evidence was handed in.' } }],
  evidenceDue: [
    {
      topic: 'disputes',
      to: ['operationsManager', 'buyer', 'merchant'],
      text: { zh: '举证期限已过，裁决期限继续。', en: 'The time for evidence is over; the time to decide runs on.' },
    },
  ],
  decisionReminder: [{ topic: 'disputes', to: ['operationsManager'], text: { zh: '申诉裁决即将到期。', en: 'The time to decide the appeal is nearly over.' } }],
  decisionDue: [{ topic: 'disputes', to: ['operationsManager'], text: { zh: '申诉裁决已超期。', en: 'The decision on the appeal is overdue.' } }],
} as const;
