import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, type ConnectionOptions } from '@temporalio/client';

const DAY = 24 * 60 * 60;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;

/** The version of the server, or an error when nothing answers in time. */
export async function serverVersion(options: ConnectionOptions): Promise<string> {
  const connection = await Connection.connect({ connectTimeout: 5_000, ...options });
  try {
    const info = await connection.withDeadline(Date.now() + 5_000, () => connection.workflowService.getSystemInfo({}));
    return info.serverVersion ?? '';
  } finally {
    await connection.close();
  }
}

/** The id of a namespace that is there, or the server's error. */
export async function findNamespace({ connection: options, namespace }: Ensure): Promise<string> {
  const connection = await Connection.connect({ connectTimeout: 5_000, ...options });
  try {
    const { namespaceInfo } = await connection.withDeadline(Date.now() + 5_000, () => connection.workflowService.describeNamespace({ namespace }));
    return namespaceInfo?.id ?? namespace;
  } finally {
    await connection.close();
  }
}

type Ensure = { connection: ConnectionOptions; namespace: string; retentionDays?: number };

/** Makes sure that workflows can be started in the namespace, and gives its id. */
export async function ensureNamespace({ connection: options, namespace, retentionDays = 7 }: Ensure): Promise<string> {
  const connection = await Connection.connect(options);
  const { workflowService } = connection;
  try {
    await workflowService.describeNamespace({ namespace }).catch(onCode(NOT_FOUND, register));
    await usable();
    const { namespaceInfo } = await workflowService.describeNamespace({ namespace });
    return namespaceInfo?.id ?? namespace;
  } finally {
    await connection.close();
  }

  async function register(): Promise<void> {
    const workflowExecutionRetentionPeriod = { seconds: retentionDays * DAY } as never;
    await workflowService
      .registerNamespace({ namespace, workflowExecutionRetentionPeriod, description: 'Steward' })
      .catch(onCode(ALREADY_EXISTS, async () => {}));
  }

  /** A frontend learns of a new namespace only when its cache is refreshed. */
  async function usable(): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const failure = await workflowService.countWorkflowExecutions({ namespace, query: '' }).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure === undefined) return;
      if (Date.now() > deadline) throw failure;
      await sleep(200);
    }
  }
}

/** Answers this one gRPC error; any other is thrown on. */
function onCode(code: number, answer: () => Promise<void>): (error: unknown) => Promise<void> {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === code) return answer();
    throw error;
  };
}
