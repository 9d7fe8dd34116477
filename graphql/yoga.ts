import type { IncomingMessage } from 'node:http';
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention';
import { useDisableIntrospection } from '@graphql-yoga/plugin-disable-introspection';
import type { GraphQLSchema } from 'graphql';
import { createYoga } from 'graphql-yoga';
import type { Reader } from '../db/read/reader.ts';
import type { Actor } from '../lifecycles/roles.ts';
import type { Log } from '../log.ts';
import type { Context, Core } from './context.ts';
import { createMask } from './errors.ts';
import { languageOf } from './language.ts';
import { useLimits } from './limits.ts';
import { createReads } from './reads.ts';
import { useStorableText } from './text.ts';

/** What the HTTP server knows of a request before GraphQL sees it. The actor is absent only for the GraphiQL page. */
export type ServerContext = { req: IncomingMessage; actor: Actor; until: number };

const firstQuery = '{\n  viewer { id role party }\n  lifecycles(first: 10) { nodes { number stateLabel availableCommands { label enabled } } }\n}\n';

/** GraphQL over HTTP for callers that are already identified. */
export function createGraphql({
  schema,
  core,
  readerFor,
  production,
  log,
  token,
}: {
  schema: GraphQLSchema;
  core: Core;
  readerFor: (actor: Actor) => Reader;
  production: boolean;
  log: Log;
  /** The login that GraphiQL starts with, in development. */
  token: (() => Promise<string>) | null;
}) {
  return createYoga<ServerContext, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    graphiql: production
      ? false
      : async () => ({
          title: 'Steward',
          defaultQuery: firstQuery,
          ...(token ? { headers: JSON.stringify({ authorization: `Bearer ${await token()}` }, null, 2) } : {}),
        }),
    batching: false,
    multipart: false,
    // http.ts has read the body by then, and refused a larger one; here it would only go through two more streams
    maxRequestBodySize: false,
    cors: false,
    logging: false,
    maskedErrors: { maskError: createMask({ log, hideSuggestions: production }) },
    plugins: [
      useCSRFPrevention({ requestHeaders: ['x-steward-csrf'] }),
      useLimits({ hideSuggestions: production }),
      useStorableText(),
      ...(production ? [useDisableIntrospection()] : []),
    ],
    context: ({ req, actor, until }) => ({
      actor,
      until,
      language: languageOf(req.headers['accept-language']),
      reads: createReads(readerFor(actor)),
      core,
    }),
  });
}
