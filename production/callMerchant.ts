import { type Reading, readAnswer } from './answers.ts';
import { type CallInput, callSchema, type Endpoint } from './call.ts';
import { maskedFields, maskedText, maskedUrl } from './masking.ts';
import { type MerchantRequest, requestOf } from './requests/request.ts';
import type { Arrived, Send } from './send.ts';
import type { Sentence } from './sentences.ts';
import { failed } from './transport.ts';

/** What was sent and what came, for people: secrets masked, sizes capped, plain JSON (PRD-3). */
export type Shown = {
  request: { method: string; url: string; headers: Record<string, unknown>; body: string | null } | null;
  answer: { status: number; headers: Record<string, unknown>; body: string } | null;
};

/**
 * How one call ended. `answered`: the merchant's word, which may be a refusal (see its reading). `refused`: it cannot be sent
 * as things are, asking again does not help. `unavailable`: no answer; `unknown` says whether the request may have arrived.
 */
export type Outcome = Shown & { durationMs: number; code: string; sentence: Sentence; unknown: boolean } & (
    | { kind: 'answered'; reading: Reading }
    | { kind: 'refused' | 'unavailable' }
  );

export type CallMerchant = (asked: CallInput, to: { endpoint: Endpoint; signal?: AbortSignal }) => Promise<Outcome>;

/** One call to a merchant's server: built for its generation, signed, sent, read. Never throws for what the merchant does. */
export function createCallMerchant({ send }: { send: Send }): CallMerchant {
  return async (asked, { endpoint, signal }) => {
    const unsent = { request: null, answer: null };
    const parsed = callSchema.safeParse(asked);
    const notCalled = (code: string, details: Record<string, string>) => ({
      ...unsent,
      ...failed(code, { durationMs: 0, unknown: false, isRefused: true, details }),
    });
    if (!parsed.success)
      return notCalled('CALL_INVALID', { problems: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') });
    if (!URL.canParse(endpoint.url)) return notCalled('ADDRESS_UNREADABLE', {});
    const call = parsed.data;
    const request = requestOf(call, endpoint);
    if (!request) return notCalled('NOT_IN_GENERATION', { generation: endpoint.generation, activity: call.activity });

    const secrets = [endpoint.key, request.signature, encodeURIComponent(request.signature), ...(endpoint.formerKey ? [endpoint.formerKey] : [])];
    const came = await send(request, signal);
    const shown = { request: shownRequest(request, secrets), answer: came.kind === 'arrived' ? shownAnswer(came, secrets) : null };
    if (came.kind !== 'arrived') return { ...shown, ...came };
    const reading = readAnswer(came, { call, endpoint });
    const { code, sentence, unknown } = reading;
    return { ...shown, kind: 'answered', durationMs: came.durationMs, code, sentence, unknown, reading };
  };
}

const shownRequest = ({ method, url, headers, body }: MerchantRequest, [key = '']: readonly string[]): Shown['request'] => ({
  method,
  url: maskedUrl(url, [key]),
  headers: maskedFields(headers),
  body: body === null ? null : maskedText(body, [key]),
});

/** Some of what came: an answer that repeats the request repeats its signature. */
const shownAnswer = ({ status, headers, body }: Arrived, secrets: readonly string[]): Shown['answer'] => ({
  status,
  headers: maskedFields(Object.fromEntries(shownHeaders.filter((name) => headers[name] !== undefined).map((name) => [name, headers[name] ?? '']))),
  body: maskedText(body.toString('utf8'), secrets),
});

const shownHeaders = ['content-type', 'content-encoding', 'content-length', 'body-sign', 'retry-after', 'location', 'server', 'date'];
