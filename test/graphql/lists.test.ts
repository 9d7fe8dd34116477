import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toId } from '../../graphql/ids.ts';
import { system } from '../../lifecycles/roles.ts';
import { buyer, manager, merchant, otherBuyer, otherMerchant, reviewer } from '../world.ts';
import { type Api, anApi } from './api.ts';

let api: Api;
beforeAll(async () => {
  api = await anApi();
});
afterAll(() => api.stop());

const numbersOf = async (actor: typeof buyer, field: string, args = '') =>
  (await api.ask(actor, `{ ${field}${args} { nodes { number } } }`)).data?.[field].nodes.map(({ number }: { number: string }) => number);

test('buyers and merchants see their own records in every list, the marketplace’s people all (ACT-1, SUP-11)', async () => {
  const { supervision } = await api.aPaidOrder({ by: otherBuyer, product: 'saas-activated-b' });
  const { data } = await api.ask(otherBuyer, 'query ($id: ID!) { node(id: $id) { ... on Lifecycle { number } } }', { id: supervision });
  for (const [actor, sees] of [
    [otherBuyer, true],
    [otherMerchant, true],
    [manager, true],
    [reviewer, true],
    [buyer, false],
    [merchant, false],
  ] as const)
    for (const field of ['supervisions', 'lifecycles'])
      expect([actor.id, field, (await numbersOf(actor, field)).includes(data.node.number)]).toEqual([actor.id, field, sees]);
  const byNumber = async (actor: typeof buyer) => (await api.ask(actor, `{ supervision(number: "${data.node.number}") { number } }`)).text;
  expect(await byNumber(otherBuyer)).toContain(data.node.number);
  expect(await byNumber(buyer)).toBe('{"data":{"supervision":null}}');
});

test('row-level security hides foreign rows even from a statement that forgets the row rule (ACT-1)', async () => {
  const { createReader } = await import('../../db/read/reader.ts');
  const { uuid } = await api.aPaidOrder();
  const seen = async (actor: typeof buyer, table: string, column: string) =>
    (await createReader(api.readPool, actor).rows({ text: `select from ${table} where ${column} = $1`, values: [uuid.order] })).length;
  for (const [table, column] of [
    ['instances', 'id'],
    ['events', 'instance_id'],
    ['deadlines', 'instance_id'],
  ] as const) {
    expect(await seen(otherBuyer, table, column)).toBe(0);
    expect(await seen(otherMerchant, table, column)).toBe(0);
  }
  expect(await seen(buyer, 'events', 'instance_id')).toBe(2);
  await expect(createReader(api.readPool, manager).rows({ text: 'delete from parties', values: [] })).rejects.toThrow(/read-only|permission denied/);
});

test('the marketplace’s people read every row that stands with an instance; what only operators see stays theirs (ACT-1)', async () => {
  const { createReader } = await import('../../db/read/reader.ts');
  await api.aPaidOrder();
  await api.command(buyer, 'placeOrder', { product: 'nowhere' });
  const { rows } = await api.pool.query(
    "select tablename, qual ~ 'sees_every_instance' as once from pg_policies where policyname like 'seen_with_its%' or policyname = 'seen_by_its_parties'",
  );
  const tables = (once: boolean) =>
    rows
      .filter((row) => row.once === once)
      .map(({ tablename }) => tablename as string)
      .sort();
  // of these some rows stand with no instance, and not all of the marketplace's people see those
  expect(tables(false)).toEqual(['deliveries', 'endpoint_changes', 'refusals']);
  for (const table of ['instances', 'events', 'deadlines', 'ledger']) expect(tables(true)).toContain(table);
  const count = async (asked: { query(text: string): Promise<{ rows: { n: number }[] }> }, from: string) =>
    (await asked.query(`select count(*)::int as n from ${from}`)).rows[0]?.n;
  for (const actor of [manager, reviewer, system])
    await createReader(api.readPool, actor).snapshot(async (client) => {
      for (const table of tables(true)) {
        const seen = (await count(client, table)) ?? 0;
        expect([actor.role, table, seen]).toEqual([actor.role, table, await count(api.pool, table)]);
        if (['instances', 'events', 'deadlines', 'ledger'].includes(table)) expect([table, seen > 0]).toEqual([table, true]);
      }
      const ofNothing = (await count(client, 'refusals where instance_id is null')) ?? 0;
      expect([actor.role, ofNothing > 0]).toEqual([actor.role, actor !== reviewer]);
    });
});

