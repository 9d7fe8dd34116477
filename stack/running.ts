import fs from 'node:fs';
import path from 'node:path';
import { holderOf } from './data-dir.ts';

/** What an `npm start` runs itself; what it was given by the environment is not here. */
type OwnServers = { databaseUrl?: string | undefined; temporal?: { address: string; namespace: string } | undefined };

const fileOf = (dataDir: string) => path.join(dataDir, 'servers.json');

/** Leaves word in the data directory of where the servers are, for other programs of the same user. */
export function rememberServers(dataDir: string, servers: OwnServers): void {
  forgetServers(dataDir);
  fs.writeFileSync(fileOf(dataDir), JSON.stringify(servers), { mode: 0o600 });
}

export function forgetServers(dataDir: string): void {
  fs.rmSync(fileOf(dataDir), { force: true });
}

/** The servers of the `npm start` that runs in this data directory; none when none runs. */
export function runningServers(dataDir: string): OwnServers {
  if (holderOf(dataDir) === undefined || !fs.existsSync(fileOf(dataDir))) return {};
  return JSON.parse(fs.readFileSync(fileOf(dataDir), 'utf8')) as OwnServers;
}
