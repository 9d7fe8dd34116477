import { expect, test } from 'vitest';
import { z } from 'zod';
import { shapeProblems } from '../../db/shapes.ts';
import { formOf, forms } from '../../lifecycles/codes/fields.ts';
import { lifecycles } from '../../lifecycles/registry.ts';

const schema = z.object({ name: z.string().min(2), kind: z.enum(['one', 'two']), taxNumber: z.string().regex(/^\d+$/, forms.taxNumber.en) });

test('what is wrong with a shape is said in both languages, where the schema has a sentence by that', () => {
  const found = shapeProblems(schema, { name: 'x', kind: 'three', taxNumber: 'abc' }, 'input');
  expect(found.map(({ path, text }) => [path, text])).toEqual([
    ['name', { zh: '数值过小：期望 string >=2 字符', en: 'Too small: expected string to have >=2 characters' }],
    ['kind', { zh: '无效选项：期望以下之一 "one"|"two"', en: 'Invalid option: expected one of "one"|"two"' }],
    ['taxNumber', forms.taxNumber],
  ]);
  expect(shapeProblems(schema, null, 'input')).toMatchObject([{ path: 'input', text: { zh: '无效输入：期望 object，实际接收 空值(null)' } }]);
  expect(shapeProblems(schema, { name: 'xy', kind: 'one', taxNumber: '1' }, 'input')).toEqual([]);
});

/** Every sentence that a schema's own checks say, however deep: those of zod are asked for by its locale. */
function sentencesIn(schema: z.ZodType, seen = new Set<unknown>()): string[] {
  if (seen.has(schema)) return [];
  seen.add(schema);
  const { checks = [], ...parts } = schema.def as unknown as { checks?: { _zod: { def: { error?: (issue: object) => unknown } } }[] };
  const own = checks.flatMap((check) => check._zod.def.error?.({}) ?? []) as (string | { message: string })[];
  const within = Object.values({ ...parts, ...(schema instanceof z.ZodObject ? schema.shape : {}) }).flat();
  const below = within.filter((part): part is z.ZodType => part instanceof z.ZodType);
  return [...own.map((said) => (typeof said === 'string' ? said : said.message)), ...below.flatMap((part) => sentencesIn(part, seen))];
}

test('every sentence of a command’s own shape is there in both languages', () => {
  const commands = lifecycles.flatMap(({ commands, opening }) => [...Object.values(commands), ...(opening ? [opening.command] : [])]);
  const said = new Set(commands.flatMap(({ input }) => sentencesIn(input)));
  expect(said.size).toBeGreaterThan(8);
  expect([...said].filter((sentence) => formOf(sentence) === null)).toEqual([]);
});
