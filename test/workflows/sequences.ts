import fc from 'fast-check';
import { lifecycles } from '../../lifecycles/registry.ts';
import { type Role, roleNames } from '../../lifecycles/roles.ts';
import { day, hour, minute } from '../lifecycles/cast.ts';

const commands = [...lifecycles.flatMap(({ commands: declared }) => Object.keys(declared)), 'retryEffect'];
const kinds = ['valid', 'other', 'wrong', 'noReason'] as const;
const doors = ['api', 'api', 'api', 'update'] as const;

export type Kind = (typeof kinds)[number];
export type Door = 'api' | 'update';
export const troubles = ['none', 'busy', 'refuses', 'unreadable', 'lostAnswer', 'bug'] as const;

/** One thing that happens to an order; plain data, so that a failure can be read and repeated by its seed. */
export type Happening =
  /** The n-th of the commands that are possible now, by whoever may. */
  | { do: 'possible'; n: number; input: Kind; door: Door }
  | { do: 'command'; name: string; role: Role; input: Kind; stale: boolean; door: Door }
  /** Two possible commands at the same time. */
  | { do: 'crossing'; n: number; m: number }
  | { do: 'wait'; ms: number }
  | { do: 'waitUntilDue'; by: number }
  | { do: 'trouble'; what: (typeof troubles)[number] }
  | { do: 'look' };

export type Sequence = { product: string; scenario: string; months: number | null; paid: boolean; happenings: Happening[] };

const oneOf = <T>(list: readonly T[]) => fc.constantFrom(...list);
const always = <T extends string>(value: T) => fc.constant(value);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: always('possible'), n: fc.nat(30), input: oneOf(['valid', 'valid', 'other'] as const), door: oneOf(doors) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: always('command'),
      name: oneOf(commands),
      role: oneOf(roleNames),
      input: oneOf(kinds),
      stale: fc.boolean(),
      door: oneOf(doors),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: always('crossing'), n: fc.nat(30), m: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ do: always('wait'), ms: oneOf([0, 1, 10 * minute, 31 * minute, 3 * hour, day, 5 * day]) }) },
  { weight: 2, arbitrary: fc.record({ do: always('waitUntilDue'), by: oneOf([-1, 0, 1]) }) },
  { weight: 2, arbitrary: fc.record({ do: always('trouble'), what: oneOf(troubles) }) },
  { weight: 1, arbitrary: fc.record({ do: always('look') }) },
);

const anySequence: fc.Arbitrary<Sequence> = fc.record({
  product: oneOf([
    ...['saas-activated', 'saas-activated', 'human-service', 'license-code', 'license-code', 'license-online', 'license-offline', 'software-package'],
    ...['app-orchestration', 'saas-instant', 'image-basic'],
  ]),
  scenario: oneOf(['none', 'none', 'baseCloud', 'empowermentCloud']),
  months: oneOf([null, 1, 12]),
  paid: oneOf([true, true, true, true, false]),
  happenings: fc.array(happening, { minLength: 6, maxLength: 16, size: 'max' }),
});

/** A package is delivered without a review, so it takes no scenario (SUP-2). */
const sequence = anySequence.map((one) => (one.product === 'software-package' ? { ...one, scenario: 'none' } : one));

export const sequencesOf = ({ seed, count }: { seed: number; count: number }): Sequence[] => fc.sample(sequence, { seed, numRuns: count });
