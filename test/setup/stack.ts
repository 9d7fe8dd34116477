import type { TestProject } from 'vitest/node';
import { createLog, readable } from '../../log.ts';
import { startThrowaway, type Throwaway } from '../../stack/throwaway.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The maintenance database: a test file creates a database of its own beside it. */
    databaseUrl: string;
    temporalAddress: string;
    temporalNamespace: string;
  }
}

let stack: Throwaway | undefined;

/** One PostgreSQL and one Temporal for the whole run; `node stack/keep.ts` keeps a pair over many runs. */
export async function setup(project: TestProject): Promise<void> {
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
  await stack?.stop();
}
