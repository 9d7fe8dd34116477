import type { Consequence, Entered } from '../declaration.ts';
import type { Instance } from '../instance.ts';
import { isOfUseAlone } from '../invoice/invoiceable.ts';
import type { Context } from './context.ts';

/** The supervision and the invoices of the order whose money it is. */
const itsOwn = (member: Instance, { refs }: Entered) => member.refs.order === refs.order;
const hasItsMoney = (member: Instance, entered: Entered) => itsOwn(member, entered) && !isOfUseAlone(member.context);
const wasNotNegotiated = ({ context }: Entered<Context>) => context.kind !== 'negotiated';
const isOfNothing = ({ context }: Entered<Context>) => context.amount === 0;

const nothing = () => ({});
const begun = ({ context, number }: Entered<Context>) => ({ number, amount: context.amount });
const paid = ({ context }: Entered<Context>) => ({ receipt: context.receipt ?? '–' });

/** REF-5: approval reserves the money. */
const approved: readonly Consequence[] = [
  { tell: 'order', event: 'refundAsked', when: wasNotNegotiated, input: begun },
  { tell: 'order', event: 'refundApproved', input: nothing },
  { tellMembers: 'supervision', event: 'refundApproved', where: itsOwn, input: nothing },
  // REF-2: after the approval nothing is invoiced of what was paid
  { tellMembers: 'invoice', event: 'refundApproved', where: hasItsMoney, input: ({ number }) => ({ refund: number }) },
];
const closed: readonly Consequence[] = [
  { tell: 'order', event: 'refundClosed', input: nothing },
  { tellMembers: 'supervision', event: 'refundClosed', where: itsOwn, input: nothing },
];

/** What each step of a refund means for its order, which has the money, and for the order's supervision. */
export const onEnter: Record<string, readonly Consequence[]> = {
  negotiating: [
    { tell: 'order', event: 'refundAsked', input: begun },
    { tellMembers: 'supervision', event: 'refundAsked', where: itsOwn, input: begun },
  ],
  paying: approved,
  synchronising: [
    // SUP-6: a termination may pay back nothing; then nothing was paid before
    { tell: 'order', event: 'refundAsked', when: isOfNothing, input: begun },
    { tell: 'order', event: 'refundSettled', input: paid },
    { tellMembers: 'supervision', event: 'refundSettled', where: itsOwn, input: paid },
  ],
  refused: closed,
  withdrawn: closed,
  superseded: closed,
  lapsed: closed,
  abandoned: closed,
};
