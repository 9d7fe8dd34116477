import type { Code, Details } from '../codes.ts';
import type { Given, Requirement } from '../declaration.ts';
import type { Instance, StateValue } from '../instance.ts';
import { isChange, kinds, type OrderKind } from '../order/kinds.ts';
import { textOf } from '../policies.ts';
import { countOf, endOf, spanOf } from '../spans.ts';
import type { Kind } from './context.ts';
import { invoiceDetails, isNotInvoiced } from './invoiced.ts';

/** What these rules read of an order. */
type Order = {
  product: string;
  accessType: string;
  supervised: boolean;
  kind: OrderKind;
  amount: number;
  currency: string;
  paidAt: number | null;
  completedAt: number | null;
  validFrom: number | null;
  validUntil: number | null;
  refund: { number: string; askedAt: number } | null;
};
type Joined = Omit<Instance, 'context'> & { context: Order };
export type Asked = Pick<Given, 'facts' | 'now' | 'policies' | 'calendar' | 'joined'>;

export function orderIn({ joined }: Pick<Given, 'joined'>): Joined {
  const order = joined?.order;
  if (!order) throw new Error('expected the order that a refund joins, got none');
  return order as Instance as Joined;
}
const of = (asked: Asked): Order => orderIn(asked).context;
const isIn = (state: StateValue, asked: Asked) => orderIn(asked).value === state;

const isRenewal = (order: Order) => order.kind === 'renewal';
/** What changes an instance at once has no period of its own that could be given back. */
const isOtherChange = (order: Order) => isChange(order) && !isRenewal(order);
/** REF-1: with a guarantee period, until supervision is finished. */
const isGuaranteed = (order: Order) => order.supervised && !isRenewal(order);
/** REF-1a: what may go back without a reason. */
const isFree = (order: Order) => !order.supervised && !isRenewal(order);
const freeTypes = ['SaaS', 'image'];

export const kindOf = (order: Order): Kind => (isRenewal(order) ? 'renewal' : isGuaranteed(order) ? 'negotiated' : 'withoutReason');

const iso = (instant: number | null | undefined) => new Date(instant ?? 0).toISOString();
const openedAt = (order: Order) => order.validFrom ?? order.completedAt ?? 0;
const freeTime = ({ policies }: Asked) => textOf(spanOf(policies, 'withoutReasonWithin'));
/** REF-1a: so many times 24 hours from the opening; the end itself is past. */
const endOfFreeTime = (asked: Asked) => endOf(spanOf(asked.policies, 'withoutReasonWithin'), openedAt(of(asked)), asked.calendar);
const endOfYear = ({ facts }: Asked) => facts.refundsThisYear?.until ?? 0;

type Rule = {
  code: Code;
  /** Orders that it is about; every one when left out. */
  about?: (order: Order) => boolean;
  met: (asked: Asked) => boolean;
  details?: (asked: Asked) => Details;
  possibleAt?: (asked: Asked) => number | null;
};

