import { z } from 'zod';
import { instant, minorUnits } from '../values.ts';

/** What the marketplace may ask of a merchant's server (PRD-1); how each generation of the interface says it is for the client. */
export const activityNames = [
  'newInstance',
  'refreshInstance',
  'upgradeInstance',
  'expireInstance',
  'freezeInstance',
  'unfreezeInstance',
  'releaseInstance',
] as const;
export type ActivityName = (typeof activityNames)[number];

/** Why an instance's period changes. */
export const scenes = ['RENEWAL', 'TRIAL_TO_FORMAL', 'UNSUBSCRIBE_RENEWAL_PERIOD', 'RENEWAL_CHANGE'] as const;

/** How use is charged, where neither a period nor one price is (MET-2). */
export const charges = ['onDemand', 'onDemandPackage'] as const;

/** What a call begins with; none of it ever changes. */
export const given = {
  activity: z.enum(activityNames),
  /** Who wants it: the one that is told of the outcome. */
  caller: z.enum(['order', 'serviceInstance', 'refund']),
  product: z.string(),
  productName: z.string(),
  /** Of the order that the merchant knows the call by (PRD-2). */
  orderNumber: z.string(),
  /** The merchant's own id of the instance; null until it has made one. */
  instanceId: z.string().nullable(),
  scene: z.enum(scenes).nullable(),
  trial: z.boolean(),
  charging: z.enum(charges).nullish(),
  quantity: z.number().int(),
  sku: z.string().nullable(),
  period: z.object({ unit: z.enum(['month', 'year']), count: z.number().int() }).nullable(),
  /** The instant until which the service is paid. */
  expiresAt: instant.nullable(),
  amount: minorUnits,
};

/** What the merchant said of its instance, without credentials: those are asked for when somebody looks (BUY-1). */
export const answerSchema = z.object({
  instanceId: z.string().max(200).nullable(),
  frontEndUrl: z.string().max(1_000).nullable(),
  adminUrl: z.string().max(1_000).nullable(),
  /** 000004: it is still being made and must be asked about. */
  inProgress: z.boolean(),
});
export type Answered = z.output<typeof answerSchema>;

export const context = z.object({ ...given, answer: answerSchema.nullable(), stoppedBecause: z.string().nullable() });
export type Context = z.output<typeof context>;
export type Input = Pick<Context, keyof typeof given>;

/** A call as its caller asks for it; what does not matter to the activity is left out. */
export const asked = (call: Pick<Input, 'activity' | 'caller' | 'product' | 'productName' | 'orderNumber'> & Partial<Input>): Input => ({
  instanceId: null,
  scene: null,
  trial: false,
  charging: null,
  quantity: 1,
  sku: null,
  period: null,
  expiresAt: null,
  amount: 0,
  ...call,
});
