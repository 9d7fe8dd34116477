import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { setup } from 'xstate';
import { z } from 'zod';
import { shanghai } from '../../calendar/calendar.ts';
import { commandOf, type Lifecycle } from '../../lifecycles/declaration.ts';
import { findingsOf } from '../../lifecycles/findings.ts';
import { createRegistry, lifecycles } from '../../lifecycles/registry.ts';
import { supervision } from '../../lifecycles/supervision.ts';
import { pageOf } from '../../scripts/lifecycle-page.ts';
import { remembering } from './remembering.ts';

const registry = createRegistry();
const calendar = remembering(shanghai);
const supervised: Lifecycle = supervision;
const foundIn = (broken: Partial<Lifecycle>) =>
  findingsOf({ lifecycle: { ...supervised, ...broken }, registry, calendar }).map(({ what, way }) => (way === null ? what : `${what} | ${way}`));

test('every declared lifecycle is sound', () => {
  expect(lifecycles.flatMap((lifecycle) => findingsOf({ lifecycle, registry, calendar }))).toEqual([]);
});

test('names that lead nowhere are found', () => {
  const { awaitingReview, ...states } = supervised.states;
  const { passReview, ...commands } = supervised.commands;
  const { decisionDue, ...deadlines } = supervised.deadlines;
  const effect = supervised.effects.synchroniseOrder;
  expect({
    'a state without a label': foundIn({ states }),
    'a label without a state': foundIn({ states: { ...supervised.states, lost: supervised.states.accepted as Lifecycle['states'][string] } }),
    'an event without a command': foundIn({ commands }),
    'a command without an event': foundIn({ commands: { ...supervised.commands, remind: supervised.commands.fileAppeal as Lifecycle['commands'][string] } }),
    'a deadline that is not declared': foundIn({ deadlines }),
    'a deadline in a state that is none': foundIn({
      deadlines: { ...deadlines, decisionDue: { ...(decisionDue as Lifecycle['deadlines'][string]), in: ['forsen'] } },
    }),
    'an effect that exits nowhere': foundIn({
      effects: { ...supervised.effects, synchroniseOrder: { ...(effect as Lifecycle['effects'][string]), failed: { event: 'gone' } } },
    }),
    'an effect without an exit': foundIn({
      effects: { ...supervised.effects, synchroniseOrder: { ...(effect as Lifecycle['effects'][string]), exhausted: undefined as never } },
    }),
    'a consequence on a state that is none': foundIn({ onEnter: { ended: [] } }),
    'a word that the other does not know': foundIn({ onEnter: { finished: [{ tell: 'order', event: 'hello', input: () => ({}) }] } }),
    'a notice on nothing': foundIn({ notices: { hello: [] } }),
    'a notice to somebody twice': foundIn({ notices: { fileAppeal: Array(2).fill({ to: ['buyer'], text: { zh: '申诉', en: 'Appeal' } }) } }),
    'a label in one language': foundIn({ states: { ...states, awaitingReview: { ...(awaitingReview as Lifecycle['states'][string]), en: ' ' } } }),
    'a policy without a rule': foundIn({ policies: { ...supervised.policies, patience: { default: 3, label: { zh: '耐心', en: 'Patience' }, rule: '' } } }),
  }).toMatchInlineSnapshot(`
    {
      "a command without an event": [
        "the machine takes remind nowhere",
      ],
      "a consequence on a state that is none": [
        "onEnter names state "ended", which the machine has not",
      ],
      "a deadline in a state that is none": [
        "deadline decisionDue names state "forsen", which the machine has not",
      ],
      "a deadline that is not declared": [
        "event decisionDue is no declared command, deadline or event",
      ],
      "a label in one language": [
        "state awaitingReview has no en",
      ],
      "a label without a state": [
        "states names state "lost", which the machine has not",
      ],
      "a notice on nothing": [
        "a notice hangs on hello, which the machine never takes",
      ],
      "a notice to somebody twice": [
        "notices tell buyer of fileAppeal twice",
      ],
      "a policy without a rule": [
        "policy patience cites no rule, got """,
      ],
      "a state without a label": [
        "state awaitingReview has no label",
      ],
      "a word that the other does not know": [
        "onEnter tells order "hello", which it does not declare",
      ],
      "an effect that exits nowhere": [
        "effect synchroniseOrder exits by gone, which is no declared event",
      ],
      "an effect without an exit": [
        "effect synchroniseOrder exits by nothing, which is no declared event",
      ],
      "an event without a command": [
        "event passReview is no declared command, deadline or event",
      ],
    }
  `);
  expect(passReview).toBeDefined();
});

const both = (text: string) => ({ zh: text, en: text });
const ofBuyer = commandOf()({ label: both('x'), description: both('x'), by: ['buyer'], input: z.object({}), reason: 'optional', rules: [] }) as never;

