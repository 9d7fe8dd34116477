import type { Deadline, DeclaredPolicy, Given, Notice } from '../declaration.ts';
import { evidencePolicy } from '../evidence.ts';
import { countOf, days, endOf, minutes, spanOf, workingDays } from '../spans.ts';
import { deadlinesOf, noticesOf, policiesOf, remindBefore, rulesOf, wait } from '../supervision/waits.ts';
import * as differences from './differences.ts';

/** Whom a bill waits for, and how long (BIL-3). */
export const waits = {
  review: wait({
    in: ['inReview'],
    who: 'operationsManager',
    within: workingDays(3),
    what: { zh: '审核账单', en: 'review the bill' },
    rule: 'BIL-3',
  }),
  confirmation: wait({
    in: ['awaitingConfirmation'],
    who: 'merchant',
    within: workingDays(5),
    what: { zh: '确认账单', en: 'confirm the bill' },
    rule: 'BIL-3',
  }),
  countersign: wait({
    in: ['countersigning'],
    who: 'operationsManager',
    within: workingDays(3),
    what: { zh: '会签账单', en: 'countersign the bill' },
    rule: 'BIL-3',
  }),
  verification: wait({
    in: ['invoiceSubmitted', 'invoiceReceived'],
    who: 'operationsManager',
    within: workingDays(10),
    what: { zh: '收取并核验发票', en: 'receive and verify the invoice' },
    rule: 'BIL-3',
  }),
};

/** Whole months, the last day where a month is shorter. */
const invoiceEnd = ({ policies: set, calendar, now }: Pick<Given, 'policies' | 'calendar' | 'now'>) =>
  calendar.addMonths(now, countOf(set, 'invoiceWithinMonths'));

export const deadlines = {
  ...deadlinesOf(waits),
  buildingSlow: {
    in: ['building'],
    due: ({ policies: set }: Given) => spanOf(set, 'buildWithin'),
    label: { zh: '账单生成时限', en: 'Time to build the bill' },
    incident: true,
    rules: ['BIL-1'],
  },
  invoiceReminder: {
    in: ['awaitingInvoice'],
    due: (given: Given) => {
      const end = invoiceEnd(given);
      const at = end - (endOf(spanOf(given.policies, 'invoiceRemindBefore'), end, given.calendar) - end);
      return at > given.now ? { at } : null;
    },
    label: { zh: '提醒：开具结算发票', en: 'Reminder: invoice the bill' },
    rules: ['BIL-3'],
  },
  invoiceOverdue: {
    in: ['awaitingInvoice'],
    due: (given: Given) => ({ at: invoiceEnd(given) }),
    label: { zh: '期限：开具结算发票', en: 'Time to invoice the bill' },
    incident: true,
    rules: ['BIL-3'],
  },
  paymentOverdue: {
    in: ['paying'],
    due: ({ policies: set }: Given) => spanOf(set, 'payoutWithin'),
    label: { zh: '付款时限', en: 'Time to pay the bill' },
    incident: true,
    rules: ['BIL-3'],
  },
} as const satisfies Record<string, Deadline>;

export const policies = {
  remindBefore,
  ...evidencePolicy,
  ...policiesOf(waits),
  merchantBillingDay: { default: 3, least: 1, most: 28, label: { zh: '商家出账日（每月几号）', en: 'Billing day of merchants, of the month' }, rule: 'BIL-1' },
  providerBillingDay: {
    default: 7,
    least: 1,
    most: 28,
    label: { zh: '服务商出账日（每月几号）', en: 'Billing day of service providers, of the month' },
    rule: 'BIL-1',
  },
  countersignPlace: {
    default: 1,
    least: 1,
    most: 2,
    label: { zh: '会签环节：1 开票前，2 发票核验后', en: 'Countersigned: 1 before it is invoiced, 2 after its invoice is verified' },
    rule: 'BIL-3',
  },
  invoiceWithinMonths: { default: 1, least: 1, most: 12, label: { zh: '开票时限（月）', en: 'Months to invoice a bill' }, rule: 'BIL-3' },
  invoiceRemindBefore: { default: days(7), label: { zh: '开票到期前提醒', en: 'Reminder before an invoice is due' }, rule: 'BIL-3' },
  buildWithin: { default: minutes(60), label: { zh: '账单生成时限', en: 'Time to build a bill' }, rule: 'BIL-1' },
  payoutEvery: { default: minutes(5), label: { zh: '付款重试间隔', en: 'A payment is tried again every' }, rule: 'BIL-3' },
  payoutWithin: { default: workingDays(3), label: { zh: '付款时限', en: 'Time to pay a bill' }, rule: 'BIL-3' },
  ...differences.policies,
} satisfies Record<string, DeclaredPolicy>;

export const policyRules = rulesOf(Object.keys(waits));

const settlement = { topic: 'settlement' as const };
const told = noticesOf(waits);

export const notices: Record<string, readonly Notice[]> = {
  ...Object.fromEntries(Object.entries(told).map(([event, list]) => [event, list.map((notice) => ({ ...notice, ...settlement }))])),
  linesBuilt: [{ to: ['operationsManager'], ...settlement, text: { zh: '新一期账单已生成，请审核。', en: 'A bill is built; review it.' } }],
  sendBill: [{ to: ['merchant'], ...settlement, text: { zh: '账单已发送，请查看。', en: 'Your bill is here.' } }],
  invoiceReminder: [{ to: ['merchant'], ...settlement, text: { zh: '账单开票即将到期。', en: 'The time to invoice your bill is nearly over.' } }],
  invoiceOverdue: [{ to: ['merchant', 'operationsManager'], ...settlement, text: { zh: '账单逾期未开票。', en: 'A bill was not invoiced in time.' } }],
  invoiceRefused: [
    { to: ['merchant'], ...settlement, text: { zh: '结算发票核验未通过，请重新开具。', en: 'Your invoice was refused; invoice the bill again.' } },
  ],
  billPaid: [{ to: ['merchant'], ...settlement, text: { zh: '账单已付款。', en: 'Your bill is paid.' } }],
  paymentOverdue: [{ to: ['operationsManager'], ...settlement, text: { zh: '账单逾期未付款。', en: 'A bill was not paid in time.' } }],
  buildingSlow: [{ to: ['operationsManager'], ...settlement, text: { zh: '账单生成超时。', en: 'A bill takes too long to build.' } }],
  ...differences.notices,
};
