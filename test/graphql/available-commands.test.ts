import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shanghai } from '../../calendar/calendar.ts';
import type { Answer } from '../../db/requests.ts';
import { toId } from '../../graphql/ids.ts';
import { ask } from '../../lifecycles/ask.ts';
import { coreCommands } from '../../lifecycles/core.ts';
import type { Lifecycle } from '../../lifecycles/declaration.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import { merchant } from '../../lifecycles/merchant.ts';
import { resolved } from '../../lifecycles/policies.ts';
import { commandNamed, lifecycles, stateOf } from '../../lifecycles/registry.ts';
import { type Actor, partyFor, type Role, roleNames } from '../../lifecycles/roles.ts';
import { file } from '../lifecycles/cast.ts';
import { placesOf, walker } from '../lifecycles/standing.ts';
import { validInput } from '../lifecycles/stories.ts';
import { ofItsOwn, refusedAlone, standingAnew, stored } from '../workflows/placed.ts';
import { aCommand, aFile } from '../world.ts';
import { type Api, anApi } from './api.ts';
import { askAs } from './strangers.ts';

let api: Api;
beforeAll(async () => {
  api = await anApi();
});
afterAll(() => api.stop());

const namesOf = (lifecycle: Lifecycle) => Object.keys({ ...lifecycle.commands, ...coreCommands });

/** Of the party that the role acts for: whether it then sees the instance hangs on the role alone. */
const personOf = (lifecycle: Lifecycle, { name, role, parties }: { name: string; role: Role } & Pick<Instance, 'parties'>): Actor => ({
  ...walker(lifecycle.commands[name], role),
  party: partyFor(role, parties),
});

function answersIn(lifecycle: Lifecycle, instance: Instance): string[] {
  const policies = resolved(lifecycle, []);
  const asked = new Map<string, ReturnType<typeof ask>>();
  const askedBy = (actor: Actor) => {
    const known = asked.get(actor.id) ?? ask({ lifecycle, instance, question: { actor, facts: {}, now: instance.at, policies, calendar: shanghai } });
    asked.set(actor.id, known);
    return known;
  };
  return roleNames.flatMap((role) =>
    namesOf(lifecycle).map((name) => `${role} ${name} ${askedBy(personOf(lifecycle, { name, role, parties: instance.parties })).codeAgainst(name)}`),
  );
}

/** The first place of every state, and the first where a command has another answer for a role than in all before. */
function tellingPlaces(lifecycle: Lifecycle): Instance[] {
  const known = new Set<string>();
  return placesOf(lifecycle).flatMap(({ instance }) => {
    const before = known.size;
    for (const answer of [JSON.stringify(instance.value), ...answersIn(lifecycle, instance)]) known.add(answer);
    return known.size > before ? [instance] : [];
  });
}

/** What a lone place lacks: the organisation that the model's inputs name, and money wherever an order's refund looks for it. */
const furnishings: Partial<Record<string, string>> = {
  enterprise: `with d as (insert into departments (enterprise, code, name, parent, created_at)
      values ($1, 'root', '甲公司', null, now()), ($1, 'sales', '销售', 'root', now()), ($1, 'finance', '财务', 'root', now())),
    m as (insert into members (enterprise, user_name, name, department, role, joined_at) values ($1, 'zhang', '张', 'sales', 'user', now()))
    insert into groups (enterprise, code, name, created_at) values ($1, 'everyone', '全员', now())`,
  order: `insert into order_balances (order_id, currency, paid, released, reserved, refunded) values ($1, 'CNY', 900000000, 300000000, 300000000, 0)`,
};

/** What is stored: a place, and what is stored beside it although it refers to no such thing. */
type At = { lifecycle: Lifecycle; place: Instance; beside?: readonly Instance[] };

