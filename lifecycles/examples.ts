import type { Facts } from './facts.ts';
import { nothingInTheWay } from './merchantExit/conditions.ts';
import { sampleNow } from './samples.ts';
import type { Policies } from './spans.ts';

/** What a walk begins with where a lifecycle's schemas alone do not say it. */
export type Examples = {
  /** Contexts to begin with, each over the first sample of every field. */
  starts?: readonly Record<string, unknown>[];
  /** Inputs of events that other instances send. */
  told?: Record<string, Record<string, unknown>>;
  /** Inputs of commands besides the samples of their schemas, where two fields belong together. */
  inputs?: Record<string, readonly Record<string, unknown>[]>;
  /** Results of effects besides the sample of their schema: where a guard reads an amount. */
  outcomes?: Record<string, readonly Record<string, unknown>[]>;
  /** The instant of the start, where a rule holds only until one; `sampleNow` otherwise. */
  at?: number;
  /** Values of policies by which every deadline is met, over the defaults. */
  policies?: Policies;
  /** By command: facts besides none, by which it leads elsewhere. */
  facts?: Record<string, readonly Facts[]>;
  /** Fields of the context that no rule reads: people do. */
  unread?: readonly string[];
};

const admins = [
  { person: 'enterpriseAdmin', account: 'buyer' },
  { person: 'buyer', account: 'buyer' },
];
const inDays = (days: number) => sampleNow + days * 86_400_000;