test('pages follow one another by cursor without a gap or a double, in both directions and orders', async () => {
  for (let i = 0; i < 7; i++) await api.command(buyer, 'placeOrder', { product: 'image-basic' });
  const all: string[] = await numbersOf(buyer, 'orders', '(first: 100)');
  for (const orderBy of ['newestFirst', 'oldestFirst']) {
    const expected = orderBy === 'newestFirst' ? all : all.toReversed();
    const walk = async (size: string, cursor: string, end: string, more: string) => {
      const pages: string[][] = [];
      for (let at: string | null = null; ; ) {
        const args: string = `(${size}: 3, orderBy: ${orderBy}${at ? `, ${cursor}: "${at}"` : ''})`;
        const { data } = await api.ask(buyer, `{ orders${args} { nodes { number } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }`);
        pages.push(data.orders.nodes.map(({ number }: { number: string }) => number));
        if (!data.orders.pageInfo[more]) return pages;
        at = data.orders.pageInfo[end];
      }
    };
    expect((await walk('first', 'after', 'endCursor', 'hasNextPage')).flat()).toEqual(expected);
    expect((await walk('last', 'before', 'startCursor', 'hasPreviousPage')).reverse().flat()).toEqual(expected);
  }
});

test('a page is at most 100, and a cursor of another making is refused with a sentence', async () => {
  for (const args of ['(first: 101)', '(first: -1)', '(first: 1, last: 1)', '(after: "rubbish")', '(after: "WyJ4Il0")'])
    expect((await api.ask(buyer, `{ orders${args} { nodes { number } } }`)).errors?.[0]).toMatchObject({
      extensions: { code: 'BAD_PAGE' },
      message: expect.stringMatching(/^expected/),
    });
});

test('filters: state, frozen, final, parties, number and its beginning, creation, and what they count', async () => {
  const { order, supervision } = await api.aPaidOrder({ scenario: 'baseCloud' });
  await api.command(buyer, 'fileAppeal', { supervisionId: supervision, reason: 'r', expectedRevision: null });
  const { data } = await api.ask(
    manager,
    'query ($a: ID!, $b: ID!) { a: node(id: $a) { ...n } b: node(id: $b) { ...n } } fragment n on Lifecycle { number createdAt }',
    { a: order, b: supervision },
  );
  const [ordersNumber, number, createdAt] = [data.a.number, data.b.number, data.b.createdAt];
  const found = async (field: string, filter: string) => {
    const answer = await api.ask(manager, `{ ${field}(first: 100, filter: ${filter}) { nodes { number } totalCount { value exact } } }`);
    const numbers: string[] = answer.data[field].nodes.map((one: { number: string }) => one.number);
    expect(answer.data[field].totalCount).toEqual({ value: numbers.length, exact: true });
    return numbers;
  };
  expect(await found('supervisions', '{ frozen: true }')).toContain(number);
  expect(await found('supervisions', '{ frozen: false }')).not.toContain(number);
  expect(await found('supervisions', '{ state: [awaitingReview] }')).not.toContain(number);
  expect(await found('supervisions', '{ state: [awaitingDelivery, awaitingReview], buyer: "buyer-a", merchant: "merchant-a" }')).toContain(number);
  expect(await found('supervisions', '{ state: [] }')).toEqual([]);
  expect(await found('orders', '{ final: false, state: [processing] }')).toContain(ordersNumber);
  expect(await found('orders', '{ final: true, state: [processing] }')).toEqual([]);
  expect(await found('lifecycles', `{ number: "${number}" }`)).toEqual([number]);
  expect(await found('lifecycles', `{ number: "${number.slice(0, 8)}" }`)).toContain(number);
  expect(await found('lifecycles', `{ number: "%" }`)).toEqual([]);
  expect(await found('supervisions', `{ created: { from: "${createdAt}" } }`)).toContain(number);
  expect(await found('supervisions', `{ created: { before: "${createdAt}" } }`)).not.toContain(number);
  expect((await api.ask(manager, '{ orders(filter: { number: "\\u0000" }) { nodes { number } } }')).errors?.[0].extensions.code).toBe('BAD_INPUT');
});

