import type pg from 'pg';
import { endpointOf } from '../db/endpoints.ts';
import type { Context } from '../lifecycles/production/context.ts';
import type { CallInput, Endpoint } from '../production/call.ts';
import type { CallMerchant } from '../production/callMerchant.ts';
import { createMerchantOutside } from '../production/outside.ts';
import type { Outside, Sending } from './outside.ts';

type Params = Omit<Context, 'answer' | 'stoppedBecause'> & { buyer: string };
const paramsOf = ({ params }: Sending) => params as unknown as Params;

/** The merchants' servers (PRD-1): each try looks up where its product's merchant is now, so that a mended endpoint counts at once. */
export function createMerchants({ pool, callMerchant }: { pool: pg.Pool; callMerchant: CallMerchant }): { callMerchant: Outside; queryInstance: Outside } {
  const shared = { callMerchant, ownerOf };
  return {
    callMerchant: createMerchantOutside({ ...shared, callOf: (sending) => described(sending, callFor) }),
    queryInstance: createMerchantOutside({ ...shared, callOf: (sending) => described(sending, questionFor) }),
  };

  async function described(sending: Sending, about: (asked: Params) => Promise<CallInput>): Promise<{ call: CallInput; endpoint: Endpoint } | null> {
    const endpoint = await endpointOf(pool, paramsOf(sending).product);
    return endpoint ? { call: await about(paramsOf(sending)), endpoint } : null;
  }

  async function questionFor(asked: Params): Promise<CallInput> {
    // without an id there is nothing to ask about: the same order again is answered with the instance it made (PRD-2)
    return asked.instanceId === null ? callFor(asked) : { activity: 'queryInstance', instanceIds: [asked.instanceId] };
  }

  async function callFor(asked: Params): Promise<CallInput> {
    const { activity, orderNumber, product, quantity, amount, period, expiresAt, trial } = asked;
    // a product without specifications is its own only one
    const sku = asked.sku ?? product;
    if (activity === 'newInstance') {
      const charging = asked.charging ?? (period ? 'period' : 'oneTime');
      return {
        activity,
        orderNumber,
        product,
        sku,
        quantity,
        amount,
        buyer: await buyerOf(asked.buyer),
        trial,
        charging,
        period,
        expiresAt,
        instanceId: asked.instanceId,
      };
    }
    const instanceId = asked.instanceId ?? '';
    if (activity === 'refreshInstance')
      return { activity, orderNumber, instanceId, product, scene: asked.scene ?? 'RENEWAL', expiresAt: expiresAt ?? 0, period, amount };
    if (activity === 'upgradeInstance') return { activity, orderNumber, instanceId, product, sku, quantity, amount };
    return { activity, instanceId, purchaseOrder: orderNumber };
  }

  async function buyerOf(party: string): Promise<{ id: string; name: string }> {
    const { rows } = await pool.query<{ name: string }>({ name: 'name of a party', text: 'select name from parties where id = $1', values: [party] });
    return { id: party, name: (rows[0]?.name ?? party).slice(0, 64) };
  }

  /** The order of another instance of the same merchant with that id. */
  async function ownerOf(instanceId: string, { params }: Sending): Promise<string | null> {
    const { rows } = await pool.query<{ order: string }>({
      name: 'owner of an instance',
      text: `select s.context ->> 'orderNumber' as order from instances s join products p on p.merchant = s.merchant
        where p.id = $1 and s.lifecycle = 'serviceInstance' and s.context ->> 'merchantInstance' = $2 and s.context ->> 'orderNumber' <> $3 limit 1`,
      values: [params.product, instanceId, params.orderNumber],
    });
    return rows[0]?.order ?? null;
  }
}
