/** A bug as a careless change would make it, and the test file that must turn red. */
export type Bug = { name: string; file: string; find: string; replace: string; test: string };

export const bugs: readonly Bug[] = [
  {
    name: 'a removed guard: the review by 华为云复核 is skipped (SUP-2)',
    file: 'lifecycles/supervision.ts',
    find: "isReviewed: ({ context }) => context.scenario !== 'none'",
    replace: 'isReviewed: () => false',
    test: 'test/lifecycles/supervision.test.ts',
  },
  {
    name: 'a deadline that restarts in full after a freeze (SUP-5)',
    file: 'lifecycles/deadlines.ts',
    find: 'remainingMs: Math.max(0, deadline.dueAt - now)',
    replace: 'remainingMs: Math.max(0, deadline.dueAt - deadline.armedAt)',
    test: 'test/lifecycles/invariants.test.ts',
  },
  {
    name: 'a lost idempotency check: the same key commits twice',
    file: 'db/commands.ts',
    find: 'if (loaded.bound) {',
    replace: 'if (loaded.bound && loaded.bound.revision < 0) {',
    test: 'test/faults/parallel.test.ts',
  },
  {
    name: 'a swapped role: the merchant passes its own review (SUP-2)',
    file: 'lifecycles/supervision.ts',
    find: "by: ['reviewer'],",
    replace: "by: ['merchant'],",
    test: 'test/lifecycles/supervision.test.ts',
  },
  {
    name: 'a wake that is never repeated',
    file: 'workflows/sweep.ts',
    find: 'waker.wake(lost.map((row) => row.id));',
    replace: 'waker.wake(lost.slice(0, 0).map((row) => row.id));',
    test: 'test/faults/lost-wakes.test.ts',
  },
  {
    name: 'an effect without admission: two tries at once (PRD-5)',
    file: 'db/attempts.ts',
    find: 'if (unfinished && row.lease_ms > 0)',
    replace: 'if (unfinished && row.lease_ms > 1e12)',
    test: 'test/faults/retry-by-hand.test.ts',
  },
  {
    name: 'a frozen instance that takes every command (SUP-5)',
    file: 'lifecycles/ask.ts',
    find: "if (isFrozen(instance.value) && command.whenFrozen !== 'allowed')",
    replace: "if (isFrozen(instance.value) && command.whenFrozen === 'allowed' && command.by.length === 0)",
    test: 'test/lifecycles/invariants.test.ts',
  },
  {
    name: 'a result that came while frozen is lost (SUP-5)',
    file: 'lifecycles/step.ts',
    find: 'recorded: [...instance.recorded, fact]',
    replace: 'recorded: [...instance.recorded]',
    test: 'test/faults/appeal-race.test.ts',
  },
  {
    name: 'a chain whose links do not hang together (ACT-2)',
    file: 'db/rows.ts',
    find: 'heads.set(entry.instance, hash);',
    replace: 'heads.set(entry.instance, previous);',
    test: 'test/faults/chain.test.ts',
  },
  {
    name: 'another party sees the record (ACT-1)',
    file: 'lifecycles/roles.ts',
    find: 'return parties[partyOfRole[actor.role]] === actor.party;',
    replace: 'return parties[partyOfRole[actor.role]] !== null;',
    test: 'test/graphql/commands.test.ts',
  },
  {
    name: 'a stale decision is accepted',
    file: 'db/commands.ts',
    find: 'request.expectedRevision !== instance.revision)',
    replace: 'request.expectedRevision > instance.revision)',
    test: 'test/graphql/commands.test.ts',
  },
];
