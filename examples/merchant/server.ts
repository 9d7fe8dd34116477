import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { createActs } from './acts.ts';
import { type Answer, CallRefused, codes } from './answer.ts';
import { createCalls } from './calls.ts';
import { createDoor, json } from './door.ts';
import type { EncryptType } from './encryption.ts';
import { createKit } from './kit.ts';
import { createLicences } from './licences.ts';
import { bodySign } from './signatures.ts';
import { misbehave, spoil } from './spoil.ts';
import { createStore } from './store.ts';
import { createSwitches, notStruck, type Struck } from './switches.ts';
import { createV1 } from './v1.ts';
import { createV2 } from './v2.ts';

/** Where it is for whoever tries it out, and the Key that everybody knows. */
export const examplePort = 4020;
export const exampleKey = '00000000-0000-4000-8000-000000000001';

export type MerchantOptions = {
  port?: number;
  host?: string;
  /** V1: Key of the seller's account. */
  key: string;
  /** V2: the access key; left out: the same. */
  accessKey?: string;
  encryptType?: EncryptType;
  /** Where instances outlive a restart; left out: in memory. */
  stateFile?: string;
  /** PEM; left out: plain HTTP, for loopback only. */
  tls?: { key: string; cert: string };
  now?: () => number;
};

export type ExampleMerchant = Awaited<ReturnType<typeof startMerchant>>;
type Asked = { generation: 'V1' | 'V2' | 'Kit V1' | 'Kit V2'; activity: string; fields: Record<string, unknown>; answer: (struck: Struck) => Answer };

/** No body of the interface is larger: 500 users of authSync are about 200 kB. */
const maxBody = 1024 * 1024;

/**
 * A small merchant (ISV): the other side of the production interface, V1 and V2, Kit and License 2.0, by its document alone.
 * Any path takes V1 (GET) and V2 (POST); `…/produceAPI/X` and `…/produceAPI/v2/X` take Kit; `/_…` is for whoever runs it.
 */
export async function startMerchant(options: MerchantOptions) {
  const { port = 0, host = '127.0.0.1', key, accessKey = key, encryptType, stateFile = null, tls, now } = options;
  const store = createStore(stateFile);
  const switches = createSwitches();
  const calls = createCalls();
  const acts = createActs(store);
  const v1 = createV1({ key, acts, encryptType });
  const v2 = createV2({ accessKey, acts, licences: createLicences(store), now });
  const kit = createKit({ key, accessKey, store, now });
  const door = createDoor({ store, switches, calls, publicKey: kit.publicKey });
  const hanging = new Set<ServerResponse>();

  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    respond(request, response).catch((error: unknown) => {
      if (!response.headersSent) json(response, 500, { resultCode: codes.internal, resultMsg: error instanceof Error ? error.message : String(error) });
    });
  };
  const server = tls ? https.createServer({ ...tls, minVersion: 'TLSv1.2' }, onRequest) : http.createServer(onRequest);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const url = `${tls ? 'https' : 'http'}://${host}:${(server.address() as AddressInfo).port}`;
  return {
    url,
    key,
    accessKey,
    store,
    switches,
    calls: calls.all,
    /** How often something really happened; more than once for one order and activity is a doubled effect. */
    effectsOf: store.effectsOf,
    async stop() {
      for (const response of hanging) response.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://merchant');
    const raw = await bodyOf(request);
    if (raw === null) return json(response, 413, { resultCode: codes.parameter, resultMsg: `expected at most ${maxBody} bytes` });
    if (url.pathname.startsWith('/_')) return door(request, response, { pathname: url.pathname, searchParams: url.searchParams, raw });

    const call = calls.begin({ method: request.method ?? '', path: url.pathname });
    let struck = notStruck;
    let answer: Answer;
    try {
      const asked = askedBy(request, url, raw);
      call.is(asked);
      struck = switches.strike(asked.activity);
      call.struck(struck.names);
      if (await misbehave(response, struck, { moment: 'before', hanging })) return call.ended('no answer');
      answer = asked.answer(struck);
      if (await misbehave(response, struck, { moment: 'after', hanging })) return call.ended('no answer');
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error;
      answer = { resultCode: error.resultCode, resultMsg: error.message };
    }
    const { status, body } = spoil(answer, struck, { anotherInstance: () => anotherThan(answer.instanceId) });
    const text = JSON.stringify(body);
    const sign = struck.is('badBodySign') ? bodySign(`${key}?`, text) : bodySign(key, text);
    const isSigned = request.method === 'GET' && !struck.is('noBodySign');
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...(isSigned ? { 'Body-Sign': sign } : {}) });
    response.end(text);
    call.ended(text);
  }

  /** What a request asks for, its signature checked. */
  function askedBy(request: IncomingMessage, { pathname, searchParams }: URL, raw: string): Asked {
    const [, version, name = ''] = /\/produceAPI\/(v2\/)?(\w+)$/.exec(pathname) ?? [];
    if (name) {
      const body = objectIn(raw);
      const generation = version ? 'V2' : 'V1';
      kit.check(generation, { headers: request.headers as Record<string, string>, raw, body });
      return { generation: `Kit ${generation}`, activity: name, fields: body, answer: () => kit.answer(generation, name, body) };
    }
    if (request.method === 'GET') {
      const fields = Object.fromEntries(searchParams);
      v1.check(fields);
      return { generation: 'V1', activity: fields.activity ?? '', fields, answer: (struck) => v1.answer(fields, struck) };
    }
    const [signature, timestamp, nonce] = ['signature', 'timestamp', 'nonce'].map((parameter) => searchParams.get(parameter) ?? '') as [string, string, string];
    v2.check({ signature, timestamp, nonce, body: raw });
    const body = objectIn(raw);
    return { generation: 'V2', activity: String(body.activity ?? ''), fields: body, answer: (struck) => v2.answer(body, struck) };
  }

  function anotherThan(instanceId: unknown): string {
    return Object.keys(store.state.instances).find((one) => one !== instanceId) ?? '00000000-0000-4000-8000-00000000000f';
  }
}

function objectIn(raw: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(raw);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {}
  throw new CallRefused(codes.parameter, 'expected a JSON object as the body');
}

/** The body as text, or null when it is too large. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBody) chunks.push(chunk);
  }
  return bytes > maxBody ? null : Buffer.concat(chunks).toString('utf8');
}
