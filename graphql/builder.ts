import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { type Role, roles } from '../lifecycles/roles.ts';
import type { Context } from './context.ts';
import { forbidden, tooMuch } from './errors.ts';
import type { Instant } from './scalars.ts';

type SchemaTypes = {
  Context: Context;
  DefaultFieldNullability: false;
  AuthScopes: {
    /** The caller acts in one of these roles. */
    as: readonly Role[];
    /** Time may be advanced here. */
    sandbox: boolean;
  };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: string; Output: Instant };
    MinorUnits: { Input: number; Output: number };
    JSON: { Input: unknown; Output: unknown };
  };
};

export type Builder = ReturnType<typeof createBuilder>;

/** Everyone whom identity lets in; which rows and commands, the row rule and the command rule say. */
export const everyone = Object.keys(roles) as Role[];

/** How much one request may ask for. A page of 50 orders with commands, deadlines and history is about 9,000. */
export const limits = { depth: 12, breadth: 400, complexity: 25_000 } as const;

export function createBuilder() {
  return new SchemaBuilder<SchemaTypes>({
    plugins: [ScopeAuthPlugin, ComplexityPlugin],
    defaultFieldNullability: false,
    scopeAuth: {
      authScopes: ({ actor, core }) => ({ as: (allowed) => allowed.includes(actor.role), sandbox: core.advance !== null }),
      unauthorizedError: (_parent, _context, info) => forbidden(info.fieldName),
    },
    complexity: { limit: limits, defaultListMultiplier: 5, complexityError: tooMuch },
  });
}
