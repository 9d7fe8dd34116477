import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCounting } from '../../db/inbound/counting.ts';
import { aCommand, accepted, buyer, machine, merchant, numberOf, otherBuyer } from '../world.ts';
import { anInbound, aRecord, type Key } from './caller.ts';

let api: Awaited<ReturnType<typeof anInbound>>;
let key: Key;
beforeAll(async () => {
  api = await anInbound();
  key = await api.aKey(merchant);
  await api.pool.query(`update products set offers = '{"packages": {"small": {"units": 10, "price": 5000}}}' where id = 'saas-instant'`);
  await api.pool.query(
    "insert into endpoints (product, generation, url, key, changed_by) values ('saas-instant', 'V1', 'https://merchant.example/', 'k', 'test')",
  );
});
afterAll(() => api.stop());

/** A bought package of ten units whose instance the merchant's server has made, under an id of its own. */
async function aPackage(actor = buyer) {
  const { commit, pool } = api;
  const input = { product: 'saas-instant', scenario: 'none', kind: 'stopWhenUsedUp', package: 'small' };
  const { instance: order } = await accepted(commit.command(aCommand({ lifecycle: 'order', command: 'placeOrder', actor, input })));
  const pay = { amount: 5_000, means: 'balance', reference: `PAY-${order.slice(-6)}` };
  await accepted(commit.command(aCommand({ lifecycle: 'order', instance: order, command: 'recordPayment', actor: machine, input: pay })));
  const call = await pool.query(
    "select e.instance_id as instance, e.key, e.generation from effects e join instances i on i.id = e.instance_id where i.lifecycle = 'productionCall' and i.refs ->> 'order' = $1",
    [order],
  );
  const instanceId = `theirs-${randomUUID()}`;
  const result = { instanceId, frontEndUrl: null, adminUrl: null, inProgress: false };
  await commit.effectSucceeded({ lifecycle: 'productionCall', ...call.rows[0], no: 1, result });
  const context = async () => {
    const { rows } = await pool.query("select context from instances where lifecycle = 'serviceInstance' and refs ->> 'order' = $1", [order]);
    return rows[0].context;
  };
  return { instanceId, order: await numberOf(api, order), context };
}

test('pushed usage is deducted from the package once, by the id that the merchant gave; past it the service stops (MET-1)', async () => {
  const { instanceId, context } = await aPackage();
  const { run } = createCounting({ pool: api.pool, commit: api.commit });
  const push = async (...usage: string[]) => {
    const usageRecords = usage.map((usageValue) => aRecord(instanceId, { usageValue }));
    for (const _ of [1, 2]) expect((await api.byNonce(key, 'usage/push', { usageRecords })).body).toMatchObject({ refused: 0 });
    await Promise.all([run(), run()]);
    return context();
  };
  expect(await push('2.5', '0.0001')).toMatchObject({ used: 25_001, usageRecords: 2, suspendedBecause: null });
  expect(await push('8')).toMatchObject({ used: 105_001, usageRecords: 3, suspendedBecause: 'usedUp' });
});

test('a record that names a package names its instance’s own: unknown, another buyer’s or another instance’s is refused and shown, the others count (MET-3)', async () => {
  const [one, second, foreign] = [await aPackage(), await aPackage(), await aPackage(otherBuyer)];
  const plain = await api.anInstance();
  const named: [string, string, string | undefined][] = [
    [one.instanceId, one.instanceId, undefined],
    [one.instanceId, one.order, undefined],
    [one.instanceId, 'nobody’s', 'PACKAGE_UNKNOWN'],
    [one.instanceId, plain.order, 'PACKAGE_UNKNOWN'],
    [one.instanceId, foreign.instanceId, 'PACKAGE_OF_ANOTHER_BUYER'],
    [one.instanceId, second.instanceId, 'NOT_ITS_PACKAGE'],
    [one.instanceId, second.order, 'NOT_ITS_PACKAGE'],
    [plain.merchantInstance, plain.merchantInstance, 'NOT_ITS_PACKAGE'],
  ];
  const usageRecords = named.map(([instanceId, relatedInstanceId]) => aRecord(instanceId, { usageValue: '1', relatedInstanceId }));
  const { body } = await api.byNonce(key, 'usage/push', { usageRecords });
  expect(body.records.map(({ code }: { code?: string }) => code)).toEqual(named.map(([, , code]) => code));
  expect(body).toMatchObject({ accepted: 2, refused: 6 });
  await createCounting({ pool: api.pool, commit: api.commit }).run();
  expect([await one.context(), await second.context(), await foreign.context()].map(({ used }) => used)).toEqual([20_000, 0, 0]);
  const { data } = await api.ask(merchant, '{ usageProblems { nodes { code meteringId message(language: en) } } }');
  expect(data.usageProblems.nodes.map(({ meteringId }: { meteringId: string }) => meteringId).sort()).toEqual(
    usageRecords.flatMap(({ meteringId }, index) => (named[index]?.[2] ? [meteringId] : [])).sort(),
  );
});
