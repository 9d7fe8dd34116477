import { setup } from 'xstate';
import { z } from 'zod';
import { commandOf, type EventsOf, type Lifecycle, type PlainEvent } from './declaration.ts';
import { workingDays } from './spans.ts';
import { deadlinesOf, noticesOf, policiesOf, remindBefore, rulesOf, wait, waited } from './supervision/waits.ts';
import { instant } from './values.ts';

const context = z.object({ product: z.string(), productName: z.string(), askedAt: instant });
type Context = z.output<typeof context>;

const command = commandOf<Context>();
const nothing = z.object({});

const commands = {
  approveRetirement: command({
    label: { zh: '同意退市', en: 'Approve the retirement' },
    description: { zh: '商品永久退出销售；已有订单继续履约。', en: 'The product is gone from sale for good; its orders go on.' },
    by: ['operationsManager'],
    input: nothing,
    reason: 'optional',
    destructive: true,
    rules: ['CAT-1'],
  }),
  refuseRetirement: command({
    label: { zh: '驳回退市', en: 'Refuse the retirement' },
    description: { zh: '写明原因，商品保持原状。', en: 'With the reason; the product stays as it is.' },
    by: ['operationsManager'],
    input: nothing,
    reason: 'required',
    rules: ['CAT-1'],
  }),
  withdrawRetirement: command({
    label: { zh: '撤回退市申请', en: 'Withdraw the retirement' },
    description: { zh: '商品保持原状。', en: 'The product stays as it is.' },
    by: ['merchant'],
    input: nothing,
    reason: 'optional',
    rules: ['CAT-1'],
  }),
};

const waits = {
  retirementReview: wait({
    in: ['submitted'],
    who: 'operationsManager',
    within: workingDays(3),
    what: { zh: '审核商品退市', en: 'review the retirement' },
    rule: 'CAT-1',
  }),
};

export const productRetirementMachine = setup({
  types: {
    context: {} as Context,
    events: {} as EventsOf<typeof commands> | PlainEvent<'productGone' | 'retirementReviewReminder' | 'retirementReviewOverdue'>,
    input: {} as Context,
  },
}).createMachine({
  id: 'productRetirement',
  options: { maxIterations: 100 },
  context: ({ input }) => input,
  initial: 'submitted',
  states: {
    submitted: {
      on: {
        approveRetirement: 'approved',
        refuseRetirement: 'refused',
        withdrawRetirement: 'withdrawn',
        productGone: 'overtaken',
        ...waited('retirementReview'),
      },
    },
    approved: { type: 'final' },
    refused: { type: 'final' },
    withdrawn: { type: 'final' },
    overtaken: { type: 'final' },
  },
});

/** 退市 of one product at its merchant's wish, with the operations manager's review (CAT-1). The product stays on sale meanwhile. */
export const productRetirement = {
  name: 'productRetirement',
  version: 1,
  prefix: 'PT',
  label: { zh: '商品退市申请', en: 'Product retirement' },
  machine: productRetirementMachine,
  context,
  states: {
    submitted: {
      zh: '退市审核中',
      en: 'In review',
      waitsFor: ['operationsManager'],
      description: { zh: '等待运营经理审核，商品保持原状。', en: 'The operations manager reviews it; the product stays as it is.' },
    },
    approved: { zh: '已同意', en: 'Approved', waitsFor: [], description: { zh: '商品已退市。', en: 'The product is retired.' } },
    refused: { zh: '已驳回', en: 'Refused', waitsFor: [], description: { zh: '商品保持原状。', en: 'The product stays as it is.' } },
    withdrawn: { zh: '已撤回', en: 'Withdrawn', waitsFor: [], description: { zh: '商家已撤回。', en: 'The merchant withdrew it.' } },
    overtaken: { zh: '商品已退市', en: 'Overtaken', waitsFor: [], description: { zh: '商品已因其他原因退市。', en: 'The product was retired meanwhile.' } },
  },
  opening: {
    name: 'requestRetirement',
    command: commandOf()({
      label: { zh: '申请退市', en: 'Ask for retirement' },
      description: { zh: '申请商品永久退出销售，由运营经理审核。', en: 'Ask that the product leaves sale for good; the operations manager reviews it.' },
      by: ['merchant'],
      input: z.object({ product: z.uuid() }),
      reason: 'required',
      requires: [
        {
          code: 'PRODUCT_RETIRED',
          met: ({ joined }) => joined?.product?.lifecycle === 'product' && joined.product.value !== 'retired',
          details: ({ joined }) => ({ product: String(joined?.product?.context.productName ?? '') }),
        },
      ],
      rules: ['CAT-1'],
    }),
    joins: (given: { product: string }) => ({ product: given.product }),
    start: ({ joined, now }) => {
      const of = joined?.product;
      if (!of) throw new Error('expected the product that is to be retired');
      return { input: { product: of.context.product, productName: of.context.productName, askedAt: now }, parties: of.parties };
    },
  },
  commands,
  events: { productGone: { zh: '商品已退市', en: 'The product is retired' } },
  deadlines: deadlinesOf(waits),
  effects: {},
  onEnter: { approved: [{ tell: 'product', event: 'retirementApproved', input: () => ({}) }] },
  notices: {
    ...noticesOf(waits),
    requestRetirement: [
      { to: ['operationsManager'], topic: 'products', text: { zh: '商家申请商品退市，请审核。', en: 'A merchant asks to retire a product; review it.' } },
    ],
    refuseRetirement: [{ to: ['merchant'], topic: 'products', text: { zh: '退市申请被驳回。', en: 'The retirement was refused.' } }],
  },
  policies: { remindBefore, ...policiesOf(waits) },
  policyRules: rulesOf(Object.keys(waits)),
  rules: ['CAT-1'],
} satisfies Lifecycle;
