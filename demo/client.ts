import { randomUUID } from 'node:crypto';

export type Person = 'buyer-a.li' | 'merchant-a.zhao' | 'merchant-b.sun' | 'manager.qian' | 'manager.zheng' | 'reviewer.zhou' | 'payments';
/** What a command answered: the instance, or why not. */
export type Done = { __typename: string; instance?: { id: string; number: string; revision: number }; code?: string; message?: string };

export type Client = Awaited<ReturnType<typeof connectTo>>;

/** The public API as any internal tool uses it: development logins, one typed mutation per command, files over HTTP. */
export async function connectTo(base: string) {
  const logins = (await (await fetch(`${base}/dev/logins`)).json()) as { logins: { name: string; token: string }[] };
  const tokenOf = (person: Person) => {
    const login = logins.logins.find(({ name }) => name === person);
    if (!login) throw new Error(`expected a development login for ${person} at ${base}/dev/logins`);
    return login.token;
  };
  return { ask, command, upload };

  async function ask<Data>(person: Person, query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    const response = await fetch(`${base}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tokenOf(person)}`, 'accept-language': 'zh-CN' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
    if (errors) throw new Error(`expected an answer to ${query.slice(0, 80)}, got ${JSON.stringify(errors)}`);
    return data;
  }

  async function command(person: Person, name: string, { reason = null, ...input }: Record<string, unknown> & { reason?: string | null }): Promise<Done> {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
    const query = `mutation ($input: ${type}!) { ${name}(input: $input) { __typename
      ... on CommandDone { instance { id number revision } } ... on Problem { code message(language: zh) } } }`;
    const data = await ask<Record<string, Done>>(person, query, { input: { ...input, reason, idempotencyKey: randomUUID(), expectedRevision: null } });
    return data[name] as Done;
  }

  async function upload(person: Person, name: string, content: string): Promise<string> {
    const response = await fetch(`${base}/files?name=${encodeURIComponent(name)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokenOf(person)}`, 'content-type': 'application/octet-stream' },
      body: content,
    });
    const body = (await response.json()) as { id?: string };
    if (!body.id) throw new Error(`expected ${name} to be stored, got ${response.status} ${JSON.stringify(body)}`);
    return body.id;
  }
}
