/** Chart parts that states share. */

/** REF-5: a refund that is paid ends the supervision, wherever its delivery stands. */
const ofRefund = { refundSettled: { guard: 'isRefundOrdered', target: 'terminated', actions: 'keep' } } as const;

/** SUP-6: delivered again; of a code that is active already, its proof (SUP-2). */
const ofRedelivery = [
  { guard: 'isRedeliveryOfActive', target: 'awaitingProof' },
  { guard: 'isRedelivery', target: 'awaitingDelivery' },
] as const;

/** SUP-6: where the operations manager's decision leads; a dismissal moves nothing. What a second person confirms is a termination (ACT-3). */
export const ofDecision = {
  decideAppeal: [
    { guard: 'isCompletion', target: 'accepted' },
    { guard: 'isRedelivery', target: 'awaitingDelivery' },
    { guard: 'isTermination', target: 'terminating' },
  ],
  confirmDecision: 'terminating',
  ...ofRefund,
} as const;

/** The same of what was handed in. */
export const ofDecisionHandedIn = {
  decideAppeal: [{ guard: 'isCompletion', target: 'accepted' }, ...ofRedelivery, { guard: 'isTermination', target: 'terminating' }],
  confirmDecision: 'terminating',
  ...ofRefund,
} as const;

/** The same of a code that is active: what is delivered again is its proof. */
export const ofDecisionActive = {
  decideAppeal: [
    { guard: 'isCompletion', target: 'accepted' },
    { guard: 'isRedelivery', target: 'awaitingProof' },
    { guard: 'isTermination', target: 'terminating' },
  ],
  confirmDecision: 'terminating',
  ...ofRefund,
} as const;

/** The same where nothing was delivered yet that could be delivered again. */
export const ofDecisionUndelivered = {
  decideAppeal: [
    { guard: 'isCompletion', target: 'accepted' },
    { guard: 'isTermination', target: 'terminating' },
  ],
  confirmDecision: 'terminating',
  ...ofRefund,
} as const;

/** The same once accepted: a completion leaves the acceptance as it is. */
export const ofDecisionOnceAccepted = {
  decideAppeal: [...ofRedelivery, { guard: 'isTermination', target: 'terminating' }],
  confirmDecision: 'terminating',
} as const;

/** SUP-7: in the states in which it is the merchant's turn. */
export const remindable = { remindMerchant: { actions: 'keep' } } as const;
