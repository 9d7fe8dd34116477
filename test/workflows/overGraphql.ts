import type { z } from 'zod';
import { type InstanceRow, instancesById } from '../../db/read/instances.ts';
import { createReader } from '../../db/read/reader.ts';
import type { Answer, CommandRequest } from '../../db/requests.ts';
import { unwritableText } from '../../db/storable.ts';
import type { Core } from '../../graphql/context.ts';
import { toId } from '../../graphql/ids.ts';
import { createSchema } from '../../graphql/schema.ts';
import { capitalised, fieldsOf, type ScalarName, type Shape } from '../../graphql/shape.ts';
import { createGraphql, type ServerContext } from '../../graphql/yoga.ts';
import { coreCommands } from '../../lifecycles/core.ts';
import { commandNamed } from '../../lifecycles/registry.ts';
import { system } from '../../lifecycles/roles.ts';
import { createLog } from '../../log.ts';
import { file } from '../lifecycles/cast.ts';
import type { Database } from '../world.ts';

/** As JSON, which is how both are told; the clock goes on, and keepers count tries meanwhile. */
function shown({ instance, createdAt, wedged, tries, settings }: InstanceRow): unknown {
  const byKey = (one: { key: string }, other: { key: string }) => one.key.localeCompare(other.key);
  const { deadlines, effects } = instance;
  const sorted = { ...instance, deadlines: deadlines.toSorted(byKey), effects: effects.toSorted(byKey) };
  const { policyVersion, calendar } = settings;
  return JSON.parse(JSON.stringify({ instance: sorted, createdAt, wedged, tried: Object.keys(tries).sort(), policyVersion, calendar: calendar.version }));
}

type Input = Record<string, unknown>;
/** What GraphQL itself answers. */
type Told = { status: number; data?: Record<string, { __typename: string }> | null; errors?: { message: string; extensions?: { code?: string } }[] };

const far = 1_439 * 60_000;
/** By the westernmost clock there is, on which the year 10000 of UTC still is 9999, as GraphQL's instants have to be. */
const inTheWest = (instant: string | number) => new Date(new Date(instant).getTime() - far).toISOString().replace('Z', '-23:59');

/** A declared value as a caller writes it. */
function written(value: unknown, shape: Shape): unknown {
  if (value === null || value === undefined) return value;
  if (shape.kind === 'list') return (value as unknown[]).map((item) => written(item, shape.of));
  if (shape.kind === 'object') return inputWritten(value as Input, shape.fields);
  return shape.kind === 'scalar' && shape.scalar === 'DateTime' ? inTheWest(value as string | number) : value;
}

const inputWritten = (input: Input, fields: Record<string, Shape>): Input =>
  Object.fromEntries(Object.entries(input).map(([name, value]) => [name, fields[name] ? written(value, fields[name]) : value]));

/** What GraphQL's types let through and hardly any schema does, in the declared form. */
const suspect: Record<ScalarName, readonly unknown[]> = {
  String: ['', '\u0007', 'x'.repeat(10_001)],
  Int: [0, -1, 2 ** 31 - 1],
  Boolean: [],
  ID: ['no id', ''],
  DateTime: [],
  MinorUnits: [-1, 0, Number.MAX_SAFE_INTEGER],
};
/** Items of lists that are too long. */
const plain: Partial<Record<ScalarName, unknown>> = { String: 'x', ID: file };
const notYet = '+010000-01-01T23:58:59.999Z';

function suspectsFor(shape: Shape, valid: unknown): unknown[] {
  if (shape.kind === 'enum') return [];
  // a number is of any time for its schema; that this one has not come yet, the command's own check says
  if (shape.kind === 'scalar') return shape.scalar === 'DateTime' ? [shape.inMs ? Date.parse('9999-12-30T00:00:00Z') : notYet] : [...suspect[shape.scalar]];
  if (shape.kind === 'object') return valid ? suspectsOf(shape.fields, valid as Input).map(([name, value]) => ({ ...valid, [name]: value })) : [];
  const [item] = (valid ?? []) as unknown[];
  const one = shape.of.kind === 'scalar' ? plain[shape.of.scalar] : item;
  return [[], ...suspectsFor(shape.of, item).map((wrong) => [wrong]), ...(one === undefined ? [] : [Array.from({ length: 501 }, () => one)])];
}

const suspectsOf = (fields: Record<string, Shape>, valid: Input) =>
  Object.entries(fields).flatMap(([name, shape]) => suspectsFor(shape, valid[name]).map((value) => [name, value, shape] as const));

