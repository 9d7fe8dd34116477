import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMakeBills } from '../../activities/bills.ts';

import { createCalendarDays } from '../../db/calendar.ts';
import { createEndpoints, endpointOf } from '../../db/endpoints.ts';
import { createMerchantKeys } from '../../db/inbound/keys.ts';
import { missingMigrations } from '../../db/migrations.ts';
import { createNotifications } from '../../db/notifications.ts';
import { createListener, createNotifier } from '../../db/notify.ts';
import { createAppKeys } from '../../db/organisation/keys.ts';
import { createPolicies } from '../../db/policies.ts';
import { createReader } from '../../db/read/reader.ts';
import { createSandbox } from '../../db/sandbox.ts';
import { createDocumentRoutes } from '../../documents/routes.ts';
import { createExportRoutes } from '../../exports/routes.ts';
import { createExportStore } from '../../exports/store.ts';
import { createFileRoutes } from '../../files/routes.ts';
import { createStore } from '../../files/store.ts';
import type { Core } from '../../graphql/context.ts';
import { createHealth } from '../../graphql/health.ts';
import { createApi } from '../../graphql/http.ts';
import { createIdentity } from '../../graphql/identity.ts';
import { toId } from '../../graphql/ids.ts';
import { createLogins } from '../../graphql/logins.ts';
import { createSchema } from '../../graphql/schema.ts';
import { createGraphql } from '../../graphql/yoga.ts';
import { createInboundRoutes } from '../../inbound/routes.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { createLog } from '../../log.ts';
import { createCallMerchant } from '../../production/callMerchant.ts';
import { createAskInstance } from '../../production/resourceDetails.ts';
import { createSend } from '../../production/send.ts';
import { aDatabase, aPaidOrder } from '../world.ts';

export const secret = 'a secret of the tests, long enough for HS256';
export const jwt = { kind: 'secret' as const, secret, generated: false, issuer: undefined, audience: 'steward' };

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not typed
export type Answer = { status: number; data: any; errors: any[] | undefined; headers: Headers; text: string };
export type Api = Awaited<ReturnType<typeof anApi>>;

/** The whole API on a free port, over a database of its own; Temporal is not there, and nothing here needs it. */
export async function anApi({ production = false, core: other = {} }: { production?: boolean; core?: Partial<Core> } = {}) {
  const database = await aDatabase();
  const { pool, readPool, commit, registry } = database;
  const errors: unknown[] = [];
  const lines: Record<string, unknown>[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const log = createLog('test', { stream: { write: (line: string) => void lines.push(JSON.parse(line)) } });
  const notifier = createNotifier({ pool, onError, everyMs: 5 });
  const listener = createListener({ databaseUrl: database.url, onError, retryMs: 50 });
  database.onCommitted(notifier.notify);
  const sandbox = createSandbox({ pool, commit, onNudged: () => {} });
  const merchantKeys = createMerchantKeys(pool);
  const core: Core = {
    registry,
    commit,
    settings: { ...createPolicies({ pool, registry }), ...createCalendarDays({ pool }), ...createAppKeys({ pool }) },
    effectsWaiting: () => false,
    advance: production ? null : sandbox.advance,
    makeBills: production ? null : createMakeBills({ pool, commit }),
    notifications: createNotifications(pool),
    merchantKeys,
    endpoints: { ...createEndpoints({ pool }), allowPrivate: !production },
    askInstance: createAskInstance({
      endpointOf: (product) => endpointOf(pool, product),
      callMerchant: createCallMerchant({ send: createSend({ allowPrivate: true }) }),
    }),
    consoleUrl: 'http://localhost:4000',
    changes: listener.changes,
    ...other,
  };
  const graphql = createGraphql({
    schema: createSchema(registry),
    core,
    readerFor: (actor) => createReader(readPool, actor),
    production,
    log,
    token: null,
  });
  const directory = mkdtempSync(path.join(tmpdir(), 'steward-api-'));
  const exportStore = createExportStore({ kind: 'disk', dir: directory });
  const tokens = createLogins(jwt);
  const server = createApi({
    identify: createIdentity(jwt),
    logins: production ? null : tokens,
    graphiql: !production,
    health: createHealth({ missingMigrations: () => missingMigrations(readPool), temporal: () => 'down: commands are accepted, their effects wait' }),
    graphql: (request, response, caller) => graphql(request, response, { req: request, ...caller }),
    files: createFileRoutes({ pool, readPool, store: createStore({ kind: 'disk', dir: directory }), directory: path.join(directory, 'incoming') }),
    exports: createExportRoutes({ readPool, store: exportStore }),
    documents: createDocumentRoutes({ readPool, invoiceAddress: '示例市场财务部，示例路 1 号' }),
    inbound: createInboundRoutes({ pool, readPool, keys: merchantKeys, commit, onUsage: () => {}, log }),
    onError,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function post(body: string, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${base}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
    const text = await response.text();
    const answer = text.startsWith('{') ? JSON.parse(text) : {};
    return { status: response.status, data: answer.data, errors: answer.errors, headers: response.headers, text };
  }
  async function tokenOf({ id }: Actor): Promise<string> {
    return (await tokens.login(id))?.token ?? '';
  }
  async function ask(actor: Actor, query: string, variables: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return post(JSON.stringify({ query, variables }), { authorization: `Bearer ${await tokenOf(actor)}`, ...headers });
  }
  /** One command; the answer of its union, with everything that a problem may say. */
  async function command(actor: Actor, name: string, input: Record<string, unknown>) {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
    const answer = await ask(
      actor,
      `mutation ($input: ${type}!) { ${name}(input: $input) { __typename
        ... on CommandDone { revision replayed effectsWaiting instance { id number stateName revision } }
        ... on Problem { code message } ... on Refused { state allowed since possibleAt } ... on Stale { currentRevision currentState changedBy }
        ... on Invalid { fields { path message } } ... on Unavailable { retryAfter } } }`,
      { input: { idempotencyKey: randomUUID(), ...input } },
    );
    if (!answer.data?.[name])
      throw new Error(`expected an answer to ${name}, got ${answer.status} ${answer.text} ${JSON.stringify(lines.at(-1)?.err)?.slice(0, 1_500)}`);
    return answer.data[name];
  }
  return {
    ...database,
    exportStore,
    directory,
    base,
    errors,
    lines,
    server,
    listener,
    post,
    ask,
    command,
    tokenOf,
    /** A paid order as the API names it. */
    async aPaidOrder(options?: Parameters<typeof aPaidOrder>[1]) {
      const { order, supervision } = await aPaidOrder(database, options);
      return { order: toId('order', order), supervision: toId('supervision', supervision), uuid: { order, supervision } };
    },
    async stop() {
      await listener.stop();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      await notifier.stop();
      await database.drop();
      rmSync(directory, { recursive: true });
    },
  };
}
