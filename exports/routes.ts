import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { createReader } from '../db/read/reader.ts';
import { decoded } from '../db/storable.ts';
import { DatabaseUnavailable } from '../db/transaction.ts';
import { intact } from '../files/intact.ts';
import { type Context, subjects } from '../lifecycles/billExport/context.ts';
import { type Actor, type Bilingual, maySee } from '../lifecycles/roles.ts';
import type { Log } from '../log.ts';
import type { ExportStore } from './store.ts';

export type ExportRoutes = (request: IncomingMessage, response: ServerResponse, actor: Actor) => Promise<boolean>;

const refusals = {
  NOT_FOUND: [404, { zh: '找不到该导出记录，或您无权查看。请核对编号。', en: 'There is no such export, or it is not yours to see. Check the number.' }],
  NOT_READY: [409, { zh: '导出尚未完成，请查看进度后再下载。', en: 'Expected a finished export; look at its progress and come back.' }],
  FAILED: [409, { zh: '导出失败，原因见导出记录。', en: 'The export could not be written; its record says why.' }],
  GONE: [410, { zh: '导出文件已过保留期并删除，请重新导出（BIL-6）。', en: 'The file was kept for its time and is gone; export again (BIL-6).' }],
  ROWS_NOT_YOURS: [403, { zh: '导出文件含您无权查看的记录。', en: 'The file holds records that are not yours to see.' }],
  METHOD_NOT_ALLOWED: [405, { zh: '请用 GET /exports/导出编号。', en: 'Expected GET /exports/NUMBER.' }],
  UNAVAILABLE: [503, { zh: '暂时无法下载。请稍后重试。', en: 'Not available right now. Try again in a moment.' }],
} as const satisfies Record<string, readonly [number, Bilingual]>;
type Refusal = keyof typeof refusals;

const mediaTypes = { csv: 'text/csv; charset=utf-8', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' } as const;
const notNow: Record<string, Refusal> = { writing: 'NOT_READY', failed: 'FAILED', removing: 'GONE', removed: 'GONE' };

/**
 * Exports (BIL-6): GET /exports/NUMBER. Whoever may see the record, and each row of the file: that follows from the parties that all
 * rows have in common (ACT-1). @returns whether the path was its own
 */
export function createExportRoutes({ readPool, store, log }: { readPool: pg.Pool; store: ExportStore; log?: Pick<Log, 'error'> }): ExportRoutes {
  return async (request, response, actor) => {
    const pathname = URL.parse(request.url ?? '/', 'http://steward')?.pathname ?? '';
    const number = /^\/exports\/([^/]+)$/.exec(pathname)?.[1];
    if (number === undefined) return false;
    const isHead = request.method === 'HEAD';
    if (request.method !== 'GET' && !isHead) refuse(response, 'METHOD_NOT_ALLOWED');
    else
      await send(response, actor, { number: decoded(number), isHead }).catch((error: unknown) => {
        if (!(error instanceof DatabaseUnavailable)) throw error;
        log?.error({ err: error }, 'an export could not be served');
        refuse(response, 'UNAVAILABLE');
      });
    return true;
  };

  async function send(response: ServerResponse, actor: Actor, { number, isHead }: { number: string; isHead: boolean }): Promise<void> {
    const [row] = await createReader(readPool, actor).rows<{ id: string; state: string; context: Context }>({
      name: 'export to download',
      text: "select id, state, context from instances where lifecycle = 'billExport' and number = $1",
      values: [number],
    });
    if (!row) return refuse(response, 'NOT_FOUND');
    const { id, state, context } = row;
    const no = notNow[state];
    if (no) return refuse(response, no);
    const { sha256, bytes, common, format, what, rows } = context;
    if (sha256 === null || bytes === null || common === null) return refuse(response, 'NOT_READY');
    if (rows !== 0 && !maySee(actor, common, subjects[what].of)) return refuse(response, 'ROWS_NOT_YOURS');
    const content = await store.open({ export: id, sha256 }).catch((error: unknown) => {
      log?.error({ err: error }, 'an export could not be served');
    });
    if (content === undefined) return refuse(response, 'UNAVAILABLE');
    if (content === null) return refuse(response, 'GONE');
    response.writeHead(200, {
      'content-type': mediaTypes[format],
      'content-length': bytes,
      'content-disposition': `attachment; filename="${what}-${number}.${format}"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    if (isHead) {
      content.destroy();
      return void response.end();
    }
    await pipeline(content, (chunks) => intact(chunks, sha256), response).catch((error: NodeJS.ErrnoException) => {
      response.destroy();
      // a client that went away is no failure of ours
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') log?.error({ err: error }, 'an export broke off');
    });
  }
}

function refuse(response: ServerResponse, code: Refusal): void {
  if (response.headersSent) return void response.destroy();
  const [status, message] = refusals[code];
  const headers = status === 405 ? { allow: 'GET, HEAD' } : status === 503 ? { 'retry-after': '2' } : {};
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify({ code, message }));
}
