import { type AppInfo, type Credentials, readAppInfo } from './appInfo.ts';
import type { Call, Endpoint } from './call.ts';
import { mostDepth, readJson } from './json.ts';
import { fieldProblem, type Problem, problem } from './problems.ts';
import { inProgress, isKnown, meaningOf, notThere, success } from './resultCodes.ts';
import { retryAfterMs } from './retryAfter.ts';
import type { Arrived } from './send.ts';
import type { Sentence } from './sentences.ts';
import { checkBodySign } from './signatures/v1.ts';

/** What queryInstance says of one instance. */
export type Told = { instanceId: string; app: AppInfo | null; credentials: Credentials | null; usage: unknown[] };

/** What an answer means (PRD-3): only HTTP 200 with 000000, and what the activity must return, is success. */
export type Reading = {
  state: 'ok' | 'inProgress' | 'failed';
  /** The merchant's result code, or ours where the answer never gets to one or is not believed. */
  code: string;
  sentence: Sentence;
  /** As it came, whatever it means. */
  resultCode: string | null;
  resultMsg: string | null;
  /** Whether the merchant may have done it although this is a failure. */
  unknown: boolean;
  instanceId: string | null;
  app: AppInfo | null;
  /** Never to be stored with the answer or shown unasked. */
  credentials: Credentials | null;
  instances: Told[];
  licence: string | null;
  problems: Problem[];
  retryAfterMs: number | null;
};

const nothing = { resultCode: null, resultMsg: null, instanceId: null, app: null, credentials: null, instances: [], licence: null, retryAfterMs: null };

