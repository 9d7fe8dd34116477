import { randomUUID } from 'node:crypto';
import type { CommandRequest } from '../../db/requests.ts';
import { createSandbox } from '../../db/sandbox.ts';
import { coreCommands } from '../../lifecycles/core.ts';
import { commandNames, type Registry } from '../../lifecycles/registry.ts';
import type { Actor } from '../../lifecycles/roles.ts';
import type { aTroubledCentre } from '../faults/troubled-centre.ts';
import { answering } from '../faults/troubled-centre.ts';
import { file, minute } from '../lifecycles/cast.ts';
import { validInput } from '../lifecycles/stories.ts';
import { type Engine, eventually } from '../worker.ts';
import { aCommand, accepted, aFile, aPaidOrder, buyer, type Database, machine, manager, merchant, reviewer } from '../world.ts';

export type Around = { database: Database; engine: Engine; centre: Awaited<ReturnType<typeof aTroubledCentre>> };
type Valid = Pick<CommandRequest, 'lifecycle' | 'command' | 'actor'> & Partial<Pick<CommandRequest, 'input' | 'reason'>> & { instance: string };
/** Leads a fresh instance to where the command is possible. @returns the command, valid */
export type Case = (around: Around) => Promise<Valid>;

const placed = async ({ database }: Around, product = 'saas-activated', quantity = 1) => {
  const input = { product, quantity, period: { unit: 'year', count: 1 } };
  const { instance } = await accepted(database.commit.command(aCommand({ lifecycle: 'order', command: 'placeOrder', actor: buyer, input })));
  const { rows } = await database.pool.query("select (context ->> 'amount')::int as amount from instances where id = $1", [instance]);
  return { order: instance, pay: { amount: rows[0].amount as number, means: 'balance', reference: 'PAY-1' } };
};

/** A step that any supervision may take: its input is the model's, with a file of the actor's own. */
async function stepped(around: Around, supervision: string, command: string, more: Partial<CommandRequest> = {}): Promise<void> {
  await send(around, supervision, command, await valid(around, command, more.actor ?? merchant, more));
}

async function valid<More extends object>({ database }: Around, command: string, actor: Actor, more?: More) {
  const mine = await aFile(database.pool, actor);
  const input = JSON.parse(JSON.stringify(validInput(command, undefined)).replaceAll(file, mine)) as Record<string, unknown>;
  return { actor, input, ...more };
}

/** A supervision of a product after these steps of its way. */
async function ofWay(around: Around, product: string, steps: readonly [command: string, actor: Actor][] = []): Promise<string> {
  const { supervision } = await aPaidOrder(around.database, { product });
  if (product === 'license-code')
    await eventually(
      async () => (await around.database.pool.query('select state from instances where id = $1', [supervision])).rows[0].state as string,
      (state) => state === 'awaitingDelivery',
    );
  for (const [command, actor] of steps) await stepped(around, supervision, command, { actor });
  return supervision;
}

const send = ({ database }: Around, instance: string, command: string, more: Partial<CommandRequest>) =>
  accepted(database.commit.command(aCommand({ lifecycle: 'supervision', instance, command, actor: buyer, ...more })));

async function delivered(around: Around, scenario = 'none'): Promise<string> {
  const { supervision } = await aPaidOrder(around.database, { scenario });
  await send(around, supervision, 'uploadAcceptance', { actor: merchant, input: { files: [await aFile(around.database.pool, merchant)] } });
  return supervision;
}

async function appealed(around: Around): Promise<string> {
  const { supervision } = await aPaidOrder(around.database);
  await send(around, supervision, 'fileAppeal', { reason: '服务无法登录' });
  return supervision;
}

/** One whose termination refunds so much that another manager has to confirm it (ACT-3). */
async function pendingDecision(around: Around): Promise<string> {
  const { order, pay } = await placed(around, 'saas-activated', 50);
  await send(around, order, 'recordPayment', { lifecycle: 'order', actor: machine, input: pay });
  const { rows } = await around.database.pool.query("select id from instances where family = $1 and lifecycle = 'supervision'", [order]);
  await send(around, rows[0].id, 'fileAppeal', { reason: '服务无法登录' });
  const input = { decision: 'terminate', refundAmount: pay.amount };
  await send(around, rows[0].id, 'decideAppeal', { actor: { ...manager, id: 'manager.zheng' }, input, reason: '无法交付' });
  return rows[0].id;
}

