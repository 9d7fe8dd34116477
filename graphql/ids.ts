/** Opaque ids: clients neither parse nor sort them. */
export const toId = (lifecycle: string, uuid: string) => Buffer.from(`${lifecycle}:${uuid}`).toString('base64url');

/** The uuid inside an id, or null for a text that is none of ours. */
export function fromId(id: string): { lifecycle: string; uuid: string } | null {
  const text = Buffer.from(id, 'base64url').toString();
  const found = /^(\w+):([0-9a-f-]{36})$/.exec(text);
  const [, lifecycle, uuid] = found ?? [];
  return lifecycle && uuid && toId(lifecycle, uuid) === id ? { lifecycle, uuid } : null;
}

/** The id of a numbered row that has no life of its own. */
export const toRowId = (kind: string, id: number) => Buffer.from(`${kind}:${id}`).toString('base64url');

export function fromRowId(kind: string, id: string): number | null {
  const [, number] = /^\w+:(\d{1,15})$/.exec(Buffer.from(id, 'base64url').toString()) ?? [];
  return number && toRowId(kind, Number(number)) === id ? Number(number) : null;
}
