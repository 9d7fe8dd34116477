import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { createLog, readable } from '../../log.ts';
import { startThrowaway, type Throwaway } from '../../stack/throwaway.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The maintenance database: a test file creates a database of its own beside it. */
    databaseUrl: string;
    temporalAddress: string;
    temporalNamespace: string;
    /** Where the test files of one run share the keeper's bundle. */
    bundleDir: string;
  }
}

let stack: Throwaway | undefined;
let bundleDir: string | undefined;

/** One PostgreSQL and one Temporal for the whole run; `node stack/keep.ts` keeps a pair over many runs. */
export async function setup(project: TestProject): Promise<void> {
  bundleDir = mkdtempSync(path.join(tmpdir(), 'steward-bundle-'));
  project.provide('bundleDir', bundleDir);
  const { STEWARD_TEST_DATABASE_URL, STEWARD_TEST_TEMPORAL_ADDRESS, STEWARD_TEST_TEMPORAL_NAMESPACE } = process.env;
  if (STEWARD_TEST_DATABASE_URL && STEWARD_TEST_TEMPORAL_ADDRESS) {
    project.provide('databaseUrl', STEWARD_TEST_DATABASE_URL);
    project.provide('temporalAddress', STEWARD_TEST_TEMPORAL_ADDRESS);
    project.provide('temporalNamespace', STEWARD_TEST_TEMPORAL_NAMESPACE ?? 'steward');
    return;
  }
  stack = await startThrowaway(createLog('test-stack', { stream: readable(process.stderr) }));
  project.provide('databaseUrl', stack.postgres.adminUrl);
  project.provide('temporalAddress', stack.temporal.address);
  project.provide('temporalNamespace', stack.temporal.namespace);
}

export async function teardown(): Promise<void> {
  if (bundleDir) rmSync(bundleDir, { recursive: true, force: true });
  await stack?.stop();
}
