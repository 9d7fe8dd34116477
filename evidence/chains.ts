import { link } from '../db/chain.ts';
import type { EventLine, InstanceLine, RefusalLine } from './shapes.ts';
import { type Place, Unfit } from './unfit.ts';

type Chained = EventLine | RefusalLine;
type End = { no: number; hash: string };

/** The two chains of each instance as PostgreSQL keeps them, recomputed (ACT-2): they hold even where the bundle was sealed anew. */
export function createChains(instances: ReadonlyMap<string, InstanceLine>) {
  const events = new Map<string, End>();
  const refusals = new Map<string, End>();
  return {
    event: (row: EventLine, line: number) => follow(events, row, row.revision, { line, instance: nameOf(row, line), revision: row.revision }),
    refusal: (row: RefusalLine, line: number) => follow(refusals, row, row.no, { line, instance: nameOf(row, line), refusal: row.no }),
    ended,
  };

  function nameOf({ instance_id }: Chained, line: number): string {
    const instance = instances.get(instance_id);
    if (!instance) throw new Unfit('UNKNOWN_INSTANCE', { got: instance_id }, { line });
    return instance.number;
  }

  function follow(chain: Map<string, End>, row: Chained, no: number, place: Place): void {
    const { previous, hash, ...content } = row;
    const end = chain.get(row.instance_id) ?? { no: 0, hash: '' };
    if (no !== end.no + 1) throw new Unfit('CHAIN_BROKEN', { expected: end.no + 1, got: no }, place);
    if (hash !== link(previous, content)) throw new Unfit('CHAIN_CHANGED', {}, place);
    if (previous !== end.hash) throw new Unfit('CHAIN_BROKEN', { expected: end.no, got: no - 1 }, place);
    chain.set(row.instance_id, { no, hash });
  }

  /** Every chain must end where its instance says. */
  function ended(): void {
    for (const [id, { number, revision, head, refusals: count, refusal_head }] of instances) {
      assertEnd(events.get(id), { no: revision, hash: head }, { instance: number, revision });
      assertEnd(refusals.get(id), { no: count, hash: refusal_head }, { instance: number, refusal: count });
    }
  }
}

function assertEnd(got: End = { no: 0, hash: '' }, expected: End, place: Place): void {
  if (got.no !== expected.no || got.hash !== expected.hash) throw new Unfit('CHAIN_SHORT', { expected: expected.no, got: got.no }, place);
}
