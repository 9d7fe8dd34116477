import { describe, expect, test } from 'vitest';
import { coreCommands } from '../../lifecycles/core.ts';
import type { Place } from '../../lifecycles/explore.ts';
import { commandNamed, lifecycles } from '../../lifecycles/registry.ts';
import { type Actor, roleNames } from '../../lifecycles/roles.ts';
import { placesOf, standing, walker } from './standing.ts';
import { validInput } from './stories.ts';

/** Places that a role, a state or a requirement can tell apart: timers and incidents answer no command. */
function seenApart(places: readonly Place[]): Place[] {
  const shapes = places.map((place) => {
    const { value, context, effects } = place.instance;
    const key = JSON.stringify([value, context, effects.map(({ name, status }) => [name, status])], (_, member) => (typeof member === 'number' ? 0 : member));
    return [key, place] as const;
  });
  return [...new Map(shapes).values()];
}

describe('a command is called possible exactly when it is then accepted, and by the same name refused', () => {
  for (const lifecycle of lifecycles)
    test(`${lifecycle.name}: in every place it can reach, every command by those who may, and in every state by every role`, () => {
      const places = seenApart(placesOf(lifecycle));
      const counts = { accepted: 0, refused: 0 };
      const states = new Set<string>();
      for (const { instance } of places) {
        const state = JSON.stringify(instance.value);
        const isFirst = !states.has(state);
        states.add(state);
        const { here, model } = standing(instance);
        const known = new Map<string, string[]>();
        const knownTo = (actor: Actor) => {
          const person = `${actor.role} ${actor.id}`;
          const names = known.get(person) ?? model.allowed({ instance: here.id, actor });
          known.set(person, names);
          return names;
        };
        for (const name of Object.keys({ ...lifecycle.commands, ...coreCommands }))
          for (const role of isFirst ? roleNames : (commandNamed(lifecycle, name)?.by ?? [])) {
            const tried = model.fork();
            const actor = walker(lifecycle.commands[name], role);
            const input = validInput(name, here);
            const foretold = tried.whyNot({ instance: here.id, command: name, actor, input })?.code ?? 'accepted';
            const answer = tried.command({ lifecycle: lifecycle.name, instance: here.id, command: name, actor, input, reason: 'because' });
            const got = answer.ok ? 'accepted' : answer.problem.code;
            if (got === 'NOT_FOUND') expect([role, knownTo(actor)]).toEqual([role, []]);
            else if (got !== foretold || knownTo(actor)?.includes(name) !== answer.ok)
              expect.fail(`${role} ${name} in ${JSON.stringify(here.value)}: expected ${foretold}, got ${got}; allowed ${knownTo(actor)}`);
            counts[answer.ok ? 'accepted' : 'refused'] += 1;
            if (!answer.ok && tried.instances.get(here.id) !== here) expect.fail(`the refused ${name} changed something`);
          }
      }
      expect(counts.accepted).toBeGreaterThan(0);
      console.log(`${lifecycle.name}: ${places.length} places, ${counts.accepted} accepted, ${counts.refused} refused`);
    });
});
