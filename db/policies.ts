import type { Lifecycle } from '../lifecycles/declaration.ts';
import type { Policies } from '../lifecycles/spans.ts';

/** The declared defaults of a lifecycle under the values that operators set. */
export function policiesOf(lifecycle: Lifecycle, values: Record<string, Policies>): Policies {
  const defaults = Object.fromEntries(Object.entries(lifecycle.policies).map(([name, policy]) => [name, policy.default]));
  return { ...defaults, ...values[lifecycle.name] };
}
