// A delivery in a process of its own, to be killed when mails are sent and their marks are not written.
import { connect } from '../../db/connect.ts';
import { startDelivery } from '../../notifications/delivery.ts';
import { createMail } from '../../notifications/mail.ts';
import { mailTo } from './post.ts';

/** `marks`: how many writings of outcomes go through before the next one never does. */
const { databaseUrl, port, marks } = JSON.parse(process.env.STEWARD_FIXTURE ?? '') as { databaseUrl: string; port: number; marks: number };
process.on('disconnect', () => process.exit(1));
const { pool } = connect(databaseUrl, { poolSize: 2 });
const query = pool.query.bind(pool) as unknown as (statement: { name?: string }) => Promise<unknown>;
let left = marks;
pool.query = ((statement: { name?: string }) => {
  if (statement.name !== 'settle deliveries' || left-- > 0) return query(statement);
  process.send?.('held');
  return new Promise(() => {});
}) as never;
startDelivery({ pool, transports: [createMail(mailTo(port, { timeoutMs: 1_000 }))], leaseMs: 2_000, everyMs: 10, onError: () => {} });
