import { randomUUID } from 'node:crypto';
import { rowsOf } from '../../db/rows.ts';
import { statementFor } from '../../db/writes.ts';
import type { Lifecycle } from '../../lifecycles/declaration.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import { commandNamed, isOver, type Registry } from '../../lifecycles/registry.ts';
import { file } from '../lifecycles/cast.ts';
import { placesOf, standing, walker } from '../lifecycles/standing.ts';
import { validInput } from '../lifecycles/stories.ts';
import { aFile, type Database } from '../world.ts';
import type { Case } from './cases.ts';

/**
 * The case of a command that has none of its own: the first place of a walk where the rules let it through, stored as
 * it stands beside what it refers to, on a family clock that shows the instant of its last event. Effects are left
 * out, so that nothing but the command happens there. An opening command is put to any instance.
 */
export const placedCase =
  (lifecycle: Lifecycle, command: string): Case =>
  async ({ database, engine }) => {
    const by = commandNamed(lifecycle, command)?.by ?? [];
    const opens = lifecycle.opening?.name === command;
    for (const { instance } of placesOf(lifecycle)) {
      const { here, model } = standingAnew({ ...instance, effects: [] });
      const input = validInput(command, here);
      const requests = by.map((role) => {
        const actor = walker(lifecycle.commands[command], role);
        return { lifecycle: lifecycle.name, instance: here.id, command, actor, input, reason: 'because' };
      });
      const request = requests.find((one) => opens || model.fork().command(one).ok);
      if (!request) continue;
      const own = ofItsOwn();
      await stored(database, own([...model.instances.values()]), here.at);
      if (!isOver(lifecycle, here.value)) await engine.waker.wake([here.id]);
      const actor = own(request.actor);
      const mine = JSON.stringify(input).includes(file) ? await aFile(database.pool, actor) : file;
      return { ...request, actor, input: JSON.parse(JSON.stringify(own(input)).replaceAll(file, mine)) };
    }
    throw new Error(`expected a place of ${lifecycle.name} where ${by} may ${command}, got none: write a case of its own`);
  };

/** A place beside what it refers to, by ids that nothing else has. */
export function standingAnew(place: Instance): ReturnType<typeof standing> {
  const ids = { order: randomUUID(), product: randomUUID(), merchant: randomUUID(), enterprise: randomUUID(), settlementBill: randomUUID() };
  const id = randomUUID();
  // what an effect is called begins with its instance
  const instance: Instance = JSON.parse(JSON.stringify(place).replaceAll(`"${place.id}:`, `"${id}:`));
  return standing({ ...instance, context: { ...instance.context, ...('order' in instance.context ? { order: ids.order } : {}) } }, { id, ids });
}

/** Parties and sampled texts by names that nothing else has: some may exist once only. */
export function ofItsOwn() {
  const names: Record<string, string> = { buyer: randomUUID(), merchant: randomUUID(), text: randomUUID() };
  return <T>(value: T): T =>
    JSON.parse(
      JSON.stringify(value)
        .replaceAll(/"text"(?!:)/g, `"${names.text}"`)
        .replaceAll(/"(buyer|merchant|party|account)":"(buyer|merchant)"/g, (_, key, of) => `"${key}":"${names[of]}"`),
    );
}

/** Of these the last word hangs on what the input names, in tables that a lone place has no rows in. */
export const refusedAlone: Record<string, string> = {
  authoriseApp: 'NOT_IN_ORGANISATION',
  retryUserSync: 'NO_FAILED_USER',
  acceptInvitation: 'WRONG_ACCOUNT',
  recordDifference: 'INVALID',
  confirmDifference: 'DIFFERENCE_OVER_SHARE',
  allowAccount: 'WHITELIST_ACCOUNT_UNKNOWN',
};

let number = 0;

/** Instances that nothing led to: rows alone, without a log. */
export async function stored({ pool, registry }: Pick<Database, 'pool'> & { registry: Registry }, instances: readonly Instance[], now: number): Promise<void> {
  const family = randomUUID();
  const own = instances.map((one) => {
    const { [one.lifecycle]: _itself, ...refs } = one.refs;
    return { ...one, refs, family, number: `${registry.of(one.lifecycle).prefix}-2026-${900_000 + ++number}` };
  });
  const offsetMs = now - Date.now();
  const nothing = { entries: [], messages: [], postings: [], rows: [], closedDeadlines: [], closedEffects: [] };
  const play = { ...nothing, changed: new Map(own.map((one) => [one.id, one])), created: new Set(own.map(({ id }) => id)) };
  const loaded = { family: new Map(), now, offsetMs } as never;
  await pool.query('insert into families (id, clock_offset_ms) values ($1, $2)', [family, offsetMs]);
  await pool.query(statementFor({ ...rowsOf({ registry, loaded, play, via: 'sandbox' }), families_new: [] }));
}
