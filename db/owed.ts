/**
 * Owes a wake to the instances of `rows` (id uuid, urgent boolean), as a part of a statement under their row
 * locks. Beside the instance and not a column of it: an index there would have every change of it rewrite all others.
 */
export const owe = (rows: string) => `insert into owed_wakes (instance_id, since, urgent) select id, clock_timestamp(), urgent from ${rows}
    on conflict (instance_id) do update set since = excluded.since, urgent = excluded.urgent`;
