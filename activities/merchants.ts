import type pg from 'pg';
import type { Context } from '../lifecycles/production/context.ts';
import { type Outside, OutsideRefused, OutsideUnavailable, type Sending } from './outside.ts';

/** Where and how a product's merchant is called. */
export type MerchantEndpoint = { generation: 'V1' | 'V2'; url: string; key: string };

/** What is asked of a merchant, told apart from the interface's generation: instants in epoch milliseconds, money in 分. */
export type MerchantCall = { activity: string } & Record<string, unknown>;

/** What came of one call, for the rules and for people. */
export type MerchantAnswer = {
  state: 'ok' | 'inProgress' | 'failed';
  /** It may not be called at all (PRD-8): repeating it cannot help. */
  isRefused: boolean;
  /** The merchant may have done it although this is a failure. */
  unknown: boolean;
  code: string;
  sentence: { zh: string; en: string };
  instanceId: string | null;
  app: { frontEndUrl: string | null; adminUrl: string | null } | null;
  /** Whether the merchant says for certain that it has no such instance. */
  isNotThere: boolean;
  /** Request, answer and duration: masked, capped, plain JSON. */
  record: Record<string, unknown>;
};

export type CallMerchant = (call: MerchantCall, endpoint: MerchantEndpoint, signal: AbortSignal) => Promise<MerchantAnswer>;

type Params = Omit<Context, 'answer' | 'stoppedBecause'> & { buyer: string };

/** The merchants' servers (PRD-1): each try looks up where its product's merchant is now, so that a mended endpoint counts at once. */
export function createMerchants({ pool, call }: { pool: pg.Pool; call: CallMerchant }): { callMerchant: Outside; queryInstance: Outside } {
  return {
    callMerchant: { send: async (sending) => resultOf(await tried(sending, await callFor(params(sending)))) },
    queryInstance: {
      send: async (sending) => {
        const asked = params(sending);
        // without an id there is nothing to ask about: the same order again is answered with the instance it made (PRD-2)
        const question = asked.instanceId === null ? await callFor(asked) : { activity: 'queryInstance', instanceIds: [asked.instanceId] };
        const answer = await tried(sending, question);
        if (answer.state === 'inProgress' || answer.isNotThere) throw new OutsideUnavailable('IN_PROGRESS', answer.sentence.en, { unknown: false });
        return resultOf(answer);
      },
    },
  };

  async function tried(sending: Sending, asked: MerchantCall): Promise<MerchantAnswer> {
    const { product } = params(sending);
    const { rows } = await pool.query<MerchantEndpoint>({
      name: 'endpoint of a product',
      text: 'select generation, url, key from endpoints where product = $1',
      values: [product],
    });
    const [endpoint] = rows;
    if (!endpoint)
      throw new OutsideRefused('NO_ENDPOINT', `expected a production interface of product ${product}, got none: its merchant sets it, then calls again`);
    const answer = await call(asked, endpoint, sending.signal);
    sending.record({ ...answer.record, code: answer.code, sentence: answer.sentence });
    if (answer.isRefused) throw new OutsideRefused(answer.code, answer.sentence.en);
    if (answer.state === 'failed') throw new OutsideUnavailable(answer.code, answer.sentence.en, { unknown: answer.unknown });
    return answer;
  }

  async function callFor(asked: Params): Promise<MerchantCall> {
    const { activity, orderNumber, instanceId, product, sku, quantity, amount, period, expiresAt, scene, trial } = asked;
    const order = { orderNumber, product, sku, quantity, amount };
    switch (activity) {
      case 'newInstance':
        return { activity, ...order, buyer: await buyerOf(asked.buyer), trial, charging: period ? 'period' : 'oneTime', period, expiresAt, instanceId };
      case 'refreshInstance':
        return { activity, orderNumber, product, instanceId, scene, expiresAt, period, amount };
      case 'upgradeInstance':
        return { activity, ...order, instanceId };
      default:
        return { activity, instanceId, purchaseOrder: orderNumber };
    }
  }

  async function buyerOf(party: string): Promise<{ id: string; name: string }> {
    const { rows } = await pool.query<{ name: string }>({ name: 'name of a party', text: 'select name from parties where id = $1', values: [party] });
    return { id: party, name: (rows[0]?.name ?? party).slice(0, 64) };
  }
}

const params = (sending: Sending) => sending.params as unknown as Params;

const resultOf = ({ state, instanceId, app }: MerchantAnswer) => ({
  instanceId,
  frontEndUrl: app?.frontEndUrl ?? null,
  adminUrl: app?.adminUrl ?? null,
  inProgress: state === 'inProgress',
});

/** Until the client to merchants' servers is wired: every call waits for its next try. */
export const noClient: CallMerchant = async ({ activity }) => {
  throw new OutsideUnavailable('NO_CLIENT', `expected a client to merchants' servers for ${activity}, got none`, { unknown: false });
};
