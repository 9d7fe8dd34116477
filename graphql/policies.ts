import { type PolicyChange, policyChangesOf, policyVersionOf, productsWithPolicies } from '../db/read/policies.ts';
import { unwritableText } from '../db/storable.ts';
import type { DeclaredPolicy, Lifecycle, PolicyRule } from '../lifecycles/declaration.ts';
import { faultOf, isCount, resolved, textOf } from '../lifecycles/policies.ts';
import type { Registry } from '../lifecycles/registry.ts';
import type { Role } from '../lifecycles/roles.ts';
import type { Policies, Span } from '../lifecycles/spans.ts';
import type { Builder } from './builder.ts';
import { refusal } from './errors.ts';
import type { Texts } from './language.ts';
import type { Reads } from './reads.ts';

type Value = Span | number;
type Change = { version: number; product: string | null; at: number; by: string; reason: string; basedOn: number; before: unknown; after: unknown };
type Layers = { installation: unknown; product: unknown };
type Shown = { name: string; declared: DeclaredPolicy; layers: Layers; history: Change[] };
type ShownRule = { rule: PolicyRule; holds: boolean };
export type Scope = { lifecycle: Lifecycle; product: string | null; version: number; policies: Shown[]; inForce: Policies };

/** Those who answer for the marketplace's rules may see them with their reasons. */
const readers: readonly Role[] = ['operationsManager', 'reviewer', 'system'];

/** The policies of every lifecycle (ᵖ in the rules): defaults, operators' values and who set them. */
export function addPolicies({ builder, texts: { text }, registry }: { builder: Builder; texts: Texts; registry: Registry }) {
  const unit = builder.enumType('PolicyUnit', {
    values: { SPAN: { description: 'A length of time: working days (TIM-1), or a fixed one.' }, COUNT: { description: 'A number of times.' } } as const,
  });
  const source = builder.enumType('PolicySource', {
    description: 'Where the value in force comes from.',
    values: { DEFAULT: {}, INSTALLATION: {}, PRODUCT: {} } as const,
  });
  const value = builder.objectRef<Value>('PolicyValue').implement({
    fields: (t) => ({
      text: t.string(text<Value>(textOf, 'As people say it: 3 working days.')),
      workingDays: t.int({ nullable: true, resolve: (parent) => (typeof parent === 'object' && 'workingDays' in parent ? parent.workingDays : null) }),
      seconds: t.float({ nullable: true, resolve: (parent) => (typeof parent === 'object' && 'ms' in parent ? parent.ms / 1_000 : null) }),
      count: t.int({ nullable: true, resolve: (parent) => (typeof parent === 'number' ? parent : null) }),
    }),
  });
  const change = builder.objectRef<Change & { declared: DeclaredPolicy }>('PolicyChange').implement({
    description: 'Who set a policy from what to what, when and why.',
    fields: (t) => ({
      version: t.exposeInt('version', { description: 'Stored in every event that was decided by it.' }),
      basedOn: t.exposeInt('basedOn', { description: 'The version that the operator had seen.' }),
      product: t.exposeString('product', { nullable: true, description: 'Null: for the installation.' }),
      at: t.field({ type: 'DateTime', resolve: (parent) => parent.at }),
      by: t.exposeString('by'),
      reason: t.exposeString('reason'),
      before: t.field({ type: value, nullable: true, description: 'Null: it was not set here.', resolve: (parent) => sound(parent.declared, parent.before) }),
      after: t.field({
        type: value,
        nullable: true,
        description: 'Null: given back to the level below.',
        resolve: (parent) => sound(parent.declared, parent.after),
      }),
    }),
  });
  const policy = builder.objectRef<Shown>('Policy').implement({
    fields: (t) => ({
      name: t.exposeString('name'),
      label: t.string(text<Shown>(({ declared }) => declared.label)),
      rule: t.string({ description: 'The rule that it belongs to.', resolve: ({ declared }) => declared.rule }),
      unit: t.field({ type: unit, resolve: ({ declared }) => (isCount(declared) ? 'COUNT' : 'SPAN') }),
      default: t.field({ type: value, resolve: ({ declared }) => declared.default }),
      installation: t.field({ type: value, nullable: true, resolve: ({ declared, layers }) => sound(declared, layers.installation) }),
      product: t.field({ type: value, nullable: true, resolve: ({ declared, layers }) => sound(declared, layers.product) }),
      inForce: t.field({ type: value, resolve: ({ declared, layers }) => inForceOf(declared, layers).value }),
      source: t.field({ type: source, resolve: ({ declared, layers }) => inForceOf(declared, layers).from }),
      history: t.field({
        type: [change],
        description: 'Newest first; the last 200.',
        complexity: { field: 1, multiplier: 5 },
        resolve: ({ declared, history }) => history.slice(0, 200).map((one) => ({ ...one, declared })),
      }),
    }),
  });
  const rule = builder.objectRef<ShownRule>('PolicyRule').implement({
    description: 'What must hold of the policies together.',
    fields: (t) => ({
      label: t.string(text<ShownRule>((parent) => parent.rule.label)),
      policies: t.stringList({ resolve: (parent) => [...parent.rule.policies] }),
      holds: t.exposeBoolean('holds'),
    }),
  });
  const scope = builder.objectRef<Scope>('LifecyclePolicies').implement({
    description: 'The policies of one lifecycle, for the installation or for one product. They hold for what begins from then on (TIM-2).',
    fields: (t) => ({
      lifecycle: t.string({ resolve: (parent) => parent.lifecycle.name }),
      lifecycleLabel: t.string(text<Scope>((parent) => parent.lifecycle.label)),
      product: t.exposeString('product', { nullable: true }),
      version: t.exposeInt('version', { description: 'Send it as expectedVersion.' }),
      perProduct: t.boolean({ description: 'Products may have values of their own.', resolve: (parent) => parent.lifecycle.policyScope !== undefined }),
      productsWithOwn: t.stringList({
        description: 'The products that have values of their own; at most 1,000.',
        complexity: 10,
        resolve: (parent, _args, { reads }) => productsWithPolicies(reads.reader, parent.lifecycle.name),
      }),
      policies: t.field({ type: [policy], resolve: (parent) => parent.policies }),
      rules: t.field({
        type: [rule],
        resolve: (parent) => (parent.lifecycle.policyRules ?? []).map((one) => ({ rule: one, holds: one.holds(parent.inForce) })),
      }),
    }),
  });

  builder.queryField('policies', (t) =>
    t.field({
      type: [scope],
      description: 'The policies of every lifecycle, or of one. For the marketplace’s own people.',
      args: { lifecycle: t.arg.string({ required: false }), product: t.arg.id({ required: false, description: 'With the values of this product over them.' }) },
      authScopes: { as: readers },
      complexity: 20,
      resolve: async (_root, { lifecycle, product = null }, { reads }) => {
        const [bad] = unwritableText({ lifecycle, product }, 'policies');
        if (bad) throw refusal('BAD_INPUT', 400, `${bad.path}: ${bad.message}`);
        const asked = registry.current.filter(({ name }) => lifecycle == null || name === lifecycle);
        return Promise.all(asked.map((one) => scopeOf(one, product ?? null, reads)));
      },
    }),
  );

  return { scope };
}

