import type { StateLabel } from '../declaration.ts';
import type { Role } from '../roles.ts';
import type { Context } from './context.ts';

const own = {
  building: {
    zh: '生成中',
    en: 'Being built',
    waitsFor: ['system'],
    description: { zh: '正在逐页生成账单明细。', en: 'Its lines are put together, page by page.' },
  },
  inReview: {
    zh: '待审核',
    en: 'In review',
    waitsFor: ['operationsManager'],
    description: { zh: '等待运营经理审核并发送。', en: 'The operations manager reviews it and sends it.' },
  },
  awaitingConfirmation: {
    zh: '待确认',
    en: 'Awaiting confirmation',
    waitsFor: ['merchant'],
    description: { zh: '等待收单方确认（仅 2024-12-24 前发送的账单）。', en: 'Its receiver confirms it; only bills sent before 2024-12-24 wait for that.' },
  },
  countersigning: {
    zh: '会签中',
    en: 'Being countersigned',
    waitsFor: ['operationsManager'],
    description: { zh: '等待另一位运营经理会签。', en: 'A second operations manager countersigns it.' },
  },
  awaitingInvoice: {
    zh: '待开票',
    en: 'Awaiting the invoice',
    waitsFor: ['merchant'],
    description: { zh: '等待收单方开具发票。', en: 'Its receiver invoices it.' },
  },
  invoiceSubmitted: {
    zh: '已开票，待收票',
    en: 'Invoiced',
    waitsFor: ['system'],
    description: { zh: '发票已开具，等待运营经理登记收票。', en: 'The invoice is issued and on its way; the operations manager records its receipt there.' },
  },
  invoiceReceived: {
    zh: '已收票，待核验',
    en: 'Invoice received',
    waitsFor: ['system'],
    description: { zh: '发票已收到，等待运营经理核验。', en: 'The invoice is here; the operations manager verifies it there.' },
  },
  paying: {
    zh: '付款中',
    en: 'Being paid',
    waitsFor: ['system'],
    description: { zh: '正在向收单方付款。', en: 'Its receiver is being paid.' },
  },
  paid: { zh: '已付款', en: 'Paid', waitsFor: [], description: { zh: '款项已付，账单完结。', en: 'The money is paid; nothing is owed on it.' } },
  carriedForward: {
    zh: '结转下期',
    en: 'Carried forward',
    waitsFor: [],
    description: { zh: '应付金额不大于零，负数结转到下一期账单。', en: 'Nothing is owed to its receiver; what it owes goes into the next bill.' },
  },
} as const;

/** ACT-3: a difference that awaits a second person is an operations manager's beside whoever else must act. */
const withPending =
  (waitsFor: readonly Role[]) =>
  (context: Pick<Context, 'pendingDifference'>): readonly Role[] =>
    context.pendingDifference && !waitsFor.includes('operationsManager') ? [...waitsFor, 'operationsManager'] : waitsFor;

/** What each state of a bill is called, and who must act in it. */
export const labels = Object.fromEntries(Object.entries(own).map(([name, label]) => [name, { ...label, whom: withPending(label.waitsFor) }])) as unknown as {
  [Name in keyof typeof own]: StateLabel;
};
