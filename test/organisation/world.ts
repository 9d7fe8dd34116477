import { generateKeyPairSync } from 'node:crypto';
import type pg from 'pg';
import { createInvitations } from '../../activities/invitations.ts';
import { createOrganisation } from '../../activities/organisation.ts';
import type { Sending } from '../../activities/outside.ts';
import { setAppKey } from '../../db/organisation/keys.ts';
import type { Problem } from '../../lifecycles/problem.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import { anEngine, eventually } from '../worker.ts';
import { aCommand, accepted, aDatabase, buyer, machine } from '../world.ts';
import { aReceiver } from './receiver.ts';

/** The creator, as administrator of the buyer's enterprise. */
export const admin: Actor = { id: buyer.id, role: 'enterpriseAdmin', party: 'buyer-a' };
export const product = 'saas-instant';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 3_072 });
export const appKey = { publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(), privateKey };

export type World = Awaited<ReturnType<typeof aWorld>>;

/** A database with a worker, and a merchant that takes the organisation's calls. */
export async function aWorld({ merchant }: { merchant?: { url: string; key: string } } = {}) {
  const database = await aDatabase();
  const { pool, commit } = database;
  const receiver = await aReceiver();
  const mails: { to: string; text: string }[] = [];
  let mailbox: () => void = () => {};
  const engine = await anEngine(database, {
    outsides: {
      ...(merchant ? {} : played(pool, receiver)),
      ...createInvitations({
        pool,
        mail: async ({ to, text }) => {
          mailbox();
          mails.push({ to, text });
        },
        isFinal: (error) => (error as Error).message === 'no such mailbox',
        baseUrl: 'https://market.example.com',
      }),
    },
  });
  // a product with a production interface: a purchase has its merchant make an instance
  await pool.query("insert into endpoints (product, generation, url, key, changed_by) values ($1, 'V2', $2, $3, 'merchant-a.zhao')", [
    product,
    merchant?.url ?? 'https://merchant.example.com',
    merchant?.key ?? 'key',
  ]);
  await setAppKey(pool, { product, publicKey: appKey.publicKey, by: 'merchant-a.zhao' });

  type Sent = { input?: Record<string, unknown>; as?: Actor; reason?: string | null; lifecycle?: string };
  const say = (lifecycle: string, instance: string | null, command: string, { input = {}, as = admin, reason = '测试' }: Sent = {}) =>
    commit.command(aCommand({ lifecycle, instance, command, actor: as, input, reason }));
  const row = async (id: string) =>
    (
      await pool.query(
        'select state, context, incidents from instances i, lateral (select count(*)::int as incidents from incidents x where x.instance_id = i.id and x.closed_at is null) n where id = $1',
        [id],
      )
    ).rows[0];
  const until = (id: string, state: string) =>
    eventually(
      () => row(id),
      (seen) => seen.state === state,
    );

  return {
    database,
    pool,
    commit,
    engine,
    receiver,
    mails,
    troubleMail(next: () => void) {
      mailbox = next;
    },
    row,
    until,
    /** The problem's code, or 'done'. */
    async said(lifecycle: string, instance: string | null, command: string, sent: Sent = {}): Promise<string> {
      const answer = await say(lifecycle, instance, command, sent);
      return answer.ok ? 'done' : (answer.problem as Problem).code;
    },
    /** @throws when it is refused */
    async done(lifecycle: string, instance: string | null, command: string, sent: Sent = {}): Promise<string> {
      return (await accepted(say(lifecycle, instance, command, sent))).instance;
    },
    edit: async (enterprise: string, command: string, input: Record<string, unknown>) =>
      void (await accepted(say('enterprise', enterprise, command, { input }))),
    async anEnterprise(): Promise<string> {
      const { instance } = await accepted(
        say('enterprise', null, 'createEnterprise', { as: buyer, input: { name: '甲公司', domainName: 'a.example.com', contactName: '李' } }),
      );
      await until(instance, 'active');
      return instance;
    },
    /** A service that the buyer has purchased and that is open. */
    async aService(of = product): Promise<string> {
      const { instance: order } = await accepted(
        commit.command(aCommand({ lifecycle: 'order', command: 'placeOrder', actor: buyer, input: { product: of, period: { unit: 'year', count: 1 } } })),
      );
      const { amount } = (await row(order)).context;
      await accepted(
        commit.command(
          aCommand({
            lifecycle: 'order',
            instance: order,
            command: 'recordPayment',
            actor: machine,
            input: { amount, means: 'balance', reference: `PAY-${order.slice(-6)}` },
          }),
        ),
      );
      await until(order, 'completed');
      const { rows } = await pool.query("select id from instances where lifecycle = 'serviceInstance' and refs ->> 'order' = $1", [order]);
      return rows[0].id;
    },
    async aBinding(enterprise: string, service: string): Promise<string> {
      return (await accepted(say('appBinding', null, 'bindApp', { input: { enterprise, serviceInstance: service } }))).instance;
    },
    async stop() {
      await engine.stop();
      await receiver.stop();
      await database.drop();
    },
  };
}

/** A merchant's server as far as these tests look: it makes the instance of a purchase, and takes what `receiver` takes. */
const played = (pool: pg.Pool, receiver: Awaited<ReturnType<typeof aReceiver>>) => ({
  callMerchant: {
    send: async ({ instance }: Sending) => ({ instanceId: `made-for-${instance}`, frontEndUrl: null, adminUrl: null, inProgress: false }),
  },
  ...createOrganisation({ pool, send: receiver.send }),
});
