/** One cell of an export: text, a whole number, money in minor units (分), or an instant in epoch milliseconds. */
export type Cell = string | number | null | { minorUnits: number | null } | { at: number | null };

const eightHours = 8 * 3_600_000;

/** Minor units as a decimal number without a rounding: 12345 is 123.45. */
export function decimal(minorUnits: number): string {
  const digits = String(Math.abs(minorUnits)).padStart(3, '0');
  return `${minorUnits < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Beijing time, as people and spreadsheets read it. */
export const beijing = (at: number): string => new Date(at + eightHours).toISOString().slice(0, 19).replace('T', ' ');
