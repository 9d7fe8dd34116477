import type { Client, Done, Person } from './client.ts';

export type Order = { id: string; number: string; supervision: string };
export type Marketplace = ReturnType<typeof openMarketplace>;

/** The steps that the stories are told in; every one goes through the public API. */
export function openMarketplace(client: Client) {
  return { buy, deliver, on, refusedOn, advance, completed };

  async function buy(product: string, scenario: 'none' | 'empowermentCloud' = 'none'): Promise<Order> {
    const placed = mustSucceed(
      'placeOrder',
      await client.command('buyer-a.li', 'placeOrder', { product, scenario, quantity: 1, period: { unit: 'year', count: 1 } }),
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

  async function deliver(order: Order, comment: string): Promise<void> {
    const file = await client.upload('merchant-a.zhao', '交付验收报告.txt', `订单 ${order.number} 交付验收报告\n${comment}\n`);
    await on(order, 'merchant-a.zhao', 'uploadAcceptance', { files: [file], comment });
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

  /** Waits until the order is 已完成; effects run in real time. */
  async function completed(order: Order, withinMs = 60_000): Promise<boolean> {
    for (const end = Date.now() + withinMs; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const { node } = await client.ask<{ node: { stateName: string } }>('buyer-a.li', 'query ($id: ID!) { node(id: $id) { ... on Order { stateName } } }', {
        id: order.id,
      });
      if (node.stateName === 'completed') return true;
    }
    return false;
  }
}

function mustSucceed(command: string, done: Done): NonNullable<Done['instance']> {
  if (!done.instance) throw new Error(`expected ${command} to be accepted, got ${done.code}: ${done.message}`);
  return done.instance;
}
