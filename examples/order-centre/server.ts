import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the example misbehaves, for demos and tests. */
export type Failures = {
  /** Answers 503 so many times before it works. */
  refuseFirst?: number;
  /** Does the work, then drops the connection: the caller cannot know. */
  dropAnswers?: number;
  /** Answers 409 for good. */
  refuse?: boolean;
};

/**
 * A small marketplace order centre: shows an order as completed, once per Idempotency-Key.
 * PUT and GET /orders/{number}/completion; `completions` counts what was really done.
 */
export async function startOrderCentre({ port = 0, host = '127.0.0.1' }: { port?: number; host?: string } = {}) {
  const completions = new Map<string, { orderNumber: string; receipt: string }>();
  const failures: Failures = {};
  let requests = 0;

  const server = createServer((request, response) => {
    requests += 1;
    const orderNumber = decodeURIComponent(/^\/orders\/([^/]+)\/completion$/.exec(request.url ?? '')?.[1] ?? '');
    const key = String(request.headers['idempotency-key'] ?? '');
    request.resume().on('end', () => {
      const answer = (status: number, body: unknown) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (!orderNumber || !key) return answer(400, { message: 'expected PUT or GET /orders/{number}/completion with an Idempotency-Key' });
      if (request.method === 'GET') {
        const known = completions.get(key);
        return known ? answer(200, { receipt: known.receipt }) : answer(404, { message: 'this key is not known' });
      }
      if (failures.refuse) return answer(409, { message: 'the order centre does not accept this completion' });
      if ((failures.refuseFirst ?? 0) > 0) {
        failures.refuseFirst = (failures.refuseFirst ?? 0) - 1;
        return answer(503, { message: 'the order centre is under maintenance' });
      }
      const done = completions.get(key) ?? { orderNumber, receipt: `RC-${completions.size + 1}-${orderNumber}` };
      completions.set(key, done);
      if ((failures.dropAnswers ?? 0) > 0) {
        failures.dropAnswers = (failures.dropAnswers ?? 0) - 1;
        return response.destroy();
      }
      return answer(200, { receipt: done.receipt });
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const url = `http://${host}:${(server.address() as AddressInfo).port}`;
  return {
    url,
    failures,
    completions,
    requests: () => requests,
    /** How often this order was completed; more than one would be a doubled effect. */
    completionsOf: (orderNumber: string) => [...completions.values()].filter((done) => done.orderNumber === orderNumber).length,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

if (import.meta.main) {
  const { url } = await startOrderCentre({ port: Number(process.env.PORT ?? 4010) });
  console.log(`order centre at ${url}`);
}
