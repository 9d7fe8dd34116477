import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type AnyMachineSnapshot, type AnyStateMachine, initialTransition, transition } from 'xstate';
import { shanghai } from '../calendar/calendar.ts';
import type { Input as OrderInput } from '../lifecycles/order/context.ts';
import { orderMachine } from '../lifecycles/order/machine.ts';
import type { Input as SupervisionInput } from '../lifecycles/supervision/context.ts';
import { supervisionMachine } from '../lifecycles/supervision/machine.ts';
import { type Design, type PlacedOrder, purchase } from './design.ts';

const schema = `
  create table instances (id uuid primary key, value jsonb not null, context jsonb not null, revision int not null, updated_at timestamptz not null) with (fillfactor = 80);
  create table events (instance uuid not null, revision int not null, type text not null, actor text not null, at timestamptz not null,
    input jsonb not null, after jsonb not null, primary key (instance, revision));`;

const lock = { name: 'lock', text: 'select value, context, revision, clock_timestamp() as now from instances where id = $1 for update' };
const event = { name: 'event', text: 'insert into events values ($1, $2, $3, $4, $5, $6, $7)' };
const change = { name: 'change', text: 'update instances set value = $2, context = $3, revision = $4, updated_at = $5 where id = $1' };
const insert = { name: 'insert', text: 'insert into instances values ($1, $2, $3, 1, $4)' };

/** What placing an order would find of the product. */
const orderFrom = (placedAt: number): OrderInput => ({
  kind: 'newPurchase',
  product: purchase.product,
  productName: purchase.product,
  accessType: 'SaaS',
  tradeMode: 'general',
  supervised: true,
  way: 'saas',
  scenario: 'none',
  quantity: 1,
  sku: null,
  package: null,
  units: 0,
  unitPrice: null,
  trialDays: null,
  hasInterface: false,
  merchantInstance: null,
  ownedUntil: null,
  period: null,
  amount: purchase.amount,
  currency: 'CNY',
  merchantShareBp: null,
  placedAt,
});

const supervisionFrom = ({ id, number }: PlacedOrder, paidAt: number): SupervisionInput => ({
  order: id,
  orderNumber: number,
  product: purchase.product,
  way: 'saas',
  scenario: 'none',
  paidAt,
  paidAmount: purchase.amount,
  currency: 'CNY',
});

type Happening = { type: string; input: Record<string, unknown>; actor: { id: string; role: string; party: string | null } };

/**
 * The floor: what a command costs at the least when state and its log are stored in PostgreSQL. The same machines and
 * prepared statements; no idempotency, no roles, no refusals, no deadlines, no effects, no chain, nobody to wake.
 */
export async function createFloor(url: string, { clients }: { clients: number }): Promise<Design & { close(): Promise<void> }> {
  const pool = new pg.Pool({ connectionString: url, max: clients });
  await pool.query(schema);

  async function inTransaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  }

  async function command(id: string, machine: AnyStateMachine, { type, input, actor }: Happening, then?: (client: pg.PoolClient, now: Date) => Promise<void>) {
    await inTransaction(async (client) => {
      const { rows } = await client.query({ ...lock, values: [id] });
      const { value, context, revision, now } = rows[0];
      const before = machine.resolveState({ value, context }) as AnyMachineSnapshot;
      const happening = { type, input, actor, at: now.getTime(), reason: 'not as agreed', facts: {}, calendar: shanghai, policies: {} };
      if (!before.can(happening)) throw new Error(`${type} is not possible in ${JSON.stringify(value)}`);
      const [after] = transition(machine, before, happening) as unknown as [AnyMachineSnapshot];
      await client.query({ ...event, values: [id, revision + 1, type, actor.id, now, input, JSON.stringify(after.value)] });
      await client.query({ ...change, values: [id, JSON.stringify(after.value), after.context, revision + 1, now] });
      await then?.(client, now);
    });
  }

  async function create(client: pg.PoolClient, id: string, machine: AnyStateMachine, input: Record<string, unknown>, now: Date) {
    const [first] = initialTransition(machine, input) as unknown as [AnyMachineSnapshot];
    await client.query({ ...insert, values: [id, JSON.stringify(first.value), first.context, now] });
    await client.query({ ...event, values: [id, 1, 'created', 'system', now, input, JSON.stringify(first.value)] });
  }

  const supervisionOf = (order: PlacedOrder) => order.supervision as string;
  return {
    name: 'floor',
    async place() {
      const id = randomUUID();
      const now = new Date();
      await inTransaction((client) => create(client, id, orderMachine, orderFrom(now.getTime()), now));
      return { id, number: id, file: randomUUID() };
    },
    async pay(order) {
      const supervision = randomUUID();
      const { amount, means } = purchase;
      const input = { amount, means, reference: `PAY-${order.number}` };
      const actor = { id: 'payments', role: 'system', party: null };
      await command(order.id, orderMachine, { type: 'recordPayment', input, actor }, (client, now) =>
        create(client, supervision, supervisionMachine, supervisionFrom(order, now.getTime()), now),
      );
      order.supervision = supervision;
    },
    deliver: (order) =>
      command(supervisionOf(order), supervisionMachine, {
        type: 'uploadAcceptance',
        input: { files: [order.file] },
        actor: { id: 'merchant-a.zhao', role: 'merchant', party: 'merchant-a' },
      }),
    accept: (order) =>
      command(supervisionOf(order), supervisionMachine, { type: 'acceptDelivery', input: {}, actor: { id: 'buyer-a.li', role: 'buyer', party: 'buyer-a' } }),
    close: () => pool.end(),
  };
}
