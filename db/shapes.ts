import type { z } from 'zod';
import { zhCN } from 'zod/locales';
import { formOf } from '../lifecycles/codes/fields.ts';
import { type FieldProblem, wrongField } from '../lifecycles/problem.ts';

const inChinese = { error: zhCN().localeError };

/**
 * What is wrong with an input's shape, field by field, in both languages: the schema's own sentences where it has them
 * (`forms`), zod's otherwise. @param whole what the input is called where no field of it is meant
 */
export function shapeProblems(schema: z.ZodType, input: unknown, whole: string): FieldProblem[] {
  const { error } = schema.safeParse(input);
  if (!error) return [];
  const chinese = schema.safeParse(input, inChinese).error?.issues ?? [];
  return error.issues.map(({ path, message }, index) =>
    wrongField(path.join('.') || whole, formOf(message) ?? { zh: chinese[index]?.message ?? message, en: message }),
  );
}
