import { z } from 'zod';
import type { Commit } from '../db/commit.ts';
import type { InstanceRow } from '../db/read/instances.ts';
import { instancesByFamily } from '../db/read/instances.ts';
import { supervisionOfCode } from '../db/read/licences.ts';
import type { Reader } from '../db/read/reader.ts';
import { clausesOf, messageOf, wrongField } from '../lifecycles/problem.ts';
import { stateOf } from '../lifecycles/registry.ts';
import type { Caller } from './authenticate.ts';
import { text } from './fields.ts';
import { InboundRefused } from './problems.ts';
import { compactUtc } from './times.ts';

const body = z.object({ licenseCode: text(100) });
/** The states of a licence code that the interface knows. */
type CodeState = 'ALIVE' | 'EXPIRED' | 'RELEASED';

/** License 2.0: the merchant's system reports that a code was activated, and asks whether it still holds (SUP-2). */
export function createLicences({ readerFor, commit }: { readerFor: (caller: Caller) => Reader; commit: Pick<Commit, 'command'> }) {
  return { activate, heartbeat };

  /** The same again is success: the code is active once. */
  async function activate(caller: Caller, given: unknown): Promise<Record<string, unknown>> {
    const { licenseCode, supervision, family } = await found(caller, given);
    const { id, context } = supervision.instance;
    if (context.activatedAt === null || context.activatedAt === undefined) {
      const answer = await commit.command({
        lifecycle: 'supervision',
        instance: id,
        command: 'recordActivation',
        input: {},
        reason: null,
        actor: { id: `${caller.merchant} ${caller.ak}`, role: 'system', party: null },
        // a code that is delivered again may be activated anew
        idempotencyKey: `activate ${licenseCode} ${context.round}`,
        expectedRevision: null,
        via: 'api',
      });
      if (!answer.ok && answer.problem.kind === 'Unavailable') throw new InboundRefused('UNAVAILABLE');
      if (!answer.ok && answer.problem.code !== 'RECORDED_ALREADY') throw new InboundRefused('REFUSED', { got: messageOf(answer.problem) });
    }
    return stateIn(licenseCode, family);
  }

  async function heartbeat(caller: Caller, given: unknown): Promise<Record<string, unknown>> {
    const { licenseCode, family } = await found(caller, given);
    return stateIn(licenseCode, family);
  }

  async function found(caller: Caller, given: unknown): Promise<{ licenseCode: string; supervision: InstanceRow; family: InstanceRow[] }> {
    const read = body.safeParse(given);
    if (!read.success)
      throw new InboundRefused('BODY_INVALID', {
        got: clausesOf([wrongField('licenseCode', { zh: '应为 1 到 100 个字符的授权码', en: 'expected a code of 1 to 100 characters' })]),
      });
    const { licenseCode } = read.data;
    const reader = readerFor(caller);
    const supervised = await supervisionOfCode(reader, licenseCode);
    const family = supervised ? await instancesByFamily(reader, [supervised.family]) : [];
    const supervision = family.find(({ instance }) => instance.id === supervised?.id);
    if (!supervision) throw new InboundRefused('NOT_FOUND', { got: `licence code ${licenseCode}` });
    return { licenseCode, supervision, family };
  }
}

/** What the code is worth now: that of the service that it opened, once there is one. */
function stateIn(licenseCode: string, family: readonly InstanceRow[]): Record<string, unknown> {
  const service = family.find(({ instance }) => instance.lifecycle === 'serviceInstance')?.instance;
  const order = family.find(({ instance }) => instance.lifecycle === 'order')?.instance;
  const isGone = (service && stateOf(service.value) === 'released') || (order && ['refunded', 'cancelled'].includes(stateOf(order.value)));
  const isStopped = service && stateOf(service.value) !== 'active';
  const status: CodeState = isGone ? 'RELEASED' : isStopped ? 'EXPIRED' : 'ALIVE';
  const until = service?.context.validUntil;
  return { licenseCode, status, ...(typeof until === 'number' ? { expireTime: compactUtc(until) } : {}) };
}
