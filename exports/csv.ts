import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import { beijing, type Cell, decimal } from './cells.ts';

/** What a spreadsheet takes for a formula, the full-width forms of Chinese keyboards among them. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/;

/** A text that begins like a formula is marked as text; numbers of ours may be below 0. */
function textOf(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return formula.test(cell) ? `'${cell}` : cell;
  if (typeof cell === 'number') return String(cell);
  if ('at' in cell) return cell.at === null ? '' : beijing(cell.at);
  return cell.minorUnits === null ? '' : decimal(cell.minorUnits);
}

/** Rows as CSV for Excel: UTF-8 with BOM. Ends with the error of its rows, if they have one. */
export function csvOf(header: readonly string[], rows: AsyncIterable<readonly Cell[]>): Readable {
  async function* lines() {
    yield header;
    for await (const row of rows) yield row.map(textOf);
  }
  const from = Readable.from(lines());
  const csv = stringify({ bom: true, record_delimiter: 'windows' });
  from.on('error', (error) => csv.destroy(error));
  return from.pipe(csv);
}
