import { z } from 'zod';

/** The instant that every sampled instant is; Monday 2026-03-02, 10:00 in Shanghai. */
export const sampleNow = Date.parse('2026-03-02T10:00:00+08:00');

/**
 * A few values that a schema takes, every member of every enum among them: enough for a walk to meet each branch of
 * a guard that reads them. Texts, numbers and files are one each, because rules may not hang on their content; a text
 * of a form of its own says its sample: `.meta({ examples: [...] })`.
 */
export function samplesOf(schema: z.ZodType): unknown[] {
  if (schema instanceof z.ZodObject) return objects(schema);
  if (schema instanceof z.ZodEnum) return [...schema.options];
  if (schema instanceof z.ZodBoolean) return [true, false];
  if (schema instanceof z.ZodOptional) return [undefined, ...samplesOf(schema.unwrap() as z.ZodType)];
  if (schema instanceof z.ZodNullable) return [null, ...samplesOf(schema.unwrap() as z.ZodType)];
  if (schema instanceof z.ZodDefault) return samplesOf(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodArray) return [samplesOf(schema.element as z.ZodType).slice(0, 1)];
  if (schema instanceof z.ZodNumber) return [numberOf(schema)];
  if (schema instanceof z.ZodEmail) return ['text@example.com'];
  if (schema instanceof z.ZodUUID) return ['11111111-1111-4111-8111-111111111111'];
  if (schema instanceof z.ZodISODateTime) return [new Date(sampleNow).toISOString()];
  if (schema instanceof z.ZodString) return [textOf(schema)];
  throw new Error(`expected a schema that samples are known for, got ${schema.def.type}; teach lifecycles/samples.ts`);
}

/** The first sample of every field, then each other sample of one field at a time. */
function objects(schema: z.ZodObject): Record<string, unknown>[] {
  const fields = Object.entries(schema.shape).map(([name, field]) => [name, samplesOf(field as z.ZodType)] as const);
  const plain = Object.fromEntries(fields.map(([name, values]) => [name, values[0]]));
  return [plain, ...fields.flatMap(([name, values]) => values.slice(1).map((value) => ({ ...plain, [name]: value })))];
}

function textOf(schema: z.ZodString): string {
  const [example] = (schema.meta()?.examples ?? []) as string[];
  return example ?? 'text'.repeat(Math.max(1, Math.ceil((schema.minLength ?? 0) / 4))).slice(0, schema.maxLength ?? undefined);
}

function numberOf(schema: z.ZodNumber): number {
  if (schema.meta()?.scalar === 'DateTime') return sampleNow;
  return Number.isFinite(schema.minValue) ? Math.max(1, schema.minValue ?? 1) : 1;
}
