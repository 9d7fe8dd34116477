import type { Call, CallOf, Endpoint } from '../call.ts';
import { compactInBeijing } from '../forms.ts';

type Generation = Endpoint['generation'];
type Kit = 'tenantSync' | 'applicationSync' | 'authSync' | 'singleOrgSync' | 'allOrgSync';
type Builders = { [Name in Kit]: (call: CallOf<Name>, generation: Generation) => Record<string, unknown> };

const department = ({ code, name, parent }: CallOf<'singleOrgSync'>['department']) => ({
  orgCode: code,
  orgName: name ?? undefined,
  parentCode: parent ?? undefined,
});

/** [I] V1 writes a list as its JSON text, as the document says of orgInfo; V2 sends the list. */
const list = (values: unknown[], generation: Generation) => (generation === 'V1' ? JSON.stringify(values) : values);

const builders: Builders = {
  tenantSync: ({ orderId, tenantCode, name, domainName, flag }) => ({ orderId, tenantCode, name, domainName: domainName ?? '', flag }),
  applicationSync: ({ appId, clientId, clientSecret, flag }) => ({ appId, clientId, clientSecret, flag }),
  authSync: ({ appId, users, at, flag }, generation) => ({ appId, userList: list(users, generation), currentSyncTime: compactInBeijing(at), flag }),
  singleOrgSync: (call) => ({ ...department(call.department), flag: call.flag }),
  allOrgSync: ({ departments }, generation) => {
    const all = departments.map(department);
    return generation === 'V1' ? { orgInfo: JSON.stringify(all) } : { orgInfoList: all };
  },
};

/** The body of an organisation call (ORG-1), apart from what signs it; null: it is none. */
export function bodyOfKit(call: Call, generation: Generation): Record<string, unknown> | null {
  const build = (builders as Partial<Record<string, (call: Call, generation: Generation) => Record<string, unknown>>>)[call.activity];
  if (!build || !('tenantId' in call)) return null;
  return { instanceId: call.instanceId, tenantId: call.tenantId, ...build(call, generation), testFlag: call.test ? 1 : 0 };
}

/** POST <address>/produceAPI/X, /produceAPI/v2/X; an address that ends in produceAPI already is taken as it is. */
export function kitUrl(url: string, { activity, generation }: { activity: string; generation: Generation }): URL {
  const target = new URL(url);
  const base = target.pathname.replace(/\/+$/, '').replace(/\/produceAPI(\/v2)?$/, '');
  target.pathname = `${base}/produceAPI/${generation === 'V2' ? 'v2/' : ''}${activity}`;
  return target;
}
