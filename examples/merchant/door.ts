import type { IncomingMessage, ServerResponse } from 'node:http';
import { ZodError, z } from 'zod';
import type { createCalls } from './calls.ts';
import type { Effect, Store } from './store.ts';
import type { createSwitches } from './switches.ts';

type Door = { store: Store; switches: ReturnType<typeof createSwitches>; calls: ReturnType<typeof createCalls>; publicKey: () => string | Buffer };

/** For whoever runs the example, on loopback: what is there, what came, and how it is to fail. */
export function createDoor({ store, switches, calls, publicKey }: Door) {
  const views: Record<string, (asked: URLSearchParams) => unknown> = {
    '/_instances': () => Object.values(store.state.instances).map(({ password: _, ...shown }) => shown),
    '/_licences': () => store.state.licences,
    '/_organisation': () => store.state.organisation,
    '/_calls': () => calls.all,
    /** Filtered by activity, what, orderId, instanceId: one effect for an order is as it should be. */
    '/_effects': (asked) => {
      const wanted = Object.fromEntries(asked) as Partial<Effect>;
      return {
        count: store.effectsOf(wanted),
        effects: store.state.effects.filter((one) => Object.entries(wanted).every(([name, value]) => one[name as keyof Effect] === value)),
      };
    },
    '/_switches': () => switches.all(),
    '/_key': () => ({ publicKey: publicKey() }),
  };

  return function door(
    request: IncomingMessage,
    response: ServerResponse,
    { pathname, searchParams, raw }: { pathname: string; searchParams: URLSearchParams; raw: string },
  ) {
    if (request.method === 'POST' && pathname === '/_switches') {
      try {
        switches.set(JSON.parse(raw));
      } catch (error) {
        const message = error instanceof ZodError ? z.prettifyError(error) : 'expected a JSON list of switches';
        return json(response, 400, { message });
      }
      return json(response, 200, switches.all());
    }
    const view = request.method === 'GET' ? views[pathname] : undefined;
    if (view) return json(response, 200, view(searchParams));
    json(response, 404, { message: `expected GET ${Object.keys(views).join(', ')} or POST /_switches, got ${request.method} ${pathname}` });
  };
}

export function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}
