import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { commandOf } from './leftover.ts';

/** Keeps a data directory to one `npm start` at a time; gives what releases it. */
export function takeDataDir(dataDir: string): () => void {
  fs.mkdirSync(dataDir, { recursive: true });
  const file = path.join(dataDir, 'steward.pid');
  const holder = holderOf(dataDir);
  if (holder && holder !== process.pid) {
    throw new Error(
      `Expected nobody else to use ${dataDir}, got a Steward that runs there (pid ${holder}): stop it, or set STEWARD_DATA_DIR to another directory and PORT to another port.`,
    );
  }
  fs.writeFileSync(file, `${process.pid}\n${commandOf(process.pid) ?? ''}`);
  return () => fs.rmSync(file, { force: true });
}

/** The pid of the `npm start` that runs in a data directory, if one does. */
export function holderOf(dataDir: string): number | undefined {
  const file = path.join(dataDir, 'steward.pid');
  const [pid, command] = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n') : [];
  const holder = Number(pid);
  return holder && command && commandOf(holder) === command ? holder : undefined;
}

/** The secret that signs development logins, kept so that they outlive a restart. */
export function keptSecret(dataDir: string): string {
  const file = path.join(dataDir, 'jwt-secret');
  fs.mkdirSync(dataDir, { recursive: true });
  if (!fs.existsSync(file)) {
    // whole at once: an API and a worker may both begin now
    const fresh = `${file}.${process.pid}`;
    fs.writeFileSync(fresh, crypto.randomBytes(32).toString('base64url'), { mode: 0o600 });
    try {
      fs.linkSync(fresh, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      fs.rmSync(fresh);
    }
  }
  return fs.readFileSync(file, 'utf8').trim();
}

type Armed = {
  /** Whether workflows were armed in this very namespace before. */
  isArmed: (namespaceId: string) => boolean;
  remember: (namespaceId: string) => void;
};

/** Which namespace holds our workflows: a new one, or another server's, holds none of them. */
export function armedNamespace(dataDir: string): Armed {
  const file = path.join(dataDir, 'armed-namespace');
  return {
    isArmed: (namespaceId) => fs.existsSync(file) && fs.readFileSync(file, 'utf8') === namespaceId,
    remember: (namespaceId) => fs.writeFileSync(file, namespaceId),
  };
}
