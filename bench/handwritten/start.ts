import { withClient } from '../../stack/postgres.ts';
import type { Bench } from '../bench.ts';
import type { Child } from '../processes.ts';

/** In-app messages, and what came of each mail and SMS. */
const schema = `
  create table if not exists messages (order_id text not null, event text not null, to_role text not null, to_party text not null, text jsonb not null, at timestamptz not null,
    primary key (order_id, event, to_role));
  create table if not exists deliveries (order_id text not null, event text not null, to_role text not null, channel text not null, address text not null,
    state text not null, finished_at timestamptz not null, primary key (order_id, event, to_role, channel));`;

/** The hand-written design's worker, with a database for its messages. */
export async function startHandwritten({ servers, start }: Bench, settings: { taskQueue: string; orderCentreUrl?: string }): Promise<Child> {
  const databaseUrl = await servers.keptDatabase('bench_handwritten');
  await withClient(databaseUrl, (client) => client.query(schema));
  return start('./handwritten/worker.ts', { ...settings, databaseUrl });
}
