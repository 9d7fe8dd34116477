import type pg from 'pg';
import { v7 } from 'uuid';
import { inTransaction } from './transaction.ts';

/** As many numbers as the sequence steps by; what is left of a block when a process ends is a gap, never a double. */
const blockSize = 50;
/** The most instances that one transaction creates. */
const perTransaction = 8;

/** Human numbers (SV-2026-000123) handed out from blocks, so that creating an instance costs no round trip. */
export function createNumbers(pool: pg.Pool) {
  const free: number[] = [];
  let transactions = 0;
  let filling: Promise<void> | null = null;

  async function fill(): Promise<void> {
    const { rows } = await inTransaction(pool, (client) => client.query("select nextval('instance_numbers') as first"));
    for (let i = 0; i < blockSize; i++) free.push(rows[0].first + i);
  }
  return {
    /** Call before a transaction that may create instances. @returns gives back what the transaction did not take */
    async reserve(): Promise<() => void> {
      while (free.length < (transactions + 1) * perTransaction) {
        filling ??= fill().finally(() => {
          filling = null;
        });
        await filling;
      }
      transactions += 1;
      return () => {
        transactions -= 1;
      };
    },
    take(prefix: string, now: number): { id: string; number: string } {
      const next = free.shift();
      if (next === undefined) throw new Error('expected a number at hand, got none: call reserve() first');
      return { id: v7(), number: `${prefix}-${new Date(now).getUTCFullYear()}-${String(next).padStart(6, '0')}` };
    },
  };
}
