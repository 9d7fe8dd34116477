import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '../../log.ts';
import { cacheDir } from './go-build.ts';

const REACHABLE_WITHIN_MS = 4_000;
const DOWNLOADED_WITHIN_MS = 5 * 60_000;

type Download = { log: Log; signal?: AbortSignal | undefined };

/** The dev server that the SDK downloads for its tests, kept in the user's cache. */
export async function downloadCli({ log, signal }: Download): Promise<string> {
  const dir = path.join(cacheDir(), 'temporal-cli');
  const kept = findDownloaded(dir);
  if (kept) return kept;
  await refuseWhenOffline();
  log.info(`downloading Temporal's dev server with the SDK, once, into ${dir}`);
  fs.mkdirSync(dir, { recursive: true });
  await downloadWithSdk(dir, signal);
  const file = findDownloaded(dir);
  if (!file) throw new Error(`the SDK left no program in ${dir}`);
  return file;
}

function findDownloaded(dir: string): string | undefined {
  if (!fs.existsSync(dir)) return undefined;
  // A download that goes on, or was cut off, ends in .downloading.
  const name = fs.readdirSync(dir).find((entry) => entry.startsWith('temporal-') && !entry.endsWith('.downloading'));
  return name && path.join(dir, name);
}

/** The SDK gives up much later. Behind a proxy, which it knows and fetch does not, it is left to it. */
async function refuseWhenOffline(): Promise<void> {
  if (process.env.HTTPS_PROXY || process.env.https_proxy) return;
  const { platform, arch } = process;
  const url = `https://temporal.download/cli/default?platform=${platform}&arch=${arch === 'x64' ? 'amd64' : arch}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(REACHABLE_WITHIN_MS) }).catch((error: Error) => {
    const why = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Error(`temporal.download cannot be reached (${why})`);
  });
  if (!response.ok) throw new Error(`temporal.download answers ${response.status}`);
}

/** In a process of its own: the SDK's download cannot be cancelled. */
async function downloadWithSdk(dir: string, signal: AbortSignal | undefined): Promise<void> {
  const script = fileURLToPath(new URL('./sdk-download.ts', import.meta.url));
  const limit = AbortSignal.timeout(DOWNLOADED_WITHIN_MS);
  const child = spawn(process.execPath, [script, dir], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk).slice(-2_000)));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`the SDK's download failed (${/Error: .*/.exec(said)?.[0] ?? `exit code ${code}`})`);
}
