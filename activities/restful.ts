import { type Outside, OutsideRefused, OutsideUnavailable, type Sending } from './outside.ts';

/**
 * Outside systems that take a resource by PUT and tell by GET what they know of the same Idempotency-Key: a doubled PUT
 * is answered, not done again, and an unknown outcome is asked about.
 * @param name as people call the system, for what goes wrong
 */
export function restful({ url, name: system, fetch: request = fetch }: { url: string; name: string; fetch?: typeof fetch }) {
  return function resource(pathOf: (sending: Sending) => string): Outside {
    return {
      send: async (sending) => resultOf(await call('PUT', sending)),
      ask: async (sending) => {
        const response = await call('GET', sending);
        return response.status === 404 ? null : resultOf(response);
      },
    };

    async function call(method: 'PUT' | 'GET', sending: Sending): Promise<Response> {
      const { params, idempotencyKey, signal } = sending;
      const { orderNumber: _, ...body } = params;
      const target = new URL(pathOf(sending), url.endsWith('/') ? url : `${url}/`);
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
        throw new OutsideUnavailable(cause, `expected an answer of the ${system} at ${target.origin}, got ${cause}`, { unknown });
      }
    }
  };

  async function resultOf(response: Response): Promise<Record<string, unknown>> {
    const { status } = response;
    const body = await bodyOf(response);
    const got = `expected 200 of the ${system}, got ${status}: ${body.slice(0, 200)}`;
    if (status === 202) throw new OutsideUnavailable('IN_PROGRESS', `the ${system} is still at work on it`, { unknown: false });
    if (status >= 500 || status === 429 || status === 408) throw new OutsideUnavailable(`HTTP_${status}`, got, { unknown: status >= 500 });
    if (!response.ok && !final.includes(status)) throw new OutsideUnavailable(`HTTP_${status}`, got, { unknown: false });
    if (!response.ok) throw new OutsideRefused(`HTTP_${status}`, `the ${system} refused it with ${status}: ${body.slice(0, 200)}`);
    try {
      return JSON.parse(body) as Record<string, unknown>;
    } catch {
      throw new OutsideUnavailable('UNREADABLE', `expected JSON of the ${system}, got: ${body.slice(0, 200)}`, { unknown: true });
    }
  }

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
      throw new OutsideUnavailable('BROKEN_ANSWER', `expected a whole answer of the ${system}, got one that broke off: ${(error as Error).message}`, {
        unknown: true,
      });
    }
    return Buffer.concat(chunks).toString('utf8').slice(0, maxBytes);
  }
}

/** What no repetition changes. Anything else (a rotated credential, a wrong route) is mended there, and goes on being tried (SUP-4). */
const final = [409, 410, 422];
const maxBytes = 10_000;
