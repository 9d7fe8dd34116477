import type { ContactRow } from '../db/read/contacts.ts';
import type { InstanceRow } from '../db/read/instances.ts';
import { contactsShown, type ShownContact } from '../lifecycles/contacts.ts';
import { roles } from '../lifecycles/roles.ts';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';
import type { Texts } from './language.ts';
import type { People } from './people.ts';

type Shown = ShownContact & { rows: readonly ContactRow[] };

/** SUP-7: the other side, where the rules show it to the caller. */
export async function contactsIn({ instance }: InstanceRow, { actor, core, reads }: Context): Promise<Shown[]> {
  const shown = contactsShown(core.registry.of(instance.lifecycle, instance.version), instance, actor);
  return Promise.all(shown.map(async (contact) => ({ ...contact, rows: await reads.contacts.load(contact) })));
}

export function addContact(builder: Builder, { text }: Texts, { role }: People) {
  const addresses = (channel: ContactRow['channel']) => (contact: Shown) => contact.rows.filter((row) => row.channel === channel).map((row) => row.address);
  return builder.objectRef<Shown>('Contact').implement({
    description: 'How the other side is reached: its message receivers 消息接收人, else its account.',
    fields: (t) => ({
      role: t.field({ type: role, resolve: ({ of }) => of }),
      label: t.string(text<Shown>(({ of }) => roles[of])),
      party: t.exposeString('party'),
      name: t.string({ resolve: ({ rows, party }) => rows[0]?.name ?? party }),
      mails: t.stringList({ resolve: addresses('mail') }),
      phones: t.stringList({ resolve: addresses('sms') }),
    }),
  });
}
