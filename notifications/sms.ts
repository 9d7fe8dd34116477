import type { SmsConfig } from './config.ts';
import { type Transport, Undeliverable, Unreachable } from './transport.ts';

/** Answers that mean the same at the next try. */
const final = [400, 404, 410, 413, 422];
/** Answers that mean the same for every message. */
const forAll = [401, 403, 503];
const readAtMost = 2_000;

/**
 * SMS through a provider's HTTP door: POST {id, to, text, language}, with the id also as Idempotency-Key. Any 2xx is
 * taken for accepted. Another provider is another function of this shape.
 */
export function createSms({ url, token, timeoutMs = 10_000 }: SmsConfig): Transport {
  return {
    channel: 'sms',
    outcome: 'sent',
    concurrency: 5,
    timeoutMs,
    async send({ key, to, short, language }, signal) {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'error',
        headers: { 'content-type': 'application/json', 'idempotency-key': key, ...(token ? { authorization: `Bearer ${token}` } : {}) },
        body: JSON.stringify({ id: key, to, text: short, language: language === 'zh' ? 'zh-CN' : 'en' }),
        signal,
      }).catch((error: Error) => {
        if (signal.aborted) throw error;
        throw new Unreachable(`expected an answer of the SMS provider, got: ${causeOf(error)}`, { cause: error });
      });
      const answer = await beginningOf(response);
      if (response.ok) return answer;
      const said = `expected the SMS provider to take it, got HTTP ${response.status} ${answer}`;
      if (final.includes(response.status)) throw new Undeliverable(said);
      throw forAll.includes(response.status) ? new Unreachable(said) : new Error(said);
    },
    close() {},
  };
}

const causeOf = (error: Error) => (error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message);

/** The beginning of the answer, whatever its length. */
async function beginningOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= readAtMost) break;
  }
  return text.slice(0, readAtMost);
}
