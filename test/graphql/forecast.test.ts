import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Actor } from '../../lifecycles/roles.ts';
import { standingClock } from '../db/comparing.ts';
import { everything } from '../db/supposing.ts';
import { buyer, manager, otherBuyer } from '../world.ts';
import { type Api, anApi } from './api.ts';
import { askAs, strangers } from './strangers.ts';

let api: Api;
beforeAll(async () => {
  api = await anApi();
  await standingClock(api);
});
afterAll(() => api.stop());

const foretell = `query ($until: DateTime!, $filter: ForecastFilter, $first: Int) { forecast(until: $until, filter: $filter) { until families truncated
  kinds { kind lifecycle name count first last incident occurrences(first: $first) { at record { number } } } } }`;
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

test('a forecast is told of the own records, within two years, by filters and pages that are some (ACT-1)', async () => {
  await api.aPaidOrder();
  expect(await api.post(JSON.stringify({ query: foretell, variables: { until: inDays(60) } }))).toMatchObject({ status: 401, data: undefined });
  const told = async (actor: Actor) => (await api.ask(actor, foretell, { until: inDays(60) })).data.forecast;
  const numbersOf = ({ kinds }: { kinds: { occurrences: { record: { number: string } }[] }[] }) =>
    kinds.flatMap(({ occurrences }) => occurrences.map(({ record }) => record.number));
  const [own, foreign] = [numbersOf(await told(buyer)), numbersOf(await told(otherBuyer))];
  expect(own.length).toBeGreaterThan(0);
  expect(foreign.filter((number) => own.includes(number))).toEqual([]);
  for (const stranger of strangers)
    expect((await askAs(api, stranger, foretell, { until: inDays(60) })).data.forecast).toMatchObject({ kinds: [], families: 0 });
  const answer = async (variables: Record<string, unknown>) => {
    const { errors } = await api.ask(buyer, foretell, { until: inDays(60), ...variables });
    return errors?.[0]?.extensions?.code ?? 'ok';
  };
  expect(
    await Promise.all([{ until: inDays(800) }, { filter: { name: ['a\u0000'] } }, { first: -1 }, { first: 101 }, { first: 0 }, { first: 100 }].map(answer)),
  ).toEqual([...['BAD_INPUT', 'BAD_INPUT', 'BAD_PAGE', 'BAD_PAGE'], ...['ok', 'ok']]);
  for (const until of ['soon', '', '2026-13-01T00:00:00Z', 7]) expect([until, (await api.ask(buyer, foretell, { until })).errors?.length]).toEqual([until, 1]);
});

test('what is forecast over HTTP is what fires when the clock is moved, each at its instant (TIM-2)', async () => {
  const { order, uuid } = await api.aPaidOrder({ by: otherBuyer, product: 'saas-activated-b' });
  const until = inDays(60);
  const { forecast } = (await api.ask(otherBuyer, foretell, { until })).data;
  const [{ number }] = (await api.pool.query('select number from instances where id = $1', [uuid.supervision])).rows;
  type Kind = { name: string; occurrences: { at: string; record: { number: string } }[] };
  const told = forecast.kinds.flatMap(({ name, occurrences }: Kind) =>
    occurrences.filter(({ record }) => record.number === number).map(({ at }) => `${at} ${name}`),
  );
  const by = Math.ceil((Date.parse(until) - Date.now()) / 60_000) + 1;
  await api.ask(otherBuyer, 'mutation ($order: ID!, $by: Int!) { sandboxAdvanceTime(order: $order, byMinutes: $by) { ... on TimeAdvanced { now } } }', {
    order,
    by,
  });
  const { rows } = await api.pool.query("select at, type from events where instance_id = $1 and kind = 'deadline' and at <= $2", [uuid.supervision, until]);
  expect(told.length).toBeGreaterThan(1);
  expect(told.sort()).toEqual(rows.map(({ at, type }) => `${at.toISOString()} ${type}`).sort());
});

test('a forecast executes nothing: no row of any table changes, nor by one that is refused (ACT-2)', async () => {
  await api.aPaidOrder();
  const before = await everything(api);
  for (const days of [60, 400, 4_000]) await api.ask(manager, foretell, { until: inDays(days) });
  await api.ask(manager, foretell, { until: inDays(60), filter: { name: ['a\u0000'] } });
  expect(await everything(api)).toBe(before);
});
