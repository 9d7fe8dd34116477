import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Actor } from '../lifecycles/roles.ts';
import type { Caller, Identify } from './identity.ts';
import type { Logins } from './logins.ts';

/** A request body that GraphQL reads, in bytes: a text far too long is refused by its field, and that is logged (ACT-2). Files have a route of their own. */
const maxBody = 4 * 1024 * 1024;

export type Health = { live: () => object; ready: () => Promise<{ ok: boolean }> };

/** Says whether the path was its own. */
type Route = (request: IncomingMessage, response: ServerResponse, actor: Actor) => Promise<boolean>;

export type ApiOptions = {
  identify: Identify;
  /** Null in production. */
  logins: Logins | null;
  graphiql: boolean;
  health: Health;
  graphql: (request: IncomingMessage, response: ServerResponse, caller: Caller) => unknown;
  /** Evidence files under /files. */
  files?: Route;
  /** Evidence bundles under /evidence. */
  evidence?: Route;
  /** Documents to print under /documents. */
  documents?: Route;
  /** Exported files under /exports. */
  exports?: Route;
  /** What merchants' systems call under /inbound, signed by keys of their own (PRD-9). */
  inbound?: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  onError: (error: unknown) => void;
};

/** The API's HTTP server: who calls is settled here, before GraphQL reads a byte (ACT-1). */
export function createApi(options: ApiOptions): http.Server {
  const { identify, logins, graphiql, health, graphql, files, evidence, documents, exports, inbound, onError } = options;
  const routes: Record<string, Route | undefined> = { files, evidence, documents, exports };
  const server = http.createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      onError(error);
      if (!response.headersSent) say(response, 500, 'UNEXPECTED', 'Something went wrong on our side.');
      else response.destroy();
    });
  });
  server.requestTimeout = 60_000;
  return server;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // a path such as // is no URL, and there is nothing at it
    const pathname = URL.parse(request.url ?? '/', 'http://steward')?.pathname ?? String(request.url);
    response.setHeader('x-content-type-options', 'nosniff');
    if (pathname === '/health/live') return json(response, 200, health.live());
    if (pathname === '/health/ready') {
      const state = await health.ready();
      return json(response, state.ok ? 200 : 503, state);
    }
    if (logins && pathname.startsWith('/dev/')) return develop(request, response, pathname, logins);
    if (pathname.startsWith('/inbound/') && (await inbound?.(request, response))) return;
    if (isForeign(request)) return say(response, 403, 'FOREIGN_ORIGIN', `Expected a page of ${request.headers.host} to ask, got ${request.headers.origin}.`);
    if (pathname === '/graphql') return onGraphql(request, response);
    const route = routes[/^\/(files|evidence|documents|exports)(\/|$)/.exec(pathname)?.[1] ?? ''];
    if (route) {
      const caller = await signedIn(request, response);
      if (!caller || (await route(request, response, caller.actor))) return;
    }
    say(response, 404, 'NOT_FOUND', `There is nothing at ${pathname}.`);
  }

  async function onGraphql(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, headers } = request;
    const isPage = graphiql && method === 'GET' && /text\/html/.test(headers.accept ?? '') && !/[?&]query=/.test(request.url ?? '');
    if (isPage) return void (await graphql(request, response, { actor: { id: '', role: 'enterpriseAdmin', party: null }, until: 0 }));
    const caller = await signedIn(request, response);
    if (!caller) return;
    if (method === 'POST') {
      if (!/^application\/(graphql\+)?json\b/i.test(headers['content-type'] ?? ''))
        return say(response, 415, 'UNSUPPORTED_MEDIA_TYPE', `Expected Content-Type: application/json, got ${headers['content-type'] ?? 'none'}.`);
      const body = await bodyOf(request, maxBody);
      if (body === null) return say(response, 413, 'TOO_LARGE', 'Expected a request of at most 4 MB, got more. Upload files at /files and send their ids.');
      Object.assign(request, { body });
    }
    await graphql(request, response, caller);
  }

  async function signedIn(request: IncomingMessage, response: ServerResponse): Promise<Caller | null> {
    const identified = await identify(request.headers.authorization);
    if (identified.ok) return identified;
    response.setHeader('www-authenticate', 'Bearer');
    say(response, 401, 'UNAUTHENTICATED', identified.message);
    return null;
  }

  async function develop(request: IncomingMessage, response: ServerResponse, pathname: string, { login, all }: Logins): Promise<void> {
    if (pathname === '/dev/logins' && request.method === 'GET') return json(response, 200, { logins: await all() });
    if (pathname !== '/dev/login' || request.method !== 'POST') return say(response, 404, 'NOT_FOUND', 'Expected GET /dev/logins or POST /dev/login.');
    const body = await bodyOf(request, 10_000);
    const name = nameIn(body ?? '');
    const found = name ? await login(name) : null;
    if (!found) return say(response, 404, 'NOT_FOUND', `Expected {"name": …} of a login in GET /dev/logins, got ${JSON.stringify(name)}.`);
    json(response, 200, found);
  }
}

/** Browsers say where a page is from; only our own pages may ask. */
function isForeign({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  return origin !== undefined && URL.parse(origin)?.host !== host;
}

/** The body as text, or null when it is larger than `limit` bytes. The rest is not read. */
async function bodyOf(request: IncomingMessage, limit: number): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function nameIn(body: string): string | null {
  try {
    const { name } = JSON.parse(body) as { name?: unknown };
    return typeof name === 'string' ? name : null;
  } catch {
    return null;
  }
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(value)}\n`);
}

/** An error in GraphQL's shape, so that a client reads every answer alike. A body nobody reads is thrown away, so that the client gets to the answer. */
function say(response: ServerResponse, status: number, code: string, message: string): void {
  response.req.resume();
  json(response, status, { errors: [{ message, extensions: { code } }] });
}
