import { once } from 'node:events';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createMakeBills } from './activities/bills.ts';
import { assemble } from './assembly.ts';
import { createCalendarDays } from './db/calendar.ts';
import { createEndpoints, endpointOf } from './db/endpoints.ts';
import { createMerchantKeys } from './db/inbound/keys.ts';
import { missingMigrations } from './db/migrations.ts';
import { createNotifications } from './db/notifications.ts';
import { createListener } from './db/notify.ts';
import { createAppKeys } from './db/organisation/keys.ts';
import { createPolicies } from './db/policies.ts';
import { createReader } from './db/read/reader.ts';
import { createSandbox } from './db/sandbox.ts';
import { createDocumentRoutes } from './documents/routes.ts';
import { createEvidenceRoutes } from './evidence/routes.ts';
import { createExportRoutes } from './exports/routes.ts';
import { createExportStore } from './exports/store.ts';
import { removeOldParts } from './files/parts.ts';
import { createFileRoutes } from './files/routes.ts';
import { createStore } from './files/store.ts';
import { createHealth } from './graphql/health.ts';
import { createApi } from './graphql/http.ts';
import { createIdentity } from './graphql/identity.ts';
import { createLogins } from './graphql/logins.ts';
import { createSchema } from './graphql/schema.ts';
import { createGraphql } from './graphql/yoga.ts';
import { createInboundRoutes } from './inbound/routes.ts';
import { createCallMerchant } from './production/callMerchant.ts';
import { createAskInstance } from './production/resourceDetails.ts';
import { createSend } from './production/send.ts';
import { drainable } from './stack/drain.ts';
import { runProcess } from './stack/serve.ts';
import { keptJwt, readyServers } from './stack/servers.ts';
import { watchTemporal } from './workflows/watch.ts';

/** The API: GraphQL, evidence files and bundles, health. As many as one likes; none of them holds state. */
await runProcess({
  name: 'api',
  start: async (log, config) => {
    // without Temporal an API accepts commands all the same
    const { databaseUrl, connection, namespace } = await readyServers(config, { warn: (sentence) => log.warn(sentence) });
    const { production, host, port } = config;
    const jwt = keptJwt(config);
    const client = new Client({ connection: Connection.lazy(connection), namespace });
    const { taskQueue, notifications } = config;
    const core = assemble({ databaseUrl, client, taskQueue, log, name: 'steward api', notifications });
    const { pool, readPool, commit, waker } = core;
    const merchantKeys = createMerchantKeys(pool);
    const listener = createListener({ databaseUrl, onError: (error) => log.warn({ err: error }, 'hearing of changes failed; subscribers read again') });
    const watch = await watchTemporal({ client, taskQueue });
    const sandbox = config.sandbox && !production ? createSandbox({ pool, commit, onNudged: (ids) => waker.wake(ids) }) : null;
    const logins = !production && jwt.kind === 'secret' ? createLogins(jwt) : null;
    const graphql = createGraphql({
      schema: createSchema(core.registry),
      core: {
        registry: core.registry,
        commit,
        settings: { ...createPolicies({ pool, registry: core.registry }), ...createCalendarDays({ pool }), ...createAppKeys({ pool }) },
        effectsWaiting: () => watch.state() !== 'up',
        advance: sandbox?.advance ?? null,
        makeBills: sandbox && createMakeBills({ pool, commit }),
        notifications: createNotifications(pool),
        merchantKeys,
        endpoints: { ...createEndpoints({ pool }), allowPrivate: config.allowPrivateEndpoints },
        askInstance: createAskInstance({
          endpointOf: (product) => endpointOf(pool, product),
          callMerchant: createCallMerchant({ send: createSend({ allowPrivate: config.allowPrivateEndpoints }) }),
        }),
        consoleUrl: notifications.consoleUrl,
        changes: listener.changes,
      },
      readerFor: (actor) => createReader(readPool, actor),
      production,
      log,
      token: logins && (async () => (await logins.login('manager.qian'))?.token ?? ''),
    });
    const incoming = path.join(config.files.kind === 'disk' ? config.files.dir : config.dataDir, 'incoming');
    const bundles = path.join(config.dataDir, 'bundles');
    await Promise.all([incoming, bundles].map((directory) => removeOldParts(directory)));
    const key = { signingKey: config.signingKey, dir: path.join(config.dataDir, 'heads') };
    const server = createApi({
      identify: createIdentity(jwt),
      logins,
      graphiql: !production,
      health: createHealth({ missingMigrations: () => missingMigrations(readPool), temporal: watch.says }),
      graphql: (request, response, caller) => graphql(request, response, { req: request, ...caller }),
      files: createFileRoutes({ pool, readPool, store: createStore(config.files), directory: incoming, log }),
      evidence: createEvidenceRoutes({ readPool, registry: core.registry, key, directory: bundles, log }),
      exports: createExportRoutes({ readPool, store: createExportStore(config.files), log }),
      documents: createDocumentRoutes({ readPool, invoiceAddress: config.invoiceAddress ?? null, log }),
      inbound: createInboundRoutes({ pool, readPool, keys: merchantKeys, commit, onUsage: core.counting.nudge, log }),
      onError: (error) => log.error({ err: error }, 'a request could not be answered'),
    });
    const drain = drainable(server);
    server.listen(port, host);
    await once(server, 'listening');
    return {
      where: `http://${host === '127.0.0.1' || host === '0.0.0.0' ? 'localhost' : host}:${port}/graphql`,
      stop: async () => {
        // ends the subscriptions, which would otherwise keep the server open
        await listener.stop();
        await drain();
        watch.stop();
        await core.close();
        await client.connection.close();
      },
    };
  },
});
