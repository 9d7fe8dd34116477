import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** How the example misbehaves, for demos and tests. */
export type Failures = {
  /** Answers 503 so many times before it works. */
  unavailableFirst?: number;
  /** Pays, then drops the connection: the caller cannot know. */
  dropAnswers?: number;
  /** Orders whose money cannot be returned: answers 422 for good. */
  refused?: Set<string>;
};

/** `orderNumber`: the party, of a bill’s payout. */
export type Payout = { orderNumber: string; amount: number; currency: string; answer: { receipt: string } };

/** A small payment provider: pays refunds back and bills out, once per Idempotency-Key. PUT and GET /payments/{order number}/refunds, /payouts/{party}. */
export async function startPayments({ port = 0, host = '127.0.0.1' }: { port?: number; host?: string } = {}) {
  const payouts = new Map<string, Payout>();
  const failures: Failures = {};
  let requests = 0;

  const server = createServer(async (request, response) => {
    requests += 1;
    const answer = (status: number, body: unknown) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const number =
      /^\/(?:payments\/([^/]+)\/refunds|payouts\/([^/]+))$/
        .exec(request.url ?? '')
        ?.slice(1)
        .find(Boolean) ?? '';
    const key = String(request.headers['idempotency-key'] ?? '');
    if (!number || !key) return answer(400, { message: 'expected PUT or GET /payments/{order number}/refunds or /payouts/{party} with an Idempotency-Key' });
    const known = payouts.get(key);
    if (request.method === 'GET') return known ? answer(200, known.answer) : answer(404, { message: 'this key is not known' });
    const { amount, currency } = (await json(request)) as { amount: number; currency: string };
    if (!known && !(Number.isSafeInteger(amount) && amount > 0)) return answer(422, { message: `expected an amount of minor units above 0, got ${amount}` });
    const orderNumber = decodeURIComponent(number);
    if (failures.refused?.has(orderNumber)) return answer(422, { message: 'the account that paid is closed' });
    if (spend('unavailableFirst')) return answer(503, { message: 'the payment provider is under maintenance' });
    const paid = known ?? { orderNumber, amount, currency, answer: { receipt: `PO-${payouts.size + 1}-${orderNumber}` } };
    payouts.set(key, paid);
    return spend('dropAnswers') ? response.destroy() : answer(200, paid.answer);
  });

  function spend(name: 'unavailableFirst' | 'dropAnswers'): boolean {
    const left = failures[name] ?? 0;
    failures[name] = Math.max(0, left - 1);
    return left > 0;
  }

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    failures,
    payouts,
    requests: () => requests,
    /** What this order got back, payment by payment; more than one would be money that moved twice. */
    payoutsOf: (orderNumber: string) => [...payouts.values()].filter((one) => one.orderNumber === orderNumber).map(({ amount }) => amount),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

if (import.meta.main) {
  const { url } = await startPayments({ port: Number(process.env.PORT ?? 4020), host: process.env.HOST ?? '127.0.0.1' });
  console.log(`payment provider at ${url}`);
}
