import type pg from 'pg';
import { canonical } from '../lifecycles/canonical.ts';
import type { Lifecycle } from '../lifecycles/declaration.ts';
import { brokenRules, faultOf, resolved, textOf, valuesIn } from '../lifecycles/policies.ts';
import { expectedField, type FieldProblem, fieldProblem, invalid, notFound, type Problem, refused } from '../lifecycles/problem.ts';
import type { Registry } from '../lifecycles/registry.ts';
import type { Actor, Bilingual } from '../lifecycles/roles.ts';
import type { Span } from '../lifecycles/spans.ts';
import { change, outdated, type Setting } from './operators.ts';
import { reasonProblems } from './requests.ts';
import { storable } from './storable.ts';

export type PolicyRequest = {
  actor: Actor;
  lifecycle: string;
  /** Null: for the whole installation. */
  product: string | null;
  /** All values of this lifecycle and scope from now on; what is not named falls back to the installation's, then to the default. */
  values: readonly { name: string; value: Span | number }[];
  reason: string | null;
  /** The version the operator saw, as `policies` shows it. */
  expectedVersion: number;
};

type Row = { version: number; product: string | null; values: Record<string, unknown>; by: string; at: number; reason: string; basedOn: number };

const label: Bilingual = { zh: '设置策略', en: 'Set policies' };
const installation: Bilingual = { zh: '全平台', en: 'the installation' };

/** The one way in which policies change: a new version for the deadlines and retries that begin from now on (TIM-2). */
export function createPolicies({ pool, registry }: { pool: pg.Pool; registry: Registry }) {
  return { setPolicies };

  async function setPolicies(request: PolicyRequest): Promise<Setting> {
    const { actor, ...input } = request;
    return change(pool, { name: 'setPolicies', label, actor, input, work: (client) => set(client, request) });
  }

  async function set(client: pg.PoolClient, { actor, lifecycle: name, product, values, reason, expectedVersion }: PolicyRequest): Promise<Setting> {
    const no = (problem: Problem): Setting => ({ ok: false, problem });
    const lifecycle = registry.current.find((one) => one.name === name);
    if (!lifecycle) return no(notFound(storable(name.slice(0, 100))));
    if (product !== null) {
      if (!lifecycle.policyScope) return no(refused('POLICY_NOT_PER_PRODUCT', { lifecycle: lifecycle.label }));
      const { rows } = await client.query('select from products where id = $1', [storable(product)]);
      if (rows.length === 0) return no(notFound(storable(product.slice(0, 100))));
    }
    const set = Object.fromEntries(values.map(({ name, value }) => [name, value]));
    const rows = await newestOf(client, name);
    const own = rows.find((row) => row.product === product);
    const isSame = own?.basedOn === expectedVersion && own.by === actor.id && own.reason === reason && canonical(own.values) === canonical(set);
    if (own && isSame) return { ok: true, version: own.version, replayed: true };

    const fields = [...reasonProblems(reason, 'required'), ...valueProblems(lifecycle, product, values)];
    if (fields.length > 0) return no(invalid(fields));
    const newest = newestFor(rows, product);
    if ((newest?.version ?? 0) !== expectedVersion) {
      const what = { zh: `“${lifecycle.label.zh}”的策略`, en: `The policies of ${lifecycle.label.en}` };
      return outdated({ what, expected: expectedVersion, current: newest?.version ?? 0, by: newest?.by ?? 'system', at: newest?.at ?? 0 });
    }
    const contradiction = contradictionOf(lifecycle, rows, { product, values: set });
    if (contradiction) return no(contradiction);
    const { rows: written } = await client.query({
      name: 'policies set',
      text: `insert into policies (version, lifecycle, product, values, at, by, reason, based_on)
        select coalesce(max(version), 0) + 1, $1, $2, $3::jsonb, clock_timestamp(), $4, $5, $6 from policies returning version`,
      values: [name, product, JSON.stringify(set), actor.id, reason, expectedVersion],
    });
    return { ok: true, version: written[0].version, replayed: false };
  }
}

/** Of each scope of a lifecycle the row in force. */
async function newestOf(client: pg.PoolClient, lifecycle: string): Promise<Row[]> {
  const { rows } = await client.query<Row>({
    name: 'policies in force',
    text: `select distinct on (product) version, product, values, by, reason, based_on as "basedOn", (extract(epoch from at) * 1000)::bigint as at
      from policies where lifecycle = $1 order by product, version desc`,
    values: [lifecycle],
  });
  return rows;
}

/** What an operator looks at while setting a scope: a product's own values and the installation's; for the installation, everyone's. */
export function newestFor<R extends { version: number; product: string | null }>(rows: readonly R[], product: string | null): R | undefined {
  const seen = rows.filter((row) => product === null || row.product === null || row.product === product);
  return seen.reduce<R | undefined>((newest, row) => (newest && newest.version > row.version ? newest : row), undefined);
}

function valueProblems(lifecycle: Lifecycle, product: string | null, values: PolicyRequest['values']): FieldProblem[] {
  return values.flatMap(({ name, value }, index): FieldProblem[] => {
    const path = `values.${index}`;
    const declared = Object.hasOwn(lifecycle.policies, name) ? lifecycle.policies[name] : undefined;
    if (!declared) {
      const expected = Object.keys(lifecycle.policies).join(', ');
      return [fieldProblem(`${path}.name`, 'POLICY_UNKNOWN', { lifecycle: lifecycle.label, policy: storable(name.slice(0, 100)), expected })];
    }
    if (values.findIndex((other) => other.name === name) !== index)
      return [expectedField(`${path}.name`, { zh: `不重复的策略 ${name}`, en: `${name} once` }, { zh: '重复的', en: 'it again' })];
    if (product === null && declared.onlyPerProduct)
      return [fieldProblem(`${path}.name`, 'POLICY_ONLY_PER_PRODUCT', { policy: declared.label, expected: textOf(declared.default) })];
    const fault = faultOf(declared, value);
    return fault ? [fieldProblem(`${path}.value`, fault.code, fault.details)] : [];
  });
}

/** A rule that the new values break, for the scope itself or for a product under it that was sound before. */
function contradictionOf(
  lifecycle: Lifecycle,
  rows: readonly Row[],
  { product, values }: { product: string | null; values: Record<string, unknown> },
): Problem | null {
  const before = rows.find((row) => row.product === null)?.values;
  const isInstallation = product === null;
  const own = resolved(lifecycle, isInstallation ? [values] : [values, before]);
  const under = isInstallation ? rows.filter((row) => row.product !== null) : [];
  const scopes = [
    { scope: product, policies: own, known: [] as unknown[] },
    ...under.map((row) => ({
      scope: row.product,
      policies: resolved(lifecycle, [row.values, values]),
      known: brokenRules(lifecycle, resolved(lifecycle, [row.values, before])) as unknown[],
    })),
  ];
  for (const { scope, policies, known } of scopes) {
    const broken = brokenRules(lifecycle, policies).find((rule) => !known.includes(rule));
    if (broken) return refused('POLICY_CONTRADICTION', { scope: scope ?? installation, rule: broken.label, values: valuesIn(lifecycle, broken, policies) });
  }
  return null;
}
