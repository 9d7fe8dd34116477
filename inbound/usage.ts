import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Named, NamedPackage, NewProblem, NewUsage, Usage } from '../db/inbound/usage.ts';
import { shapeProblems } from '../db/shapes.ts';
import { storable, storableJson } from '../db/storable.ts';
import { forms } from '../lifecycles/codes/fields.ts';
import { clausesOf, expectedField, wrongField } from '../lifecycles/problem.ts';
import type { Bilingual } from '../lifecycles/roles.ts';
import type { Caller } from './authenticate.ts';
import { text } from './fields.ts';
import { InboundRefused } from './problems.ts';
import { instantIn, isLate } from './times.ts';

const most = 1_000;
/** A merchant's clock may be ahead of ours by so much. */
const aheadMs = 5 * 60_000;
/** Of a bad record, as it is kept. */
const keptCharacters = 4_000;

const time = z.unknown().transform((given, context) => {
  const at = instantIn(given);
  if (at !== null) return at;
  context.addIssue(forms.usageTime.en);
  return z.NEVER;
});

const sent = z.object({
  instanceId: text(200),
  meteringId: z.string().regex(/^[\x21-\x7e]{1,100}$/, forms.meteringId.en),
  recordTime: time,
  beginTime: time,
  endTime: time,
  usageValue: z
    .union([z.string(), z.number()])
    .transform(String)
    .refine((value) => /^(?!0+(\.0+)?$)\d{1,9}(\.\d{1,4})?$/.test(value), forms.usage.en),
  relatedInstanceId: text(200).nullish(),
});
type Sent = z.output<typeof sent>;

const body = z.object({ usageRecords: z.array(z.unknown()).min(1) });

const problems = {
  RECORD_INVALID: { zh: '话单字段有误：{got}。', en: 'The record is not valid: {got}.' },
  INSTANCE_UNKNOWN: { zh: '找不到实例 {got}，或它不是您的。', en: 'There is no instance {got} of yours.' },
  BEGIN_AFTER_END: { zh: 'beginTime 应早于 endTime。', en: 'Expected beginTime to be before endTime.' },
  IN_THE_FUTURE: { zh: 'endTime 晚于现在：只能上报已发生的用量。', en: 'endTime is in the future: report usage that has happened.' },
  PACKAGE_UNKNOWN: {
    zh: '找不到套餐包实例 {got}，或它不是您的。',
    en: 'There is no package instance {got} of yours (relatedInstanceId).',
  },
  PACKAGE_OF_ANOTHER_BUYER: {
    zh: '套餐包实例 {got} 属于另一买家，不能从中扣减。',
    en: 'Package instance {got} belongs to another buyer; this usage cannot be deducted from it.',
  },
  NOT_ITS_PACKAGE: {
    zh: '{got} 不是该实例的套餐包；请填该实例自己的套餐包，或不填 relatedInstanceId。',
    en: '{got} is no package of this instance; name one of its own, or leave relatedInstanceId out.',
  },
  METERING_ID_REUSED: {
    zh: 'meteringId {got} 已用于内容不同的话单；新的话单请用新的编号。',
    en: 'meteringId {got} was used for a record with another content; give a new record a number of its own.',
  },
} as const satisfies Record<string, Bilingual>;
type ProblemCode = keyof typeof problems;

/** What a merchant is answered for each record, in the order sent. Late and doubled ones are success. */
export type RecordAnswer = { meteringId: string | null; result: 'accepted' | 'doubled' | 'refused'; late?: true; code?: ProblemCode; message?: Bilingual };

