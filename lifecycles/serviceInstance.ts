import { assign, setup } from 'xstate';
import { z } from 'zod';
import { commandOf, type EventsOf, type Lifecycle, type PlainEvent } from './declaration.ts';
import { days, spanOf } from './spans.ts';
import { instant } from './values.ts';

const context = z.object({
  order: z.string(),
  productName: z.string(),
  validFrom: instant,
  /** ORD-5: end of the paid period; a renewal moves it. */
  validUntil: instant,
  frozenAt: instant.nullable(),
});
type Context = z.output<typeof context>;
type Input = Omit<Context, 'frozenAt'>;

const command = commandOf<Context>();

const commands = {
  renewInstance: command({
    label: { zh: '续费', en: 'Renew' },
    description: { zh: '延长有效期；已冻结的实例恢复使用。', en: 'Extend the period; an instance stopped after expiry works again.' },
    by: ['system', 'operationsManager'],
    input: z.object({ months: z.number().int().min(1).max(120) }),
    reason: 'required',
    rules: ['ORD-5'],
  }),
};

type Events = EventsOf<typeof commands> | PlainEvent<'expiresIn30Days' | 'expiresIn7Days' | 'expiresTomorrow' | 'expired' | 'releaseDue'>;

export const serviceInstanceMachine = setup({
  types: { context: {} as Context, events: {} as Events, input: {} as Input },
  actions: {
    extend: assign(({ context, event }) =>
      event.type !== 'renewInstance'
        ? {}
        : {
            validUntil: event.calendar.addMonths(Math.max(context.validUntil, event.at), event.input.months),
            frozenAt: null,
          },
    ),
    keepFreeze: assign({ frozenAt: ({ event }) => event.at }),
  },
}).createMachine({
  id: 'serviceInstance',
  options: { maxIterations: 100 },
  context: ({ input }) => ({ ...input, frozenAt: null }),
  initial: 'active',
  states: {
    active: {
      on: {
        renewInstance: { actions: 'extend' },
        expiresIn30Days: {},
        expiresIn7Days: {},
        expiresTomorrow: {},
        expired: { target: 'suspended', actions: 'keepFreeze' },
      },
    },
    suspended: { on: { renewInstance: { target: 'active', actions: 'extend' }, releaseDue: 'released' } },
    released: { type: 'final' },
  },
});

const reminder = (before: number, zh: string, en: string) => ({
  in: ['active'],
  due: ({ context, now }: { context: Context; now: number }) => {
    const at = context.validUntil - before * 86_400_000;
    return at > now ? { at } : null;
  },
  rearmOn: ['renewInstance'],
  label: { zh, en },
  rules: ['ORD-5'],
});
const expiryNotice = (zh: string, en: string) => [{ to: ['buyer' as const], topic: 'services' as const, text: { zh, en } }];

/** A bought service from opening to release: ORD-5's expiry, freeze and reminders. */
export const serviceInstance = {
  name: 'serviceInstance',
  version: 1,
  prefix: 'SI',
  label: { zh: '服务实例', en: 'Service instance' },
  machine: serviceInstanceMachine,
  context,
  states: {
    active: {
      zh: '使用中',
      en: 'Active',
      waitsFor: ['system'],
      description: { zh: '在有效期内，到期自动冻结。', en: 'Within its period; suspended when the period ends.' },
    },
    suspended: {
      zh: '已到期冻结',
      en: 'Suspended after expiry',
      waitsFor: ['system'],
      description: { zh: '已到期停用，续费可恢复，逾期释放。', en: 'Expired and stopped; a renewal brings it back, otherwise it is released.' },
    },
    released: {
      zh: '已释放',
      en: 'Released',
      waitsFor: [],
      description: { zh: '实例与数据已释放。', en: 'The instance and its data are gone.' },
    },
  },
  commands,
  events: {},
  deadlines: {
    expiresIn30Days: reminder(30, '30 天后到期提醒', 'Reminder 30 days before expiry'),
    expiresIn7Days: reminder(7, '7 天后到期提醒', 'Reminder 7 days before expiry'),
    expiresTomorrow: reminder(1, '1 天后到期提醒', 'Reminder 1 day before expiry'),
    expired: {
      in: ['active'],
      due: ({ context }) => ({ at: context.validUntil }),
      rearmOn: ['renewInstance'],
      label: { zh: '有效期结束', en: 'End of the period' },
      rules: ['ORD-5'],
    },
    releaseDue: {
      in: ['suspended'],
      due: ({ policies }) => spanOf(policies, 'releaseAfter'),
      label: { zh: '到期后释放', en: 'Release after expiry' },
      rules: ['ORD-5'],
    },
  },
  effects: {},
  onEnter: {},
  notices: {
    expiresIn30Days: expiryNotice('服务将于 30 天后到期。', 'The service expires in 30 days.'),
    expiresIn7Days: expiryNotice('服务将于 7 天后到期。', 'The service expires in 7 days.'),
    expiresTomorrow: expiryNotice('服务将于 1 天后到期。', 'The service expires in 1 day.'),
    expired: expiryNotice('服务已到期冻结。', 'The service has expired and is suspended.'),
    releaseDue: expiryNotice('服务已释放。', 'The service is released.'),
  },
  policies: {
    releaseAfter: { default: days(15), label: { zh: '到期后保留', en: 'Kept after expiry' }, rule: 'ORD-5' },
  },
  rules: ['ORD-5'],
} satisfies Lifecycle;
