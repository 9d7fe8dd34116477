import { assign, setup } from 'xstate';
import { z } from 'zod';
import { commandOf, type Lifecycle } from '../../lifecycles/declaration.ts';

/**
 * Three lifecycles that tell each other in both directions, in one transaction: what left passes arrives at right by
 * way of middle, what right passes arrives at left. Whatever crosses, what was sent must equal what arrived.
 */
const context = z.object({ sent: z.number(), arrived: z.number() });
type Context = z.output<typeof context>;

const said = (text: string) => ({ zh: text, en: text });
const states = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, { ...said(name), description: said(name), waitsFor: ['buyer'] as const }]));
const shared = { version: 1, context, deadlines: {}, effects: {}, notices: {}, policies: {}, rules: [] };
const counting = () =>
  setup({
    types: { context: {} as Context },
    actions: { send: assign({ sent: ({ context }) => context.sent + 1 }), arrive: assign({ arrived: ({ context }) => context.arrived + 1 }) },
  });
const nothing = { sent: 0, arrived: 0 };

/** An end of the chain. Each pass enters the other of two states, and entering is what tells. */
function end(name: 'left' | 'right', more: Pick<Lifecycle, 'onEnter'> & Partial<Lifecycle>): Lifecycle {
  const pass = `pass${name}`;
  const passed = { tell: 'middle', event: `from${name}`, input: () => ({}) };
  return {
    ...shared,
    name,
    prefix: name === 'left' ? 'LE' : 'RI',
    label: said(name),
    machine: counting().createMachine({
      id: name,
      context: nothing,
      initial: 'start',
      on: { arrived: { actions: 'arrive' } },
      states: {
        start: { on: { [pass]: { target: 'odd', actions: 'send' } } },
        odd: { on: { [pass]: { target: 'even', actions: 'send' } } },
        even: { on: { [pass]: { target: 'odd', actions: 'send' } } },
      },
    }),
    states: states('start', 'odd', 'even'),
    commands: {
      [pass]: commandOf<Context>()({ label: said(pass), description: said(pass), by: ['buyer'], input: z.object({}), reason: 'optional', rules: [] }),
    },
    events: { arrived: said('arrived') },
    ...more,
    onEnter: { ...more.onEnter, odd: [passed], even: [passed] },
  };
}

const toRight = { tell: 'right', event: 'arrived', input: () => ({}) };
const toLeft = { tell: 'left', event: 'arrived', input: () => ({}) };

const middle: Lifecycle = {
  ...shared,
  name: 'middle',
  prefix: 'MI',
  label: said('middle'),
  machine: counting().createMachine({
    id: 'middle',
    context: nothing,
    initial: 'start',
    on: { fromleft: { target: '.right1', actions: 'send' }, fromright: { target: '.left1', actions: 'send' } },
    states: {
      start: {},
      right1: { on: { fromleft: { target: 'right2', actions: 'send' } } },
      right2: {},
      left1: { on: { fromright: { target: 'left2', actions: 'send' } } },
      left2: {},
    },
  }),
  states: states('start', 'right1', 'right2', 'left1', 'left2'),
  commands: {},
  events: { fromleft: said('from left'), fromright: said('from right') },
  onEnter: { start: [{ create: 'right', ref: 'middle', input: () => ({}) }], right1: [toRight], right2: [toRight], left1: [toLeft], left2: [toLeft] },
};

export const chainOfThree: readonly Lifecycle[] = [
  end('left', {
    onEnter: { start: [{ create: 'middle', ref: 'left', input: () => ({}) }] },
    opening: {
      name: 'openLeft',
      command: commandOf()({ label: said('open'), description: said('open'), by: ['buyer'], input: z.object({}), reason: 'optional', rules: [] }),
      start: () => ({ input: {}, parties: { buyer: 'buyer-a', merchant: 'merchant-a' } }),
    },
  }),
  middle,
  end('right', { onEnter: {} }),
];
