/** The part of vitest's JSON report that says what came of the tests. */
export type Report = {
  testResults: { name: string; message?: string; assertionResults: { status: string; fullName: string }[] }[];
};

/** `red` only by tests that ran and failed: a runner that crashed, or was cut off, has noticed nothing. */
export type Verdict = { kind: 'green' } | { kind: 'red'; failed: string[] } | { kind: 'broken'; why: string };

/** What a run of one test file came to. @param end how its process ended: an exit code, a signal, or too late */
export function verdictOf(report: Report | null, test: string, end: string): Verdict {
  if (!report) return { kind: 'broken', why: `the runner left no report (${end})` };
  const file = report.testResults.find(({ name }) => name.endsWith(test));
  if (!file) return { kind: 'broken', why: `the runner did not run ${test} (${end})` };
  const failed = file.assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
  if (failed.length > 0) return { kind: 'red', failed };
  if (file.assertionResults.length === 0) return { kind: 'broken', why: `none of its tests ran: ${file.message?.split('\n')[0] || end}` };
  return end === 'exit code 0' ? { kind: 'green' } : { kind: 'broken', why: `no test failed, and yet the runner ended with ${end}` };
}
