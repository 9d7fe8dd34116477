import type { InstanceRow } from '../db/read/instances.ts';
import { waitsForOf as rolesAwaited } from '../lifecycles/awaited.ts';
import { type Parties, partyFor, type Role, roles } from '../lifecycles/roles.ts';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';
import type { Texts } from './language.ts';

export type Waiting = { role: Role; party: string | null };

/** Who must act (SUP-11): of a frozen record the one who ends the freeze, or is asked for evidence. */
export function waitsForOf({ instance }: InstanceRow, { core }: Context): Waiting[] {
  const lifecycle = core.registry.of(instance.lifecycle, instance.version);
  return rolesAwaited(lifecycle, instance).map((role) => ({ role, party: partyFor(role, instance.parties) }));
}

export function addPeople(builder: Builder, { text }: Texts) {
  const role = builder.enumType('Role', {
    description: 'Who acts (ACT-1).',
    values: Object.fromEntries(Object.entries(roles).map(([name, { zh, en }]) => [name, { description: `${en} ${zh}` }])) as Record<
      Role,
      { description: string }
    >,
  });
  const waiting = builder.objectRef<Waiting>('Waiting').implement({
    fields: (t) => ({
      role: t.field({ type: role, resolve: (parent) => parent.role }),
      label: t.string(text<Waiting>((parent) => roles[parent.role])),
      party: t.exposeString('party', { nullable: true }),
    }),
  });
  const parties = builder.objectRef<Parties>('Parties').implement({
    fields: (t) => ({ buyer: t.exposeString('buyer'), merchant: t.exposeString('merchant') }),
  });
  return { role, waiting, parties };
}

export type People = ReturnType<typeof addPeople>;
