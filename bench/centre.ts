import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Centre = Awaited<ReturnType<typeof startCentre>>;

/** An order centre that answers at once and tells the clients which order it was; the same for both designs. */
export async function startCentre() {
  const waiting = new Map<string, () => void>();
  const seen = new Set<string>();
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      // both designs' keys begin with the id of what is synchronised
      const id = String(request.headers['idempotency-key']).split(':')[0] ?? '';
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ receipt: `RC-${id}` }));
      seen.add(id);
      waiting.get(id)?.();
      waiting.delete(id);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    completed: (id: string) => (seen.delete(id) ? Promise.resolve() : new Promise<void>((resolve) => waiting.set(id, resolve))),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
