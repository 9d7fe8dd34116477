import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createDiskStore } from '../../files/disk.ts';
import { createFileRoutes, type FileRoutesOptions } from '../../files/routes.ts';
import type { FileStore } from '../../files/store.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import type { Database } from '../world.ts';

/** The file routes over real HTTP; `x-actor` stands for the bearer token that the API has checked by then. */
export async function aFileServer({ pool, readPool }: Database, options: Partial<FileRoutesOptions> & { storeIn?: (directory: string) => FileStore } = {}) {
  const directory = mkdtempSync(path.join(tmpdir(), 'steward-files-'));
  const store = options.storeIn?.(directory) ?? createDiskStore(path.join(directory, 'kept'));
  const routes = createFileRoutes({ pool, readPool, store, directory: path.join(directory, 'incoming'), ...options });
  const server = http.createServer((request, response) => {
    const actor = JSON.parse(String(request.headers['x-actor'])) as Actor;
    routes(request, response, actor).then(
      (isOurs) => isOurs || response.writeHead(404).end(),
      // what the API answers to a bug
      () => response.writeHead(500).end('{"code":"UNEXPECTED"}'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  const as = (actor: Actor) => ({ 'x-actor': JSON.stringify(actor) });
  return {
    directory,
    port,
    base,
    as,
    async upload(actor: Actor, name: string, content: Buffer | string) {
      const response = await fetch(`${base}/files?name=${encodeURIComponent(name)}`, {
        method: 'POST',
        headers: as(actor),
        body: new Uint8Array(Buffer.from(content)),
      });
      return {
        status: response.status,
        body: (await response.json()) as { id: string; code: string; sha256: string; bytes: number; mediaType: string; name: string },
      };
    },
    download: (actor: Actor, id: string, headers: Record<string, string> = {}) => fetch(`${base}/files/${id}`, { headers: { ...as(actor), ...headers } }),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
