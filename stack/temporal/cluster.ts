import type { TemporalConnection } from '../../config.ts';
import { ensureNamespace, findNamespace, serverVersion } from './namespace.ts';
import type { Temporal } from './server.ts';
import { isTooOld, OLDEST_TEMPORAL } from './version.ts';

type Cluster = { connection: TemporalConnection; namespace: string };

/** A Temporal cluster that others run: it is checked, never started or stopped. */
export async function useCluster({ connection, namespace }: Cluster): Promise<Temporal> {
  const address = await checkServer(connection);
  const namespaceId = await ensureNamespace({ connection, namespace }).catch((error: unknown) => {
    throw new Error(
      `Expected to use or create the namespace ${namespace} at ${address}, got "${reason(error)}": create it (Temporal Cloud: in its console), or set TEMPORAL_NAMESPACE to one that exists.`,
    );
  });
  const nothing = async () => {};
  return { address, namespace, kind: 'cluster', namespaceId, pid: undefined, stop: nothing, kill: nothing, restart: nothing, onDeath: () => {} };
}

/** Asks a cluster for its version and for the namespace; makes nothing. @throws one sentence with the remedy */
export async function checkCluster({ connection, namespace }: Cluster): Promise<void> {
  const address = await checkServer(connection);
  await findNamespace({ connection, namespace }).catch((error: unknown) => {
    throw new Error(
      `Expected the namespace ${namespace} at ${address}, got "${reason(error)}": run npm run prepare-servers once, which makes it (Temporal Cloud: in its console), or correct TEMPORAL_NAMESPACE.`,
    );
  });
}

/** @returns the address of a frontend that answers and is new enough */
async function checkServer(connection: TemporalConnection): Promise<string> {
  const address = connection.address ?? '127.0.0.1:7233';
  const version = await serverVersion(connection).catch((error: unknown) => {
    throw new Error(
      `Expected a Temporal frontend at ${address}, got "${reason(error)}": start it, correct TEMPORAL_ADDRESS (and TEMPORAL_TLS, TEMPORAL_API_KEY), or leave TEMPORAL_ADDRESS out to have one started.`,
    );
  });
  if (isTooOld(version)) {
    throw new Error(
      `Expected Temporal ${OLDEST_TEMPORAL} or newer at ${address}, got ${version}: upgrade the cluster, or leave TEMPORAL_ADDRESS out to have a newer one started.`,
    );
  }
  return address;
}

function reason(error: unknown): string {
  const { details, message } = error as Error & { details?: string };
  return (details || message || String(error)).split('\n')[0] ?? '';
}
