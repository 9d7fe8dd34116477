import { afterAll, beforeAll, expect, test } from 'vitest';
import { shanghai } from '../../calendar/calendar.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { buyer, manager, merchant, reviewer } from '../world.ts';
import { type Api, anApi } from './api.ts';

let api: Api;
beforeAll(async () => {
  api = await anApi();
});
afterAll(() => api.stop());

const problem =
  '... on Problem { code message(language: zh) } ... on Invalid { fields { path message(language: zh) } } ... on Stale { currentRevision changedBy }';

async function setPolicies(input: Record<string, unknown>, actor: Actor = manager) {
  const { data, errors } = await api.ask(
    actor,
    `mutation ($input: SetPoliciesInput!) { setPolicies(input: $input) { __typename ... on PoliciesSet { version replayed } ${problem} } }`,
    { input: { lifecycle: 'order', values: [], reason: 'agreed with the merchant', expectedVersion: 0, ...input } },
  );
  return data?.setPolicies ?? errors;
}

async function setCalendarDays(input: Record<string, unknown>, actor: Actor = manager) {
  const { data, errors } = await api.ask(
    actor,
    `mutation ($input: SetCalendarDaysInput!) { setCalendarDays(input: $input) { __typename
      ... on CalendarDaysSet { version replayed calendar(year: 2027) { announced } } ${problem} } }`,
    { input: { days: [], reason: '国务院办公厅通知', expectedVersion: 0, ...input } },
  );
  return data?.setCalendarDays ?? errors;
}

const payWithin = (value: Record<string, number>) => [{ name: 'payWithin', value }];

test('every policy is shown with its default, its values, where the one in force comes from, its rule, unit and history', async () => {
  expect(await setPolicies({ values: payWithin({ hours: 12 }) })).toEqual({ __typename: 'PoliciesSet', version: 1, replayed: false });
  expect(await setPolicies({ product: 'saas-instant', values: payWithin({ workingDays: 2 }), expectedVersion: 1 })).toMatchObject({ version: 2 });
  expect(await setPolicies({ values: [], expectedVersion: 2, reason: 'back to the default' })).toMatchObject({ version: 3 });
  const { data } = await api.ask(
    reviewer,
    `{ policies(lifecycle: "order", product: "saas-instant") { lifecycle lifecycleLabel(language: zh) product version perProduct productsWithOwn
      policies { name label rule unit source default { text(language: zh) seconds } installation { text } product { text workingDays } inForce { text }
        history { version basedOn product by reason before { text } after { text } } }
      rules { label holds } } }`,
  );
  expect(data.policies).toMatchInlineSnapshot(`
    [
      {
        "lifecycle": "order",
        "lifecycleLabel": "订单",
        "perProduct": true,
        "policies": [
          {
            "default": {
              "seconds": 86400,
              "text": "1 天",
            },
            "history": [
              {
                "after": null,
                "basedOn": 2,
                "before": {
                  "text": "12 hours",
                },
                "by": "manager.qian",
                "product": null,
                "reason": "back to the default",
                "version": 3,
              },
              {
                "after": {
                  "text": "2 working days",
                },
                "basedOn": 1,
                "before": null,
                "by": "manager.qian",
                "product": "saas-instant",
                "reason": "agreed with the merchant",
                "version": 2,
              },
              {
                "after": {
                  "text": "12 hours",
                },
                "basedOn": 0,
                "before": null,
                "by": "manager.qian",
                "product": null,
                "reason": "agreed with the merchant",
                "version": 1,
              },
            ],
            "inForce": {
              "text": "2 working days",
            },
            "installation": null,
            "label": "Time to pay",
            "name": "payWithin",
            "product": {
              "text": "2 working days",
              "workingDays": 2,
            },
            "rule": "ORD-4",
            "source": "PRODUCT",
            "unit": "SPAN",
          },
          {
            "default": {
              "seconds": 14400,
              "text": "4 小时",
            },
            "history": [],
            "inForce": {
              "text": "4 hours",
            },
            "installation": null,
            "label": "Time to open",
            "name": "openWithin",
            "product": null,
            "rule": "ORD-4",
            "source": "DEFAULT",
            "unit": "SPAN",
          },
        ],
        "product": "saas-instant",
        "productsWithOwn": [
          "saas-instant",
        ],
        "rules": [],
        "version": 3,
      },
    ]
  `);
});

test('policies of every lifecycle with their rules are there, and none contradicts another', async () => {
  const { data } = await api.ask(manager, '{ policies { lifecycle version perProduct policies { name } rules { policies holds } } }');
  expect(data.policies.map(({ lifecycle }: { lifecycle: string }) => lifecycle)).toEqual(api.registry.current.map(({ name }) => name));
  const rules = data.policies.flatMap((one: { rules: { holds: boolean }[] }) => one.rules);
  expect(rules.length).toBeGreaterThan(0);
  expect(rules.filter(({ holds }: { holds: boolean }) => !holds)).toEqual([]);
});

