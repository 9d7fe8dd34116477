import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('the worked change of the README still fits: every line that its diff keeps or takes away is there, in that order', () => {
  const [, change = '', example = ''] = /## A worked change([\s\S]*?)and one test([\s\S]*?)\n## /.exec(read('README.md')) ?? [];
  const file = /In `([\w/.]+)`/.exec(change)?.[1] ?? '';
  const known = /`(test\/[\w/.-]+)`/.exec(example)?.[1] ?? '';
  const kept = linesOf(change).filter((line) => !line.startsWith('+') && line.trim() !== '…');
  expect(kept.length).toBeGreaterThan(5);
  let from = 0;
  const source = read(file);
  for (const line of kept) {
    const at = source.indexOf(line.slice(1).trim(), from);
    expect([line, at >= from]).toEqual([line, true]);
    from = at;
  }
  // what its test calls is there to be called
  const added = linesOf(example).join('\n');
  for (const name of ['aSupervision', 'accepted', 'said', 'send', 'seen']) {
    expect(added).toContain(`${name}(`);
    expect(read(known)).toContain(name);
  }
});

const linesOf = (text: string): string[] =>
  [...text.matchAll(/```diff\n([\s\S]*?)```/g)].flatMap(([, diff = '']) => diff.split('\n')).filter((line) => line.trim() !== '');
