import type { Reader } from './reader.ts';

/** How far an export is; null before its first page. */
export type ExportProgress = { total: number; done: number };

export async function exportProgressOf(reader: Reader, instance: string): Promise<ExportProgress | null> {
  const [row] = await reader.rows<ExportProgress>({
    name: 'export progress',
    text: 'select total, done from export_progress where instance_id = $1',
    values: [instance],
  });
  return row ?? null;
}
