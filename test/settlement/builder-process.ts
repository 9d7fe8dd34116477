// The building of one bill in a process of its own, to be killed in the middle of a page.
import { buildLines } from '../../db/bills.ts';
import { connect } from '../../db/connect.ts';
import { type Hold, holdAt } from '../faults/hold.ts';

export type BuilderFixture = { databaseUrl: string; bill: string; size: number; hold: Hold };

const { databaseUrl, bill, size, hold } = JSON.parse(process.env.STEWARD_FIXTURE ?? '') as BuilderFixture;
process.on('disconnect', () => process.exit(1));
const { pool } = connect(databaseUrl, { poolSize: 2 });
holdAt(pool, hold, () => void process.send?.('held'));
await buildLines(pool, bill, { size });
process.send?.('built');