/**
 * The wrong forms of a valid input that GraphQL's types let through: in each of them, every field that has a wrong
 * value is wrong, each time by another. None: enums and booleans alone, which have no such value.
 */
export function wrongInputsOf(schema: z.ZodObject, valid: Input): Input[] {
  const fields = fieldsOf(schema, 'input');
  const isWrong = (input: Input) => !schema.safeParse(input).success || unwritableText(input, '').length > 0;
  const wrong = suspectsOf(fields, valid).filter(([name, value, shape]) => (shape.kind === 'scalar' && shape.inMs) || isWrong({ ...valid, [name]: value }));
  const byField = Object.groupBy(wrong, ([name]) => name);
  const rounds = Math.max(0, ...Object.values(byField).map((values) => values?.length ?? 0));
  return Array.from({ length: rounds }, (_, round) =>
    Object.fromEntries(
      // in the declared order, in which GraphQL hands the fields on
      Object.keys(fields).flatMap((name) => {
        const values = byField[name];
        if (values) return [[name, values[round % values.length]?.[1]]];
        return name in valid ? [[name, valid[name]]] : [];
      }),
    ),
  );
}

/** Commands by the mutation that the schema has for each, as a caller of the API sends them. */
export function createOverGraphql({ registry, commit, pool }: Pick<Database, 'registry' | 'commit' | 'pool'>) {
  const reader = createReader(pool, system);
  /** By idempotency key: what commit answered. */
  const answers = new Map<string, Answer>();
  /** What commands left, as their callers were answered, and as it was read then. */
  const left: { command: string; answered: unknown; read: unknown }[] = [];
  const heard: Core['commit'] = {
    async command(request, options) {
      let after: InstanceRow | null = null;
      const onLeft = (row: InstanceRow) => {
        after = row;
        options?.onLeft?.(row);
      };
      const answer = await commit.command(request, { ...options, onLeft });
      if (after) await readAfter(request.command, after);
      answers.set(request.idempotencyKey, answer);
      return answer;
    },
  };
  const graphql = createGraphql({
    schema: createSchema(registry),
    core: { registry, commit: heard } as Core,
    readerFor: () => reader,
    production: true,
    log: createLog('test', { stream: { write: () => {} } }),
    token: null,
  });
  return { overGraphql, left };

  /** Of a read after something else has happened nothing is kept. */
  async function readAfter(command: string, answered: InstanceRow): Promise<void> {
    const [read] = await instancesById(reader, [answered.instance.id]);
    if (read?.instance.revision === answered.instance.revision) left.push({ command, answered: shown(answered), read: shown(read) });
  }

  /** @returns what commit answered the mutation, null when it was not asked; and what GraphQL told of it */
  async function overGraphql(request: CommandRequest): Promise<{ answer: Answer | null; told: Told }> {
    const { command, actor, idempotencyKey } = request;
    answers.delete(idempotencyKey);
    const body = JSON.stringify({
      query: `mutation ($input: ${capitalised(command)}Input!) { ${command}(input: $input) { __typename } }`,
      variables: { input: variableOf(request) },
    });
    const context = { req: { headers: {} }, actor, until: Number.POSITIVE_INFINITY } as ServerContext;
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const response = await graphql.fetch('http://localhost/graphql', { method: 'POST', headers, body }, context);
    const told = { status: response.status, ...(await response.json()) } as Told;
    const answer = answers.get(idempotencyKey) ?? null;
    if (answer) expectToTell(told, { command, answer });
    return { answer, told };
  }

  function variableOf({ lifecycle, instance, command, input, actor: _actor, via: _via, ...shared }: CommandRequest): unknown {
    if (typeof input !== 'object') return input;
    const declared = commandNamed(registry.of(lifecycle), command);
    const id = instance === null ? {} : { [command in coreCommands ? 'id' : `${lifecycle}Id`]: toId(lifecycle, instance) };
    return { ...inputWritten(input as Input, declared ? fieldsOf(declared.input, command) : {}), ...id, ...shared };
  }
}

/** A mutation's type says what commit said: what went wrong, or that it is done. */
function expectToTell({ data, errors }: Told, { command, answer }: { command: string; answer: Answer }): void {
  const type = data?.[command]?.__typename ?? '';
  if (answer.ok ? !/(Changed|Done)$/.test(type) : type !== answer.problem.kind)
    throw new Error(`expected ${command} to tell of ${JSON.stringify(answer)}, got ${JSON.stringify({ data, errors })}`);
}
