import { createYoga } from 'graphql-yoga';
import type { Answer, CommandRequest } from '../../db/requests.ts';
import type { Context, Core } from '../../graphql/context.ts';
import { toId } from '../../graphql/ids.ts';
import { createSchema } from '../../graphql/schema.ts';
import { capitalised } from '../../graphql/shape.ts';
import { coreCommands } from '../../lifecycles/core.ts';
import type { Registry } from '../../lifecycles/registry.ts';

/** Instants are epoch milliseconds in a command, and ISO texts in GraphQL. */
const inIso = (input: object) =>
  Object.fromEntries(Object.entries(input).map(([name, value]) => [name, name === 'at' ? new Date(value).toISOString() : value]));

/**
 * Commands by the mutation that the schema has for each, as a caller of the API sends them.
 * @returns what commit answered the mutation; null when GraphQL's own types already refused it
 */
export function createOverGraphql({ registry, commit }: { registry: Registry; commit: Core['commit'] }) {
  const yoga = createYoga<Context>({ schema: createSchema(registry), logging: false, maskedErrors: false });

  return async function overGraphql({ lifecycle, instance, command, input, actor, via: _, ...shared }: CommandRequest): Promise<Answer | null> {
    const answers: Answer[] = [];
    const heard: Core['commit'] = {
      async command(request, options) {
        const answer = await commit.command(request, options);
        answers.push(answer);
        return answer;
      },
    };
    const idField = command in coreCommands ? 'id' : `${lifecycle}Id`;
    const context = { actor, until: Number.POSITIVE_INFINITY, language: 'zh', reads: { instances: { clear() {} } }, core: { registry, commit: heard } };
    const body = JSON.stringify({
      query: `mutation ($input: ${capitalised(command)}Input!) { ${command}(input: $input) { __typename } }`,
      variables: { input: { ...inIso(input as object), [idField]: toId(lifecycle, instance ?? ''), ...shared } },
    });
    const headers = { 'content-type': 'application/json' };
    await yoga.fetch('http://localhost/graphql', { method: 'POST', headers, body }, context as unknown as Context);
    return answers[0] ?? null;
  };
}
