import { type Reader, rowRule } from '../db/read/reader.ts';
import type { ExportSubject } from '../lifecycles/billExport/context.ts';
import type { Source, SourceRow, Wanted } from './source.ts';
import { billLines } from './sources/billLines.ts';
import { bills } from './sources/bills.ts';
import { ledger } from './sources/ledger.ts';
import { orders } from './sources/orders.ts';

/** One that is declared and has no source is a compile error. */
export const sources = { orders, ledger, bills, billLines } satisfies Record<ExportSubject, Source>;

const pageSize = 2_000;

function conditionsOf({ where, at, rule }: Source, wanted: Wanted, reader: Reader, parameter: (value: unknown) => string): string[] {
  const { buyer, merchant, from, before } = wanted;
  const instant = (ms: number) => `${parameter(new Date(ms).toISOString())}::timestamptz`;
  return [
    'true',
    ...where,
    ...rowRule(reader.actor, parameter),
    ...(rule?.(reader.actor) ?? []),
    ...(buyer === null ? [] : [`i.buyer = ${parameter(buyer)}`]),
    ...(merchant === null ? [] : [`i.merchant = ${parameter(merchant)}`]),
    ...(from === null ? [] : [`${at} >= ${instant(from)}`]),
    ...(before === null ? [] : [`${at} < ${instant(before)}`]),
  ];
}

/** How many rows an export will have, counted up to `most` and one more. */
export async function countRows(reader: Reader, wanted: Wanted, most: number): Promise<number> {
  const source = sources[wanted.what];
  const values: unknown[] = [];
  const conditions = conditionsOf(source, wanted, reader, (value) => `$${values.push(value)}`);
  const text = `select count(*)::int as count from (select from ${source.from} where ${conditions.join(' and ')} limit ${most + 1}) counted`;
  return (await reader.rows<{ count: number }>({ text, values }))[0]?.count ?? 0;
}

/** The rows, page by page along the key: a reader holds no snapshot, no cursor and one page. */
export async function* pagesOf(reader: Reader, wanted: Wanted): AsyncGenerator<SourceRow[]> {
  const source = sources[wanted.what];
  const key = source.key.map(([column]) => column).join(', ');
  // as text, which keeps the microseconds that a place needs
  const place = `jsonb_build_array(${source.key.map(([column]) => `${column}::text`).join(', ')}) as place`;
  for (let after: unknown[] | null = null; ; ) {
    const values: unknown[] = [];
    const parameter = (value: unknown) => `$${values.push(value)}`;
    const conditions = conditionsOf(source, wanted, reader, parameter);
    if (after) conditions.push(`(${key}) > (${source.key.map(([, type], no) => `${parameter(after?.[no])}::${type}`).join(', ')})`);
    const text = `select ${place}, ${source.columns} from ${source.from} where ${conditions.join(' and ')} order by ${key} limit ${pageSize}`;
    const rows: Record<string, unknown>[] = await reader.rows({ text, values });
    if (rows.length > 0)
      yield rows.map((row) => ({
        buyer: row.buyer as string,
        merchant: row.merchant as string,
        cells: source.cells(row, wanted.language),
      }));
    if (rows.length < pageSize) return;
    after = rows.at(-1)?.place as unknown[];
  }
}
