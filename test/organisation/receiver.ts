import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SendKit } from '../../activities/organisation/kit.ts';
import { OutsideRefused, OutsideUnavailable } from '../../activities/outside.ts';

type Fields = Record<string, unknown>;
export type Received = { activity: string; fields: Fields; created: boolean };

const signed = (key: string, nonce: string, timestamp: string, body: string) =>
  createHmac('sha256', key)
    .update(key + nonce + timestamp + body)
    .digest('hex');

/** A merchant's side of the Kit protocol: keeps tenants, applications, departments and users; the same again creates nothing. */
export async function aReceiver() {
  const key = 'the merchant’s access key';
  const tenants = new Map<string, Fields>();
  const apps = new Map<string, Fields>();
  const departments = new Map<string, Fields>();
  const users = new Map<string, Fields>();
  const calls: Received[] = [];
  /** Asked before each call: a result code to answer with, `hang up` before or after the work, or nothing. */
  let trouble: (activity: string, fields: Fields) => string | undefined = () => undefined;

  function take(activity: string, fields: Fields): boolean {
    const flag = Number(fields.flag);
    const put = (map: Map<string, Fields>, id: string, value: Fields) => {
      const isNew = !map.has(id);
      if (flag === 0 || flag === 3) map.delete(id);
      else map.set(id, value);
      return isNew && flag !== 0 && flag !== 3;
    };
    if (activity === 'tenantSync') return put(tenants, String(fields.tenantId), fields);
    if (activity === 'applicationSync') return put(apps, String(fields.appId), fields);
    if (activity === 'singleOrgSync') return put(departments, String(fields.orgCode), fields);
    if (activity === 'allOrgSync') {
      const before = departments.size;
      for (const one of fields.orgInfoList as Fields[]) departments.set(String(one.orgCode), one);
      return departments.size > before;
    }
    return (fields.userList as Fields[]).map((user) => put(users, String(user.userName), user)).some(Boolean);
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { 'x-sign': sign = '', 'x-timestamp': timestamp = '', 'x-nonce': nonce = '' } = request.headers as Record<string, string>;
    const answer = (resultCode: string) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ resultCode }));
    const expected = Buffer.from(signed(key, nonce, timestamp, body));
    if (expected.length !== sign.length || !timingSafeEqual(expected, Buffer.from(sign))) return answer('000001');
    const activity = request.url?.split('/').at(-1) ?? '';
    const fields = JSON.parse(body) as Fields;
    const problem = trouble(activity, fields);
    if (problem === 'hang up before') return response.destroy();
    if (problem && problem !== 'hang up after') {
      calls.push({ activity, fields, created: false });
      return answer(problem);
    }
    calls.push({ activity, fields, created: take(activity, fields) });
    return problem ? response.destroy() : answer('000000');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    send: sendTo({ url, key }),
    tenants,
    apps,
    departments,
    users,
    calls,
    /** The calls of an activity that were taken and created something. */
    created: (activity: string) => calls.filter((call) => call.activity === activity && call.created).length,
    troubledBy(next: typeof trouble) {
      trouble = next;
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Signs and sends calls by the Kit protocol V2, as the client to merchants does. */
function sendTo({ url, key }: { url: string; key: string }): SendKit {
  return async ({ product: _, activity, ...call }, { signal }) => {
    const body = JSON.stringify({ ...call, ...(await fieldsOf({ activity, ...call } as never)) });
    const [timestamp, nonce] = [String(Date.now()), String(Math.random()).slice(2)];
    let resultCode: string;
    try {
      const response = await fetch(`${url}/produceAPI/v2/${activity}`, {
        method: 'POST',
        body,
        signal,
        headers: { 'content-type': 'application/json', 'x-sign': signed(key, nonce, timestamp, body), 'x-timestamp': timestamp, 'x-nonce': nonce },
      });
      ({ resultCode } = (await response.json()) as { resultCode: string });
    } catch (error) {
      throw new OutsideUnavailable('NO_ANSWER', (error as Error).message, { unknown: true });
    }
    if (resultCode !== '000000') throw new OutsideRefused(resultCode, `expected resultCode 000000 of ${activity}, got ${resultCode}`);
  };
}

type Told = Parameters<SendKit>[0];

/** The protocol's names for what one call says (V2). */
async function fieldsOf(call: Told): Promise<Fields> {
  if (call.activity === 'allOrgSync') return { orgInfoList: call.departments.map(inProtocol) };
  if (call.activity === 'singleOrgSync') return inProtocol(call.department);
  if (call.activity === 'authSync') return { userList: call.users, currentSyncTime: String(call.at) };
  return {};
}
const inProtocol = ({ code, name, parent }: { code: string; name: string; parent: string | null }) => ({ orgCode: code, orgName: name, parentCode: parent });