test('a command that is called possible and that no guard lets through is found', () => {
  const machine = setup({ guards: { isNever: () => false } }).createMachine({
    initial: 'filed',
    context: {},
    states: { filed: { on: { pick: 'open' } }, open: { on: { close: { guard: 'isNever', target: 'closed' }, drop: 'closed' } }, closed: { type: 'final' } },
  });
  const lifecycle: Lifecycle = {
    ...{ name: 'complaint', version: 1, prefix: 'CO', label: both('x'), machine, context: z.object({}), rules: [] },
    states: Object.fromEntries(['filed', 'open', 'closed'].map((name) => [name, { ...both(name), description: both(name), waitsFor: ['buyer'] }])),
    commands: { pick: ofBuyer, close: ofBuyer, drop: ofBuyer },
    ...{ events: {}, deadlines: {}, effects: {}, onEnter: {}, notices: {}, policies: {} },
  };
  expect(findingsOf({ lifecycle, registry, calendar })).toEqual([
    { lifecycle: 'complaint v1', what: 'buyer close is called possible and no transition takes it in open', way: 'buyer pick' },
    { lifecycle: 'complaint v1', what: 'command close is possible nowhere', way: null },
  ]);
});

test('what nobody can do is found, with the shortest way there', () => {
  const { uploadAcceptance, acceptDelivery, decideAppeal } = supervised.commands as Record<string, Lifecycle['commands'][string]>;
  const never = { code: 'NOTHING_TO_RETRY' as const, met: () => false };
  const without = (name: string, command: Lifecycle['commands'][string] | undefined) =>
    foundIn({ commands: { ...supervised.commands, [name]: { ...(command as Lifecycle['commands'][string]), requires: [never] } } });
  expect({
    'a delivery that nobody can make': without('uploadAcceptance', uploadAcceptance),
    'an acceptance that the buyer cannot give': without('acceptDelivery', acceptDelivery),
    'an appeal that nobody can decide': without('decideAppeal', decideAppeal),
    'an acceptance that nothing follows': foundIn({
      deadlines: {
        ...supervised.deadlines,
        completionSyncDue: { ...(supervised.deadlines.completionSyncDue as Lifecycle['deadlines'][string]), due: () => null },
        completionWindowPassed: { ...(supervised.deadlines.completionWindowPassed as Lifecycle['deadlines'][string]), due: () => null },
      },
    }),
    'an effect that is never wanted': foundIn({ effects: {} }),
  }).toMatchInlineSnapshot(`
    {
      "a delivery that nobody can make": [
        "waits for merchant, who has no command that moves it on in awaitingDelivery | at the start",
        "command uploadAcceptance is possible nowhere",
      ],
      "an acceptance that nothing follows": [
        "waits for nobody: neither a person nor a deadline nor an effect in accepted | buyer confirmCompletion",
        "state synchronising is never reached",
        "state finished is never reached",
        "deadline completionSyncDue never fires",
        "deadline completionWindowPassed never fires",
        "effect synchroniseOrder is never wanted",
      ],
      "an acceptance that the buyer cannot give": [
        "command acceptDelivery is possible nowhere",
      ],
      "an appeal that nobody can decide": [
        "waits for operationsManager, who has no command that moves it on in awaitingDelivery | buyer fileAppeal",
        "waits for operationsManager, who has no command that moves it on in awaitingRequirement | buyer fileAppeal",
        "waits for operationsManager, who has no command that moves it on in issuingCode | buyer fileAppeal",
        "waits for operationsManager, who has no command that moves it on in awaitingSystemCode | buyer fileAppeal",
        "waits for operationsManager, who has no command that moves it on in awaitingReview | merchant uploadAcceptance → buyer fileAppeal",
        "waits for operationsManager, who has no command that moves it on in awaitingConfirmation | buyer fileRequirement → buyer fileAppeal",
        "waits for operationsManager, who has no command that moves it on in awaitingAcceptance | merchant confirmOfflineDelivery → buyer fileAppeal",
        "waits for operationsManager, who has no command that moves it on in awaitingCompletion | merchant reportDeployment → buyer fileAppeal",
        "waits for operationsManager, who has no command that moves it on in accepted | buyer confirmCompletion → buyer fileAppeal",
        "waits for operationsManager, who has no command that moves it on in awaitingClaim | codeIssued → merchant deliverCode → buyer fileAppeal",
        "waits for operationsManager, who has no command that moves it on in synchronising | buyer confirmCompletion → completionSyncDue → buyer fileAppeal",
        "waits for operationsManager, who has no command that moves it on in awaitingActivation | codeIssued → merchant deliverCode → buyer claimCode → buyer fileAppeal",
        "waits for operationsManager, who has no command that moves it on in awaitingProof | codeIssued → merchant deliverCode → buyer claimCode → system recordActivation → buyer fileAppeal",
        "state terminating is never reached",
        "command decideAppeal is possible nowhere",
        "command confirmDecision is possible nowhere",
        "command rejectDecision is possible nowhere",
      ],
      "an effect that is never wanted": [
        "event codeIssued is no outcome of an effect, and no lifecycle tells it",
        "event orderSynchronised is no outcome of an effect, and no lifecycle tells it",
      ],
    }
  `);
});

test('the charts that are checked in are those of the rules', () => {
  for (const lifecycle of registry.current) expect(readFileSync(`docs/lifecycles/${lifecycle.name}.md`, 'utf8')).toBe(pageOf(lifecycle));
});
