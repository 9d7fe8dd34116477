import { expect, test } from 'vitest';
import { type Report, verdictOf } from '../../planted/verdict.ts';

const file = 'test/lifecycles/order.test.ts';
const report = (statuses: string[], { name = `/copy/${file}`, message = '' } = {}): Report => ({
  testResults: [{ name, message, assertionResults: statuses.map((status, at) => ({ status, fullName: `test ${at + 1}` })) }],
});

test('only a test that ran and failed, in the file that the bug names, has noticed it', () => {
  expect(verdictOf(report(['passed', 'passed']), file, 'exit code 0')).toEqual({ kind: 'green' });
  expect(verdictOf(report(['passed', 'failed']), file, 'exit code 1')).toEqual({ kind: 'red', failed: ['test 2'] });
});

test('a runner that crashes, is cut off, or cannot load the file has noticed nothing, and says which it was', () => {
  const broken = [
    verdictOf(null, file, 'ended by SIGKILL'),
    verdictOf(report(['failed'], { name: '/copy/test/other.test.ts' }), file, 'exit code 1'),
    verdictOf(report([], { message: 'SyntaxError: Unexpected token\n  at file' }), file, 'exit code 1'),
    verdictOf(report(['passed']), file, 'exit code 1'),
  ];
  expect(broken.map((verdict) => (verdict.kind === 'broken' ? verdict.why : verdict.kind))).toEqual([
    'the runner left no report (ended by SIGKILL)',
    `the runner did not run ${file} (exit code 1)`,
    'none of its tests ran: SyntaxError: Unexpected token',
    'no test failed, and yet the runner ended with exit code 1',
  ]);
});
