import { z } from 'zod';
import { commandOf, type Given } from '../declaration.ts';
import { type Context, tenThousandths } from './context.ts';

const command = commandOf<Context>();

export const commands = {
  recordUsage: command({
    label: { zh: '登记用量', en: 'Record usage' },
    description: { zh: '商家上报的一条话单，从套餐包中扣减。', en: 'One usage record that the merchant reported; it is deducted from the package.' },
    by: ['system'],
    input: z.object({
      /** MET-3: the record's own number, by which a doubled one is known. */
      meteringId: z.string().min(1).max(100),
      from: z.iso.datetime(),
      until: z.iso.datetime(),
      /** More than 0, at most four decimals. */
      usage: z
        .string()
        .regex(/^(?!0+(\.0+)?$)\d{1,9}(\.\d{1,4})?$/, 'expected a number above 0 with at most 4 decimals')
        .meta({ examples: ['1.5'] }),
    }),
    reason: 'optional',
    requires: [{ code: 'NOT_METERED', met: ({ context }) => context.units > 0 || context.unitPrice !== null }],
    rules: ['MET-1', 'MET-3'],
  }),
};

/** "12.5" → 125000, without a float in between. */
export function parsedUsage(usage: string): number {
  const [whole = '0', part = ''] = usage.split('.');
  return Number(whole) * tenThousandths + Number(part.padEnd(4, '0'));
}

/** MET-1: the parts of a package at which its buyer is warned, in per cent ᵖ. */
const warnings = [95, 80];

export function counted(context: Context, usage: string): Partial<Context> {
  const used = context.used + parsedUsage(usage);
  const crossed = warnings.find((part) => context.used * 100 < context.units * part && used * 100 >= context.units * part);
  return { used, usageRecords: context.usageRecords + 1, warnedAt: context.units > 0 && used < context.units ? (crossed ?? null) : null };
}

type Used = Pick<Given<Context>, 'context'> & { event: { type: string; input: unknown } };

/** MET-1: past the packages the service stops, unless what comes on top is sold by the unit. */
export const isUsedUp = ({ context, event }: Used): boolean =>
  event.type === 'recordUsage' &&
  context.units > 0 &&
  context.unitPrice === null &&
  context.used + parsedUsage((event.input as { usage: string }).usage) >= context.units;