/** A copy of a place in the database that no other copy has anything to do with. */
async function placed({ lifecycle, place, beside = [] }: At) {
  const { here, model } = standingAnew(place);
  const own = ofItsOwn();
  await stored(api, own([...model.instances.values(), ...beside.map((one) => ({ ...one, id: randomUUID() }))]), here.at);
  for (const { id, lifecycle: of } of model.instances.values()) if (furnishings[of]) await api.pool.query(furnishings[of], [id]);
  const personFor = (name: string, role: Role) => own(personOf(lifecycle, { name, role, parties: place.parties }));
  return { id: here.id, personFor, command };

  /** @returns what commit answers to the command with valid input */
  async function command(name: string, role: Role): Promise<Answer> {
    const actor = personFor(name, role);
    const input = JSON.stringify(own(validInput(name, here)));
    const mine = input.includes(file) ? await aFile(api.pool, actor) : file;
    const sent = { lifecycle: lifecycle.name, instance: here.id, command: name, actor, input: JSON.parse(input.replaceAll(file, mine)), reason: 'because' };
    return api.commit.command(aCommand(sent));
  }
}

type Shown = { name: string; enabled: boolean; whyNot: { code: string; becomesPossibleAt: string | null } | null };
const query = 'query ($id: ID!) { node(id: $id) { ... on Lifecycle { availableCommands { name enabled whyNot { code becomesPossibleAt } } } } }';

/** What GraphQL shows somebody of every command; of a record that they may not see, nothing. */
async function shownTo(actor: Actor, lifecycle: Lifecycle, id: string): Promise<ReadonlyMap<string, Shown> | null> {
  const { data, errors, text } = await askAs(api, actor, query, { id: toId(lifecycle.name, id) });
  if (errors || !data) throw new Error(`expected the commands of ${lifecycle.name} for ${actor.role}, got ${text}`);
  return data.node && new Map(data.node.availableCommands.map((one: Shown) => [one.name, one]));
}

const foretoldBy = ({ enabled, whyNot }: Shown) =>
  enabled && !whyNot ? 'accepted' : `${whyNot?.code}, possible ${whyNot?.becomesPossibleAt ?? 'by no waiting'}`;

function answeredBy(answer: Answer): string {
  if (answer.ok) return 'accepted';
  const { problem } = answer;
  const possibleAt = problem.kind === 'Refused' ? problem.possibleAt : null;
  return `${problem.code}, possible ${possibleAt === null ? 'by no waiting' : new Date(possibleAt).toISOString()}`;
}

const unseen = (name: string): Shown => ({ name, enabled: false, whyNot: { code: 'NOT_FOUND', becomesPossibleAt: null } });

type Met = { shown: Shown; role: Role; foretold: string; got: string };

/** What somebody of a role is shown of these commands, and is answered to each by a copy where nothing else is done. */
async function metBy(role: Role, names: readonly string[], at: At): Promise<Met[]> {
  if (names.length === 0) return [];
  const { lifecycle } = at;
  const copy = await placed(at);
  const met: Met[] = [];
  for (const [, asked] of Map.groupBy(names, (name) => copy.personFor(name, role).id)) {
    const shown = await shownTo(copy.personFor(asked[0] as string, role), lifecycle, copy.id);
    if (shown) expect([...shown.keys()]).toEqual(namesOf(lifecycle));
    for (const name of asked) {
      const told = shown?.get(name) ?? unseen(name);
      const { command } = told.enabled ? await placed(at) : copy;
      met.push({ shown: told, role, foretold: foretoldBy(told), got: answeredBy(await command(name, role)) });
    }
  }
  return met;
}

const isForetold = ({ shown, foretold, got }: Met) => got === foretold || (shown.enabled && got.startsWith(refusedAlone[shown.name] ?? 'nothing'));

/** @param askedOf the commands that a role is asked about */
async function compared(at: At, askedOf: (role: Role) => readonly string[]): Promise<Met[]> {
  const met = (await Promise.all(roleNames.map((role) => metBy(role, askedOf(role), at)))).flat();
  const surprises = met.filter((one) => !isForetold(one));
  expect(surprises.map(({ shown, ...told }) => ({ command: shown.name, state: at.place.value, ...told }))).toEqual([]);
  return met;
}

