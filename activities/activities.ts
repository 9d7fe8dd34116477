import { ApplicationFailure } from '@temporalio/common';
import type pg from 'pg';
import type { EffectRef } from '../db/attempts.ts';
import type { Commit } from '../db/commit.ts';
import type { Answer, CommandRequest } from '../db/requests.ts';
import type { adminInvitation } from '../lifecycles/adminInvitation.ts';
import type { Agenda } from '../lifecycles/agenda.ts';
import type { appBinding } from '../lifecycles/appBinding.ts';
import type { billExport } from '../lifecycles/billExport.ts';
import type { buyerAccount } from '../lifecycles/buyerAccount.ts';
import type { callBatch } from '../lifecycles/callBatch.ts';
import type { callFailure } from '../lifecycles/callFailure.ts';
import type { enterprise } from '../lifecycles/enterprise.ts';
import type { order } from '../lifecycles/order.ts';
import type { productionCall } from '../lifecycles/productionCall.ts';
import type { refund } from '../lifecycles/refund.ts';
import type { settlementBill } from '../lifecycles/settlementBill.ts';
import type { statementLetter } from '../lifecycles/statementLetter.ts';
import type { supervision } from '../lifecycles/supervision.ts';
import { createBillBuilder, createBilling } from './bills.ts';
import { createEndBindings } from './bindings.ts';
import { createCallBatches } from './callBatches.ts';
import { createCallFailures } from './callFailures.ts';
import { effectActivity } from './effect.ts';
import type { Outside } from './outside.ts';
import { createPlaces, type Places } from './places.ts';
import { createRestoring } from './restoring.ts';

/** Every effect that a lifecycle declares; one without an outside is a compile error. */
export type EffectName =
  | keyof (typeof order)['effects']
  | keyof (typeof supervision)['effects']
  | keyof (typeof productionCall)['effects']
  | keyof (typeof enterprise)['effects']
  | keyof (typeof appBinding)['effects']
  | keyof (typeof adminInvitation)['effects']
  | keyof (typeof refund)['effects']
  | keyof (typeof settlementBill)['effects']
  | keyof (typeof statementLetter)['effects']
  | keyof (typeof billExport)['effects']
  | keyof (typeof callFailure)['effects']
  | keyof (typeof buyerAccount)['effects']
  | keyof (typeof callBatch)['effects'];
/** Work that PostgreSQL alone does needs no outside. */
type InsideName = 'buildLines' | 'reportFailure' | 'restoreServices' | 'callAllAgain';
export type Outsides = Record<Exclude<EffectName, InsideName>, Outside>;

/** `inTask`: tried inside the workflow task, which waits for it. */
export type EffectRequest = EffectRef & { inTask?: true };
export type EffectActivity = (effect: EffectRequest) => Promise<Agenda | null>;
export type Fire = { instance: string; lifecycle: string; key: string; keeperNow: number };

export type ActivityOptions = {
  commit: Commit;
  pool: pg.Pool;
  outsides: Outsides;
  signHeads: () => Promise<{ instances: number; sha256: string }>;
  /** Lets the workflow's clock move the family's (Temporal's time skipping); never in production. */
  sandbox: boolean;
  onBug: (error: unknown, effect: EffectRef) => void;
  places?: Places;
};

export type Activities = ReturnType<typeof createActivities>;

/** All that a worker runs for the keeper: fired deadlines, commands by Update, and one activity per effect. */
export function createActivities({ commit, pool, outsides, signHeads, sandbox, onBug, places = createPlaces() }: ActivityOptions) {
  const all: Record<EffectName, Outside> = {
    ...createBillBuilder({ pool }),
    ...createCallFailures({ pool, commit }),
    ...createRestoring({ pool, commit }),
    ...createCallBatches({ pool, commit }),
    ...outsides,
  };
  const byEffect = Object.fromEntries(Object.entries(all).map(([name, outside]) => [name, places(name, effectActivity({ commit, pool, outside, onBug }))]));
  return {
    fire: ({ instance, lifecycle, key, keeperNow }: Fire) => commit.fire({ instance, lifecycle, key, via: 'keeper', ...(sandbox ? { keeperNow } : {}) }),
    /** All but a bug is an answer, and a bug is no better the second time: it fails the Update and leaves the workflow free. */
    command: (request: CommandRequest): Promise<Answer> =>
      commit.command(request).catch((error: unknown) => {
        throw ApplicationFailure.fromError(error, { nonRetryable: true });
      }),
    signHeads,
    openBills: createBilling({ pool, commit, sandbox }),
    endBindings: createEndBindings({ pool, commit }),
    ...(byEffect as Record<EffectName, EffectActivity>),
    /** An effect that only newer workers know: without this, the SDK refuses to try it in a task by an error that no history tells. */
    default: async (): Promise<never> => {
      throw ApplicationFailure.create({ type: 'EFFECT_UNKNOWN', message: 'this worker knows no such effect; a newer one tries it' });
    },
  };
}
