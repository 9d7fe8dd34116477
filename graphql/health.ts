import type { Health } from './http.ts';

/** Alive: the process answers. Ready: PostgreSQL does; Temporal is told of, but commands are accepted without it. */
export function createHealth({ askPostgres, isTemporalReachable }: { askPostgres: () => Promise<unknown>; isTemporalReachable: () => boolean }): Health {
  return { live: () => ({ ok: true }), ready };

  async function ready() {
    const postgres = await askPostgres().then(
      () => 'up' as const,
      () => 'down' as const,
    );
    return { ok: postgres === 'up', postgres, temporal: isTemporalReachable() ? 'up' : 'down: commands are accepted, their effects wait' };
  }
}
