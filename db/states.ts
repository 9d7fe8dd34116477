import { lifecycles, statesOf } from '../lifecycles/registry.ts';

const quoted = (text: string) => `'${text}'`;

/** ORD-4, SUP-2: the states that a row of each lifecycle may be in, derived from the machines; called by a check of `instances`. */
export const stateFunction = `create or replace function is_state(lifecycle text, state text) returns boolean language plpgsql immutable parallel safe as $$
begin
  return case lifecycle
${lifecycles.map((lifecycle) => `    when ${quoted(lifecycle.name)} then state in (${statesOf(lifecycle).map(quoted).join(', ')})`).join('\n')}
    else false end;
end $$;
`;
