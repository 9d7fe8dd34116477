import { randomUUID } from 'node:crypto';
import { debuggingPause } from '../db/endpoints.ts';
import { unwritableText } from '../db/storable.ts';
import { DatabaseUnavailable } from '../db/transaction.ts';
import { invalid, unavailable, wrongField } from '../lifecycles/problem.ts';
import { system } from '../lifecycles/roles.ts';
import { addressProblem } from '../production/addresses.ts';
import { type DebugStep, debugEndpoint } from '../production/debug.ts';
import { sentence } from '../production/sentences.ts';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';
import type { Texts } from './language.ts';
import type { Problems, ShownProblem } from './problem.ts';
import { settingResult, whyFrozen } from './setting.ts';

type Wish = { product: string; generation: 'V1' | 'V2'; url: string; key?: string | null; endFormerKey?: boolean | null };
type Debugged = { kind: 'Debugged'; product: string; steps: DebugStep[] };
type Finding = DebugStep['findings'][number];

const setting = { zh: '设置生产接口', en: 'Set the endpoint' };
const debugging = { zh: '接口调试', en: 'Debug the endpoint' };

const keyForm = /^[\x21-\x7e]{8,200}$/;

/** What is wrong with where a merchant wants to be called (PRD-8), before anything is kept. */
function wrongIn({ url, key }: Wish, allowPrivate: boolean): ShownProblem | null {
  const problem = addressProblem(url, { allowPrivate });
  const said = problem && sentence(problem, { got: URL.parse(url)?.hostname ?? '' });
  const fields = said ? [wrongField('url', said)] : [];
  if (key != null && !keyForm.test(key)) fields.push(wrongKey);
  return fields.length > 0 ? invalid(fields) : null;
}
const wrongKey = wrongField('key', { zh: '密钥应为 8 到 200 个可见的 ASCII 字符', en: 'expected 8 to 200 visible ASCII characters' });

/**
 * PRD-6: what has passed with every kind of call may come back on sale. A product that has no life yet, or a retired one, needs no word.
 * @returns the problem where it could not be kept, and should be debugged again; else null
 */
async function recordPassed({ core, reads }: Context, product: string, at: number): Promise<ShownProblem | null> {
  // the same again is a debugging, which has to wait for its turn
  const later = (reason: string) => unavailable(reason, debuggingPause);
  const lives = await reads.reader
    .rows<{ id: string }>({
      name: 'life of a product',
      text: "select instance_id as id from subjects where lifecycle = 'product' and subject = $1",
      values: [product],
    })
    .catch((error: unknown) => {
      if (error instanceof DatabaseUnavailable) return later(error.message);
      throw error;
    });
  if ('kind' in lives) return lives;
  const [life] = lives;
  if (!life) return null;
  const kept = await core.commit.command({
    lifecycle: 'product',
    instance: life.id,
    command: 'recordDebugging',
    input: { at },
    reason: null,
    actor: system,
    idempotencyKey: randomUUID(),
    expectedRevision: null,
    via: 'api',
  });
  return kept.ok || kept.problem.kind !== 'Unavailable' ? null : later(String(kept.problem.details.reason));
}

