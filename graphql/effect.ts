import type { AttemptRow, EffectRow } from '../db/read/effects.ts';
import type { IncidentRow } from '../db/read/incidents.ts';
import { labelOf } from '../lifecycles/core.ts';
import type { Lifecycle } from '../lifecycles/declaration.ts';
import type { Builder } from './builder.ts';
import type { Texts } from './language.ts';
import type { People } from './people.ts';

type Shown<Row> = Row & { lifecycle: Lifecycle };

export function addEffects(builder: Builder, { text }: Texts, { role }: People) {
  const attempt = builder.objectRef<Shown<AttemptRow>>('Attempt').implement({
    description: 'One try of an effect on the outside world.',
    fields: (t) => ({
      effect: t.exposeString('effect', { description: 'The effect’s key.' }),
      name: t.exposeString('name'),
      label: t.string(text<Shown<AttemptRow>>(({ lifecycle, name }) => labelOf(lifecycle, name))),
      no: t.exposeInt('no'),
      causedBy: t.string({
        nullable: true,
        description:
          'Who asked for it: by what opened the effect, or by a retry (PRD-5); null: it followed the try before by itself, or was made before this was kept.',
        resolve: ({ causedBy }) => causedBy?.actor ?? null,
      }),
      causedByRole: t.field({ type: role, nullable: true, resolve: ({ causedBy }) => causedBy?.role ?? null }),
      startedAt: t.field({ type: 'DateTime', resolve: (row) => row.startedAt }),
      finishedAt: t.field({ type: 'DateTime', nullable: true, resolve: (row) => row.finishedAt }),
      durationMs: t.int({ nullable: true, resolve: ({ startedAt, finishedAt }) => (finishedAt === null ? null : finishedAt - startedAt) }),
      outcome: t.exposeString('outcome', { description: 'running, succeeded, failed, or unknown: it may have reached the outside.' }),
      errorCode: t.string({ nullable: true, resolve: ({ error }) => error?.code ?? null }),
      record: t.field({
        type: 'JSON',
        nullable: true,
        description: 'What was sent and what came, secrets masked (PRD-3); null where nothing is recorded.',
        resolve: ({ record }) => record,
      }),
      errorMessage: t.string({ nullable: true, resolve: ({ error }) => error?.message ?? null }),
    }),
  });
  const effect = builder.objectRef<Shown<EffectRow>>('Effect').implement({
    description: 'Work on the outside world that this record asks for; retried by retryEffect(effect: key).',
    fields: (t) => ({
      key: t.exposeString('key'),
      name: t.exposeString('name'),
      label: t.string(text<Shown<EffectRow>>(({ lifecycle, name }) => labelOf(lifecycle, name))),
      status: t.exposeString('status', { description: 'open, parked (frozen), failed (gave up), done or cancelled.' }),
      params: t.field({ type: 'JSON', resolve: (row) => row.params }),
      attemptCount: t.exposeInt('attempts'),
      attempts: t.field({
        type: [attempt],
        resolve: async ({ instance, key, lifecycle }, _args, { reads }) =>
          (await reads.attempts.load(instance)).filter((row) => row.effect === key).map((row) => ({ ...row, lifecycle })),
      }),
      openedAt: t.field({ type: 'DateTime', resolve: (row) => row.openedAt }),
      nextAttemptAt: t.field({ type: 'DateTime', nullable: true, resolve: (row) => row.nextAttemptAt }),
      closedAt: t.field({ type: 'DateTime', nullable: true, resolve: (row) => row.closedAt }),
    }),
  });
  const incident = builder.objectRef<Shown<IncidentRow>>('Incident').implement({
    description: 'Something an operator must look at: an effect that gave up, a window that passed, a bug.',
    fields: (t) => ({
      subject: t.exposeString('subject', { description: 'The key of the effect or deadline it is about.' }),
      name: t.exposeString('name'),
      label: t.string(text<Shown<IncidentRow>>(({ lifecycle, name }) => labelOf(lifecycle, name))),
      code: t.exposeString('code'),
      message: t.exposeString('message'),
      openedAt: t.field({ type: 'DateTime', resolve: (row) => row.openedAt }),
      closedAt: t.field({ type: 'DateTime', nullable: true, resolve: (row) => row.closedAt }),
    }),
  });
  return { attempt, effect, incident };
}
