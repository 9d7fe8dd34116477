import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { type CellValue, writeXlsxStream, XLSX_MAX_ROWS_PER_SHEET } from 'hucre/xlsx';
import { beijing, type Cell } from './cells.ts';

/** Texts stay texts: a cell of a workbook is a formula only when it says so. */
function cellValueOf(cell: Cell): CellValue {
  if (cell === null || typeof cell !== 'object') return cell;
  if ('at' in cell) return cell.at === null ? null : beijing(cell.at);
  return cell.minorUnits === null ? null : cell.minorUnits / 100;
}

/** Rows as a workbook, written while they are read; a second sheet where one is full. */
export function xlsxOf(header: readonly string[], rows: AsyncIterable<readonly Cell[]>, name: string): Readable {
  async function* values() {
    for await (const row of rows) yield row.map(cellValueOf);
  }
  const columns = header.map((title) => ({ header: title, width: 18 }));
  const stream = writeXlsxStream(values(), { name, columns, freezePane: { rows: 1 }, maxRowsPerSheet: XLSX_MAX_ROWS_PER_SHEET });
  return Readable.fromWeb(stream as ReadableStream<Uint8Array>);
}
