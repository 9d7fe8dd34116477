import { rootCertificates } from 'node:tls';
import { type buildConnector, Client, buildConnector as connectorOf, type Dispatcher } from 'undici';
import { addressProblem, isPublic } from './addresses.ts';
import { bodyOf } from './body.ts';
import type { MerchantRequest } from './requests/request.ts';
import { type Address, localNames, publicNames, type Resolve } from './resolve.ts';
import { causeOf, type Failed, failed } from './transport.ts';

/** What came, whatever it says: status, the headers that matter, and the body, whole and within its cap. */
export type Arrived = { kind: 'arrived'; status: number; headers: Record<string, string>; body: Buffer; durationMs: number };

export type SendOptions = {
  /** Development only: plain HTTP, addresses of this machine and network (PRD-8). */
  allowPrivate?: boolean;
  /** From the look-up of the name to the last byte of the answer. */
  deadlineMs?: number;
  /** Of the body, also after decompression. */
  maxBytes?: number;
  /** Trusted besides the system's authorities, PEM. */
  ca?: string;
  resolve?: Resolve;
  /** Makes the connector that dials checked addresses. */
  connector?: (options: buildConnector.BuildOptions) => buildConnector.connector;
};

export type Send = (request: MerchantRequest, signal?: AbortSignal) => Promise<Arrived | Failed>;

/**
 * Sends one request to a merchant: over TLS 1.2 or newer with a trusted certificate, to an address that was checked and is
 * then the one dialled (PRD-8), without following redirects, within one deadline and one size. Never throws for what the outside does.
 */
export function createSend({
  allowPrivate = false,
  deadlineMs = 5_000,
  maxBytes = 64 * 1_024,
  ca,
  resolve = allowPrivate ? localNames : publicNames,
  connector = connectorOf,
}: SendOptions = {}): Send {
  return async (request, signal) => {
    const started = performance.now();
    const progress = { isConnected: false };
    const since = () => Math.round(performance.now() - started);
    const deadline = AbortSignal.timeout(deadlineMs);
    const ended = signal ? AbortSignal.any([deadline, signal]) : deadline;
    const late = aborted(ended);
    try {
      return await Promise.race([late.promise, attempt(request, { ended, progress, since })]);
    } catch (error) {
      const code = deadline.aborted ? 'TIMEOUT' : ended.aborted ? 'STOPPED' : causeOf(error);
      // before the connection stood, no request can have arrived
      return failed(code, { durationMs: since(), unknown: progress.isConnected, details: { host: request.url.host, withinMs: deadlineMs, maxBytes } });
    } finally {
      late.forget();
    }
  };

  async function attempt(
    request: MerchantRequest,
    { ended, progress, since }: { ended: AbortSignal; progress: { isConnected: boolean }; since: () => number },
  ): Promise<Arrived | Failed> {
    const { url, method, headers, body } = request;
    const refuse = (code: string, got: string) => failed(code, { durationMs: since(), unknown: false, isRefused: true, details: { host: url.host, got } });
    const problem = addressProblem(url.href, { allowPrivate });
    if (problem) return refuse(problem, url.host);
    const addresses = await resolve(url.hostname.replace(/\.+$/, ''));
    const local = allowPrivate ? undefined : addresses.find(({ address }) => !isPublic(address));
    if (local) return refuse('ADDRESS_NOT_PUBLIC', local.address);
    ended.throwIfAborted();

    const client = new Client(url.origin, { connect: dialling(addresses, progress), headersTimeout: 0, bodyTimeout: 0, pipelining: 1, allowH2: false });
    try {
      // a connection of its own for each call: a kept one that breaks would leave open whether the request arrived
      const answer = await client.request({ method, path: `${url.pathname}${url.search}`, headers, body, signal: ended, reset: true });
      const shown = headersOf(answer.headers);
      return {
        kind: 'arrived',
        status: answer.statusCode,
        headers: shown,
        body: await bodyOf(answer.body, { maxBytes, encoding: shown['content-encoding'] }),
        durationMs: since(),
      };
    } finally {
      void client.destroy().catch(() => {});
    }
  }

  /** Dials the checked addresses and no other: the name is not looked up again. */
  function dialling(addresses: readonly Address[], progress: { isConnected: boolean }): buildConnector.connector {
    const connect = connector({
      timeout: deadlineMs,
      allowH2: false,
      maxCachedSessions: 0,
      minVersion: 'TLSv1.2',
      ca: ca === undefined ? undefined : [...rootCertificates, ca],
      lookup: (_hostname, { all }, done) => {
        const [first] = addresses;
        if (!first) done(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '');
        else if (all) done(null, [...addresses]);
        else done(null, first.address, first.family);
      },
    } as buildConnector.BuildOptions);
    return (options, done) =>
      connect(options, (...[error, socket]) => {
        if (error) return done(error, null);
        progress.isConnected = true;
        done(null, socket);
      });
  }
}

function aborted(signal: AbortSignal): { promise: Promise<never>; forget: () => void } {
  let onAbort = () => {};
  const promise = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  return { promise, forget: () => signal.removeEventListener('abort', onAbort) };
}

const headersOf = (headers: Dispatcher.ResponseData['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), (Array.isArray(value) ? value.join(', ') : (value ?? '')).slice(0, 1_000)]),
  );
