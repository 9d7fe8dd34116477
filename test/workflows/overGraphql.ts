import { createYoga } from 'graphql-yoga';
import type pg from 'pg';
import { type InstanceRow, instancesById } from '../../db/read/instances.ts';
import { createReader } from '../../db/read/reader.ts';
import type { Answer, CommandRequest } from '../../db/requests.ts';
import type { Context, Core } from '../../graphql/context.ts';
import { toId } from '../../graphql/ids.ts';
import { createReads } from '../../graphql/reads.ts';
import { createSchema } from '../../graphql/schema.ts';
import { capitalised } from '../../graphql/shape.ts';
import { coreCommands } from '../../lifecycles/core.ts';
import type { Registry } from '../../lifecycles/registry.ts';
import { system } from '../../lifecycles/roles.ts';

/** As JSON, which is how both are told; the clock goes on, and keepers count tries meanwhile. */
function shown({ instance, createdAt, wedged, tries, settings }: InstanceRow): unknown {
  const byKey = (one: { key: string }, other: { key: string }) => one.key.localeCompare(other.key);
  const { deadlines, effects } = instance;
  const sorted = { ...instance, deadlines: deadlines.toSorted(byKey), effects: effects.toSorted(byKey) };
  const { policyVersion, calendar } = settings;
  return JSON.parse(JSON.stringify({ instance: sorted, createdAt, wedged, tried: Object.keys(tries).sort(), policyVersion, calendar: calendar.version }));
}

/** Instants are epoch milliseconds in a command, and ISO texts in GraphQL. */
const inIso = (input: object) =>
  Object.fromEntries(Object.entries(input).map(([name, value]) => [name, name === 'at' ? new Date(value).toISOString() : value]));

/**
 * Commands by the mutation that the schema has for each, as a caller of the API sends them.
 * @returns what commit answered the mutation; null when GraphQL's own types already refused it
 */
export function createOverGraphql({ registry, commit, pool }: { registry: Registry; commit: Core['commit']; pool: pg.Pool }) {
  const yoga = createYoga<Context>({ schema: createSchema(registry), logging: false, maskedErrors: false });
  const reader = createReader(pool, system);
  /** What commands left, as their callers were answered, and as it was read then. */
  const left: { command: string; answered: unknown; read: unknown }[] = [];
  return { overGraphql, left };

  /** Of a read after something else has happened nothing is kept. */
  async function readAfter(command: string, answered: InstanceRow): Promise<void> {
    const [read] = await instancesById(reader, [answered.instance.id]);
    if (read?.instance.revision === answered.instance.revision) left.push({ command, answered: shown(answered), read: shown(read) });
  }

  async function overGraphql({ lifecycle, instance, command, input, actor, via: _, ...shared }: CommandRequest): Promise<Answer | null> {
    const answers: Answer[] = [];
    const heard: Core['commit'] = {
      async command(request, options) {
        let after: InstanceRow | null = null;
        const onLeft = (row: InstanceRow) => {
          after = row;
          options?.onLeft?.(row);
        };
        const answer = await commit.command(request, { ...options, onLeft });
        if (after) await readAfter(request.command, after);
        answers.push(answer);
        return answer;
      },
    };
    const idField = command in coreCommands ? 'id' : `${lifecycle}Id`;
    const context = { actor, until: Number.POSITIVE_INFINITY, language: 'zh', reads: createReads(reader), core: { registry, commit: heard } };
    const body = JSON.stringify({
      query: `mutation ($input: ${capitalised(command)}Input!) { ${command}(input: $input) { __typename } }`,
      variables: { input: { ...inIso(input as object), [idField]: toId(lifecycle, instance ?? ''), ...shared } },
    });
    const headers = { 'content-type': 'application/json' };
    await yoga.fetch('http://localhost/graphql', { method: 'POST', headers, body }, context as unknown as Context);
    return answers[0] ?? null;
  }
}