test('what contradicts itself, is stale or wrong is a typed problem with its sentence; nobody else sets policies or reads them', async () => {
  expect(
    await setPolicies({
      lifecycle: 'supervision',
      values: [
        { name: 'completionSyncFirst', value: { hours: 3 } },
        { name: 'completionWindow', value: { hours: 2 } },
      ],
    }),
  ).toEqual({
    __typename: 'Refused',
    code: 'POLICY_CONTRADICTION',
    message: '策略自相矛盾（全平台）：要求“首次同步早于同步时限”，而现在是 验收后首次同步 3 小时、同步须成功的时限 2 小时。请一并调整后重试。',
  });
  expect(await setPolicies({ values: payWithin({ hours: 1 }), expectedVersion: 1 })).toMatchObject({
    __typename: 'Stale',
    currentRevision: 3,
    changedBy: manager.id,
  });
  expect(await setPolicies({ values: [{ name: 'payWithin', value: { count: 3 } }], expectedVersion: 3 })).toMatchObject({
    __typename: 'Invalid',
    fields: [{ path: 'values.0.value', message: '策略“支付时限”应为时长，收到的是 3。' }],
  });
  expect((await setPolicies({ values: payWithin({ hours: 1, days: 1 }), expectedVersion: 3 }))[0].message).toContain('PolicyAmount');
  expect(await setPolicies({ values: payWithin({ hours: 1 }), expectedVersion: 3 }, merchant)).toMatchObject({
    __typename: 'Refused',
    code: 'ROLE_NOT_ALLOWED',
  });
  for (const actor of [buyer, merchant]) expect((await api.ask(actor, '{ policies { version } }')).errors?.[0].extensions.code).toBe('FORBIDDEN');
});

test('the calendar of a year says what is announced and what is an estimate, and counts as deadlines are counted (TIM-1)', async () => {
  const { data } = await api.ask(
    buyer,
    `{ known: calendar(year: 2026) { announced workingDays data days { day kind name weekend source } }
      estimate: calendar(year: 2027) { announced version days { source } history { version } }
      after: workingDaysAfter(from: "2026-02-13T02:00:00Z", days: 2) { at provisional }
      beyond: workingDaysAfter(from: "2026-12-31T02:00:00Z", days: 1) { at provisional } }`,
  );
  expect(data.known).toMatchObject({ announced: true, workingDays: 248, data: shanghai.version });
  expect(data.known.days).toHaveLength(39);
  expect(data.known.days[4]).toEqual({ day: '2026-02-14', kind: 'workday', name: '春节', weekend: true, source: 'announced' });
  expect(data.estimate).toMatchObject({ announced: false, version: 0, history: [] });
  expect(new Set(data.estimate.days.map(({ source }: { source: string }) => source))).toEqual(new Set(['statutory']));
  expect(data.after).toEqual({ at: '2026-02-24T02:00:00.000Z', provisional: false });
  expect(data.beyond).toEqual({ at: '2027-01-04T02:00:00.000Z', provisional: true });
  expect((await api.ask(buyer, '{ calendar(year: 1999) { year } }')).errors?.[0].message).toBe('expected a year from 2024 to 2100, got 1999');
});

test('a deadline over days that nobody has announced says so, until an operator enters the year (TIM-1, TIM-2)', async () => {
  const { order, supervision } = await api.aPaidOrder();
  const byMinutes = Math.ceil((shanghai.announcedUntil - Date.now()) / 60_000);
  await api.ask(manager, `mutation { sandboxAdvanceTime(order: "${order}", byMinutes: ${byMinutes}) { ... on TimeAdvanced { now } } }`);
  await api.command(buyer, 'fileAppeal', { supervisionId: supervision, files: [], reason: 'not as agreed', expectedRevision: null });
  const decision = async () => {
    const { data } = await api.ask(manager, `{ node(id: "${supervision}") { ... on Lifecycle { deadlines { name dueAt provisional } } } }`);
    return data.node.deadlines.find(({ name }: { name: string }) => name === 'decisionDue');
  };
  const before = await decision();
  expect(before.provisional).toBe(true);

  const days = ['01-01', '01-02', '01-03', '02-05', '02-06', '02-07', '02-08', '02-09', '02-10', '02-11', '05-01', '05-02', '10-01', '10-02'];
  const input = { announcedYear: 2027, days: days.map((day) => ({ day: `2027-${day}`, kind: 'holiday', name: '放假' })) };
  expect(await setCalendarDays(input, merchant)).toMatchObject({ __typename: 'Refused', code: 'ROLE_NOT_ALLOWED' });
  expect(await setCalendarDays({ ...input, days: input.days.slice(0, 3) })).toMatchObject({ __typename: 'Invalid', fields: [{ path: 'days' }] });
  expect(await setCalendarDays(input)).toEqual({ __typename: 'CalendarDaysSet', version: 1, replayed: false, calendar: { announced: true } });
  expect(await setCalendarDays(input)).toMatchObject({ version: 1, replayed: true });
  expect(await setCalendarDays({ ...input, reason: 'another' })).toMatchObject({ __typename: 'Stale', currentRevision: 1 });
  expect(await decision()).toEqual({ ...before, provisional: false });
  const { data } = await api.ask(merchant, '{ calendar(year: 2027) { history { version announcedYear by reason days { day kind name } } } }');
  expect(data.calendar.history).toMatchObject([{ version: 1, announcedYear: 2027, by: manager.id, reason: '国务院办公厅通知' }]);
  expect(data.calendar.history[0].days).toHaveLength(14);
});
