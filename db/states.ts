import { lifecycles, statesOf } from '../lifecycles/registry.ts';

const quoted = (text: string) => `'${text}'`;
/** What rows of a lifecycle may be in: in whichever of its versions. */
const byName = Map.groupBy(lifecycles, ({ name }) => name);
const branches = [...byName].map(
  ([name, versions]) => `    when ${quoted(name)} then state in (${[...new Set(versions.flatMap(statesOf))].map(quoted).join(', ')})`,
);

/** ORD-4, SUP-2: the states that a row of each lifecycle may be in, derived from the machines; called by a check of `instances`. */
export const stateFunction = `create or replace function is_state(lifecycle text, state text) returns boolean language plpgsql immutable parallel safe as $$
begin
  return case lifecycle
${branches.join('\n')}
    else false end;
end $$;
--> statement-breakpoint
do $$ begin
  if exists (select from instances where not is_state(lifecycle, state)) then
    raise exception 'expected every instance to be in a state of its lifecycle; migrate those that are in a former one first (npm run migrate-instances)';
  end if;
end $$;
`;
