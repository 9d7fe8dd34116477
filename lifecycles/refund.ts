import type { Lifecycle } from './declaration.ts';
import { evidencePolicy } from './evidence.ts';
import * as confirmation from './refund/confirmation.ts';
import { type Context, context } from './refund/context.ts';
import { commands, refundMachine } from './refund/machine.ts';
import * as others from './refund/others.ts';
import * as payout from './refund/payout.ts';
import * as request from './refund/request.ts';
import * as review from './refund/review.ts';
import { rulesOf } from './supervision/waits.ts';

/** A refund 退订 of one order, from the request or the decision to the money: REF-1 to REF-5, SUP-6. */
export const refund = {
  name: 'refund',
  version: 1,
  prefix: 'RF',
  label: { zh: '退订', en: 'Refund' },
  machine: refundMachine,
  context,
  states: {
    ...review.labels,
    ...payout.labels,
    running: { zh: '进行中', en: 'Running', waitsFor: ['system'], description: { zh: '没有申诉。', en: 'No appeal stands.' } },
    frozen: {
      takesOver: 1,
      zh: '申诉冻结',
      en: 'Frozen by an appeal',
      waitsFor: [],
      description: {
        zh: '监管有申诉未结，退订随之冻结，期限保留剩余时间。',
        en: 'An appeal stands on the supervision, so the refund waits as well; every deadline keeps what was left of it.',
      },
    },
  },
  opening: request.opening,
  commands,
  events: {
    ...payout.events,
    refundSuperseded: { zh: '由裁决取代', en: 'Superseded by a decision' },
    invoiceRequested: { zh: '买家申请发票', en: 'An invoice was asked for' },
    appealFiled: { zh: '发起申诉', en: 'Appeal filed' },
    appealClosed: { zh: '申诉了结', en: 'Appeal closed' },
  },
  deadlines: { ...review.deadlines, ...payout.deadlines },
  effects: payout.effects,
  onEnter: others.onEnter,
  notices: { ...review.notices, ...payout.notices, ...confirmation.notices },
  policies: { ...evidencePolicy, ...request.policies, ...review.policies, ...payout.policies, ...confirmation.policies },
  policyRules: rulesOf(['review']),
  policyScope: ({ product }: Context) => product,
  whenMerchantFrozen: 'allowed',
  rules: ['REF-1', 'REF-1a', 'REF-2', 'REF-3', 'REF-4', 'REF-5', 'SUP-5', 'SUP-6', 'ACT-3'],
} satisfies Lifecycle;
