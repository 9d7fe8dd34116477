import { z } from 'zod';

const when = z.enum(['before', 'after']).default('before');

/** The ways to fail; `when` says whether the effect was done by then. */
const failure = z.discriminatedUnion('do', [
  z.object({ do: z.literal('status'), status: z.number().int().min(200).max(599), retryAfter: z.union([z.number().int(), z.string()]).optional(), when }),
  z.object({ do: z.literal('hang'), ms: z.number().int().min(0).optional(), when }),
  z.object({ do: z.literal('reset'), when }),
  z.object({ do: z.literal('html'), status: z.number().int().default(500), when }),
  z.object({ do: z.literal('code'), resultCode: z.string(), resultMsg: z.string().default('failed.'), httpStatus: z.number().int().default(200), when }),
  z.object({ do: z.literal('inProgress'), queries: z.number().int().min(1) }),
  z.object({ do: z.literal('noInstanceId') }),
  z.object({ do: z.literal('otherInstance') }),
  z.object({ do: z.literal('anotherFormOfId') }),
  z.object({ do: z.literal('badBodySign') }),
  z.object({ do: z.literal('noBodySign') }),
  z.object({ do: z.literal('changedAdminUrl') }),
  z.object({ do: z.literal('refuseRepeat') }),
  z.object({ do: z.literal('keyByBusinessId') }),
]);

const oneSwitch = z.intersection(
  failure,
  z.object({
    /** Left out: every activity. */
    activity: z.string().optional(),
    /** So many matching calls go well first. */
    skip: z.number().int().min(0).default(0),
    /** So many calls are struck; left out: all until it is taken away. */
    times: z.number().int().min(1).nullable().default(null),
  }),
);

/** What POST /_switches takes: the whole list, in place of the former. */
export const switchList = z.array(oneSwitch).max(50);
export type Switch = z.output<typeof oneSwitch>;
export type Failure = z.output<typeof failure>;

export type Struck = ReturnType<typeof struckBy>;

/** The failures that one call meets. */
function struckBy(met: readonly Switch[]) {
  const is = (name: Failure['do']) => met.some((one) => one.do === name);
  const first = <Name extends Failure['do']>(name: Name, moment?: 'before' | 'after') =>
    met.find((one): one is Extract<Switch, { do: Name }> => one.do === name && (!moment || !('when' in one) || one.when === moment)) ?? null;
  return { names: met.map((one) => one.do), is, first };
}

export const notStruck = struckBy([]);

/** How this merchant misbehaves, for demos and tests: per activity and per count. */
export function createSwitches() {
  let switches: Switch[] = [];
  return {
    all: () => switches,
    set: (given: z.input<typeof switchList>) => {
      switches = switchList.parse(given);
    },
    strike,
  };

  /** The failures that this call meets; counts each of them down. */
  function strike(activity: string) {
    const met = switches.filter((one) => {
      if (one.activity !== undefined && one.activity !== activity) return false;
      if (one.skip > 0) {
        one.skip -= 1;
        return false;
      }
      if (one.times === 0) return false;
      if (one.times !== null) one.times -= 1;
      return true;
    });
    return struckBy(met);
  }
}
