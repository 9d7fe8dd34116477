import { randomUUID } from 'node:crypto';
import type { ResourceDetails } from '../production/resourceDetails.ts';
import type { Builder } from './builder.ts';
import { send } from './command.ts';
import type { Context } from './context.ts';
import { fromId } from './ids.ts';
import type { Texts } from './language.ts';
import type { Problems, ShownProblem } from './problem.ts';

type Shown = { kind: 'Shown' } & Extract<ResourceDetails, { app: unknown }>;
type Silent = { kind: 'Silent' } & Extract<ResourceDetails, { code: string }>;

/** The buyer's look at an instance's credentials (BUY-1): logged first, then asked of the merchant; masked everywhere else. */
export function addCredentials(builder: Builder, { problems, texts: { text } }: { problems: Problems; texts: Texts }): void {
  const shown = builder.objectRef<Shown>('CredentialsShown').implement({
    description: 'As the merchant says them now; the marketplace keeps none of the secrets.',
    fields: (t) => ({
      frontEndUrl: t.string({ nullable: true, resolve: ({ app }) => app?.frontEndUrl ?? null }),
      adminUrl: t.string({ nullable: true, resolve: ({ app }) => app?.adminUrl ?? null }),
      userName: t.string({ nullable: true, resolve: ({ credentials }) => credentials?.userName ?? null }),
      password: t.string({ nullable: true, resolve: ({ credentials }) => credentials?.password ?? null }),
      memo: t.string({ nullable: true, resolve: ({ credentials }) => credentials?.memo ?? null }),
    }),
  });
  const silent = builder.objectRef<Silent>('MerchantSilent').implement({
    description: 'The look is logged, but the merchant’s server did not say them; try again later, or ask the merchant.',
    fields: (t) => ({
      resultCode: t.exposeString('code', { description: 'The merchant’s result code, or ours.' }),
      message: t.string(text<Silent>(({ sentence }) => sentence)),
    }),
  });
  const result = builder.unionType('ShowCredentialsResult', {
    types: [shown, silent, ...Object.values(problems.types)] as never,
    resolveType: ((value: Shown | Silent | ShownProblem) => (value.kind === 'Shown' ? shown : value.kind === 'Silent' ? silent : value.kind)) as never,
  });
  builder.mutationField('showCredentials', (t) =>
    t.field({
      type: result as never,
      description: 'The administrator’s name and first password of a service, for its buyer 查看登录信息. Each call is an event of the operation log (BUY-1).',
      args: { serviceInstance: t.arg.id({ required: true }) },
      authScopes: { as: ['buyer'] },
      complexity: 100,
      resolve: (async (_root: unknown, { serviceInstance: id }: { serviceInstance: string }, context: Context) => {
        const given = { reason: null, idempotencyKey: randomUUID(), expectedRevision: null };
        const logged = await send({ lifecycle: 'serviceInstance', command: 'revealCredentials', id, input: {}, given }, context);
        if (logged.kind !== 'Done') return logged;
        const row = await context.reads.instances.load(fromId(id)?.uuid ?? '');
        const { product, merchantInstance } = (row?.instance.context ?? {}) as { product: string; merchantInstance: string };
        const details = await context.core.askInstance({ product, instanceId: merchantInstance });
        return 'code' in details ? { kind: 'Silent', ...details } : { kind: 'Shown', ...details };
      }) as never,
    }),
  );
}
