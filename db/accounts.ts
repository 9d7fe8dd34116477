import type pg from 'pg';
import type { AccountMoney, Facts, Prepaid } from '../lifecycles/facts.ts';
import { kindOf, type OrderKind } from '../lifecycles/order/kinds.ts';
import { chargeFor } from '../lifecycles/service/charging.ts';
import type { Context as Service } from '../lifecycles/service/context.ts';
import type { Ask } from './facts.ts';

/** Until the end of the transaction nothing else decides by this account: a top-up and the end of a grace have one outcome (MET-2). */
async function lockAccount(client: pg.PoolClient, buyer: string, currency: string): Promise<void> {
  await client.query({
    name: 'lock of an account',
    text: "select pg_advisory_xact_lock(hashtextextended('account of ' || $1 || ' in ' || $2, 0))",
    values: [buyer, currency],
  });
}

/** A service of the buyer's that waits for the account: in arrears, or stopped for them. */
export const waitsForAccount = `s.lifecycle = 'serviceInstance' and s.buyer = $1 and s.context ->> 'currency' = $2 and s.context ->> 'arrearsSince' is not null
  and not s.final`;

/** ACT-3: the event that booked the top-up of the event `e`: itself, or what confirmed it. One decision is pending at a time. */
const bookingSql = `select e.at where exists (select from ledger l where l.instance_id = e.instance_id and l.revision = e.revision)
  union all select d.at from (select type, at from events d where d.instance_id = e.instance_id and d.revision > e.revision
    and d.type in ('confirmCorrection', 'dropCorrection') order by d.revision limit 1) d where d.type = 'confirmCorrection'`;

/** What rules must know of buyers' accounts. */
export const accountFacts = {
  prepaid: async (client: pg.PoolClient, { actor, input, instance }: Ask): Promise<Prepaid | null | undefined> => {
    if (instance) {
      const service = instance.context as unknown as Service;
      if (service.unitPrice === null) return undefined;
      const amount = typeof input.usage === 'string' ? chargeFor(service, input.usage).amount : 0;
      return prepaidOf(client, { buyer: instance.parties.buyer, currency: service.currency, amount });
    }
    if (!kindOf(input.kind as OrderKind)?.byUse) return undefined;
    const { rows } = await client.query<{ currency: string }>({
      name: 'currency of a product',
      text: 'select currency from products where id = $1',
      values: [input.product],
    });
    return rows[0] ? prepaidOf(client, { buyer: actor.party ?? '', currency: rows[0].currency, amount: 0 }) : null;
  },
  buyerAccount: async (client: pg.PoolClient, { actor, input }: Ask): Promise<Facts['buyerAccount']> => {
    const [buyer, currency] = [actor.party ?? '', String(input.currency)];
    await lockAccount(client, buyer, currency);
    const { rows } = await client.query<{ number: string }>({
      name: 'fact buyer account',
      text: 'select i.number from account_balances a join instances i on i.id = a.account_id where a.buyer = $1 and a.currency = $2',
      values: [buyer, currency],
    });
    return rows[0] ?? null;
  },
  accountMoney: async (client: pg.PoolClient, { instance }: Ask): Promise<AccountMoney> => {
    if (!instance) throw new Error('expected an account whose money is asked for, got none');
    const { buyer } = instance.parties;
    const { currency } = instance.context as { currency: string };
    await lockAccount(client, buyer, currency);
    const { rows } = await client.query<AccountMoney>({
      name: 'fact account money',
      text: `select a.balance, (select count(*)::int from instances s where ${waitsForAccount}) as waiting from account_balances a where a.buyer = $1 and a.currency = $2`,
      values: [buyer, currency],
    });
    if (!rows[0]) throw new Error(`expected the balance of ${instance.number}, got none`);
    return rows[0];
  },
  topUpKnown: async (client: pg.PoolClient, { input, instance }: Ask): Promise<Facts['topUpKnown']> => {
    const pending = instance?.context.pendingCorrection as { reference?: string | null } | null | undefined;
    const { rows } = await client.query<{ at: number }>({
      name: 'fact top-up known',
      text: `select (extract(epoch from b.at) * 1000)::bigint as at from events e cross join lateral (${bookingSql}) b
        where e.instance_id = $1 and e.type = 'topUpAccount' and e.input ->> 'reference' = $2 limit 1`,
      values: [instance?.id, input.reference ?? pending?.reference],
    });
    return rows[0] ?? null;
  },
};

async function prepaidOf(client: pg.PoolClient, { buyer, currency, amount }: { buyer: string; currency: string; amount: number }): Promise<Prepaid | null> {
  await lockAccount(client, buyer, currency);
  const { rows } = await client.query<Prepaid>({
    name: 'fact prepaid',
    text: `select a.account_id as account, i.number, a.balance >= $3 as covers from account_balances a join instances i on i.id = a.account_id
      where a.buyer = $1 and a.currency = $2`,
    values: [buyer, currency, amount],
  });
  return rows[0] ?? null;
}
