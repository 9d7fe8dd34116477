import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { Pool } from 'undici';
import { fromId, toId } from '../graphql/ids.ts';
import { createLogins } from '../graphql/logins.ts';
import type { Actor } from '../lifecycles/roles.ts';
import { type Design, purchase } from './design.ts';
import { allWoken, buyer, leftIn, merchant, payments, uploaded } from './steward.ts';

const changed = '{ __typename ... on CommandDone { revision instance { id } } ... on Problem { code message } }';
const commands = {
  placeOrder: `mutation ($input: PlaceOrderInput!) { done: placeOrder(input: $input) ${changed} }`,
  recordPayment: `mutation ($input: RecordPaymentInput!) { done: recordPayment(input: $input) ${changed} }`,
  uploadAcceptance: `mutation ($input: UploadAcceptanceInput!) { done: uploadAcceptance(input: $input) ${changed} }`,
  acceptDelivery: `mutation ($input: AcceptDeliveryInput!) { done: acceptDelivery(input: $input) ${changed} }`,
};

type Done = { __typename: string; message?: string; instance?: { id: string } };

const supervisionOf = `select s.id from instances o join instances s on s.family = o.family and s.lifecycle = 'supervision' where o.id = $1`;

/** Posts GraphQL over connections that are kept, as an internal tool would. */
export function createApiClient({ port, secret, clients }: { port: number; secret: string; clients: number }) {
  const connections = new Pool(`http://127.0.0.1:${port}`, { connections: clients });
  const logins = createLogins({ kind: 'secret', secret, generated: false, issuer: undefined, audience: undefined });
  const tokens = new Map<string, string>();
  return { ask, close: () => connections.close() };

  async function ask<Data>(actor: Actor, query: string, variables: Record<string, unknown>): Promise<Data> {
    if (!tokens.has(actor.id)) tokens.set(actor.id, (await logins.login(actor.id))?.token ?? '');
    const answer = await post(JSON.stringify({ query, variables }), tokens.get(actor.id) ?? '');
    const { data, errors } = JSON.parse(answer) as { data?: Data; errors?: { message: string }[] };
    if (!data || errors) throw new Error(`expected an answer of the API, got ${answer.slice(0, 500)}`);
    return data;
  }

  async function post(body: string, token: string): Promise<string> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const answer = await connections.request({ path: '/graphql', method: 'POST', headers, body });
    return answer.body.text();
  }
}

export type ApiClient = ReturnType<typeof createApiClient>;

/** Our commands as a caller of the API sends them. */
export function createOverApi({ api, pool }: { api: ApiClient; pool: pg.Pool }): Design {
  async function command(name: keyof typeof commands, { actor, input }: { actor: Actor; input: Record<string, unknown> }): Promise<Done> {
    const { done } = await api.ask<{ done: Done }>(actor, commands[name], { input: { idempotencyKey: randomUUID(), ...input } });
    if (!done.instance) throw new Error(`expected ${name} to be accepted, got ${JSON.stringify(done)}`);
    return done;
  }
  return {
    name: 'GraphQL',
    settled: () => allWoken(pool),
    left: () => leftIn(pool),
    async place() {
      const { instance } = await command('placeOrder', { actor: buyer, input: { product: purchase.product } });
      const id = fromId(instance?.id ?? '')?.uuid ?? '';
      return { id, number: id, file: await uploaded(pool) };
    },
    async pay(order) {
      const { amount, means } = purchase;
      const input = { orderId: toId('order', order.id), expectedRevision: null, amount, means, reference: `PAY-${order.id}` };
      await command('recordPayment', { actor: payments, input });
      // who pays does not ask which supervision was opened; the merchant and the buyer find it in their lists
      const { rows } = await pool.query<{ id: string }>({ name: 'bench supervision', text: supervisionOf, values: [order.id] });
      order.supervision = toId('supervision', rows[0]?.id ?? '');
    },
    async deliver({ supervision, file }) {
      await command('uploadAcceptance', { actor: merchant, input: { supervisionId: supervision, expectedRevision: null, files: [file] } });
    },
    async accept({ supervision }) {
      await command('acceptDelivery', { actor: buyer, input: { supervisionId: supervision, expectedRevision: null } });
    },
  };
}