describe('availableCommands of the API says enabled exactly when commit then accepts, else the code by which it refuses (ACT-1)', () => {
  for (const lifecycle of lifecycles)
    test(`${lifecycle.name}: in one place of every state every command by every role, in one of every other answer by those who may`, {
      timeout: 300_000,
    }, async () => {
      const states = new Set<string>();
      const all: Met[] = [];
      for (const place of tellingPlaces(lifecycle)) {
        const isFirst = !states.has(stateOf(place.value));
        states.add(stateOf(place.value));
        const askedOf = (role: Role) => namesOf(lifecycle).filter((name) => isFirst || commandNamed(lifecycle, name)?.by.includes(role));
        all.push(...(await compared({ lifecycle, place }, askedOf)));
      }
      const accepted = all.filter(({ got }) => got === 'accepted');
      expect(accepted.length).toBeGreaterThan(0);
      console.log(`${lifecycle.name}: ${states.size} states, ${accepted.length} accepted, ${all.length - accepted.length} refused`);
    });
});

const firstOfEveryState = (lifecycle: Lifecycle): Instance[] => [
  ...new Map(
    placesOf(lifecycle)
      .map(({ instance }) => [stateOf(instance.value), instance] as const)
      .toReversed(),
  ).values(),
];

/** Lifecycles that a freeze of their merchant stops somewhere (EXT-3); a merchant's own records stand for themselves. */
const stoppedByFreeze = lifecycles.filter(
  ({ name, commands, whenMerchantFrozen }) =>
    name !== 'merchant' &&
    name !== 'merchantExit' &&
    Object.values(commands).some((command) => command.by.includes('merchant') && (command.whenMerchantFrozen ?? whenMerchantFrozen) !== 'allowed'),
);

test.for(stoppedByFreeze)('$name: in one place of every state the same for the people of a frozen merchant and for operators (EXT-3)', async (lifecycle) => {
  const suspended = firstOfEveryState(merchant).find(({ value }) => value === 'suspended') as Instance;
  const met: Met[] = [];
  for (const place of firstOfEveryState(lifecycle)) {
    const frozen = { ...suspended, context: { ...suspended.context, merchant: place.parties.merchant } };
    const askedOf = (role: Role) => (role === 'merchant' || role === 'operationsManager' ? namesOf(lifecycle) : []);
    met.push(...(await compared({ lifecycle, place, beside: [frozen] }, askedOf)));
  }
  expect(met.some(({ got }) => got.startsWith('MERCHANT_FROZEN'))).toBe(true);
});

/** Commands that waiting alone may make possible, by what they require. */
const waitable = lifecycles.flatMap((lifecycle) =>
  Object.entries(lifecycle.commands).flatMap(([name, { fits = [], requires = [], by }]) =>
    [...fits, ...requires].some(({ possibleAt }) => possibleAt) ? by.map((role) => ({ lifecycle, name, role })) : [],
  ),
);

test('there is a command that waiting alone makes possible', () => expect(waitable).not.toEqual([]));

test.for(waitable)('$name: becomesPossibleAt says from when waiting alone makes it possible again', async ({ lifecycle, name, role }) => {
  const place = placesOf(lifecycle).find(({ instance }) => answersIn(lifecycle, instance).includes(`${role} ${name} null`));
  const { id, personFor, command } = await placed({ lifecycle, place: place?.instance as Instance });
  const shown = async () => (await shownTo(personFor(name, role), lifecycle, id))?.get(name);
  expect(answeredBy(await command(name, role))).toBe('accepted');
  const told = await shown();
  expect(told?.whyNot?.becomesPossibleAt).toEqual(expect.any(String));
  expect(answeredBy(await command(name, role))).toBe(foretoldBy(told as Shown));
  await api.pool.query(
    `update families f set clock_offset_ms = extract(epoch from $2::timestamptz - clock_timestamp()) * 1000 from instances i where i.id = $1 and f.id = i.family`,
    [id, told?.whyNot?.becomesPossibleAt],
  );
  expect(await shown()).toEqual({ name, enabled: true, whyNot: null });
  expect(answeredBy(await command(name, role))).toBe('accepted');
});