test.for(['2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '2026-11-21T24:00:00Z', '0000-01-01T00:00:00Z', '2026-11-21', 'yesterday'])(
  'an instant that no calendar has is refused, not taken for another: %s',
  async (from) => {
    const { errors } = await api.ask(manager, 'query ($from: DateTime) { orders(filter: { created: { from: $from } }) { nodes { id } } }', { from });
    expect(errors?.[0]).toMatchObject({
      extensions: { code: 'BAD_INPUT' },
      message: expect.stringContaining('expected an instant such as 2026-11-21T08:00:00Z'),
    });
  },
);

test('an instant of the year 10,000 in UTC filters as any other', async () => {
  const asked = '{ orders(first: 1, filter: { created: { before: "9999-12-31T23:59:59-05:00" } }) { nodes { id } } }';
  expect((await api.ask(manager, asked)).data.orders.nodes).toHaveLength(1);
});

test('attention says the worst that stands, and the filter finds exactly what it says', async () => {
  const ids = await Promise.all(Array.from({ length: 5 }, async () => (await api.aPaidOrder()).uuid.supervision));
  const [calm, wedged, parked, overdue, retrying] = ids as [string, string, string, string, string];
  const effect = (id: string, status: string, tries: number) =>
    api.pool.query(
      "insert into effects (key, instance_id, name, params, status, generation, tries, opened_at, next_attempt_at) values ($1 || ':1:synchroniseOrder', $1::uuid, 'synchroniseOrder', '{}', $2, 1, $3, now(), now())",
      [id, status, tries],
    );
  const incident = (id: string, subject: string, code: string) =>
    api.pool.query("insert into incidents (instance_id, subject, name, code, message, opened_at) values ($1, $2, 'synchroniseOrder', $3, 'm', now())", [
      id,
      subject,
      code,
    ]);
  await api.pool.query("update instances set wedged = 'a bug' where id = any($1)", [[wedged]]);
  await effect(wedged, 'open', 3);
  await effect(parked, 'failed', 3);
  await incident(parked, `${parked}:1:synchroniseOrder`, 'EXHAUSTED');
  await incident(overdue, 'x', 'DEADLINE_PASSED');
  await effect(overdue, 'open', 3);
  await effect(retrying, 'open', 3);
  const expected = { WEDGED: wedged, PARKED: parked, OVERDUE: overdue, RETRYING: retrying };
  for (const [attention, id] of Object.entries(expected)) {
    const { data } = await api.ask(manager, `{ supervisions(filter: { attention: [${attention}] }) { nodes { id attention } } }`);
    expect(data.supervisions.nodes).toEqual([{ id: toId('supervision', id), attention }]);
  }
  const { data } = await api.ask(
    manager,
    'query ($id: ID!) { node(id: $id) { ... on Lifecycle { attention } } supervisions(filter: { attention: [WEDGED, PARKED] }) { nodes { id } } }',
    { id: toId('supervision', calm) },
  );
  expect(data.node.attention).toBeNull();
  expect(data.supervisions.nodes).toHaveLength(2);
  const { data: late } = await api.ask(manager, '{ supervisions(filter: { overdue: true }) { nodes { id } } }');
  expect(late.supervisions.nodes).toEqual([{ id: toId('supervision', overdue) }]);
});

test('a page of fifty with commands, deadlines, history and family asks as many statements as a page of one', async () => {
  for (let i = 0; i < 12; i++) await api.aPaidOrder();
  const statements = async (first: number) => {
    const asked: string[] = [];
    const undo = watch(api.readPool, asked);
    const { data, errors } = await api.ask(
      manager,
      `{ lifecycles(first: ${first}, filter: { buyer: "buyer-a" }) { totalCount { value } nodes { number stateLabel attention since availableCommands { name enabled whyNot { message } }
        deadlines { name remaining } history(first: 5) { nodes { label } } family { number } refusals { code } incidents { code } effects { key } calls { no } files { id } } } }`,
    );
    undo();
    expect(errors).toBeUndefined();
    return { rows: data.lifecycles.nodes.length, statements: asked.filter((text) => !/^(begin|commit|set )/.test(text)).length };
  };
  const one = await statements(1);
  const fifty = await statements(50);
  expect(fifty.rows).toBeGreaterThan(20);
  expect(fifty.statements).toBe(one.statements);
  const bare = async (first: number) => {
    const asked: string[] = [];
    const undo = watch(api.readPool, asked);
    await api.ask(
      manager,
      `{ orders(first: ${first}) { nodes { number availableCommands { name enabled whyNot { message } } deadlines { name remaining } } } }`,
    );
    undo();
    return asked.filter((text) => !/^(begin|commit|set )/.test(text)).length;
  };
  expect([await bare(1), await bare(50)]).toEqual([1, 1]);
});

/** Every statement that the pool's connections are asked. */
function watch(pool: pg.Pool, asked: string[]): () => void {
  const watched = (pool as unknown as { _clients: pg.Client[] })._clients;
  const originals = watched.map((client) => client.query);
  const note = (client: pg.Client) => {
    const original = client.query;
    // biome-ignore lint/suspicious/noExplicitAny: every signature of query is passed on
    client.query = ((...args: any[]) => {
      asked.push(typeof args[0] === 'string' ? args[0] : args[0].text);
      return Reflect.apply(original, client, args);
    }) as typeof client.query;
  };
  for (const client of watched) note(client);
  pool.on('connect', note as never);
  return () => {
    pool.off('connect', note as never);
    watched.forEach((client, index) => {
      const original = originals[index];
      if (original) client.query = original;
    });
  };
}

test('nodes keep their order, with null for what is not there or not to be seen', async () => {
  const { order, supervision } = await api.aPaidOrder();
  const { data } = await api.ask(buyer, 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
    ids: [supervision, 'nonsense', toId('order', randomUUID()), order],
  });
  expect(data.nodes).toEqual([{ id: supervision }, null, null, { id: order }]);
});