const sound = (declared: DeclaredPolicy, value: unknown): Value | null => (value === undefined || faultOf(declared, value) ? null : (value as Value));

function inForceOf(declared: DeclaredPolicy, { installation, product }: Layers): { value: Value; from: 'DEFAULT' | 'INSTALLATION' | 'PRODUCT' } {
  const [own, common] = [sound(declared, product), sound(declared, installation)];
  if (own !== null) return { value: own, from: 'PRODUCT' };
  return common !== null ? { value: common, from: 'INSTALLATION' } : { value: declared.default, from: 'DEFAULT' };
}

/** What is in force for a scope, and how it came to be so. */
export async function scopeOf(lifecycle: Lifecycle, product: string | null, { reader }: Reads): Promise<Scope> {
  const asked = { lifecycle: lifecycle.name, product };
  const [changes, version] = await Promise.all([policyChangesOf(reader, asked), policyVersionOf(reader, asked)]);
  const newest = (scope: string | null) => changes.findLast((one) => one.product === scope)?.values;
  const [installation, own] = [newest(null), product === null ? undefined : newest(product)];
  const policies = Object.entries(lifecycle.policies).map(([name, declared]): Shown => {
    return { name, declared, layers: { installation: installation?.[name], product: own?.[name] }, history: historyOf(changes, name) };
  });
  return { lifecycle, product, version, policies, inForce: resolved(lifecycle, [own, installation]) };
}

/** The changes that moved one policy, newest first. */
function historyOf(changes: readonly PolicyChange[], name: string): Change[] {
  const last = new Map<string | null, unknown>();
  const moved = changes.flatMap((one) => {
    const [before, after] = [last.get(one.product), one.values[name]];
    last.set(one.product, after);
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ ...one, before, after }];
  });
  return moved.reverse();
}
