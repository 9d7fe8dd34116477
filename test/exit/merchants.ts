import type { Actor } from '../../lifecycles/roles.ts';
import { aCommand, accepted, type Database, machine } from '../world.ts';

/** The instance that is a thing's life. */
export async function lifeOf({ pool }: Pick<Database, 'pool'>, lifecycle: 'merchant' | 'product', subject: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>('select instance_id as id from subjects where lifecycle = $1 and subject = $2', [lifecycle, subject]);
  const [life] = rows;
  if (!life) throw new Error(`expected ${lifecycle} ${subject} to have a life`);
  return life.id;
}

export async function stateOf({ pool }: Pick<Database, 'pool'>, instance: string): Promise<string> {
  const { rows } = await pool.query<{ state: string }>('select state from instances where id = $1', [instance]);
  return rows[0]?.state ?? 'none';
}

export type Given = { input?: Record<string, unknown>; reason?: string; key?: string };

/** One command to one instance. */
export const put = ({ commit }: Pick<Database, 'commit'>, actor: Actor, lifecycle: string, command: string, instance: string | null, given: Given = {}) =>
  commit.command(
    aCommand({
      lifecycle,
      command,
      actor,
      instance,
      input: given.input ?? {},
      reason: given.reason ?? 'the reason of a test',
      ...(given.key ? { idempotencyKey: given.key } : {}),
    }),
  );

/** The code that a command is refused with, or `done`. */
export async function codeOf(answer: ReturnType<Database['commit']['command']>): Promise<string> {
  const got = await answer;
  return got.ok ? 'done' : got.problem.code;
}

export const done = accepted;

/** A merchant of its own with one product on sale, so that tests of leaving do not meet one another. */
export async function aMerchant(database: Database, name: string, { price = 100_00 } = {}) {
  const { pool } = database;
  const product = `${name}-product`;
  await pool.query("insert into parties (id, kind, name) values ($1, 'merchant', $1)", [name]);
  await pool.query(
    "insert into products (id, merchant, name, access_type, trade_mode, supervised, prices) values ($1, $2, $1, 'image', 'general', false, $3)",
    [product, name, { once: price, month: price }],
  );
  const merchant = (await accepted(put(database, machine, 'merchant', 'onboardMerchant', null, { input: { account: name } }))).instance;
  const life = (await accepted(put(database, machine, 'product', 'listProduct', null, { input: { merchant, product } }))).instance;
  return { name, product, life, merchant, person: { id: `${name}.zhao`, role: 'merchant', party: name } satisfies Actor as Actor };
}