/** Where a product's merchant is called (PRD-1), and test calls of each kind to it (PRD-7). */
export function addEndpoints(builder: Builder, { problems, texts: { text } }: { problems: Problems; texts: Texts }): void {
  const generation = builder.enumType('InterfaceGeneration', { values: ['V1', 'V2'] as const });
  const set = builder.objectRef<{ kind: 'Set'; product: string }>('EndpointSet').implement({ fields: (t) => ({ product: t.exposeID('product') }) });
  const input = builder.inputType('SetEndpointInput', {
    fields: (t) => ({
      product: t.id({ required: true }),
      generation: t.field({ type: generation, required: true }),
      url: t.string({ required: true, description: 'HTTPS, a public domain name (PRD-8).' }),
      key: t.string({
        required: false,
        description:
          'Signs the calls; never shown again. Left out: the one that is set stays. The key that it replaces still counts in answers for 24 hours (PRD-9).',
      }),
      endFormerKey: t.boolean({ required: false, description: 'The key before the present one no longer counts, at once: it is known to others.' }),
    }),
  });
  builder.mutationField('setEndpoint', (t) =>
    t.field({
      type: settingResult(builder, { name: 'SetEndpointResult', changed: set, problems }) as never,
      description: 'Set where and how a product’s merchant is called 设置生产接口 (PRD-1), from the next try on. By: merchant, operationsManager.',
      args: { input: t.arg({ type: input, required: true }) },
      authScopes: { as: ['merchant', 'operationsManager'] },
      complexity: 50,
      resolve: (async (_root: unknown, { input: given }: { input: Wish }, context: Context) => {
        const { actor, core } = context;
        const unwritable = unwritableText(given, '');
        if (unwritable.length > 0) return invalid(unwritable);
        const wrong = wrongIn(given, core.endpoints.allowPrivate) ?? (await whyFrozen(setting, context));
        if (wrong) return wrong;
        const wish = { ...given, key: given.key ?? null, endFormerKey: given.endFormerKey ?? false };
        return (await core.endpoints.set(actor, wish)) ?? { kind: 'Set', product: given.product };
      }) as never,
    }),
  );

  const finding = builder.objectRef<Finding>('EndpointFinding').implement({
    fields: (t) => ({
      field: t.exposeString('field'),
      isError: t.exposeBoolean('isError', { description: 'False: it is not as the document says, and was taken all the same.' }),
      message: t.string(text<Finding>((parent) => parent.sentence)),
    }),
  });
  const step = builder.objectRef<DebugStep>('EndpointDebugStep').implement({
    description: 'One test call and what is right and wrong with its answer.',
    fields: (t) => ({
      activity: t.exposeString('activity'),
      passed: t.exposeBoolean('isOk'),
      code: t.exposeString('code'),
      message: t.string(text<DebugStep>((parent) => parent.sentence)),
      durationMs: t.exposeInt('durationMs'),
      request: t.field({ type: 'JSON', nullable: true, description: 'As it was sent, secrets masked.', resolve: (parent) => parent.request }),
      answer: t.field({ type: 'JSON', nullable: true, description: 'As it came, capped.', resolve: (parent) => parent.answer }),
      signed: t.exposeString('signed', { nullable: true, description: 'The text that was signed, with <key> for the key.' }),
      signature: t.exposeString('signature', { nullable: true }),
      findings: t.field({ type: [finding], resolve: (parent) => parent.findings }),
    }),
  });
  const debugged = builder.objectRef<Debugged>('EndpointDebugged').implement({
    fields: (t) => ({
      product: t.exposeID('product'),
      passed: t.boolean({ description: 'Every kind of call has passed.', resolve: ({ steps }) => steps.every(({ isOk }) => isOk) }),
      steps: t.field({
        type: [step],
        description: 'Creation first, release last; without an instance what needs one is not sent.',
        resolve: ({ steps }) => steps,
      }),
    }),
  });
  const result = builder.unionType('DebugEndpointResult', {
    types: [debugged, problems.types.NotFound, problems.types.Refused, problems.types.Invalid, problems.types.Unavailable] as never,
    resolveType: ((value: Debugged | ShownProblem) => (value.kind === 'Debugged' ? debugged : value.kind)) as never,
  });
  builder.mutationField('debugEndpoint', (t) =>
    t.field({
      type: result as never,
      description:
        'Sends a test call of each kind to a product’s endpoint and explains each answer, field by field 接口调试 (PRD-7). Nothing is recorded as an order; every 15 s at most. By: merchant, operationsManager.',
      args: { product: t.arg.id({ required: true }) },
      authScopes: { as: ['merchant', 'operationsManager'] },
      complexity: 2_000,
      resolve: (async (_root: unknown, { product }: { product: string }, context: Context) => {
        const { actor, core } = context;
        const unwritable = unwritableText(product, 'product');
        if (unwritable.length > 0) return invalid(unwritable);
        const readOnly = await whyFrozen(debugging, context);
        if (readOnly) return readOnly;
        const turn = await core.endpoints.takeTurn(actor, product);
        if ('problem' in turn) return turn.problem;
        const steps = await debugEndpoint(turn.endpoint, { allowPrivate: core.endpoints.allowPrivate });
        const unkept = steps.every(({ isOk }) => isOk) ? await recordPassed(context, product, turn.at) : null;
        return unkept ?? { kind: 'Debugged', product, steps };
      }) as never,
    }),
  );
}
