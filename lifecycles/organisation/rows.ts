import type { Chosen } from '../callBatch/choice.ts';

/**
 * What an event writes into the organisation's tables, by the write's name (db/organisation/writes.ts): members are too
 * many for a context. Instance, revision, number among its like and instant are added where the event is stored.
 */
type Named = {
  departmentKept: { code: string; name: string; parent: string | null };
  departmentEnded: { code: string };
  /** One increment for the apps; its flag is the protocol's: 0 delete, 1 add, 2 modify. */
  departmentChanged: { code: string; name: string; parent: string | null; flag: 0 | 1 | 2 };
  memberKept: {
    user_name: string;
    name: string;
    department: string;
    role: 'user' | 'admin';
    position: string | null;
    mail: string | null;
    phone: string | null;
  };
  memberMoved: { user_name: string; department: string };
  memberEnded: { user_name: string };
  groupKept: { code: string; name: string };
  groupEnded: { code: string };
  groupMemberKept: { code: string; user_name: string };
  groupMemberEnded: { code: string; user_name: string };
  /** Every membership of a group that is no more, or of a member who has left. */
  membershipsEnded: { code: string | null; user_name: string | null };
  /** All that every app of the enterprise grants to a subject that is no more. */
  subjectEnded: { kind: GrantKind; subject: string };
  grantKept: { enterprise: string; kind: GrantKind; subject: string; by: string };
  grantEnded: { kind: GrantKind; subject: string };
  /** All that the app was authorised for. */
  grantsEnded: Record<never, never>;
  /** What the app knew of users: it has deleted them with their tenant. */
  usersForgotten: Record<never, never>;
  /** The users of the call that gave up. */
  userSyncFailed: { code: string; message: string };
  /** Failed users that are sent again. */
  userSyncRetried: { user_name: string };
  /** The calls that a bulk makes again, as they are chosen in its own transaction (PRD-5). */
  callsChosen: Chosen & { seen_by: string | null; most: number };
};

export const grantKinds = ['department', 'member', 'group'] as const;
export type GrantKind = (typeof grantKinds)[number];

export type RowName = keyof Named;
export type Row = { [Name in RowName]: { into: Name; row: Named[Name] } }[RowName];

export const row = <Name extends RowName>(into: Name, content: Named[Name]) => ({ into, row: content }) as Row;
