// One command in a process of its own, as an API process commits it, to be killed in the middle.
import { createCommit } from '../../db/commit.ts';
import { connect } from '../../db/connect.ts';
import type { CommandRequest } from '../../db/requests.ts';
import { createRegistry } from '../../lifecycles/registry.ts';
import { type Hold, holdAt } from './hold.ts';

export type CommandFixture = { databaseUrl: string; request: CommandRequest; hold: Hold };

const { databaseUrl, request, hold } = JSON.parse(process.env.STEWARD_FIXTURE ?? '') as CommandFixture;
process.on('disconnect', () => process.exit(1));
const { pool } = connect(databaseUrl, { poolSize: 2 });
holdAt(pool, hold, () => void process.send?.('held'));
const commit = createCommit({ pool, registry: createRegistry(), onCommitted: () => {} });
await commit.command(request);
process.send?.('answered');
