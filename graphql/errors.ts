import { randomUUID } from 'node:crypto';
import type { ComplexityErrorFn } from '@pothos/plugin-complexity';
import { GraphQLError } from 'graphql';
import { DatabaseUnavailable } from '../db/transaction.ts';
import type { Log } from '../log.ts';

/** A request that cannot be answered: a sentence, a code and the HTTP status. Business problems are data instead. */
export const refusal = (code: string, status: number, message: string, more: Record<string, unknown> = {}) =>
  new GraphQLError(message, { extensions: { code, http: { status }, ...more } });

export const forbidden = (field: string) => refusal('FORBIDDEN', 403, `"${field}" is not open to your role here.`);

export const tooMuch: ComplexityErrorFn = (kind, asked) => {
  const name = kind === 'Depth' ? 'depth' : kind === 'Breadth' ? 'breadth' : 'complexity';
  const allowed = { depth: asked.maxDepth, breadth: asked.maxBreadth, complexity: asked.maxComplexity }[name];
  return refusal('QUERY_TOO_LARGE', 400, `The query's ${name} is ${asked[name]}; at most ${allowed} is answered. Ask for less at once.`);
};

/** What a caller sees of an error: its own as it is, an absent database as such, anything else masked under an id. */
export function createMask(log: Log) {
  return function maskError(error: unknown): Error {
    const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
    if (original instanceof DatabaseUnavailable)
      return refusal('UNAVAILABLE', 503, 'PostgreSQL cannot be asked right now. Try again in 2 s.', { retryAfter: 2 });
    if (original instanceof GraphQLError) return error as GraphQLError;
    const id = randomUUID();
    log.error({ err: original, id }, `unexpected error ${id}`);
    return refusal('UNEXPECTED', 500, `Something went wrong on our side. It is logged as ${id}.`, { id });
  };
}
