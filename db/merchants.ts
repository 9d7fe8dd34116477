import type pg from 'pg';
import type { MerchantAccount } from '../lifecycles/facts.ts';
import type { Obstacles } from '../lifecycles/merchantExit/conditions.ts';
import type { Standing } from '../lifecycles/standing.ts';
import { obstaclesOf } from './exit.ts';
import type { Ask } from './facts.ts';
import { offeringOf } from './products.ts';

/** What rules must know of merchants and what they offer. */
export const merchantFacts = {
  offering: (client: pg.PoolClient, { input }: Ask) => offeringOf(client, String(input.product ?? '')),
  merchantAccount: (client: pg.PoolClient, { input }: Ask) => accountOf(client, String(input.account ?? '')),
  listedAccount: (client: pg.PoolClient, { input }: Ask) => accountOf(client, String(input.account ?? '')),
  standing: (client: pg.PoolClient, ask: Ask) => standingOf(client, merchantIn(ask)),
  obstacles: async (client: pg.PoolClient, ask: Ask): Promise<Obstacles> => {
    const merchant = merchantIn(ask);
    const lock = client.query({ name: 'lock of an exit', text: `select ${merchantLock('pg_advisory_xact_lock', '$1')}`, values: [merchant] });
    const [, obstacles] = await Promise.all([lock, obstaclesOf(client, merchant)]);
    return obstacles;
  },
};

/** The merchant a command is about: its record's, else the one the caller acts for. */
const merchantIn = ({ actor, instance }: Ask): string => instance?.parties.merchant ?? actor.party ?? '';

/**
 * The lock that sales of a merchant share and its exit has alone, until the end of the transaction. Not the merchant's row, which every
 * sale would then have to write. Whoever only reads takes none.
 */
export const merchantLock = (take: 'pg_advisory_xact_lock' | 'pg_advisory_xact_lock_shared', merchant: string) =>
  `case when current_setting('transaction_read_only') = 'off' then ${take}(hashtextextended('sales of ' || ${merchant}, 0)) end`;

async function accountOf(client: pg.PoolClient, id: string): Promise<MerchantAccount | null> {
  const { rows } = await client.query<MerchantAccount>({
    name: 'fact merchant account',
    text: `select p.id, p.kind, p.name, exists (select from subjects s where s.lifecycle = 'merchant' and s.subject = p.id) as onboarded from parties p where p.id = $1`,
    values: [id],
  });
  return rows[0] ?? null;
}

/** Undefined for a merchant who trades, and for one whose record does not say. */
async function standingOf(client: pg.PoolClient, merchant: string): Promise<Standing | undefined> {
  const { rows } = await client.query<StandingRow>(standingsOf([merchant]));
  return rows[0]?.standing;
}

export type StandingRow = { merchant: string; standing: Standing };

/** The merchants among these who do not simply trade. */
export const standingsOf = (merchants: readonly string[]) => ({
  name: 'fact standing',
  text: `select s.subject as merchant, jsonb_build_object('state', i.state, 'exit', i.context ->> 'exit') as standing from subjects s join instances i on i.id = s.instance_id
    where s.lifecycle = 'merchant' and s.subject = any($1::text[]) and (i.state <> 'active' or i.context ->> 'exit' is not null)`,
  values: [merchants],
});
