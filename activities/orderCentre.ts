import { type Outside, OutsideRefused, OutsideUnavailable, type Sending } from './outside.ts';

/**
 * The marketplace's order centre, which shows an order as 已完成 (SUP-4).
 * PUT /orders/{number}/completion with an Idempotency-Key answers {receipt}; GET tells what it knows of the key.
 */
export function createOrderCentre({ url, fetch: request = fetch }: { url: string; fetch?: typeof fetch }): { synchroniseOrder: Outside } {
  async function call(method: 'PUT' | 'GET', { params, idempotencyKey, signal }: Sending): Promise<Response> {
    const target = new URL(`orders/${encodeURIComponent(String(params.orderNumber))}/completion`, url.endsWith('/') ? url : `${url}/`);
    try {
      return await request(target, {
        method,
        signal,
        redirect: 'error',
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        ...(method === 'PUT' ? { body: JSON.stringify({ acceptedAt: params.acceptedAt }) } : {}),
      });
    } catch (error) {
      const cause = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name;
      const unknown = cause !== 'ECONNREFUSED' && cause !== 'ENOTFOUND';
      throw new OutsideUnavailable(cause, `expected an answer of the order centre at ${target.origin}, got ${cause}`, { unknown });
    }
  }

  async function receiptOf(response: Response): Promise<Record<string, unknown>> {
    const body = await bodyOf(response);
    if (response.status >= 500 || response.status === 429 || response.status === 408)
      throw new OutsideUnavailable(`HTTP_${response.status}`, `expected 200 of the order centre, got ${response.status}: ${body.slice(0, 200)}`, {
        unknown: response.status >= 500,
      });
    if (!response.ok && !final.includes(response.status))
      throw new OutsideUnavailable(`HTTP_${response.status}`, `expected 200 of the order centre, got ${response.status}: ${body.slice(0, 200)}`, {
        unknown: false,
      });
    if (!response.ok)
      throw new OutsideRefused(`HTTP_${response.status}`, `the order centre refused the completion with ${response.status}: ${body.slice(0, 200)}`);
    try {
      return JSON.parse(body) as Record<string, unknown>;
    } catch {
      throw new OutsideUnavailable('UNREADABLE', `expected JSON of the order centre, got: ${body.slice(0, 200)}`, { unknown: true });
    }
  }

  return {
    synchroniseOrder: {
      send: async (sending) => receiptOf(await call('PUT', sending)),
      ask: async (sending) => {
        const response = await call('GET', sending);
        return response.status === 404 ? null : receiptOf(response);
      },
    },
  };
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
