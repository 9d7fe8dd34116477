import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createEvidenceRoutes, type EvidenceRoutesOptions } from '../../evidence/routes.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import type { Database } from '../world.ts';
import { keys } from './bundles.ts';

/** The evidence route over real HTTP; `x-actor` stands for the bearer token that the API has checked by then. */
export async function anEvidenceServer({ readPool, registry }: Database, options: Partial<EvidenceRoutesOptions> = {}) {
  const directory = mkdtempSync(path.join(tmpdir(), 'steward-evidence-'));
  const signingKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const routes = createEvidenceRoutes({ readPool, registry, key: { signingKey, dir: directory }, directory, ...options });
  const server = http.createServer((request, response) => {
    const actor = JSON.parse(String(request.headers['x-actor'])) as Actor;
    routes(request, response, actor).then(
      (isOurs) => isOurs || response.writeHead(404).end(),
      // what the API answers to a bug
      () => response.writeHead(500).end('{"code":"UNEXPECTED"}'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    take: (actor: Actor, of: string, init: RequestInit = {}) =>
      fetch(`${base}/evidence/${encodeURIComponent(of)}`, { headers: { 'x-actor': JSON.stringify(actor) }, ...init }),
    /** What is left of bundles under way. */
    parts: () => readdirSync(directory).filter((name) => name.endsWith('.part')),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
