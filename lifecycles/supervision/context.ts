import { z } from 'zod';
import type { Stamp } from '../declaration.ts';
import { instant, minorUnits } from '../values.ts';
import * as acceptance from './acceptance.ts';
import * as appeal from './appeal.ts';
import * as completion from './completion.ts';
import * as decision from './decision.ts';
import * as delivery from './delivery.ts';
import * as humanService from './humanService.ts';
import * as licence from './licence.ts';
import * as onlineCode from './onlineCode.ts';
import * as refund from './refund.ts';
import * as softwarePackage from './softwarePackage.ts';
import * as termination from './termination.ts';
import { wayNames } from './ways.ts';

/** What a supervision begins with, from its order; none of it ever changes. */
export const given = {
  order: z.string(),
  orderNumber: z.string(),
  product: z.string(),
  /** SUP-2: the way of delivery, set at purchase. */
  way: z.enum(wayNames),
  /** Set at purchase; none means no review by 华为云复核. */
  scenario: z.enum(['empowermentCloud', 'baseCloud', 'none']),
  paidAt: instant,
  paidAmount: minorUnits,
  currency: z.string(),
};

export const context = z.object({
  ...given,
  ...delivery.fields,
  ...humanService.fields,
  ...onlineCode.fields,
  ...licence.fields,
  ...softwarePackage.fields,
  ...acceptance.fields,
  ...appeal.fields,
  ...decision.fields,
  ...termination.fields,
  ...refund.fields,
  ...completion.fields,
});

export type Context = z.output<typeof context>;
export type Input = Pick<Context, keyof typeof given>;

/** The context that a supervision begins with. */
export const begun = (input: Input): Context => ({
  ...input,
  ...delivery.blank,
  ...humanService.blank,
  ...onlineCode.blank,
  ...licence.blank,
  ...softwarePackage.blank,
  ...acceptance.blank,
  ...appeal.blank,
  ...decision.blank,
  ...termination.blank,
  ...refund.blank,
  ...completion.blank,
});

/** What an event writes into the context is a function of both. */
export type Kept<Event = unknown> = { context: Context; event: Stamp & { input: Event } };
export type KeptOf<Command extends { input: z.ZodObject }> = Kept<z.output<Command['input']>>;
