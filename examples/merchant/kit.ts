import { constants, generateKeyPairSync, type KeyObject, privateDecrypt } from 'node:crypto';
import { z } from 'zod';
import { type Answer, CallRefused, codes, success } from './answer.ts';
import { fieldsOf, text } from './fields.ts';
import { isSame, kitV1Token, kitV2Signature } from './signatures.ts';
import type { Store } from './store.ts';

const flag = (...values: number[]) => z.coerce.number().refine((value) => values.includes(value), `expected one of ${values.join(', ')}`);
const about = { instanceId: text(), testFlag: z.coerce.number().min(0).max(1).optional() };
const ofTenant = { ...about, tenantId: text() };
const department = z.object({ orgCode: text(), orgName: text(), parentCode: z.string().nullish() });
const user = z.object({
  userName: text(),
  name: z.string().nullish(),
  orgCode: z.string().nullish(),
  role: z.enum(['user', 'admin']).nullish(),
  enable: z.union([z.boolean(), z.string()]).nullish(),
});

const tenant = z.object({ ...ofTenant, orderId: text(), tenantCode: text(), name: text(), domainName: z.string().nullish(), flag: flag(0, 1, 2) });
const application = z.object({ ...ofTenant, appId: text(), clientId: text().optional(), clientSecret: text(4_096).optional(), flag: flag(0, 1, 2) });
const granted = z.object({ ...ofTenant, appId: text(), userList: z.array(user).min(1).max(500), currentSyncTime: text(), flag: flag(0, 1, 2, 3) });
const oneDepartment = department.extend({ ...ofTenant, orgName: text().optional(), flag: flag(0, 1, 2) });

type Headers = Readonly<Record<string, string | undefined>>;

/** Organisation sync (Kit), both generations: POST /produceAPI/X and /produceAPI/v2/X. */
export function createKit({ key, accessKey, store, now = Date.now }: { key: string; accessKey: string; store: Store; now?: () => number }) {
  let pair: { publicKey: KeyObject; privateKey: KeyObject } | null = null;
  /** What clientSecret is encrypted for; made when it is first asked for. */
  const keyPair = () => {
    pair ??= generateKeyPairSync('rsa', { modulusLength: 3_072 });
    return pair;
  };

  const activities: Record<string, (body: Record<string, unknown>, generation: 'V1' | 'V2') => Answer> = {
    tenantSync: (body) => {
      const given = fieldsOf(tenant, body);
      return sync('tenantSync', `tenant ${given.tenantId}`, given.flag, { code: given.tenantCode, name: given.name, domain: given.domainName ?? null }, given);
    },
    applicationSync: (body) => {
      const given = fieldsOf(application, body);
      if (given.flag !== 0 && !given.clientId) throw new CallRefused(codes.parameter, 'clientId: expected it with flag 1 or 2');
      if (given.clientSecret !== undefined) requireReadable(given.clientSecret);
      return sync('applicationSync', `application ${given.tenantId} ${given.appId}`, given.flag, { clientId: given.clientId ?? null }, given);
    },
    authSync: (body) => {
      const given = fieldsOf(granted, { ...body, userList: listOf(body.userList) });
      for (const one of given.userList) {
        const { userName, ...rest } = one;
        sync('authSync', `user ${given.tenantId} ${given.appId} ${userName}`, given.flag === 3 ? 0 : given.flag, rest, given);
      }
      return success();
    },
    singleOrgSync: (body) => {
      const given = fieldsOf(oneDepartment, body);
      const { orgCode, orgName = null, parentCode = null } = given;
      if (given.flag !== 0 && orgName === null) throw new CallRefused(codes.parameter, 'orgName: expected it with flag 1 or 2');
      return sync('singleOrgSync', `department ${given.tenantId} ${orgCode}`, given.flag, { orgName, parentCode }, given);
    },
    allOrgSync: (body, generation) => {
      const given = fieldsOf(z.object(ofTenant), body);
      const list = fieldsOf(z.array(department), generation === 'V1' ? listOf(body.orgInfo) : body.orgInfoList);
      const whole = new Map(list.map(({ orgCode, orgName, parentCode = null }) => [`department ${given.tenantId} ${orgCode}`, { orgName, parentCode }]));
      const gone = Object.keys(store.state.organisation).filter((name) => name.startsWith(`department ${given.tenantId} `) && !whole.has(name));
      for (const name of gone) sync('allOrgSync', name, 0, null, given);
      for (const [name, value] of whole) sync('allOrgSync', name, 1, value, given);
      return success();
    },
  };

  return { names: Object.keys(activities), publicKey: () => keyPair().publicKey.export({ type: 'spki', format: 'pem' }), check, answer };

  /** @throws CallRefused 000001 unless the call is signed as its generation wants it */
  function check(generation: 'V1' | 'V2', { headers, raw, body }: { headers: Headers; raw: string; body: Record<string, unknown> }): void {
    if (generation === 'V1') {
      const expected = kitV1Token(key, body);
      if (!isSame(headers.authtoken ?? '', expected)) throw new CallRefused(codes.authentication, 'header authToken is not the one over this body');
      return;
    }
    const { 'x-sign': sign = '', 'x-timestamp': timestamp = '', 'x-nonce': nonce = '' } = headers;
    if (!/^\d{13}$/.test(timestamp) || !nonce) throw new CallRefused(codes.parameter, 'expected headers x-sign, x-timestamp (13 digits) and x-nonce');
    if (!isSame(sign.toLowerCase(), kitV2Signature(accessKey, { nonce, timestamp, body: raw })))
      throw new CallRefused(codes.authentication, 'x-sign is not the one over this body');
    if (Math.abs(Number(timestamp) - now()) > 60_000) throw new CallRefused(codes.authentication, 'x-timestamp: expected at most 60 s from now');
  }

  function answer(generation: 'V1' | 'V2', name: string, body: Record<string, unknown>): Answer {
    const act = activities[name];
    if (!act) throw new CallRefused(codes.parameter, `expected one of ${Object.keys(activities).join(', ')}, got ${name}`);
    return act(body, generation);
  }

  /** Makes it so. The same again is success and changes nothing. */
  function sync(
    activity: string,
    name: string,
    given: number,
    value: unknown,
    { instanceId, orderId = null }: { instanceId: string; orderId?: string | null },
  ): Answer {
    const { organisation } = store.state;
    const before = organisation[name];
    if (given === 0 ? before === undefined : JSON.stringify(before) === JSON.stringify(value)) return success();
    if (given === 0) delete organisation[name];
    else organisation[name] = value;
    store.effect({ activity, what: `${given === 0 ? 'removed' : before === undefined ? 'added' : 'changed'} ${name}`, orderId, instanceId });
    return success();
  }

  function requireReadable(secret: string): void {
    const { privateKey } = keyPair();
    const isReadable = ['sha256', 'sha1'].some((oaepHash) => {
      try {
        return privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, Buffer.from(secret, 'base64')).length > 0;
      } catch {
        return false;
      }
    });
    if (!isReadable) throw new CallRefused(codes.parameter, 'clientSecret: expected RSA-OAEP for the key at GET /_key');
  }
}

/** V1 sends lists as JSON text. */
function listOf(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  try {
    return JSON.parse(given);
  } catch {
    throw new CallRefused(codes.parameter, 'expected a list as JSON text');
  }
}