/** A supervision whose completion the order centre has refused for good. */
async function refused(around: Around): Promise<{ supervision: string; effect: string }> {
  const { database, engine, centre } = around;
  const supervision = await delivered(around);
  const { rows } = await database.pool.query("select refs ->> 'order' as id, context ->> 'orderNumber' as number from instances where id = $1", [supervision]);
  centre.troubles.set(rows[0].number, answering(409));
  await send(around, supervision, 'acceptDelivery', {});
  await createSandbox({ ...database, onNudged: (ids) => engine.waker.wake(ids) }).advance({ instance: rows[0].id, byMs: 30 * minute });
  const failed = await eventually(
    async () => (await database.pool.query("select key from effects where instance_id = $1 and status = 'failed'", [supervision])).rows,
    (found) => found.length === 1,
  );
  return { supervision, effect: failed[0]?.key };
}

const onRefund = (instance: string, command: string, more: Partial<Valid> & Pick<Valid, 'actor'>): Valid => ({
  lifecycle: 'refund',
  instance,
  command,
  ...more,
});

/** A refund that the buyer has asked the merchant for. */
async function aRequest({ database }: Around): Promise<string> {
  const { order } = await aPaidOrder(database);
  const input = { order, amount: 1, because: '不再需要' };
  return (await accepted(database.commit.command(aCommand({ lifecycle: 'refund', command: 'requestRefund', actor: buyer, input })))).instance;
}

/** One above the limit that a manager has approved in the silent merchant's place (ACT-3). */
async function pendingApproval(around: Around): Promise<string> {
  const { order, pay } = await placed(around, 'saas-activated', 50);
  await send(around, order, 'recordPayment', { lifecycle: 'order', actor: machine, input: pay });
  const asking = aCommand({ lifecycle: 'refund', command: 'requestRefund', actor: buyer, input: { order, because: '不再需要' } });
  const { instance: refund } = await accepted(around.database.commit.command(asking));
  await createSandbox({ ...around.database, onNudged: () => {} }).advance({ instance: refund, byMs: 20 * 86_400_000 });
  const decided = { actor: { ...manager, id: 'manager.zheng' }, input: { decision: 'approve' }, reason: '商家未答复' };
  await send(around, refund, 'decideRefund', { lifecycle: 'refund', ...decided });
  return refund;
}

/** An approved one that the payment provider has refused for good. */
async function aRefusedPayout(around: Around): Promise<string> {
  const { database, engine } = around;
  const refund = await aRequest(around);
  const { rows } = await database.pool.query("select context ->> 'orderNumber' as number from instances where id = $1", [refund]);
  engine.payments.failures.refused = new Set([...(engine.payments.failures.refused ?? []), rows[0].number]);
  const approved = { actor: merchant, input: { files: [await aFile(database.pool, merchant)] }, reason: '已沟通' };
  await send(around, refund, 'approveRefund', { lifecycle: 'refund', ...approved });
  await eventually(
    async () => (await database.pool.query("select key from effects where instance_id = $1 and status = 'failed'", [refund])).rows,
    (found) => found.length === 1,
  );
  return refund;
}

const on = (instance: string, command: string, more: Partial<Valid> & Pick<Valid, 'actor'>): Valid => ({
  lifecycle: 'supervision',
  instance,
  command,
  ...more,
});

const codeSteps: [string, Actor][] = [
  ['deliverCode', merchant],
  ['claimCode', buyer],
  ['recordActivation', machine],
];

/** An enterprise of its own buyer, with the departments, the member and the group that the model has too. */
async function anOrganisation({ database: { commit, pool } }: Around): Promise<{ enterprise: string; admin: Actor }> {
  const party = randomUUID();
  const admin: Actor = { id: 'li', role: 'enterpriseAdmin', party };
  const creating = aCommand({ lifecycle: 'enterprise', command: 'createEnterprise', actor: { ...admin, role: 'buyer' }, input: { name: '甲公司' } });
  const { instance: enterprise } = await accepted(commit.command(creating));
  await eventually(
    async () => (await pool.query('select state from instances where id = $1', [enterprise])).rows[0].state as string,
    (state) => state === 'active',
  );
  const edit = (command: string, input: object) =>
    accepted(commit.command(aCommand({ lifecycle: 'enterprise', instance: enterprise, command, actor: admin, input })));
  await edit('createDepartment', { department: 'sales', name: '销售', parent: 'root' });
  await edit('createDepartment', { department: 'finance', name: '财务', parent: 'root' });
  await edit('addMembers', { members: [{ userName: 'zhang', name: '张', department: 'sales' }] });
  await edit('createGroup', { group: 'everyone', name: '全员' });
  return { enterprise, admin };
}
const editing = ['createDepartment', 'renameDepartment', 'moveDepartment', 'deleteDepartment', 'addMembers', 'moveMembers', 'removeMembers'];
const grouping = ['createGroup', 'deleteGroup', 'addToGroup', 'removeFromGroup'];
const onOrganisation =
  (command: string): Case =>
  async (around) => {
    const { enterprise, admin } = await anOrganisation(around);
    return { lifecycle: 'enterprise', instance: enterprise, command, actor: admin, input: validInput(command, undefined) };
  };

