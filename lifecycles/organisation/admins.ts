import { z } from 'zod';
import type { Requirement } from '../declaration.ts';
import type { Role } from '../roles.ts';

/** A person who may edit one enterprise (ORG-3): by the marketplace account 账号 that this person holds. */
export const admin = z.object({ person: z.string(), account: z.string() });
export type Admin = z.output<typeof admin>;

/** Its creator acts as the buyer who created it, or as its administrator like everybody else. */
export const administering = ['buyer', 'enterpriseAdmin'] as const satisfies readonly Role[];

/** ORG-3: acting for the same buyer is not enough. */
export const isAdmin: Requirement<{ admins: Admin[] }> = {
  code: 'NOT_ADMIN_OF_ENTERPRISE',
  met: ({ context, actor }) => context.admins.some(({ person }) => person === actor.id),
};

export const isCreator: Requirement<{ creator: string }> = {
  code: 'NOT_CREATOR_OF_ENTERPRISE',
  met: ({ context, actor }) => context.creator === actor.id,
};