/** Reads an answer as real merchants give them; what the protocol would have is said beside what came. */
export function readAnswer({ status, headers, body }: Arrived, { call, endpoint }: { call: Call; endpoint: Endpoint }): Reading {
  const retry = retryAfterMs(headers['retry-after']);
  const signing = signingKey();
  // a merchant that leaves the signature out does not say which key it encrypts with
  const opening = { key: signing, formerKey: endpoint.formerKey ?? null, generation: endpoint.generation };
  const signed = signProblem();
  const json = readJson(body);
  const fields = 'value' in json ? json.value : null;
  const resultCode = textOf(fields?.resultCode, 20);
  const resultMsg = textOf(fields?.resultMsg, 500);
  const seen = { ...nothing, resultCode, resultMsg, retryAfterMs: retry };
  const problems = signed ? [signed] : [];

  const http = httpProblem();
  if (http) return failure(http, { unknown: status >= 500 });
  if ('code' in json) {
    const unreadable = (language: keyof Sentence) => problem('body', json.code, { details: { got: json.got[language], most: mostDepth } }).sentence[language];
    return failure({ ...problem('body', json.code), sentence: { zh: unreadable('zh'), en: unreadable('en') } }, { unknown: true });
  }
  // a refusal needs no proof, a success does
  if (signed?.isError && (resultCode === null || resultCode === success || resultCode === inProgress)) return failure(signed, { unknown: true });
  if (resultCode === null) return failure(problem('resultCode', 'NO_RESULT_CODE'), { unknown: true });
  if (typeof fields?.resultCode !== 'string') problems.push(fieldProblem('resultCode', 'code', { value: fields?.resultCode }));
  if (!isKnown(resultCode, call.activity))
    problems.push(fieldProblem('resultCode', 'knownCode', { value: resultCode, got: { zh: resultCode, en: resultCode } }));
  if (fields?.resultMsg !== undefined && typeof fields.resultMsg !== 'string') problems.push(fieldProblem('resultMsg', 'text', { value: fields.resultMsg }));

  if (resultCode === inProgress && call.activity === 'newInstance') return created('inProgress');
  if (resultCode !== success) {
    const meaning = meaningOf(resultCode);
    const of = (language: keyof Sentence) =>
      problem('resultCode', 'REFUSED_BY_MERCHANT', { details: { code: resultCode, meaning: meaning[language], message: resultMsg ? `: ${resultMsg}` : '' } })
        .sentence[language];
    return failure({ ...problem('resultCode', resultCode), sentence: { zh: of('zh'), en: of('en') } }, { unknown: resultCode === inProgress });
  }
  if (call.activity === 'newInstance') return created('ok');
  if (call.activity === 'queryInstance') return told(call.instanceIds);
  return ok({ licence: call.activity === 'getLicence' ? textOf(fields?.license, 20_000) : null });

  function httpProblem(): Problem | null {
    if (status === 200) return null;
    if (status >= 300 && status < 400) return problem('status', 'REDIRECT', { details: { status } });
    if (status === 429)
      return problem('status', 'TOO_MANY_REQUESTS', { details: { retry: retry === null ? '' : ` (Retry-After ${Math.round(retry / 1_000)} s)` } });
    const result = resultCode === null ? '' : ` (resultCode ${resultCode}${resultMsg ? `: ${resultMsg}` : ''})`;
    return { ...problem('status', 'HTTP_ERROR', { details: { status, result } }), code: `HTTP_${status}` };
  }

  /** The key that the answer is signed with, of the two that may be active (PRD-9); the present one where that cannot be told. */
  function signingKey(): string {
    const isBy = (key: string) => checkBodySign(headers['body-sign'], { key, body }) === 'right';
    return endpoint.formerKey && !isBy(endpoint.key) && isBy(endpoint.formerKey) ? endpoint.formerKey : endpoint.key;
  }

  function signProblem(): Problem | null {
    const isKit = 'tenantId' in call;
    if (endpoint.generation !== 'V1' || isKit) return null;
    const sign = checkBodySign(headers['body-sign'], { key: signing, body });
    if (sign === 'right') return signing === endpoint.key ? null : problem('Body-Sign', 'BODY_SIGN_BY_FORMER_KEY', { isError: false });
    if (sign === 'wrong') return problem('Body-Sign', 'BODY_SIGN_WRONG');
    return problem('Body-Sign', sign === 'missing' ? 'BODY_SIGN_MISSING' : 'BODY_SIGN_UNREADABLE', { isError: endpoint.requireBodySign ?? false });
  }

  function created(state: 'ok' | 'inProgress'): Reading {
    const before = call.activity === 'newInstance' ? (call.instanceId ?? null) : null;
    const given = fields?.instanceId;
    const instanceId = idOf(given);
    if (given !== undefined && given !== null && (typeof given !== 'string' || instanceId === null))
      problems.push(fieldProblem('instanceId', 'id', { value: given }));
    if (instanceId === null && before === null)
      return state === 'ok'
        ? failure(problem('instanceId', 'NO_INSTANCE_ID'), { unknown: true })
        : failure(problem('instanceId', 'IN_PROGRESS_WITHOUT_ID'), { unknown: true });
    if (before !== null && instanceId !== null && before !== instanceId)
      problems.push(problem('instanceId', 'INSTANCE_ID_CHANGED', { isError: false, details: { expected: before, got: instanceId } }));
    const read = readAppInfo(fields?.appInfo, { ...opening, encryptType: fields?.encryptType });
    problems.push(...read.problems);
    return ok({ instanceId: before ?? instanceId, app: read.app, credentials: read.credentials }, state);
  }

  function told(ids: readonly string[]): Reading {
    const info = fields?.info;
    if (!Array.isArray(info)) return failure(fieldProblem('info', 'list', { value: info, isError: true }), { unknown: false });
    const instances: Told[] = [];
    for (const [place, entry] of info.slice(0, 100).entries()) {
      const one = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : {};
      const instanceId = idOf(one.instanceId);
      if (instanceId === null || !ids.includes(instanceId)) {
        problems.push(
          fieldProblem(`info[${place}].instanceId`, 'askedFor', { value: one.instanceId, ...(instanceId ? { got: { zh: instanceId, en: instanceId } } : {}) }),
        );
        continue;
      }
      const read = readAppInfo(one.appInfo, {
        ...opening,
        encryptType: one.encryptType ?? fields?.encryptType,
      });
      problems.push(...read.problems);
      instances.push({ instanceId, app: read.app, credentials: read.credentials, usage: Array.isArray(one.usageInfo) ? one.usageInfo.slice(0, 1_000) : [] });
    }
    for (const missing of ids.filter((asked) => !instances.some(({ instanceId }) => instanceId === asked)))
      problems.push(problem('info', 'INSTANCE_NOT_LISTED', { isError: false, details: { instance: missing } }));
    const [first] = instances;
    return ok({ instances, instanceId: first?.instanceId ?? null, app: first?.app ?? null, credentials: first?.credentials ?? null });
  }

  function ok(more: Partial<Reading>, state: 'ok' | 'inProgress' = 'ok'): Reading {
    const code = resultCode ?? success;
    return { ...seen, state, code, sentence: meaningOf(code), unknown: false, problems, ...more };
  }

  function failure(cause: Problem, { unknown }: { unknown: boolean }): Reading {
    const others = problems.filter((one) => one !== cause);
    return { ...seen, state: 'failed', code: cause.code, sentence: cause.sentence, unknown, problems: [cause, ...others] };
  }
}

/** A merchant says for certain that it has no such instance. */
export const saysNotThere = (reading: Reading, instanceId: string): boolean =>
  !reading.problems.some(({ field, isError }) => field === 'Body-Sign' && isError) &&
  (reading.code === notThere || (reading.state === 'ok' && !reading.instances.some((one) => one.instanceId === instanceId)));

/** Numbers are taken as text, since some merchants send them so; blank is nothing. */
function textOf(value: unknown, most: number): string | null {
  const text = typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
  return text === '' ? null : text.slice(0, most);
}

/** An id is never cut: another instance may begin with the same letters. */
function idOf(value: unknown): string | null {
  const id = textOf(value, 1_000);
  return id !== null && id.length <= 200 ? id : null;
}
