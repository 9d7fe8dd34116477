import { randomUUID } from 'node:crypto';
import type { ComplexityErrorFn } from '@pothos/plugin-complexity';
import type { GraphQLError } from 'graphql';
import { createGraphQLError } from 'graphql-yoga';
import { DatabaseUnavailable } from '../db/transaction.ts';
import type { Log } from '../log.ts';

/** A request that cannot be answered: a sentence, a code and the HTTP status. Business problems are data instead. */
export const refusal = (code: string, status: number, message: string, more: Record<string, unknown> = {}) =>
  createGraphQLError(message, { extensions: { code, http: { status }, ...more } });

const isGraphQLError = (error: unknown): error is GraphQLError => error instanceof Error && error.name === 'GraphQLError';

export const forbidden = (field: string) => refusal('FORBIDDEN', 403, `"${field}" is not open to your role here.`);

export const tooMuch: ComplexityErrorFn = (kind, asked) => {
  const name = kind === 'Depth' ? 'depth' : kind === 'Breadth' ? 'breadth' : 'complexity';
  const allowed = { depth: asked.maxDepth, breadth: asked.maxBreadth, complexity: asked.maxComplexity }[name];
  return refusal('QUERY_TOO_LARGE', 400, `The query's ${name} is ${asked[name]}; at most ${allowed} is answered. Ask for less at once.`);
};

/** What a caller sees of an error: its own as it is, an absent database as such, anything else masked under an id. */
export function createMask({ log, hideSuggestions }: { log: Log; hideSuggestions: boolean }) {
  return function maskError(error: unknown): Error {
    const original = isGraphQLError(error) ? (error.originalError ?? error) : error;
    if (original instanceof DatabaseUnavailable)
      return refusal('UNAVAILABLE', 503, 'PostgreSQL cannot be asked right now. Try again in 2 s.', { retryAfter: 2 });
    if (isGraphQLError(original)) return named(hideSuggestions ? withoutSuggestion(error as GraphQLError) : (error as GraphQLError));
    const id = randomUUID();
    log.error({ err: original, id }, `unexpected error ${id}`);
    return refusal('UNEXPECTED', 500, `Something went wrong on our side. It is logged as ${id}.`, { id });
  };
}

/** What the types of the schema refuse in a variable, before anything is executed, comes without a code; it is a bad request whatever answer is asked for. */
function named(error: GraphQLError): GraphQLError {
  const { message, nodes, source, positions, path, extensions } = error;
  const { status = 400 } = (extensions.http ?? {}) as { status?: number };
  if (path || extensions.code || status !== 400) return error;
  return createGraphQLError(message, { nodes, source, positions, extensions: { ...extensions, code: 'BAD_INPUT', http: { status } } });
}

/** Variables are coerced by an executor that always suggests names. */
function withoutSuggestion(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/\s*Did you mean [^?]*\?/g, '');
  if (message === error.message) return error;
  const { nodes, source, positions, path, extensions } = error;
  return createGraphQLError(message, { nodes, source, positions, path, extensions });
}
