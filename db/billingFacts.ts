import type pg from 'pg';
import { validate } from 'uuid';
import type { Facts, OrderInvoice } from '../lifecycles/facts.ts';
import type { Instance } from '../lifecycles/instance.ts';

type Ask = { input: Record<string, unknown>; instance: Instance | null };

/** The order that an opening joins, or that an instance is or refers to. */
function orderOf({ input, instance }: Ask): string | null {
  if (instance) return instance.lifecycle === 'order' ? instance.id : (instance.refs.order ?? null);
  return typeof input.order === 'string' && validate(input.order) ? input.order : null;
}

/** How the facts about bills and invoices are read (BIL-1, BIL-3, REF-2). */
export const billingFacts = {
  invoices: async (client: pg.PoolClient, ask: Ask): Promise<OrderInvoice[]> => {
    const { rows } = await client.query<OrderInvoice>({
      name: 'fact invoices',
      text: `select i.id, i.number, i.state, (i.context ->> 'issuedAt')::bigint as "issuedAt", (i.context ->> 'amount')::bigint as amount,
        (i.context ->> 'forUse')::bigint as "forUse" from instances o join instances i on i.family = o.family
        where o.id = $1 and i.lifecycle = 'invoice' and i.refs ->> 'order' = $1::text order by i.created_at, i.id`,
      values: [orderOf(ask)],
    });
    return rows;
  },
  /** With the order locked nothing is charged beside: a posting's reference to the order waits for that lock. */
  usageCharged: async (client: pg.PoolClient, ask: Ask): Promise<number> => {
    const { rows } = await client.query<{ charged: number }>({
      name: 'fact usage charged',
      text: "select coalesce(sum(amount), 0)::bigint as charged from ledger where order_id = $1 and from_account = 'balance' and to_account = 'held'",
      values: [orderOf(ask)],
    });
    return rows[0]?.charged ?? 0;
  },
  billOfPeriod: async (client: pg.PoolClient, { input: { partyKind, party, period, currency } }: Ask): Promise<Facts['billOfPeriod']> => {
    const { rows } = await client.query<{ number: string }>({
      name: 'fact bill of period',
      text: `select i.number from bills b join instances i on i.id = b.instance_id
        where b.party_kind = $1 and b.party = $2 and b.period_start = ($3 || '-01')::timestamp at time zone 'Asia/Shanghai' and b.currency = $4`,
      values: [partyKind, party, period, currency],
    });
    return rows[0] ?? null;
  },
  /** Of the difference that the input tells, or that awaits its second person. */
  billedOrder: async (client: pg.PoolClient, { input, instance }: Ask): Promise<Facts['billedOrder']> => {
    const pending = instance?.context.pendingDifference as { orderNumber: string } | null | undefined;
    const orderNumber = input.orderNumber ?? pending?.orderNumber;
    // two differences of one order count one after the other
    await client.query({
      name: 'one difference per order',
      text: "select pg_advisory_xact_lock(hashtextextended('difference of ' || $1, 0))",
      values: [orderNumber ?? ''],
    });
    const of = (
      account: string,
    ) => `(select coalesce(sum(case when m.to_account = '${account}' then m.amount else 0 end - case when m.from_account = '${account}' then m.amount else 0 end), 0)
        from ledger m where m.order_id = o.id)::bigint as ${account}`;
    const { rows } = await client.query<NonNullable<Facts['billedOrder']>>({
      name: 'fact billed order',
      text: `select o.id as "order", ${of('merchant')}, ${of('platform')} from instances o
        where o.number = $1 and o.lifecycle = 'order' and exists (select from bill_lines l where l.order_id = o.id and l.bill_id = $2)`,
      values: [orderNumber ?? '', instance?.id],
    });
    return rows[0] ?? null;
  },
};
