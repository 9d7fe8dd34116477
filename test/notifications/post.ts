import { connect } from '../../db/connect.ts';
import type { MailConfig } from '../../notifications/config.ts';
import { type DeliveryOptions, startDelivery } from '../../notifications/delivery.ts';
import { createMail } from '../../notifications/mail.ts';
import { aCommand, accepted, buyer, type Database, merchant } from '../world.ts';

export const mailTo = (port: number, more: Partial<MailConfig> = {}): MailConfig => ({
  host: '127.0.0.1',
  port,
  secure: false,
  requireTls: false,
  user: undefined,
  password: undefined,
  from: 'Marketplace <no-reply@steward.example>',
  timeoutMs: 3_000,
  ...more,
});

/** A delivery that acts only when it is told to, impatient, over a pool of its own as another process has. */
export function aDelivery(database: Database, options: Partial<DeliveryOptions> & { mail?: MailConfig } = {}) {
  const { pool, close } = connect(database.url, { poolSize: 3 });
  const errors: Error[] = [];
  const delivery = startDelivery({
    pool,
    transports: options.mail ? [createMail(options.mail)] : [],
    baseUrl: 'https://console.example',
    patience: { firstRetryMs: 20, longestRetryMs: 50 },
    leaseMs: 20_000,
    everyMs: 10,
    onError: (error) => void errors.push(error as Error),
    ...options,
  });
  return {
    errors,
    async stop() {
      await delivery.stop();
      await close();
    },
  };
}

/** Messages without a story: `count` paid orders' worth, each telling merchant-a. */
export async function someMessages({ pool, commit }: Database, count: number): Promise<void> {
  const { instance } = await accepted(
    commit.command(
      aCommand({ lifecycle: 'order', command: 'placeOrder', actor: buyer, input: { product: 'saas-activated', period: { unit: 'year', count: 1 } } }),
    ),
  );
  await pool.query(
    `insert into outbox (instance_id, revision, event, to_role, to_party, text, created_at)
     select $1, 1000 + n, 'recordPayment', 'merchant', $2, '{"zh": "有新订单", "en": "A new order"}', now() from generate_series(1, $3) n`,
    [instance, merchant.party, count],
  );
}

export type Told = { event: string; role: string; channel: string; address: string; state: string; attempts: number; error: string | null };

/** Every delivery, in the order in which it was made. */
export const deliveriesIn = async ({ pool }: Pick<Database, 'pool'>, channel = 'mail'): Promise<Told[]> =>
  (
    await pool.query(
      `select o.event, o.to_role as role, d.channel, d.address, d.state, d.attempts, d.error from deliveries d join outbox o on o.id = d.message_id
       where d.channel = $1 order by d.id`,
      [channel],
    )
  ).rows;

/** How many deliveries are in each state. */
export async function statesIn(database: Pick<Database, 'pool'>, channel = 'mail'): Promise<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const { state } of await deliveriesIn(database, channel)) counted[state] = (counted[state] ?? 0) + 1;
  return counted;
}
