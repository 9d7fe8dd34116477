import { type Outside, OutsideRefused, OutsideUnavailable, type Sending } from './outside.ts';

/**
 * The marketplace's order centre: it shows an order as 已完成 (SUP-4), pays back what a termination refunds (SUP-6), and
 * issues authorisation codes (SUP-2), of which it gives the reference and a hint only. For each, PUT
 * /orders/{number}/completion, /refund or /licence-code with an Idempotency-Key; GET tells what it knows of the key.
 * It also provisions enterprises (ORG-6): PUT /enterprises/{id}/tenant, answered with 202 until it is done. And
 * it pays bills to their receivers (BIL-3): PUT /parties/{id}/payout.
 */
export function createOrderCentre({ url, fetch: request = fetch }: { url: string; fetch?: typeof fetch }): {
  synchroniseOrder: Outside;
  refundPayment: Outside;
  issueCode: Outside;
  provisionEnterprise: Outside;
  payBill: Outside;
} {
  const ofOrder = ({ params: { orderNumber } }: Sending) => `orders/${encodeURIComponent(String(orderNumber))}`;
  return {
    synchroniseOrder: resource('completion', ofOrder),
    refundPayment: resource('refund', ofOrder),
    issueCode: resource('licence-code', ofOrder),
    payBill: resource('payout', ({ params: { party } }) => `parties/${encodeURIComponent(String(party))}`),
    provisionEnterprise: resource('tenant', ({ instance }) => `enterprises/${instance}`),
  };

  function resource(name: string, of: (sending: Sending) => string): Outside {
    const path = (sending: Sending) => `${of(sending)}/${name}`;
    return {
      send: async (sending) => resultOf(name, await call('PUT', path(sending), sending)),
      ask: async (sending) => {
        const response = await call('GET', path(sending), sending);
        return response.status === 404 ? null : resultOf(name, response);
      },
    };
  }

  async function call(method: 'PUT' | 'GET', path: string, { params: { orderNumber: _, ...body }, idempotencyKey, signal }: Sending): Promise<Response> {
    const target = new URL(path, url.endsWith('/') ? url : `${url}/`);
    try {
      return await request(target, {
        method,
        signal,
        redirect: 'error',
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        ...(method === 'PUT' ? { body: JSON.stringify(body) } : {}),
      });
    } catch (error) {
      const cause = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name;
      const unknown = cause !== 'ECONNREFUSED' && cause !== 'ENOTFOUND';
      throw new OutsideUnavailable(cause, `expected an answer of the order centre at ${target.origin}, got ${cause}`, { unknown });
    }
  }

  async function resultOf(name: string, response: Response): Promise<Record<string, unknown>> {
    const body = await bodyOf(response);
    if (response.status === 202) throw new OutsideUnavailable('IN_PROGRESS', `the order centre is still at work on the ${name}`, { unknown: false });
    if (response.status >= 500 || response.status === 429 || response.status === 408)
      throw new OutsideUnavailable(`HTTP_${response.status}`, `expected 200 of the order centre, got ${response.status}: ${body.slice(0, 200)}`, {
        unknown: response.status >= 500,
      });
    if (!response.ok && !final.includes(response.status))
      throw new OutsideUnavailable(`HTTP_${response.status}`, `expected 200 of the order centre, got ${response.status}: ${body.slice(0, 200)}`, {
        unknown: false,
      });
    if (!response.ok)
      throw new OutsideRefused(`HTTP_${response.status}`, `the order centre refused the ${name} with ${response.status}: ${body.slice(0, 200)}`);
    try {
      return JSON.parse(body) as Record<string, unknown>;
    } catch {
      throw new OutsideUnavailable('UNREADABLE', `expected JSON of the order centre, got: ${body.slice(0, 200)}`, { unknown: true });
    }
  }
}

/** What no repetition changes. Anything else (a rotated credential, a wrong route) is mended there, and goes on being tried (SUP-4). */
const final = [409, 410, 422];
const maxBytes = 10_000;

/** At most so much of a body; one that breaks off leaves open what was done. */
async function bodyOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk as Uint8Array);
      bytes += (chunk as Uint8Array).length;
      if (bytes > maxBytes) break;
    }
  } catch (error) {
    throw new OutsideUnavailable('BROKEN_ANSWER', `expected a whole answer of the order centre, got one that broke off: ${(error as Error).message}`, {
      unknown: true,
    });
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, maxBytes);
}
