import type { NewKey } from '../db/inbound/keys.ts';
import { type MerchantKeyRow, merchantKeysOf } from '../db/read/usage.ts';
import { invalid, notFound, wrongField } from '../lifecycles/problem.ts';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';
import type { Problems, ShownProblem } from './problem.ts';
import { whyFrozen } from './setting.ts';

type Made = NewKey & { kind: 'Made' };
type Revoked = { kind: 'Revoked'; ak: string };

const making = { zh: '创建密钥', en: 'Make a key' };
const twoActive = wrongField('key', {
  zh: '最多两个有效密钥，已有两个；请先作废较早的',
  en: 'expected at most two active keys, got two already; revoke the older one first',
});

/** The keys that a merchant's own systems sign with (PRD-9): two active ones, so that one is replaced without a gap. */
export function addMerchantKeys(builder: Builder, { problems }: { problems: Problems }): void {
  const key = builder.objectRef<MerchantKeyRow>('MerchantKey').implement({
    description: 'A key of a merchant’s systems, without its secret.',
    fields: (t) => ({
      ak: t.exposeString('ak'),
      createdAt: t.field({ type: 'DateTime', resolve: (row) => row.createdAt }),
      createdBy: t.exposeString('createdBy'),
      revokedAt: t.field({ type: 'DateTime', nullable: true, resolve: (row) => row.revokedAt }),
      revokedBy: t.exposeString('revokedBy', { nullable: true }),
    }),
  });
  builder.queryField('merchantKeys', (t) =>
    t.field({
      type: [key],
      description: 'The keys of the caller’s systems, newest first (PRD-9).',
      authScopes: { as: ['merchant'] },
      complexity: 10,
      resolve: (_root, _args, { reads }) => merchantKeysOf(reads.reader),
    }),
  );

  const made = builder.objectRef<Made>('MerchantKeyCreated').implement({
    fields: (t) => ({ ak: t.exposeString('ak'), secret: t.exposeString('secret', { description: 'Shown this once; keep it.' }) }),
  });
  const createResult = builder.unionType('CreateMerchantKeyResult', {
    types: [made, problems.types.Invalid, problems.types.Refused] as never,
    resolveType: ((value: Made | ShownProblem) => (value.kind === 'Made' ? made : value.kind)) as never,
  });
  builder.mutationField('createMerchantKey', (t) =>
    t.field({
      type: createResult as never,
      description: 'Makes a key for the caller’s systems to sign with 创建密钥; two may be active (PRD-9).',
      authScopes: { as: ['merchant'] },
      complexity: 20,
      resolve: (async (_root: unknown, _args: unknown, context: Context) => {
        const frozen = await whyFrozen(making, context);
        if (frozen) return frozen;
        const fresh = await context.core.merchantKeys.create(context.actor);
        return fresh ? { kind: 'Made', ...fresh } : invalid([twoActive]);
      }) as never,
    }),
  );

  const revoked = builder.objectRef<Revoked>('MerchantKeyRevoked').implement({ fields: (t) => ({ ak: t.exposeString('ak') }) });
  const revokeResult = builder.unionType('RevokeMerchantKeyResult', {
    types: [revoked, problems.types.NotFound] as never,
    resolveType: ((value: Revoked | ShownProblem) => (value.kind === 'Revoked' ? revoked : value.kind)) as never,
  });
  builder.mutationField('revokeMerchantKey', (t) =>
    t.field({
      type: revokeResult as never,
      description: 'Takes a key away for good, at once 作废密钥 (PRD-9).',
      args: { ak: t.arg.string({ required: true }) },
      authScopes: { as: ['merchant'] },
      complexity: 20,
      resolve: (async (_root: unknown, { ak }: { ak: string }, { core, actor }: Context) => {
        const isKey = /^[\w-]{1,100}$/.test(ak);
        return isKey && (await core.merchantKeys.revoke(actor, ak)) ? { kind: 'Revoked', ak } : notFound(isKey ? ak : 'key');
      }) as never,
    }),
  );
}
