import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonical } from '../../lifecycles/canonical.ts';

test('what is logged hashes alike before it is stored and as it comes back (ACT-2)', () => {
  const anything = fc.anything({ withDate: true, withSparseArray: true, withNullPrototype: true, maxDepth: 4 });
  const content = fc.record({ input: anything, facts: fc.dictionary(fc.string(), anything), none: fc.constant(undefined), does: fc.constant(() => 1) });
  fc.assert(
    fc.property(content, (one) => canonical(one) === canonical(JSON.parse(JSON.stringify(one)))),
    { numRuns: 2_000 },
  );
  const holes = Object.assign(new Array(3), { 1: 1 });
  expect(canonical({ b: holes, a: { z: Number.NaN, d: new Date(0), n: -0, u: undefined } })).toBe(
    '{"a":{"d":"1970-01-01T00:00:00.000Z","n":0,"z":null},"b":[null,1,null]}',
  );
});
