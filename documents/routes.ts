import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { type BillLineRow, linesOf, listedBill } from '../db/read/bills.ts';
import { createReader, type Reader } from '../db/read/reader.ts';
import { decoded } from '../db/storable.ts';
import { DatabaseUnavailable } from '../db/transaction.ts';
import type { Actor, Bilingual } from '../lifecycles/roles.ts';
import type { Log } from '../log.ts';
import { invoicingListOf } from './invoicingList.ts';

export type DocumentRoutes = (request: IncomingMessage, response: ServerResponse, actor: Actor) => Promise<boolean>;

const refusals = {
  NOT_FOUND: [404, { zh: '找不到该账单，或您无权查看。请核对编号。', en: 'There is no such bill, or it is not yours to see. Check the number.' }],
  NOT_BUILT: [409, { zh: '账单仍在生成中，请稍后再试。', en: 'Expected a bill that is built, got one that is still being built. Try again in a moment.' }],
  METHOD_NOT_ALLOWED: [405, { zh: '请用 GET /documents/bills/账单编号/invoicing-list。', en: 'Expected GET /documents/bills/NUMBER/invoicing-list.' }],
  UNAVAILABLE: [503, { zh: '暂时无法提供开票清单。请稍后重试。', en: 'Not available right now. Try again in a moment.' }],
} as const satisfies Record<string, readonly [number, Bilingual]>;

const pageSize = 1_000;

/** Documents to print: GET /documents/bills/NUMBER/invoicing-list (BIL-10). @returns whether the path was its own */
export function createDocumentRoutes({
  readPool,
  invoiceAddress,
  log,
}: {
  readPool: pg.Pool;
  invoiceAddress: string | null;
  log?: Pick<Log, 'error'>;
}): DocumentRoutes {
  return async (request, response, actor) => {
    const pathname = URL.parse(request.url ?? '/', 'http://steward')?.pathname ?? '';
    const number = /^\/documents\/bills\/([^/]+)\/invoicing-list$/.exec(pathname)?.[1];
    if (number === undefined) return false;
    if (request.method !== 'GET') refuse(response, 'METHOD_NOT_ALLOWED');
    else
      await list(response, createReader(readPool, actor), number).catch((error: unknown) => {
        if (!(error instanceof DatabaseUnavailable)) throw error;
        log?.error({ err: error }, 'an invoicing list could not be made');
        refuse(response, 'UNAVAILABLE');
      });
    return true;
  };

  async function list(response: ServerResponse, reader: Reader, given: string): Promise<void> {
    const bill = await listedBill(reader, decoded(given));
    if (!bill) return refuse(response, 'NOT_FOUND');
    const { id, toInvoice, ...shown } = bill;
    if (toInvoice === null) return refuse(response, 'NOT_BUILT');
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-modals",
    });
    const pages = invoicingListOf({ ...shown, toInvoice }, linesPaged(reader, id), invoiceAddress);
    await pipeline(Readable.from(pages), response).catch((error: NodeJS.ErrnoException) => {
      response.destroy();
      // a client that went away is no failure of ours
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') log?.error({ err: error }, 'an invoicing list broke off');
    });
  }
}

async function* linesPaged(reader: Reader, bill: string): AsyncGenerator<BillLineRow[]> {
  for (let after = 0; ; ) {
    const rows = await linesOf(reader, { bill, after, before: null, limit: pageSize, backwards: false });
    yield rows;
    if (rows.length < pageSize) return;
    after = rows.at(-1)?.no ?? after;
  }
}

function refuse(response: ServerResponse, code: keyof typeof refusals): void {
  if (response.headersSent) return void response.destroy();
  const [status, message] = refusals[code];
  const headers = status === 405 ? { allow: 'GET' } : status === 503 ? { 'retry-after': '2' } : {};
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify({ code, message }));
  response.req.resume();
}
