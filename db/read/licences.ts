import type { Reader } from './reader.ts';

/** The supervision whose licence code has this reference (SUP-2), among those that the caller may see. */
export async function supervisionOfCode(reader: Reader, reference: string): Promise<{ id: string; family: string } | null> {
  const [row] = await reader.rows<{ id: string; family: string }>({
    name: 'supervision of a licence code',
    text: `select id, family from instances where merchant = $1 and lifecycle = 'supervision' and context #>> '{licenceCode,reference}' = $2
      order by created_at desc limit 1`,
    values: [reader.actor.party ?? '', reference],
  });
  return row ?? null;
}
