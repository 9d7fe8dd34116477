import type { Client, Done, Person } from './client.ts';

export type Order = { id: string; number: string; supervision: string };
export type Marketplace = ReturnType<typeof openMarketplace>;

/** The steps that the stories are told in; every one goes through the public API. */
export function openMarketplace(client: Client) {
  return { buy, handIn, on, refusedOn, advance, until, ended };

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
    return { id: placed.id, number: placed.number, supervision: family.node.family.find(({ lifecycle }) => lifecycle === 'supervision')?.id ?? '' };
  }

  /** The merchant hands in what the order's way asks for, with an acceptance document (and a statement of work). */
  async function handIn(order: Order, command: string, comment: string): Promise<void> {
    const document = (name: string) => client.upload('merchant-a.zhao', `${name}.txt`, `订单 ${order.number} ${name}\n${comment}\n`);
    const sow = command === 'uploadImplementation' ? { sow: [await document('工作说明书')] } : {};
    await on(order, 'merchant-a.zhao', command, { ...sow, files: [await document('交付验收报告')], comment });
  }

  async function on(order: Order, person: Person, command: string, input: Record<string, unknown> & { reason?: string } = {}): Promise<void> {
    mustSucceed(command, await client.command(person, command, { supervisionId: order.supervision, ...input }));
  }

  /** A command that a rule must refuse. @returns the sentence that the person reads */
  async function refusedOn(order: Order, person: Person, command: string, input: Record<string, unknown> = {}): Promise<string> {
    const done = await client.command(person, command, { supervisionId: order.supervision, ...input });
    if (done.__typename !== 'Refused') throw new Error(`expected ${command} on ${order.number} to be refused, got ${JSON.stringify(done)}`);
    return done.message ?? '';
  }

  async function advance(order: Order, byMinutes: number): Promise<void> {
    await client.ask(
      'manager.qian',
      'mutation ($order: ID!, $byMinutes: Int!) { sandboxAdvanceTime(order: $order, byMinutes: $byMinutes) { ... on TimeAdvanced { effectsInFlight } } }',
      { order: order.id, byMinutes },
    );
  }

  /** Waits until the order's supervision is in a state; effects run in real time. */
  function until(order: Order, state: string): Promise<boolean> {
    return reached(order.supervision, state);
  }
  /** Waits until the order is in the state in which it ends. */
  function ended(order: Order, state: string): Promise<boolean> {
    return reached(order.id, state);
  }

  async function reached(id: string, state: string, withinMs = 60_000): Promise<boolean> {
    for (const end = Date.now() + withinMs; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const { node } = await client.ask<{ node: { stateName: string } }>(
        'buyer-a.li',
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
