import net from 'node:net';

// Below the range from which systems take ports for outgoing connections, and below 32768:
// Temporal keeps its membership ports in a smallint column.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Whether nothing listens on the port of this interface. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

/** As many different free loopback ports as asked for. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}

/** The wished port if nothing listens there, else any free one. */
export async function freePort(wished?: number): Promise<number> {
  if (wished !== undefined && (await isFree(wished))) return wished;
  const [port] = await freePorts(1);
  return port as number;
}

export function portInUse(port: number): string {
  return `Expected port ${port} to be free for the API, got another program that listens there: stop it, or choose another port: PORT=${port + 1} npm start.`;
}