/** Usage push (MET-3): at most 1,000 records a call, each judged on its own. */
export function createUsagePush({ usage, onKept }: { usage: Usage; onKept: () => void }) {
  return async function push(caller: Caller, given: unknown): Promise<Record<string, unknown>> {
    const read = body.safeParse(given);
    if (!read.success)
      throw new InboundRefused('BODY_INVALID', {
        got: clausesOf([wrongField('usageRecords', { zh: '应为 1 到 1,000 条话单的列表', en: 'expected a list of 1 to 1,000 records' })]),
      });
    const list = read.data.usageRecords;
    if (list.length > most)
      throw new InboundRefused('BODY_INVALID', {
        got: clausesOf([expectedField('usageRecords', { zh: `不超过 ${most} 条话单`, en: `at most ${most} records` }, list.length)]),
      });

    const parsed = list.map((one) => ({ one, ...sent.safeParse(one) }));
    const ids = new Set(parsed.flatMap(({ data }) => data?.instanceId ?? []));
    const related = new Set(parsed.flatMap(({ data }) => data?.relatedInstanceId ?? []));
    const named = await usage.instancesNamed(caller.merchant, [...ids]);
    const packages = await usage.packagesNamed(caller.merchant, [...related]);
    const judged = parsed.map(({ one, data }) =>
      data ? judge(data, named.get(data.instanceId), packages) : refusedBy('RECORD_INVALID', numberIn(one), clausesOf(shapeProblems(sent, one, 'record'))),
    );
    const firsts = new Map(judged.flatMap(({ record }) => (record ? [[record.meteringId, record] as const] : [])).reverse());
    const { fresh, known } = await usage.keep(caller, [...firsts.values()].reverse());
    const answers = judged.map(({ record, answer }): RecordAnswer => {
      if (!record) return answer;
      const { meteringId, fingerprint, late } = record;
      if (known.get(meteringId) !== fingerprint) return refusedBy('METERING_ID_REUSED', meteringId, meteringId).answer;
      // of several alike in one call only the first is new
      const result = fresh.delete(meteringId) ? 'accepted' : 'doubled';
      return { meteringId, result, ...(late ? { late } : {}) };
    });
    await usage.keepProblems(
      caller,
      answers.flatMap((answer, index) => (answer.code ? [problemOf(answer, list[index])] : [])),
    );
    onKept();
    const count = (result: RecordAnswer['result']) => answers.filter((answer) => answer.result === result).length;
    return {
      accepted: count('accepted'),
      doubled: count('doubled'),
      refused: count('refused'),
      late: answers.filter(({ late }) => late).length,
      records: answers,
    };
  };
}

/** MET-3: why the package that a record names cannot be its instance's own; null when it can, or none is named. */
function packageProblem(found: Named, named: string | null, packages: ReadonlyMap<string, NamedPackage>): ProblemCode | null {
  if (named === null) return null;
  const known = packages.get(named);
  if (!known) return 'PACKAGE_UNKNOWN';
  if (known.buyer !== found.buyer) return 'PACKAGE_OF_ANOTHER_BUYER';
  return known.instance === found.instance && known.holds ? null : 'NOT_ITS_PACKAGE';
}

function judge(given: Sent, found: Named | undefined, packages: ReadonlyMap<string, NamedPackage>): { record: NewUsage | null; answer: RecordAnswer } {
  const { meteringId, instanceId, recordTime, beginTime, endTime, usageValue, relatedInstanceId = null } = given;
  if (!found) return refusedBy('INSTANCE_UNKNOWN', meteringId, instanceId);
  if (beginTime >= endTime) return refusedBy('BEGIN_AFTER_END', meteringId);
  if (endTime > found.now + aheadMs) return refusedBy('IN_THE_FUTURE', meteringId);
  const wrongPackage = packageProblem(found, relatedInstanceId, packages);
  if (wrongPackage) return refusedBy(wrongPackage, meteringId, relatedInstanceId ?? '');
  const usage = usageValue.includes('.') ? usageValue.replace(/\.?0+$/, '') : usageValue;
  const content = {
    instance: found.instance,
    packageInstance: relatedInstanceId,
    recordAt: recordTime,
    beginAt: beginTime,
    endAt: endTime,
    usage: usage.replace(/^0+(?=\d)/, ''),
  };
  const fingerprint = hashOf([meteringId, ...Object.values(content)]);
  return {
    record: { meteringId, ...content, late: isLate({ beginAt: beginTime, endAt: endTime, receivedAt: found.now }), fingerprint },
    answer: { meteringId, result: 'accepted' },
  };
}

function refusedBy(code: ProblemCode, meteringId: string | null, got: string | Bilingual = ''): { record: null; answer: RecordAnswer } {
  const { zh, en } = typeof got === 'string' ? { zh: got, en: got } : got;
  const message = { zh: problems[code].zh.replace('{got}', () => zh), en: problems[code].en.replace('{got}', () => en) };
  return { record: null, answer: { meteringId, result: 'refused', code, message } };
}

function problemOf({ meteringId, code, message }: RecordAnswer, given: unknown): NewProblem {
  const json = jsonOf(given);
  const isWhole = json.startsWith('{') && json.length <= keptCharacters;
  const record = isWhole ? JSON.parse(json) : { text: storable(json.slice(0, keptCharacters)) };
  return { meteringId, code: code ?? '', message: message ?? { zh: '', en: '' }, record, fingerprint: hashOf([json]) };
}

/** As PostgreSQL can hold it; what is nested too deeply to be written is not kept. */
function jsonOf(given: unknown): string {
  try {
    return JSON.stringify(storableJson(given ?? null));
  } catch {
    return 'null';
  }
}

/** The metering number of a record that is wrong elsewhere, so that its merchant finds it. */
function numberIn(one: unknown): string | null {
  const { success, data } = z.object({ meteringId: sent.shape.meteringId }).safeParse(one);
  return success ? data.meteringId : null;
}

const hashOf = (parts: readonly unknown[]) => createHash('sha256').update(JSON.stringify(parts)).digest('hex');
