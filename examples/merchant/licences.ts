import { z } from 'zod';
import { type Answer, success } from './answer.ts';
import { fieldsOf, text, utcTime } from './fields.ts';
import type { Store } from './store.ts';

const named = { licenseCode: text(), orderId: text().optional(), orderLineId: text().optional() };
const refreshed = z.object({ ...named, orderId: text(), scene: z.enum(['RENEWAL', 'UNSUBSCRIBE_RENEWAL_PERIOD']), expireTime: utcTime });

export type Licences = ReturnType<typeof createLicences>;

/** License 2.0, the part that the marketplace calls: codes it made are renewed, frozen and released here. The field `licenseCode` is an inference [I]. */
export function createLicences(store: Store) {
  const of = (code: string) => {
    store.state.licences[code] ??= { status: 'ALIVE', expireTime: null };
    return store.state.licences[code];
  };

  function setStatus(activity: string, code: string, status: 'ALIVE' | 'FREEZE' | 'RELEASED', orderId: string | null): Answer {
    const licence = of(code);
    if (licence.status !== status) {
      licence.status = status;
      store.effect({ activity, what: status, orderId, instanceId: code });
    }
    return success();
  }

  const activities: Record<string, (body: unknown) => Answer> = {
    refreshLicenseCode: (body) => {
      const { licenseCode, orderId, orderLineId = '', scene, expireTime } = fieldsOf(refreshed, body);
      store.once(`refreshLicenseCode ${scene} ${orderId} ${orderLineId}`, () => {
        of(licenseCode).expireTime = expireTime;
        store.effect({ activity: 'refreshLicenseCode', what: 'extended', orderId, instanceId: licenseCode });
        return { instanceId: licenseCode };
      });
      return success();
    },
    updateLicenseCodeStatus: (body) => {
      const { licenseCode, orderId = null, status } = fieldsOf(z.object({ ...named, status: z.enum(['FREEZE', 'UNFREEZE']) }), body);
      return setStatus('updateLicenseCodeStatus', licenseCode, status === 'FREEZE' ? 'FREEZE' : 'ALIVE', orderId);
    },
    releaseLicenseCode: (body) => {
      const { licenseCode, orderId = null } = fieldsOf(z.object(named), body);
      return setStatus('releaseLicenseCode', licenseCode, 'RELEASED', orderId);
    },
  };
  return { activities };
}
