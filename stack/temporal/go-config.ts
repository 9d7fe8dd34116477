import fs from 'node:fs';
import path from 'node:path';
import { freePorts, isFree } from '../ports.ts';

export type Database = { host: string; port: number; user: string; password: string };
export type GoConfig = { file: string; frontendPort: number };

type Ports = Record<(typeof PORTS)[number], number>;
const PORTS = [
  ...(['frontend', 'frontendMembership', 'frontendHttp', 'history', 'historyMembership'] as const),
  ...(['matching', 'matchingMembership', 'worker', 'workerMembership'] as const),
] as const;

/** Writes the server's configuration for this database into `dir`, with ports that were used before if they are free. */
export async function writeConfig(dir: string, database: Database): Promise<GoConfig> {
  const ports = await keptPorts(path.join(dir, 'ports.json'));
  const dynamic = path.join(dir, 'dynamic.json');
  fs.writeFileSync(dynamic, JSON.stringify(dynamicConfig(), null, 2));
  // JSON is YAML, and needs no library to be written without mistakes. It holds the database's password.
  const file = path.join(dir, 'temporal.json');
  fs.rmSync(file, { force: true });
  fs.writeFileSync(file, JSON.stringify(serverConfig(database, ports, dynamic), null, 2), { mode: 0o600 });
  return { file, frontendPort: ports.frontend };
}

function dynamicConfig(): Record<string, { value: unknown }[]> {
  const values: Record<string, unknown> = {
    // Tests of timers and retries skip time natively.
    'frontend.WorkflowTimeSkippingEnabled': true,
    // The defaults are shares of a big cluster's load; here one process serves it all.
    'frontend.rps': 20_000,
    'frontend.namespaceRPS': 20_000,
    'history.rps': 20_000,
    'matching.rps': 20_000,
    'frontend.persistenceMaxQPS': 20_000,
    'history.persistenceMaxQPS': 20_000,
    'matching.persistenceMaxQPS': 20_000,
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [{ value }]]));
}

function serverConfig(database: Database, ports: Ports, dynamicConfigFile: string): object {
  const service = (name: 'frontend' | 'history' | 'matching' | 'worker') => ({
    rpc: {
      grpcPort: ports[name],
      membershipPort: ports[`${name}Membership`],
      bindOnLocalHost: true,
      ...(name === 'frontend' && { httpPort: ports.frontendHttp }),
    },
  });
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: 4,
      datastores: {
        default: { sql: store(database, 'temporal', 20) },
        visibility: { sql: store(database, 'temporal_visibility', 10) },
      },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: {
      frontend: service('frontend'),
      history: service('history'),
      matching: service('matching'),
      worker: service('worker'),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${ports.frontend}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    archival: { history: { state: 'disabled' }, visibility: { state: 'disabled' } },
    dynamicConfigClient: { filepath: dynamicConfigFile, pollInterval: '10s' },
  };
}

function store({ host, port, user, password }: Database, databaseName: string, connections: number): object {
  return {
    pluginName: 'postgres12',
    databaseName,
    connectAddr: `${host}:${port}`,
    connectProtocol: 'tcp',
    user,
    password,
    maxConns: connections,
    maxIdleConns: connections,
    maxConnLifetime: '1h',
  };
}

/** The same ports again let a killed server find itself in its membership table, and clients reconnect. */
async function keptPorts(file: string): Promise<Ports> {
  const known: Partial<Ports> = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
  const wished = PORTS.map((name) => known[name]);
  const free = await Promise.all(wished.map((port) => port !== undefined && isFree(port)));
  if (free.every(Boolean)) return known as Ports;
  const fresh = await freePorts(PORTS.length);
  const ports = Object.fromEntries(PORTS.map((name, index) => [name, fresh[index]])) as Ports;
  fs.writeFileSync(file, JSON.stringify(ports));
  return ports;
}
