import type { createCalendarDays } from '../db/calendar.ts';
import type { Commit } from '../db/commit.ts';
import type { Endpoints } from '../db/endpoints.ts';
import type { MerchantKeys } from '../db/inbound/keys.ts';
import type { Notifications } from '../db/notifications.ts';
import type { Heard } from '../db/notify.ts';
import type { AppKeys } from '../db/organisation/keys.ts';
import type { createPolicies } from '../db/policies.ts';
import type { Advanced } from '../db/sandbox.ts';
import type { Registry } from '../lifecycles/registry.ts';
import type { Actor } from '../lifecycles/roles.ts';
import type { AskInstance } from '../production/resourceDetails.ts';
import type { Reads } from './reads.ts';

export type Language = 'zh' | 'en';

/** What the front door needs of the rest of the process. */
export type Core = {
  registry: Registry;
  commit: Pick<Commit, 'command'>;
  /** What operations managers set for the whole installation. */
  settings: ReturnType<typeof createPolicies> & ReturnType<typeof createCalendarDays> & AppKeys;
  /** True while Temporal cannot be reached: commands are accepted, their effects wait. */
  effectsWaiting: () => boolean;
  /** Null in production: nobody advances time there. */
  advance: ((request: { instance: string; byMs: number }) => Promise<Advanced | null>) | null;
  /** Null in production: there the schedules alone say when bills are made. */
  makeBills: ((at: number) => Promise<{ opened: number }>) | null;
  notifications: Notifications;
  merchantKeys: MerchantKeys;
  /** Where merchants are called; `allowPrivate` in development only (PRD-8). */
  endpoints: Endpoints & { allowPrivate: boolean };
  /** What a merchant's server says of an instance now, credentials included (BUY-1). */
  askInstance: AskInstance;
  /** The console's address, for links in messages; null: they have none. */
  consoleUrl: string | null;
  /** Changes that any process committed, until the subscriber goes. */
  changes: () => AsyncIterableIterator<Heard>;
};

/** One request of one signed-in caller. */
export type Context = {
  actor: Actor;
  /** When the caller's token ends, in ms since 1970. */
  until: number;
  language: Language;
  reads: Reads;
  core: Core;
};
