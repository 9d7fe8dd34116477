import type { IncomingMessage } from 'node:http';
import type pg from 'pg';
import { keepRefusalOfNothing } from '../db/refusals.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Actor } from '../lifecycles/roles.ts';
import type { Log } from '../log.ts';
import type { FileCode, FileRefused } from './problems.ts';

/** No refusal of a file: nothing could be asked, or nothing was uploaded. */
const unkept: readonly FileCode[] = ['UNAVAILABLE', 'METHOD_NOT_ALLOWED'];

export type RefusedUpload = { actor: Actor; name: string | null; problem: FileRefused };

/** Keeps a refused upload as any refused operation (ACT-2): what was announced of the file, nothing of its content. Never fails. */
export function createKeepRefused({ pool, log }: { pool: pg.Pool; log: Pick<Log, 'error'> | undefined }) {
  return async ({ headers }: IncomingMessage, { actor, name, problem }: RefusedUpload): Promise<void> => {
    if (unkept.includes(problem.code)) return;
    const bytes = headers['content-length'];
    const input = { name, mediaType: headers['content-type'] ?? null, bytes: bytes === undefined ? null : Number(bytes) };
    const refusal = { command: 'uploadFile', actor, via: 'api', input, problem } as const;
    await inTransaction(pool, (client) => keepRefusalOfNothing(client, refusal)).catch((error: unknown) =>
      log?.error({ err: error, actor: actor.id, code: problem.code, input }, 'the refusal of an upload could not be kept'),
    );
  };
}
