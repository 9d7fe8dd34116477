import { afterAll, beforeAll, expect, test } from 'vitest';
import { buyer, manager } from '../world.ts';
import { type Api, anApi } from './api.ts';

const otherManager = { ...manager, id: 'manager.zheng' };
let api: Api;
beforeAll(async () => {
  api = await anApi();
});
afterAll(() => api.stop());

test('a refund above the limit in force is said beforehand to take a second person, and does (ACT-3, SUP-6)', async () => {
  const { data } = await api.ask(manager, 'mutation ($input: SetPoliciesInput!) { setPolicies(input: $input) { __typename } }', {
    input: { lifecycle: 'supervision', values: [{ name: 'secondPersonAbove', value: { count: 100_00 } }], reason: '双人复核', expectedVersion: 0 },
  });
  expect(data.setPolicies).toEqual({ __typename: 'PoliciesSet' });
  const { supervision } = await api.aPaidOrder();
  const on = { supervisionId: supervision, expectedRevision: null };
  const state = async () => {
    const query = `query ($id: ID!) { node(id: $id) { ... on Supervision { state frozen context { pendingDecision { by refundAmount } refund { amount } }
      availableCommands { name enabled needsSecondPerson whyNot { code } } } } }`;
    const { node } = (await api.ask(manager, query, { id: supervision })).data;
    const { availableCommands, ...rest } = node;
    return { ...rest, decide: availableCommands.find(({ name }: { name: string }) => name === 'decideAppeal') };
  };
  await api.command(buyer, 'fileAppeal', { ...on, reason: '未交付', files: [] });
  expect((await state()).decide).toMatchObject({ enabled: true, needsSecondPerson: true });

  await api.command(manager, 'decideAppeal', { ...on, decision: 'terminate', refundAmount: 100_01, reason: '未按约交付' });
  expect(await state()).toEqual({
    state: 'awaitingDelivery',
    frozen: true,
    context: { pendingDecision: { by: 'manager.qian', refundAmount: 100_01 }, refund: null },
    decide: { name: 'decideAppeal', enabled: false, needsSecondPerson: true, whyNot: { code: 'DECISION_PENDING' } },
  });
  const refused = await api.command(manager, 'confirmDecision', on);
  expect(refused).toMatchObject({ __typename: 'Refused', code: 'SECOND_PERSON', allowed: ['rejectDecision'] });
  expect(refused.message).not.toMatch(/[{}–]/);
  expect(await api.command(otherManager, 'confirmDecision', on)).toMatchObject({ __typename: 'SupervisionChanged' });
  expect(await state()).toMatchObject({ state: 'terminating', frozen: false, context: { pendingDecision: null, refund: { amount: 100_01 } } });
});
