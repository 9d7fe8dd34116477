import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const page = path.join(import.meta.dirname, '../../docs/merchants.md');
const examples = [...readFileSync(page, 'utf8').matchAll(/```js\n([\s\S]*?)```\n```text\n([\s\S]*?)```/g)];

test('the merchants’ page has its worked examples', () => expect(examples.length).toBeGreaterThanOrEqual(3));

test.each(examples.map(([, program = '', output = '']) => ({ program, output })))(
  'a worked example of the merchants’ page prints what it says',
  ({ program, output }) => {
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })).toBe(output);
  },
);
