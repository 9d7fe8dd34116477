import type { Health } from './http.ts';

/**
 * Alive: the process answers. Ready: PostgreSQL does, with the schema that this version needs; Temporal is told of, but
 * commands are accepted without it.
 */
export function createHealth({ missingMigrations, temporal }: { missingMigrations: () => Promise<readonly string[]>; temporal: () => string }): Health {
  return { live: () => ({ ok: true }), ready };

  async function ready() {
    const postgres = await missingMigrations().then(
      (missing) => (missing.length === 0 ? 'up' : `lacks ${missing.length} migrations of this version, from ${missing[0]} on: run npm run prepare-servers`),
      () => 'down',
    );
    return { ok: postgres === 'up', postgres, temporal: temporal() };
  }
}
