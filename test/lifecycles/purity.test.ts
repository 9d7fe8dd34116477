import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { StateNode } from 'xstate';
import { lifecycles } from '../../lifecycles/registry.ts';
import { nodesOf } from './replay.ts';

const folder = path.join(import.meta.dirname, '../../lifecycles');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
/** Code without comments and texts, so that a sentence about Date.now() is not taken for a call. */
const codeOf = (name: string) => readFileSync(path.join(folder, name), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

test('the rules import xstate, zod and their neighbours, nothing else', () => {
  const strangers = files.flatMap((name) =>
    [...codeOf(name).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)]
      .map(([, from = '']) => from)
      .filter(
        (from) => !['xstate', 'zod'].includes(from) && !(name.includes('/') ? /^\.\.?\/([\w-]+\/)?[\w-]+\.ts$/ : /^\.\/([\w-]+\/)?[\w-]+\.ts$/).test(from),
      )
      .map((from) => `${name}: ${from}`),
  );
  expect(strangers).toEqual([]);
});

test('the rules read no clock, no chance, no environment and wait for nothing', () => {
  const impure =
    /Date\.now|new Date\(\s*\)|\bDate\(\s*\)|performance\.|Math\.random|crypto|randomUUID|process\.|globalThis|setTimeout|setInterval|setImmediate|queueMicrotask|\bfetch\(|\bawait\b|\basync\b|new Promise|Intl\.|toLocale/g;
  const found = files.flatMap((name) => [...codeOf(name).matchAll(impure)].map(([what]) => `${name}: ${what}`));
  expect(found).toEqual([]);
});

const isBeginning = (node: StateNode) => node.parent?.initial.target.includes(node) === true && node.transitions.size === 0;

test('the charts hold no timer, no actor and no event of their own: deadlines and effects are declared data', () => {
  const strange = lifecycles.flatMap((lifecycle) =>
    nodesOf(lifecycle.machine)
      // a region may begin in one of several states; nothing else happens without an event
      .filter((node) => node.after.length + node.invoke.length + node.entry.length + node.exit.length > 0 || (node.always?.length && !isBeginning(node)))
      .map((node) => `${lifecycle.name}: ${node.key}`),
  );
  expect(strange).toEqual([]);
  const actions = lifecycles.flatMap((lifecycle) =>
    Object.entries(lifecycle.machine.implementations.actions).map(([name, action]) => `${name}: ${(action as { type?: string }).type}`),
  );
  expect(actions.filter((action) => !action.endsWith(': xstate.assign'))).toEqual([]);
});
