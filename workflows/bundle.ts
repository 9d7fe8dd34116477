// What the worker's bundle holds: the keeper for every lifecycle (its default export), and the calendar's own workflows by name.
export { billing } from './billing.ts';
export { endBindings } from './endBindings.ts';
export { default } from './keeper.ts';
export { signHeads } from './signHeads.ts';
