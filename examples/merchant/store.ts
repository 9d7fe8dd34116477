import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

export type Status = 'NORMAL' | 'FREEZE' | 'RELEASED';

export type Instance = {
  instanceId: string;
  orderId: string;
  orderLineId: string | null;
  productId: string | null;
  skuCode: string | null;
  /** As the marketplace wrote it: UTC yyyyMMddHHmmss[SSS]. */
  expireTime: string | null;
  isTrial: boolean;
  isTest: boolean;
  status: Status;
  /** How many more queries find it still being created (000004). */
  readyAfter: number;
  adminUrl: string;
  userName: string;
  password: string;
};

/** Something that really happened, as against a repeated call that was answered. */
export type Effect = { at: string; activity: string; what: string; orderId: string | null; instanceId: string | null };

type State = {
  instances: Record<string, Instance>;
  /** What was done for a key, and the instance that it was done to. */
  done: Record<string, string>;
  /** Licence codes 2.0 by code. */
  licences: Record<string, { status: 'ALIVE' | 'FREEZE' | 'RELEASED'; expireTime: string | null }>;
  /** Kit: tenants, applications, departments and users by their keys. */
  organisation: Record<string, unknown>;
  effects: Effect[];
};

export type Store = ReturnType<typeof createStore>;

/** What this merchant remembers. With a file, a restart keeps it: idempotency that is forgotten is none. */
export function createStore(file: string | null = null) {
  const state = read(file);
  let isDoing = false;
  const of = (instanceId: string): Instance | null => state.instances[instanceId] ?? null;
  return { state, of, create, once, effect, effectsOf };

  function create(given: Omit<Instance, 'instanceId' | 'status' | 'adminUrl' | 'userName' | 'password'>): Instance {
    const instanceId = randomUUID();
    const instance: Instance = {
      ...given,
      instanceId,
      status: 'NORMAL',
      adminUrl: `https://admin.merchant.example/${instanceId}`,
      userName: `admin-${instanceId.slice(0, 8)}`,
      password: randomUUID(),
    };
    state.instances[instanceId] = instance;
    return instance;
  }

  /** Does `work` for this key at most once. @returns the instance that it was done to, the first time or now */
  function once(key: string, work: () => { instanceId: string }): { instanceId: string; repeated: boolean } {
    const before = state.done[key];
    if (before !== undefined) return { instanceId: before, repeated: true };
    // effect and key are kept by one write: a kill between two would do it again
    isDoing = true;
    try {
      const { instanceId } = work();
      state.done[key] = instanceId;
      isDoing = false;
      keep();
      return { instanceId, repeated: false };
    } finally {
      isDoing = false;
    }
  }

  function effect({ activity, what, orderId = null, instanceId = null }: Pick<Effect, 'activity' | 'what'> & Partial<Effect>): void {
    state.effects.push({ at: new Date().toISOString(), activity, what, orderId, instanceId });
    keep();
  }

  /** How often something really happened; for a test, more than once for one order is a doubled effect. */
  function effectsOf(asked: Partial<Pick<Effect, 'activity' | 'what' | 'orderId' | 'instanceId'>>): number {
    return state.effects.filter((one) => Object.entries(asked).every(([name, value]) => one[name as keyof Effect] === value)).length;
  }

  function keep(): void {
    if (!file || isDoing) return;
    // written beside and renamed, so that a kill leaves the old or the new file
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  }
}

function read(file: string | null): State {
  const empty: State = { instances: {}, done: {}, licences: {}, organisation: {}, effects: [] };
  if (!file) return empty;
  try {
    return { ...empty, ...(JSON.parse(readFileSync(file, 'utf8')) as State) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return empty;
    throw new Error(`expected ${file} to hold this merchant's state as JSON; mend or remove it`, { cause: error });
  }
}
