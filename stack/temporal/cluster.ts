import type { TemporalConnection } from '../../config.ts';
import { ensureNamespace, serverVersion } from './namespace.ts';
import type { Temporal } from './server.ts';

/** The first version with everything that the workflows use (Update, its own API for it, and eager start). */
const OLDEST = [1, 25] as const;

type Cluster = { connection: TemporalConnection; namespace: string };

/** A Temporal cluster that others run: it is checked, never started or stopped. */
export async function useCluster({ connection, namespace }: Cluster): Promise<Temporal> {
  const address = connection.address ?? '127.0.0.1:7233';
  const version = await serverVersion(connection).catch((error: unknown) => {
    throw new Error(
      `Expected a Temporal frontend at ${address}, got "${reason(error)}": start it, correct TEMPORAL_ADDRESS (and TEMPORAL_TLS, TEMPORAL_API_KEY), or leave TEMPORAL_ADDRESS out to have one started.`,
    );
  });
  if (isOlder(version)) {
    throw new Error(
      `Expected Temporal ${OLDEST.join('.')} or newer at ${address}, got ${version}: upgrade the cluster, or leave TEMPORAL_ADDRESS out to have a newer one started.`,
    );
  }
  const namespaceId = await ensureNamespace({ connection, namespace }).catch((error: unknown) => {
    throw new Error(
      `Expected to use or create the namespace ${namespace} at ${address}, got "${reason(error)}": create it (Temporal Cloud: in its console), or set TEMPORAL_NAMESPACE to one that exists.`,
    );
  });
  const nothing = async () => {};
  return { address, namespace, kind: 'cluster', namespaceId, pid: undefined, stop: nothing, kill: nothing, restart: nothing, onDeath: () => {} };
}

export function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  // Temporal Cloud and builds from source may give no number.
  if (!/^\d+\.\d+/.test(version)) return false;
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

function reason(error: unknown): string {
  const { details, message } = error as Error & { details?: string };
  return (details || message || String(error)).split('\n')[0] ?? '';
}

