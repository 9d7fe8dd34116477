import type { Obstacles } from './merchantExit/conditions.ts';
import type { Organisation } from './organisation/subjects.ts';
import type { Standing } from './standing.ts';

/**
 * What a command must know of the world beside its own instance. A loader in db/facts.ts reads each inside the
 * command's transaction; what it read is stored in the event, so that the check can be executed again.
 */
export type EvidenceFile = {
  id: string;
  name: string;
  sha256: string;
  bytes: number;
  uploadedBy: string;
  /** The party that uploaded it; null for the marketplace's own people. */
  party: string | null;
};

export type Prices = { once?: number; month?: number; year?: number };
export type Offers = {
  skus?: Record<string, { name: string; prices: Prices }>;
  trialDays?: number;
  unitPrice?: number;
  packages?: Record<string, { units: number; price: number }>;
};

export type Product = {
  id: string;
  name: string;
  merchant: string;
  accessType: 'SaaS' | 'License' | 'humanService' | 'image' | 'apiGateway' | 'appOrchestration' | 'dataAsset';
  tradeMode: 'general' | 'joint' | 'curated' | 'curatedSelfOperated' | 'huaweiSelfService';
  /** How a licence is delivered (ORD-2); null for what is no licence. */
  licenceDelivery: 'onlineCode' | 'online' | 'offline' | 'softwarePackage' | null;
  /** SUP-1: delivered under supervision. */
  supervised: boolean;
  /** What a unit costs once, a month, a year, in minor units (分); what is missing is not sold (ORD-3). */
  prices: { once?: number; month?: number; year?: number };
  currency: string;
  /** Accounts that may buy it; null when everyone may (ORD-6). */
  whitelist: string[] | null;
  /** Credit means the merchant switched on (ORD-7). */
  creditMeans: string[];
  /** What it is sold as besides (ORD-3): specifications, a trial, on demand by the unit, packages of units. Amounts in minor units (分). */
  offers: Offers;
  /** PRD-1: its merchant's server is called for it. */
  hasInterface: boolean;
  /** BIL-2: the merchant's share of what is paid, in basis points. */
  merchantShareBp: number;
};

/** An invoice of an order (REF-2): `state` as its lifecycle says it. Its amounts (分) are missing where it was read before use was invoiced. */
export type OrderInvoice = { id: string; number: string; state: string; issuedAt: number | null; amount?: number; forUse?: number | null };
/** REF-2: what a refund must know of its order's supervision. Instants are epoch milliseconds. */
export type SupervisionOfOrder = { number: string; acceptedAt: number | null; claimedAt: number | null; frozenSince: number | null };

/** REF-1a: refunds without a reason of the caller's account in this calendar year (Asia/Shanghai), but those that failed; `until`: the year's end. */
export type RefundsThisYear = { used: number; until: number };
/** A product of the catalogue, whether or not it has begun its life. */
export type Offering = {
  id: string;
  name: string;
  merchant: string;
  listed: boolean;
  tradeMode: string;
  whitelist: { account: string; name: string }[] | null;
  creditMeans: ('cashCoupon' | 'creditLine')[];
};

/** A party of the marketplace as it registered; `onboarded` once it has, or had, a merchant's record. */
export type MerchantAccount = { id: string; kind: string; name: string; onboarded: boolean };

/**
 * MET-2: the buyer's account in the currency, and whether it covers what the usage at hand costs, or owes nothing where there
 * is none. Never the balance itself: a merchant reads the facts of its services' events.
 */
export type Prepaid = { account: string; number: string; covers: boolean };
/** An account's own money, in minor units (分), below 0 in arrears; and how many services wait for it to be covered again. */
export type AccountMoney = { balance: number; waiting: number };

export type Facts = {
  /** The account that usage is taken from; null when the buyer has none. */
  prepaid?: Prepaid | null;
  /** The account that the buyer has already in the currency that the input names. */
  buyerAccount?: { number: string } | null;
  accountMoney?: AccountMoney;
  /** The top-up of the account that bears the reference of the input. */
  topUpKnown?: { at: number } | null;
  /** The product of the catalogue that the input names. */
  offering?: Offering | null;
  /** The account that is to be put on a whitelist (ORD-6). */
  listedAccount?: MerchantAccount | null;
  /** The account that is to be a merchant. */
  merchantAccount?: MerchantAccount | null;
  /** EXT-3: how the merchant stands that it is about; absent for one who trades. */
  standing?: Standing;
  /** EXT-1: what stands in the way of the merchant's exit. */
  obstacles?: Obstacles;
  /** The files the input names that exist and belong to the caller's party. */
  evidence?: EvidenceFile[];
  /** The product the input names, if it is on sale. */
  product?: Product | null;
  /** The account that the caller acts for. */
  account?: { party: string; name: string; mail: string | null; phone: string | null } | null;
  /** The account that an invitation is for (ORG-3). */
  invitee?: { account: string; forCustomers: boolean } | null;
  /** The link that the input brings is one of the invitation's newest mail. */
  invitationLink?: boolean;
  /** Of what the input names in the enterprise's organisation, that which there is. */
  organisation?: Organisation;
  /** Apps bound to the enterprise. */
  boundApps?: number;
  /** The service that is to be bound, as its merchant knows it, and the number of a binding that it has. */
  purchasedApp?: { product: string; productName: string; orderNumber: string; instanceId: string; binding: string | null } | null;
  /** The service that the app's binding is about, as it is now. */
  boundService?: { number: string; state: string } | null;
  /** Of the users that the input names, those whose synchronisation failed. */
  failedUsers?: string[];
  /** The invoices to the buyer of the order that is joined, or that the instance refers to, oldest first. */
  invoices?: OrderInvoice[];
  /** MET-2: what the use of that order was charged so far, in minor units (分). */
  usageCharged?: number;
  /** The bill that there is of the party, period and currency that the input names. */
  billOfPeriod?: { number: string } | null;
  /** The order of that number, if it is on the bill, and what its merchant and the marketplace have of it (分). */
  billedOrder?: { order: string; merchant: number; platform: number } | null;
  /** Numbers of the caller's trials of the product that the input names (ORD-3); those that were never opened do not count. */
  trials?: string[];
  /** Of the order that the input names; null when it has none. */
  supervisionOfOrder?: SupervisionOfOrder | null;
  /** The service that the order, which the input names, has bought or changes. */
  instanceOfOrder?: { number: string; validUntil: number | null } | null;
  refundsThisYear?: RefundsThisYear;
  /** PRD-5: how many production calls the input chooses, counted a little beyond what a bulk may have. */
  callsChosen?: { count: number };
};
export type FactName = keyof Facts;
