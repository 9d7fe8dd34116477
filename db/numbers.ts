import type pg from 'pg';
import { v7 } from 'uuid';
import { inTransaction } from './transaction.ts';

/** As many numbers as the sequence steps by; what is left of a block when a process ends is a gap, never a double. */
const blockSize = 50;

/** Human numbers (SV-2026-000123) handed out from blocks, so that creating an instance costs no round trip. */
export function createNumbers(pool: pg.Pool) {
  const free: number[] = [];
  let filling: Promise<void> | null = null;

  async function fill(): Promise<void> {
    const { rows } = await inTransaction(pool, (client) => client.query("select nextval('instance_numbers') as first"));
    for (let i = 0; i < blockSize; i++) free.push(rows[0].first + i);
  }
  return {
    /** Call before a transaction that may create instances: at least `count` numbers are then at hand. */
    async ready(count = 64): Promise<void> {
      while (free.length < count) {
        filling ??= fill().finally(() => {
          filling = null;
        });
        await filling;
      }
    },
    take(prefix: string, now: number): { id: string; number: string } {
      const next = free.shift();
      if (next === undefined) throw new Error('expected a number at hand, got none: call ready() first');
      return { id: v7(), number: `${prefix}-${new Date(now).getUTCFullYear()}-${String(next).padStart(6, '0')}` };
    },
  };
}
