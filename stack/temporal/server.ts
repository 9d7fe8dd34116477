import type { Daemon } from '../daemon.ts';

/** How Temporal came to be there. */
export type Way = 'cluster' | 'cli' | 'download' | 'go';

/** A Temporal that is ready, with our namespace in it. */
export type Temporal = {
  address: string;
  namespace: string;
  kind: Way;
  /** Where its web UI is, if it was started with one. */
  uiUrl?: string;
  /** Changes when the namespace is made anew, and with it everything that was alive in it. */
  namespaceId: string;
} & Pick<Daemon, 'pid' | 'stop' | 'kill' | 'restart' | 'onDeath'>;
