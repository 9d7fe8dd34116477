import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bugs } from '../../planted/bugs.ts';

test('every planted bug still finds its place, and the test that must notice it exists', () => {
  const lost = bugs.filter(({ file, find, test: noticing }) => !existsSync(file) || !readFileSync(file, 'utf8').includes(find) || !existsSync(noticing));
  expect(lost.map(({ name, file }) => `${name}: ${file}`)).toEqual([]);
  expect(bugs.filter(({ find, replace }) => find === replace)).toEqual([]);
});
