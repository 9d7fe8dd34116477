import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the example misbehaves, for demos and tests. */
export type Failures = {
  /** Answers 503 so many times before it works. */
  refuseFirst?: number;
  /** Does the work, then drops the connection: the caller cannot know. */
  dropAnswers?: number;
  /** Answers 202, at work, so many times to a request for a tenant. */
  atWork?: number;
  /** Answers 409 for good. */
  refuse?: boolean;
};

type Done = { orderNumber: string; answer: Record<string, string> };

/** What each resource does once per Idempotency-Key, and answers ever after. */
const resources: Record<string, (orderNumber: string, before: number) => Record<string, string>> = {
  completion: (orderNumber, before) => ({ receipt: `RC-${before + 1}-${orderNumber}` }),
  refund: (orderNumber, before) => ({ receipt: `RF-${before + 1}-${orderNumber}` }),
  tenant: (enterprise) => ({ tenantId: `T-${enterprise}`, tenantCode: enterprise.slice(0, 8).toUpperCase() }),
  // the code itself is shown to the buyer alone, on the order centre's own page
  'licence-code': (orderNumber) => ({ reference: `LC-${orderNumber}`, hint: '…7F3A' }),
};

/**
 * A small marketplace order centre: shows an order as completed, refunds it, issues its licence code.
 * PUT and GET /orders/{number}/completion, /refund, /licence-code, /enterprises/{id}/tenant; `completions` counts what was really done.
 */
export async function startOrderCentre({ port = 0, host = '127.0.0.1' }: { port?: number; host?: string } = {}) {
  const done: Record<string, Map<string, Done>> = Object.fromEntries(Object.keys(resources).map((name) => [name, new Map()]));
  const completions = done.completion as Map<string, Done>;
  const refunds = done.refund as Map<string, Done>;
  const failures: Failures = {};
  let requests = 0;

  const server = createServer((request, response) => {
    requests += 1;
    const [, number = '', name = ''] = /^\/(?:orders|enterprises)\/([^/]+)\/([\w-]+)$/.exec(request.url ?? '') ?? [];
    const orderNumber = decodeURIComponent(number);
    const resource = resources[name];
    const known = done[name];
    const key = String(request.headers['idempotency-key'] ?? '');
    request.resume().on('end', () => {
      const answer = (status: number, body: unknown) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (!orderNumber || !key || !resource || !known)
        return answer(400, { message: `expected PUT or GET /orders/{number}/${Object.keys(resources).join('|')} with an Idempotency-Key` });
      const before = known.get(key);
      if (request.method === 'GET') return before ? answer(200, before.answer) : answer(404, { message: 'this key is not known' });
      if (failures.refuse) return answer(409, { message: `the order centre does not accept this ${name}` });
      if ((failures.refuseFirst ?? 0) > 0) {
        failures.refuseFirst = (failures.refuseFirst ?? 0) - 1;
        return answer(503, { message: 'the order centre is under maintenance' });
      }
      if (name === 'tenant' && (failures.atWork ?? 0) > 0) {
        failures.atWork = (failures.atWork ?? 0) - 1;
        return answer(202, { message: 'the tenant is being made' });
      }
      const now = before ?? { orderNumber, answer: resource(orderNumber, known.size) };
      known.set(key, now);
      if ((failures.dropAnswers ?? 0) > 0) {
        failures.dropAnswers = (failures.dropAnswers ?? 0) - 1;
        return response.destroy();
      }
      return answer(200, now.answer);
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const url = `http://${host}:${(server.address() as AddressInfo).port}`;
  return {
    url,
    failures,
    completions,
    refunds,
    requests: () => requests,
    /** How often this order was completed; more than one would be a doubled effect. */
    completionsOf: (orderNumber: string) => [...completions.values()].filter((one) => one.orderNumber === orderNumber).length,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

if (import.meta.main) {
  const { url } = await startOrderCentre({ port: Number(process.env.PORT ?? 4010), host: process.env.HOST ?? '127.0.0.1' });
  console.log(`order centre at ${url}`);
}
