import { type Details, joined } from './codes.ts';
import type { DeclaredPolicy, Lifecycle, PolicyRule } from './declaration.ts';
import type { Bilingual } from './roles.ts';
import type { Policies, Span } from './spans.ts';

/** A span may be at most this long; beyond it a deadline means never. */
const most = { ms: 5 * 366 * 86_400_000, workingDays: 1_250 } as const;

/** What is wrong with a value of a policy, as the code and details of a problem. */
export type PolicyFault = { code: 'POLICY_KIND' | 'POLICY_RANGE'; details: Details };

export const isCount = (declared: DeclaredPolicy): boolean => typeof declared.default === 'number';

/** Why a value cannot be a policy's, whoever set it; null when it can. */
export function faultOf(declared: DeclaredPolicy, value: unknown): PolicyFault | null {
  const fault = (code: PolicyFault['code'], expected: Bilingual): PolicyFault => ({
    code,
    details: { policy: declared.label, expected, got: isValue(value) ? textOf(value) : JSON.stringify(value) },
  });
  if (isCount(declared)) {
    if (typeof value !== 'number') return fault('POLICY_KIND', { zh: '整数', en: 'a whole number' });
    const { least = 1, most: largest = 1_000 } = declared;
    const fits = Number.isInteger(value) && value >= least && value <= largest;
    return fits ? null : fault('POLICY_RANGE', { zh: `${least} 到 ${largest} 的整数`, en: `a whole number from ${least} to ${largest}` });
  }
  if (!isValue(value) || typeof value === 'number') return fault('POLICY_KIND', { zh: '时长', en: 'a length of time' });
  const [amount, largest] = 'ms' in value ? [value.ms, most.ms] : [value.workingDays, most.workingDays];
  if (Number.isInteger(amount) && amount > 0 && amount <= largest) return null;
  return fault('POLICY_RANGE', {
    zh: `大于零且不超过五年（${most.workingDays} 个工作日）`,
    en: `more than nothing and at most five years (${most.workingDays} working days)`,
  });
}

function isValue(value: unknown): value is Span | number {
  if (typeof value === 'number') return true;
  if (typeof value !== 'object' || value === null) return false;
  const [only, ...others] = Object.entries(value);
  return only !== undefined && others.length === 0 && ['ms', 'workingDays'].includes(only[0]) && typeof only[1] === 'number';
}

/**
 * The policies in force: of the first layer that has a sound value, else the declared default. A value that cannot be
 * the policy's is passed over, so that nothing in a table can stop a commit.
 */
export function resolved(lifecycle: Lifecycle, layers: readonly (Record<string, unknown> | undefined)[]): Policies {
  return Object.fromEntries(
    Object.entries(lifecycle.policies).map(([name, declared]) => {
      const layer = layers.find((values) => values?.[name] !== undefined && faultOf(declared, values[name]) === null);
      return [name, (layer?.[name] as Span | number | undefined) ?? declared.default];
    }),
  );
}

export const brokenRules = ({ policyRules = [] }: Lifecycle, policies: Policies): PolicyRule[] => policyRules.filter((rule) => !rule.holds(policies));

/** The values that a rule speaks of, by label, for its refusal. */
export const valuesIn = ({ policies: declared }: Lifecycle, rule: PolicyRule, policies: Policies): Bilingual =>
  joined(
    rule.policies.map((name) => {
      const [label, value] = [declared[name]?.label ?? { zh: name, en: name }, textOf(policies[name] ?? 0)];
      return { zh: `${label.zh} ${value.zh}`, en: `${label.en} ${value.en}` };
    }),
  );

const units: readonly [number, Bilingual][] = [
  [86_400_000, { zh: '天', en: 'days' }],
  [3_600_000, { zh: '小时', en: 'hours' }],
  [60_000, { zh: '分钟', en: 'minutes' }],
  [1_000, { zh: '秒', en: 'seconds' }],
  [1, { zh: '毫秒', en: 'milliseconds' }],
];

/** A value as people say it: 3 working days, 30 minutes, 2. */
export function textOf(value: Span | number): Bilingual {
  const amount = (n: number, { zh, en }: Bilingual): Bilingual => ({ zh: `${n} ${zh}`, en: `${n} ${n === 1 ? en.replace(/s$/, '') : en}` });
  if (typeof value === 'number') return { zh: `${value}`, en: `${value}` };
  if ('workingDays' in value) return amount(value.workingDays, { zh: '个工作日', en: 'working days' });
  const [size, unit] = units.find(([ms]) => value.ms !== 0 && value.ms % ms === 0) ?? [1, { zh: '毫秒', en: 'milliseconds' }];
  return amount(value.ms / size, unit);
}
