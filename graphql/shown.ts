import type { Lifecycle } from '../lifecycles/declaration.ts';
import type { Actor } from '../lifecycles/roles.ts';

/** A context, or what changed in one, without the fields that the caller is not shown (ACT-1). */
export function shownTo<Fields extends Record<string, unknown>>({ role }: Actor, { notFor }: Pick<Lifecycle, 'notFor'>, fields: Fields): Fields {
  const hidden = notFor?.[role];
  return hidden ? (Object.fromEntries(Object.entries(fields).filter(([name]) => !hidden.includes(name))) as Fields) : fields;
}