/** By lifecycle and command; a command that has none is tried where a walk would find it (placed.ts). `core` commands are every lifecycle's. */
export const cases: Record<string, Record<string, Case>> = {
  order: {
    placeOrder: async (around) => {
      const { order } = await placed(around);
      return { lifecycle: 'order', instance: order, command: 'placeOrder', actor: buyer, input: { product: 'saas-activated', quantity: 2 } };
    },
    recordPayment: async (around) => {
      const { order, pay } = await placed(around);
      return { lifecycle: 'order', instance: order, command: 'recordPayment', actor: machine, input: pay };
    },
    cancelOrder: async (around) => ({ lifecycle: 'order', instance: (await placed(around)).order, command: 'cancelOrder', actor: buyer, reason: '买错了' }),
    recordOpening: async (around) => {
      const { order, pay } = await placed(around, 'saas-instant');
      await send(around, order, 'recordPayment', { lifecycle: 'order', actor: machine, input: pay });
      return { lifecycle: 'order', instance: order, command: 'recordOpening', actor: machine };
    },
  },
  supervision: {
    uploadAcceptance: async (around) => {
      const { supervision } = await aPaidOrder(around.database);
      const input = { files: [await aFile(around.database.pool, merchant)], openedAt: new Date().toISOString(), comment: '已开通 👩‍🚀' };
      return on(supervision, 'uploadAcceptance', { actor: merchant, input });
    },
    fileRequirement: async (around) => on(await ofWay(around, 'human-service'), 'fileRequirement', await valid(around, 'fileRequirement', buyer)),
    confirmRequirement: async (around) => on(await ofWay(around, 'human-service', [['fileRequirement', buyer]]), 'confirmRequirement', { actor: merchant }),
    rejectRequirement: async (around) =>
      on(await ofWay(around, 'human-service', [['fileRequirement', buyer]]), 'rejectRequirement', { actor: merchant, reason: '超出商品范围' }),
    uploadImplementation: async (around) => {
      const confirmed = await ofWay(around, 'human-service', [
        ['fileRequirement', buyer],
        ['confirmRequirement', merchant],
      ]);
      return on(confirmed, 'uploadImplementation', await valid(around, 'uploadImplementation', merchant));
    },
    deliverCode: async (around) => on(await ofWay(around, 'license-code'), 'deliverCode', { actor: merchant }),
    claimCode: async (around) => on(await ofWay(around, 'license-code', codeSteps.slice(0, 1)), 'claimCode', { actor: buyer }),
    recordActivation: async (around) => on(await ofWay(around, 'license-code', codeSteps.slice(0, 2)), 'recordActivation', { actor: machine }),
    uploadProof: async (around) => on(await ofWay(around, 'license-code', codeSteps), 'uploadProof', await valid(around, 'uploadProof', merchant)),
    submitSystemCode: async (around) => on(await ofWay(around, 'license-online'), 'submitSystemCode', await valid(around, 'submitSystemCode', buyer)),
    deliverLicence: async (around) =>
      on(await ofWay(around, 'license-online', [['submitSystemCode', buyer]]), 'deliverLicence', await valid(around, 'deliverLicence', merchant)),
    confirmOfflineDelivery: async (around) =>
      on(await ofWay(around, 'license-offline'), 'confirmOfflineDelivery', await valid(around, 'confirmOfflineDelivery', merchant)),
    reportDeployment: async (around) => on(await ofWay(around, 'software-package'), 'reportDeployment', { actor: merchant }),
    confirmCompletion: async (around) => on(await ofWay(around, 'software-package'), 'confirmCompletion', { actor: buyer }),
    remindMerchant: async (around) => on(await ofWay(around, 'saas-activated'), 'remindMerchant', { actor: buyer }),
    requestEvidence: async (around) => on(await appealed(around), 'requestEvidence', { actor: manager, input: { from: 'merchant' }, reason: '请提供开通截图' }),
    submitEvidence: async (around) => {
      const supervision = await appealed(around);
      await send(around, supervision, 'requestEvidence', { actor: manager, input: { from: 'buyer' }, reason: '请提供截图' });
      return on(supervision, 'submitEvidence', await valid(around, 'submitEvidence', buyer));
    },
    passReview: async (around) => on(await delivered(around, 'baseCloud'), 'passReview', { actor: reviewer }),
    returnReview: async (around) => on(await delivered(around, 'empowermentCloud'), 'returnReview', { actor: reviewer, reason: '材料不全' }),
    acceptDelivery: async (around) => on(await delivered(around), 'acceptDelivery', { actor: buyer }),
    returnDelivery: async (around) => on(await delivered(around), 'returnDelivery', { actor: buyer, reason: '功能缺失' }),
    fileAppeal: async (around) =>
      on(await delivered(around), 'fileAppeal', { actor: merchant, input: { files: [await aFile(around.database.pool, merchant)] }, reason: '买家不验收' }),
    withdrawAppeal: async (around) => on(await appealed(around), 'withdrawAppeal', { actor: buyer }),
    decideAppeal: async (around) => on(await appealed(around), 'decideAppeal', { actor: manager, input: { decision: 'complete' }, reason: '已交付' }),
    confirmDecision: async (around) => on(await pendingDecision(around), 'confirmDecision', { actor: manager }),
    rejectDecision: async (around) => on(await pendingDecision(around), 'rejectDecision', { actor: manager, reason: '金额有误' }),
  },
  refund: {
    requestRefund: async (around) =>
      onRefund(await aRequest(around), 'requestRefund', { actor: buyer, input: { order: randomUUID(), amount: 1, because: '不再需要' } }),
    approveRefund: async (around) =>
      onRefund(await aRequest(around), 'approveRefund', { actor: merchant, input: { files: [await aFile(around.database.pool, merchant)] }, reason: '已沟通' }),
    refuseRefund: async (around) => onRefund(await aRequest(around), 'refuseRefund', { actor: merchant, reason: '服务已按约交付' }),
    withdrawRefund: async (around) => onRefund(await aRequest(around), 'withdrawRefund', { actor: buyer }),
    decideRefund: async (around) => {
      const refund = await aRequest(around);
      await createSandbox({ ...around.database, onNudged: () => {} }).advance({ instance: refund, byMs: 20 * 86_400_000 });
      return onRefund(refund, 'decideRefund', { actor: manager, input: { decision: 'refuse' }, reason: '商家未答复' });
    },
    confirmRefundDecision: async (around) => onRefund(await pendingApproval(around), 'confirmRefundDecision', { actor: manager }),
    rejectRefundDecision: async (around) => onRefund(await pendingApproval(around), 'rejectRefundDecision', { actor: manager, reason: '金额有误' }),
    recordPayout: async (around) =>
      onRefund(await aRefusedPayout(around), 'recordPayout', { actor: manager, input: { reference: 'BANK-1' }, reason: '已转账' }),
    abandonRefund: async (around) => onRefund(await aRefusedPayout(around), 'abandonRefund', { actor: manager, reason: '渠道拒绝' }),
  },
  serviceInstance: {
    renewInstance: async (around) => {
      const { order, pay } = await placed(around, 'saas-instant');
      await send(around, order, 'recordPayment', { lifecycle: 'order', actor: machine, input: pay });
      await send(around, order, 'recordOpening', { lifecycle: 'order', actor: machine });
      const { rows } = await around.database.pool.query("select id from instances where family = $1 and lifecycle = 'serviceInstance'", [order]);
      return { lifecycle: 'serviceInstance', instance: rows[0].id, command: 'renewInstance', actor: machine, input: { months: 12 }, reason: '续费' };
    },
  },
  enterprise: Object.fromEntries([...editing, ...grouping].map((command) => [command, onOrganisation(command)])),
  core: {
    retryEffect: async (around) => {
      const { supervision, effect } = await refused(around);
      return on(supervision, 'retryEffect', { actor: manager, input: { effect }, reason: '对端已修复' });
    },
  },
};

/** Every command that is declared anywhere, with its owner. */
export const declaredCommands = (registry: Registry): [owner: string, command: string][] => [
  ...registry.current.flatMap((lifecycle) => commandNames(lifecycle).map((name): [string, string] => [lifecycle.name, name])),
  ...Object.keys(coreCommands).map((name): [string, string] => ['core', name]),
];
