import type { Health } from './http.ts';

/** Alive: the process answers. Ready: PostgreSQL does; Temporal is told of, but commands are accepted without it. */
export function createHealth({ askPostgres, temporal }: { askPostgres: () => Promise<unknown>; temporal: () => string }): Health {
  return { live: () => ({ ok: true }), ready };

  async function ready() {
    const postgres = await askPostgres().then(
      () => 'up' as const,
      () => 'down' as const,
    );
    return { ok: postgres === 'up', postgres, temporal: temporal() };
  }
}