/** REF-1, REF-1a, REF-2: what stands in the way, asked in this order, each with the instant or the step that decided it. */
const rules: readonly Rule[] = [
  { code: 'NOT_AN_ORDER', met: (asked) => orderIn(asked).lifecycle === 'order' },
  { code: 'ORDER_NOT_PAID', met: (asked) => of(asked).paidAt !== null },
  { code: 'CHANGE_NOT_REFUNDED', met: (asked) => !isOtherChange(of(asked)), details: (asked) => ({ kind: kinds[of(asked).kind].label }) },
  { code: 'NOTHING_PAID', met: (asked) => of(asked).amount > 0 },
  { code: 'ORDER_REFUNDED', met: (asked) => !isIn('refunded', asked), details: (asked) => ({ since: iso(orderIn(asked).at) }) },
  {
    code: 'REFUND_UNDER_WAY',
    met: (asked) => !isIn('refunding', asked),
    details: (asked) => ({ refund: of(asked).refund?.number ?? null, since: iso(of(asked).refund?.askedAt) }),
  },
  { code: 'INVOICE_ISSUED', met: isNotInvoiced, details: invoiceDetails },
  {
    code: 'SUPERVISION_FINISHED',
    about: isGuaranteed,
    met: (asked) => of(asked).completedAt === null,
    details: (asked) => ({ since: iso(of(asked).completedAt) }),
  },
  {
    code: 'REFUND_AFTER_ACCEPTANCE',
    about: isGuaranteed,
    met: ({ facts }) => facts.supervisionOfOrder?.acceptedAt == null,
    details: ({ facts }) => ({ since: iso(facts.supervisionOfOrder?.acceptedAt) }),
  },
  {
    code: 'REFUND_FROZEN',
    about: isGuaranteed,
    met: ({ facts }) => facts.supervisionOfOrder?.frozenSince == null,
    details: ({ facts }) => ({ since: iso(facts.supervisionOfOrder?.frozenSince) }),
  },
  {
    code: 'LICENCE_CODE_CLAIMED',
    about: isGuaranteed,
    met: ({ facts }) => facts.supervisionOfOrder?.claimedAt == null,
    details: ({ facts }) => ({ since: iso(facts.supervisionOfOrder?.claimedAt) }),
  },
  {
    code: 'ORDER_NOT_OPENED',
    about: (order) => !isGuaranteed(order),
    met: (asked) => of(asked).completedAt !== null,
    details: (asked) => ({ since: iso(of(asked).paidAt) }),
  },
  {
    code: 'RENEWAL_IN_EFFECT',
    about: isRenewal,
    met: (asked) => asked.now < (of(asked).validFrom ?? Number.POSITIVE_INFINITY),
    details: (asked) => ({ since: iso(of(asked).validFrom) }),
  },
  {
    code: 'RENEWED_AGAIN',
    about: isRenewal,
    met: (asked) => asked.facts.instanceOfOrder == null || asked.facts.instanceOfOrder.validUntil === of(asked).validUntil,
    details: ({ facts }) => ({ instance: facts.instanceOfOrder?.number ?? null, until: iso(facts.instanceOfOrder?.validUntil) }),
  },
  {
    code: 'ORDER_EXPIRED',
    met: (asked) => asked.now < (of(asked).validUntil ?? Number.POSITIVE_INFINITY),
    details: (asked) => ({ since: iso(of(asked).validUntil) }),
  },
  {
    code: 'NO_REFUND_OF_TYPE',
    about: isFree,
    met: (asked) => freeTypes.includes(of(asked).accessType),
    details: (asked) => ({ accessType: of(asked).accessType, within: freeTime(asked) }),
  },
  {
    code: 'NO_GUARANTEE_PERIOD',
    about: isFree,
    met: (asked) => asked.now < endOfFreeTime(asked),
    details: (asked) => ({ within: freeTime(asked), since: iso(openedAt(of(asked))), until: iso(endOfFreeTime(asked)) }),
  },
  {
    code: 'REFUND_LIMIT',
    about: isFree,
    met: ({ facts, policies }) => (facts.refundsThisYear?.used ?? 0) < countOf(policies, 'withoutReasonPerYear'),
    details: (asked) => ({
      used: asked.facts.refundsThisYear?.used ?? 0,
      expected: countOf(asked.policies, 'withoutReasonPerYear'),
      until: iso(endOfYear(asked)),
    }),
    // most often the free time ends before the year does
    possibleAt: (asked) => (endOfYear(asked) < endOfFreeTime(asked) ? endOfYear(asked) : null),
  },
];

export const requirements: readonly Requirement[] = rules.map(({ code, about = () => true, met, details, possibleAt }) => ({
  code,
  met: (given) => !about(of(given)) || met(given),
  details: (given) => ({ number: orderIn(given).number, ...details?.(given) }),
  ...(possibleAt ? { possibleAt } : {}),
}));

/** The amount that is asked for (REF-2). A refund ends its order, so what is left of one that can be refunded is all that was paid. */
export function amountRefused({ input: { amount }, ...asked }: Asked & { input: { amount?: number | undefined } }): { code: Code; details: Details } | null {
  const { number, context: order } = orderIn(asked);
  if (amount === undefined) return null;
  const details = { number, expected: order.amount, got: amount, currency: order.currency };
  if (amount > order.amount) return { code: 'REFUND_OVER_LEFT', details };
  return kindOf(order) !== 'negotiated' && amount !== order.amount ? { code: 'REFUND_IN_FULL', details } : null;
}
