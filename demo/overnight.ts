import { styleText } from 'node:util';
import { exampleKey as key, startMerchant } from '../examples/merchant/server.ts';
import type { Client } from './client.ts';
import { type Marketplace, openMarketplace } from './marketplace.ts';
import { timelineOf } from './timeline.ts';

const product = 'saas-instant';
const month = { unit: 'month', count: 1 };
const dayMinutes = 1_440;
/** Minutes since midnight, Beijing time, which has no summer time. */
const [night, morning] = [23 * 60, 8 * 60];

type Kin = { id: string; number: string; lifecycle: string; stateName: string };

/**
 * A merchant's server fails at night: a renewal is called 60 times, one every 2 minutes (PRD-4), on the family's clock, which
 * is advanced from try to try; in the morning the merchant repairs it and calls once more by hand (PRD-5). @returns how many did not get there
 */
export async function tellOvernight(client: Client): Promise<number> {
  console.log(styleText(['bold', 'underline'], '夜里的续费 · 商家接口坏了一夜，修复后再调用一次 · A renewal overnight: 60 failed calls, one repair'));
  const merchant = await startMerchant({ key });
  try {
    const market = openMarketplace(client);
    await setEndpoint(client, `${merchant.url}/produce`);
    const bought = await paid(client, market, { product, period: month });
    if (!(await market.ended(bought, 'completed'))) throw new Error(`expected ${bought.number} to be opened at the merchant's, got nothing in a minute`);
    const [service] = await familyOf(client, bought, 'serviceInstance');

    await untilClock(market, bought, night);
    merchant.switches.set([{ do: 'status', status: 503, activity: 'refreshInstance' }]);
    const renewal = await paid(client, market, { product, kind: 'renewal', instance: service?.id, period: month });
    const call = await newCall(client, renewal);
    await tryUntilItStops(client, market, call);
    const stopped = await market.ended(call, 'stopped');
    const failed = await callsOf(client, call);

    await untilClock(market, bought, morning);
    merchant.switches.set([]);
    await market.act('merchant-a.zhao', 'callAgain', { productionCallId: call.id, reason: '接口已修复' });
    const got = (await market.ended(renewal, 'completed')) && stopped && failed.tries === 60;
    const done = merchant.effectsOf({ activity: 'refreshInstance', orderId: renewal.number });
    console.log(await timelineOf(client, [renewal.id]));
    for (const aside of [
      `夜里调用 ${failed.tries} 次，全部 ${failed.codes.join('、')}，随后停止；给商家的消息 ${failed.messages} 条`,
      `${failed.tries} calls at night, every one ${failed.codes.join(', ')}, then it stopped; ${failed.messages} messages to the merchant`,
      `商家那里只续费了 ${done} 次 · at the merchant's it was renewed ${done === 1 ? 'once' : `${done} times`}`,
    ])
      console.log(styleText('cyan', `  ✎ ${aside}`));
    const ok = got && done === 1;
    console.log(ok ? styleText('green', `  ✔ 已完成 completed ${renewal.number}\n`) : styleText('red', `  ✘ 未到达 not completed ${renewal.number}\n`));
    return ok ? 0 : 1;
  } finally {
    await merchant.stop();
  }
}

async function setEndpoint(client: Client, url: string): Promise<void> {
  const { setEndpoint: answer } = await client.ask<{ setEndpoint: { __typename: string; message?: string } }>(
    'merchant-a.zhao',
    'mutation ($input: SetEndpointInput!) { setEndpoint(input: $input) { __typename ... on Problem { message(language: zh) } } }',
    { input: { product, generation: 'V1', url, key } },
  );
  if (answer.__typename !== 'EndpointSet') throw new Error(`expected ${url} to be taken as the endpoint of ${product}, got ${answer.message}`);
}

async function paid(client: Client, market: Marketplace, input: Record<string, unknown>): Promise<{ id: string; number: string }> {
  const order = await market.act('buyer-a.li', 'placeOrder', input);
  const { node } = await client.ask<{ node: { context: { amount: number } } }>(
    'buyer-a.li',
    'query ($id: ID!) { node(id: $id) { ... on Order { context { amount } } } }',
    { id: order.id },
  );
  await market.act('payments', 'recordPayment', { orderId: order.id, amount: node.context.amount, means: 'card', reference: `PAY-${order.number}` });
  return order;
}

async function familyOf(client: Client, { id }: { id: string }, lifecycle: string): Promise<Kin[]> {
  const { node } = await client.ask<{ node: { family: Kin[] } }>(
    'manager.qian',
    'query ($id: ID!) { node(id: $id) { ... on Lifecycle { family { id number lifecycle stateName } } } }',
    { id },
  );
  return node.family.filter((one) => one.lifecycle === lifecycle);
}

/** The renewal's own call: the one of the family that is not done. */
async function newCall(client: Client, renewal: { id: string }): Promise<Kin> {
  const call = (await familyOf(client, renewal, 'productionCall')).find(({ stateName }) => stateName !== 'succeeded');
  if (!call) throw new Error('expected the renewal to be asked for at the merchant’s, got no call');
  return call;
}

async function callsOf(client: Client, { id }: Kin): Promise<{ tries: number; codes: string[]; messages: number }> {
  const { node, notifications } = await client.ask<{
    node: { calls: { errorCode: string | null }[] };
    notifications: { nodes: { instance: { id: string } | null }[] };
  }>(
    'merchant-a.zhao',
    'query ($id: ID!) { node(id: $id) { ... on Lifecycle { calls { errorCode } } } notifications(first: 50) { nodes { instance { id } } } }',
    { id },
  );
  return {
    tries: node.calls.length,
    codes: [...new Set(node.calls.map(({ errorCode }) => errorCode ?? ''))],
    messages: notifications.nodes.filter(({ instance }) => instance?.id === id).length,
  };
}

/** Moves a record's clock on to the next time that this is the time of day in Beijing. */
async function untilClock(market: Marketplace, of: { id: string }, minutes: number): Promise<void> {
  const now = await market.advance(of, 0);
  const today = (Math.floor(now / 60_000) + 8 * 60) % dayMinutes;
  await market.advance(of, (minutes - today + dayMinutes) % dayMinutes);
}

/** Two minutes after each try that has failed comes the next, until the policy's number is used up. */
async function tryUntilItStops(client: Client, market: Marketplace, call: Kin): Promise<void> {
  for (let tries = 1; tries <= 60; tries++) {
    if (!(await failedTries(client, call, tries))) throw new Error(`expected try ${tries} of ${call.number} to be made, got none in a minute`);
    if (tries < 60) await market.advance(call, 2);
  }
}

async function failedTries(client: Client, { id }: Kin, count: number): Promise<boolean> {
  const query = 'query ($id: ID!) { node(id: $id) { ... on Lifecycle { calls { finishedAt } } } }';
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const { node } = await client.ask<{ node: { calls: { finishedAt: string | null }[] } }>('merchant-a.zhao', query, { id });
    if (node.calls.filter(({ finishedAt }) => finishedAt !== null).length >= count) return true;
  }
  return false;
}
