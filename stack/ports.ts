import net from 'node:net';

// Below the range from which systems take ports for outgoing connections, and below 32768:
// Temporal keeps its membership ports in a smallint column.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Whether one can listen on the port of this interface. */
export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return (await whyNot(port, host)) === undefined;
}

/** The error that listening there ends with, or undefined when it works. */
export function whyNot(port: number, host: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', resolve);
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
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

/** The sentence for an error of listening for the API; undefined for errors of other things. */
export function cannotListen({ code }: NodeJS.ErrnoException, { port, host }: { port: number; host: string }): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `Expected port ${port} to be free for the API, got another program that listens there: stop it, or choose another port: PORT=${port + 1} npm start.`;
    case 'EACCES':
      return `Expected to be allowed to listen on port ${port}, got EACCES: choose a port from 1024 on, for example PORT=4000, or allow this user the lower ones.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `Expected HOST to be an address of this machine, got ${host} (${code}): correct HOST, or leave it out.`;
    default:
      return undefined;
  }
}
