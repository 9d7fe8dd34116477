import { once } from 'node:events';
import type http from 'node:http';
import type net from 'node:net';

/**
 * Watches a server's connections, so that it can be drained: no new one is taken, whoever is being answered gets the
 * whole answer with `Connection: close`, and every connection ends as soon as nothing is under way on it.
 * @returns drain; it resolves when the last connection is gone. A request that never ends is the caller's time limit.
 */
export function drainable(server: http.Server): () => Promise<void> {
  const connections = new Set<net.Socket>();
  const underWay = new Set<http.ServerResponse>();
  let draining = false;

  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  // before the handler, which may send the headers at once
  server.prependListener('request', (_request, response) => {
    underWay.add(response);
    if (draining) tellLast(response);
    response.once('close', () => {
      underWay.delete(response);
      // an answer whose headers were out already left its connection open
      if (draining) setImmediate(() => server.closeIdleConnections());
    });
  });

  return async () => {
    draining = true;
    for (const response of underWay) tellLast(response);
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    // Node counts a connection that never said anything as busy: browsers and balancers open them ahead
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
    await closed;
  };
}

function tellLast(response: http.ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
