import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export type Child = Awaited<ReturnType<typeof aChild>>;

/** A process of ours that tells how far it is, and that can be killed as by a power cut. */
export async function aChild(
  file: 'worker-process.ts' | 'command-process.ts' | '../notifications/delivery-process.ts' | '../settlement/builder-process.ts',
  fixture: object,
) {
  const child: ChildProcess = fork(new URL(file, import.meta.url), {
    env: { ...process.env, STEWARD_FIXTURE: JSON.stringify(fixture) },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
  });
  const said: string[] = [];
  const listeners = new Set<() => void>();
  let last = '';
  const news = () => {
    for (const listener of listeners) listener();
  };
  child.stderr?.on('data', (data) => {
    last = `${last}${data}`.slice(-2_000);
  });
  child.on('message', (message) => {
    said.push(String(message));
    news();
  });
  const ended = once(child, 'exit').then(news);
  return {
    said: (message: string) => said.includes(message),
    /** Resolves to the first of these that it says. @throws when it ends before, or says nothing for 60 s */
    async says(...messages: string[]): Promise<string> {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const look = () => {
        const found = messages.find((message) => said.includes(message));
        if (found) resolve(found);
        else if (child.exitCode !== null || child.signalCode !== null) reject(new Error(`expected "${messages.join('" or "')}", the process ended: ${last}`));
      };
      listeners.add(look);
      look();
      const late = setTimeout(
        () => reject(new Error(`expected "${messages.join('" or "')}" within 60 s, heard: ${said.join(', ') || 'nothing'}; ${last}`)),
        60_000,
      );
      return promise.finally(() => {
        clearTimeout(late);
        listeners.delete(look);
      });
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