/** By lifecycle; most need none. A guard that reads a text or an amount needs a start for each of its answers. */
export const examples: Record<string, Examples> = {
  enterprise: {
    starts: [{ creator: 'enterpriseAdmin', admins }],
    told: { adminJoined: { person: 'text', account: 'text' } },
    unread: ['name', 'domainName', 'tenantId', 'tenantCode'],
  },
  appBinding: {
    starts: [{ admins }],
    told: { adminsChanged: { admins } },
    inputs: { authoriseApp: [{ departments: ['root'], userNames: [], groups: [], licenceAgreed: true }] },
    unread: ['failureCode', 'failureMessage', 'lastSyncedAt', 'syncedTo', 'domainName'],
  },
  adminInvitation: { starts: [{ creator: 'enterpriseAdmin' }], unread: ['sentAt', 'acceptedBy'] },
  order: {
    starts: [
      { supervised: true, accessType: 'SaaS' },
      { supervised: false, accessType: 'SaaS' },
      { supervised: false, accessType: 'image' },
      { supervised: true, accessType: 'SaaS', hasInterface: true },
      { supervised: false, accessType: 'SaaS', hasInterface: true },
      { kind: 'trial', amount: 0, supervised: false, hasInterface: true },
      { kind: 'renewal', supervised: false, hasInterface: true },
      { kind: 'renewal', supervised: false, hasInterface: false },
    ],
    told: {
      callSucceeded: { activity: 'newInstance', instanceId: 'text', frontEndUrl: null, adminUrl: null },
      callGivenUp: { activity: 'newInstance', because: 'text' },
      instanceReleased: { instance: 'text' },
      supervisionFinished: { validFrom: sampleNow, finishedAt: sampleNow },
      refundAsked: { number: 'text', amount: 1 },
      refundSettled: { receipt: 'text' },
    },
  },
  supervision: {
    starts: [
      { way: 'saas', scenario: 'baseCloud' },
      { way: 'humanService', scenario: 'baseCloud' },
      { way: 'licenseOnlineCode', scenario: 'none' },
      { way: 'licenseOnlineCode', scenario: 'baseCloud' },
      { way: 'licenseOnline', scenario: 'baseCloud' },
      { way: 'licenseOffline', scenario: 'none' },
      { way: 'softwarePackage', scenario: 'none' },
    ],
    // a termination with a refund takes a second person, one without takes effect at once
    inputs: { decideAppeal: [{ decision: 'terminate', refundAmount: 1 }] },
    told: { refundAsked: { number: 'text', amount: 1 }, refundSettled: { receipt: 'text' } },
    policies: { autoAcceptAfter: 20, secondPersonAbove: 0 },
    unread: [
      ...['requirement', 'systemCode', 'licenceCode', 'deployedBy', 'openedAt', 'acceptanceFiles'],
      ...['round', 'returnedBecause', 'acceptedBy', 'remindedAt', 'lastDecision', 'receipt'],
      // whether one is pending is a state of its own
      'pendingRefund',
      // by the ids of others than the walk's manager
      'people',
    ],
  },
  refund: {
    starts: [
      { kind: 'negotiated', amount: 1 },
      { kind: 'withoutReason', amount: 1 },
      { kind: 'decided', amount: 0 },
    ],
    policies: { secondPersonAbove: 0 },
    unread: ['review', 'receipt', 'statusReceipt'],
  },
  // one failure is enough, so that a walk needs none of the counts
  product: {
    starts: [true, false].map((onSale) => ({ onSale, tradeMode: 'joint' })),
    unread: ['tradeMode', 'creditMeans'],
    facts: { allowAccount: [{ listedAccount: { id: 'text', kind: 'buyer', name: 'text', onboarded: false } }] },
    policies: { failedCallsAMonth: 0, failedDialDays: 1 },
  },
  merchantExit: { facts: { approveExit: [{ obstacles: { ...nothingInTheWay, listed: { count: 1, first: ['text'] } } }] } },
  settlementBill: {
    // before the last bills that are confirmed by their receiver (BIL-3): some deadlines pass after it
    at: Date.parse('2024-12-20T10:00:00+08:00'),
    told: { invoiceRefused: { because: 'text' } },
    policies: { secondPersonAbove: 0 },
    outcomes: { buildLines: [{ lines: 1, paid: 1, refunded: 2, net: -1, toInvoice: -1 }] },
    unread: ['invoice', 'invoiceRefusedBecause', 'confirmedAt', 'receipt', 'lines', 'paid', 'refunded'],
  },
  invoice: {
    starts: [
      { kind: 'sale', issuer: 'merchant' },
      { kind: 'sale', issuer: 'marketplace' },
      { kind: 'settlement', issuer: 'receiver' },
    ],
    told: { refundApproved: { refund: 'text' } },
    unread: ['lines', 'courier', 'trackingNumber', 'redLetterNumber', 'refundNumber'],
  },
  serviceInstance: {
    starts: [
      { validUntil: inDays(90), units: 0, unitPrice: null },
      { validUntil: null, units: 1, unitPrice: null, merchantInstance: 'text' },
      { validUntil: inDays(90), units: 2, unitPrice: 1, trial: true },
      { validUntil: null, units: 0, unitPrice: 1_000 },
    ],
    facts: {
      recordUsage: [{ prepaid: { account: 'text', number: 'text', covers: true } }, { prepaid: { account: 'text', number: 'text', covers: false } }],
      settleArrears: [{ prepaid: { account: 'text', number: 'text', covers: true } }],
    },
    told: {
      changeOrdered: { order: 'text' },
      changeDropped: { order: 'text' },
      changeDone: { order: 'text', kind: 'renewal', validUntil: inDays(200), quantity: 1, sku: null, period: null, units: 1_000 },
      callSucceeded: { activity: 'expireInstance', frontEndUrl: null, adminUrl: null },
      renewalRefunded: { validUntil: inDays(90) },
      purchaseRefunded: { order: 'text' },
    },
    unread: ['kind', 'product', 'period', 'sku', 'frontEndUrl', 'adminUrl', 'lastChange', 'openChange', 'warnedAt', 'currency', 'merchantShareBp'],
  },
  buyerAccount: {
    inputs: { topUpAccount: [{ amount: 10_000_000, reference: 'text' }], correctAccount: [{ amount: 10_000_000 }] },
    facts: Object.fromEntries(['topUpAccount', 'correctAccount', 'confirmCorrection'].map((name) => [name, [{ accountMoney: { balance: -1, waiting: 1 } }]])),
    unread: ['buyer', 'currency', 'openedAt', 'toppedUp', 'corrected', 'lastTopUp'],
  },
  productionCall: { starts: [{ activity: 'newInstance', caller: 'order' }], unread: ['stoppedBecause', 'answer'] },
};
