/** One measured value. `reach` says what it should be; `ok` is null for a value that is only told. */
export type Figure = { name: string; value: number; unit: string; reach: string | null; ok: boolean | null };

export const told = (name: string, value: number, unit: string): Figure => ({ name, value: rounded(value), unit, reach: null, ok: null });

export const atLeast = (name: string, value: number, { reach, unit = '×' }: { reach: number; unit?: string }): Figure => ({
  ...told(name, value, unit),
  reach: `≥ ${reach}`,
  ok: value >= reach,
});

export const atMost = (name: string, value: number, { reach, unit = '×' }: { reach: number; unit?: string }): Figure => ({
  ...told(name, value, unit),
  reach: `≤ ${reach}`,
  ok: value <= reach,
});

function rounded(value: number): number {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
  return Number(value.toFixed(digits));
}

/** A table for people: what was measured, what it should have been, ✓ or ✗. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, reach, ok }) => [
    name,
    value.toLocaleString('en-GB', { maximumFractionDigits: 3 }),
    unit,
    reach ?? '',
    ok === null ? '' : ok ? '✓' : '✗',
  ]);
  const all = [['measurement', 'value', 'unit', 'reach', ''], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: string[]) =>
    row
      .map((cell, column) => (column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const [head = [], ...body] = all;
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...body.map(line)].join('\n');
}
