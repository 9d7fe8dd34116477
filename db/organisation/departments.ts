import type pg from 'pg';

export type DepartmentChange = { revision: number; no: number; code: string; name: string; parent: string | null; flag: 0 | 1 | 2 };
export type SyncedDepartment = { code: string; name: string; parent: string | null };

/** The whole tree, parents before children, and the enterprise's revision up to which it is told by it. */
export async function wholeOrganisation(pool: pg.Pool, binding: string): Promise<{ departments: SyncedDepartment[]; syncedTo: number }> {
  const { rows } = await pool.query({
    name: 'whole organisation',
    text: `with recursive enterprise as (select (refs ->> 'enterprise')::uuid as id from instances where id = $1),
        tree as (
          select d.code, d.name, d.parent, 0 as level from departments d, enterprise e where d.enterprise = e.id and d.parent is null and d.ended_at is null
          union all select d.code, d.name, d.parent, t.level + 1 from tree t, departments d, enterprise e
            where d.enterprise = e.id and d.parent = t.code and d.ended_at is null)
      select (select coalesce(jsonb_agg(jsonb_build_object('code', code, 'name', name, 'parent', parent) order by level, code), '[]') from tree) as departments,
        (select coalesce(max(c.revision), 0) from department_changes c, enterprise e where c.enterprise = e.id) as synced_to`,
    values: [binding],
  });
  return { departments: rows[0].departments, syncedTo: rows[0].synced_to };
}

/** The next changes after a revision, in their order; one more than asked for when there are more. */
export async function changesAfter(pool: pg.Pool, { binding, after, limit }: { binding: string; after: number; limit: number }): Promise<DepartmentChange[]> {
  const { rows } = await pool.query<DepartmentChange>({
    name: 'department changes',
    text: `select c.revision, c.no, c.code, c.name, c.parent, c.flag from department_changes c
      join instances b on b.id = $1 and c.enterprise = (b.refs ->> 'enterprise')::uuid where c.revision > $2 order by c.revision, c.no limit $3`,
    values: [binding, after, limit + 1],
  });
  return rows;
}
