import type { Client, Done, Person } from './client.ts';

/** `amount` is what was paid, in minor units (分). */
export type Order = { id: string; number: string; amount: number; supervision: string };
export type Marketplace = ReturnType<typeof openMarketplace>;

/** The steps that the stories are told in; every one goes through the public API. */
export function openMarketplace(client: Client) {
  return { buy, handIn, on, refusedOn, act, refused, upload: client.upload, advance, until, ended };

  async function buy(product: string, scenario: 'none' | 'empowermentCloud' | 'baseCloud' = 'none', quantity = 1): Promise<Order> {
    const placed = mustSucceed(
      'placeOrder',
      await client.command('buyer-a.li', 'placeOrder', { product, scenario, quantity, period: { unit: 'year', count: 1 } }),
    );
    const { node } = await client.ask<{ node: { context: { amount: number } } }>(
      'buyer-a.li',
      'query ($id: ID!) { node(id: $id) { ... on Order { context { amount } } } }',
      {
        id: placed.id,
      },
    );
    const paid = await client.command('payments', 'recordPayment', {
      orderId: placed.id,
      amount: node.context.amount,
      means: 'card',
      reference: `PAY-${placed.number}`,
    });
    mustSucceed('recordPayment', paid);
    const family = await client.ask<{ node: { family: { id: string; lifecycle: string }[] } }>(
      'buyer-a.li',
      'query ($id: ID!) { node(id: $id) { ... on Order { family { id lifecycle } } } }',
      { id: placed.id },
    );
    return {
      id: placed.id,
      number: placed.number,
      amount: node.context.amount,
      supervision: family.node.family.find(({ lifecycle }) => lifecycle === 'supervision')?.id ?? '',
    };
  }

  /** The merchant hands in what the order's way asks for, with an acceptance document (and a statement of work). */
  async function handIn(order: Order, command: string, comment: string, merchant: Person = 'merchant-a.zhao'): Promise<void> {
    const document = (name: string) => client.upload(merchant, `${name}.txt`, `订单 ${order.number} ${name}\n${comment}\n`);
    const sow = command === 'uploadImplementation' ? { sow: [await document('工作说明书')] } : {};
    await on(order, merchant, command, { ...sow, files: [await document('交付验收报告')], comment });
  }

  async function on(order: Order, person: Person, command: string, input: Record<string, unknown> & { reason?: string } = {}): Promise<void> {
    await act(person, command, { supervisionId: order.supervision, ...input });
  }

  /** A command that must be accepted. @returns the record that it opened or changed */
  async function act(person: Person, command: string, input: Record<string, unknown> & { reason?: string } = {}): Promise<NonNullable<Done['instance']>> {
    return mustSucceed(command, await client.command(person, command, input));
  }

  /** A command that a rule must refuse. @returns the sentence that the person reads */
  async function refusedOn(order: Order, person: Person, command: string, input: Record<string, unknown> = {}): Promise<string> {
    return refused(person, command, { supervisionId: order.supervision, ...input });
  }
  async function refused(person: Person, command: string, input: Record<string, unknown> = {}): Promise<string> {
    const done = await client.command(person, command, input);
    if (done.__typename !== 'Refused') throw new Error(`expected ${command} to be refused, got ${JSON.stringify(done)}`);
    return done.message ?? '';
  }

  /** Advances the clock of a record and all that belongs to it. @returns what that clock says then, epoch milliseconds */
  async function advance({ id }: Pick<Order, 'id'>, byMinutes: number): Promise<number> {
    const { sandboxAdvanceTime: to } = await client.ask<{ sandboxAdvanceTime: { now: string } }>(
      'manager.qian',
      'mutation ($order: ID!, $byMinutes: Int!) { sandboxAdvanceTime(order: $order, byMinutes: $byMinutes) { ... on TimeAdvanced { now } } }',
      { order: id, byMinutes },
    );
    return Date.parse(to.now);
  }

  /** Waits until the order's supervision is in a state; effects run in real time. */
  function until(order: Order, state: string): Promise<boolean> {
    return reached(order.supervision, state);
  }
  /** Waits until the order is in the state in which it ends. */
  function ended({ id }: Pick<Order, 'id'>, state: string): Promise<boolean> {
    return reached(id, state);
  }

  async function reached(id: string, state: string, withinMs = 60_000): Promise<boolean> {
    for (const end = Date.now() + withinMs; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const { node } = await client.ask<{ node: { stateName: string } }>(
        'manager.qian',
        'query ($id: ID!) { node(id: $id) { ... on Lifecycle { stateName } } }',
        { id },
      );
      if (node.stateName === state) return true;
    }
    return false;
  }
}

function mustSucceed(command: string, done: Done): NonNullable<Done['instance']> {
  if (!done.instance) throw new Error(`expected ${command} to be accepted, got ${done.code}: ${done.message}`);
  return done.instance;
}
