import type pg from 'pg';
import { validate as isUuid } from 'uuid';
import type { Facts } from '../../lifecycles/facts.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import { subjectsIn } from '../../lifecycles/organisation/subjects.ts';
import type { Actor } from '../../lifecycles/roles.ts';

type Ask = { actor: Actor; input: Record<string, unknown>; instance: Instance | null };
type Client = Pick<pg.PoolClient, 'query'>;
type Fact<Name extends keyof Facts> = Exclude<Facts[Name], undefined>;

/** The enterprise that an instance is, or belongs to. */
const enterpriseOf = (instance: Instance | null) => instance?.refs.enterprise ?? instance?.id ?? null;

/** The account that the caller acts for. */
export async function account(client: Client, { actor }: Ask): Promise<Fact<'account'>> {
  const { rows } = await client.query({
    name: 'fact account',
    text: 'select p.id as party, p.name, a.mail, a.phone from parties p left join accounts a on a.party = p.id where p.id = $1',
    values: [actor.party ?? ''],
  });
  return rows[0] ?? null;
}

/** The account that an invitation is for, or is to be for. */
export async function invitee(client: Client, { input, instance }: Ask): Promise<Fact<'invitee'>> {
  const { rows } = await client.query({
    name: 'fact invitee',
    text: 'select p.id as account, exists (select from customer_accounts c where c.party = p.id) as "forCustomers" from parties p where p.id = $1',
    values: [instance?.context.account ?? input.account ?? ''],
  });
  return rows[0] ?? null;
}

/** Whether the link that the input brings is one of the newest mail's. */
export async function invitationLink(client: Client, { input, instance }: Ask): Promise<boolean> {
  if (typeof input.token !== 'string' || !instance) return false;
  const { rows } = await client.query({
    name: 'fact invitation link',
    text: `select from invitation_links l where l.hash = encode(sha256(convert_to($1, 'UTF8')), 'hex') and l.invitation = $2
      and l.round = (select n.round from invitation_links n where n.invitation = $2 order by n.made_at desc limit 1)`,
    values: [input.token, instance.id],
  });
  return rows.length > 0;
}

/** What the input names of the enterprise's organisation, as far as there is such a thing. */
export async function organisation(client: Client, { input, instance }: Ask): Promise<Fact<'organisation'>> {
  const { departments, members, groups } = subjectsIn(input);
  const { rows } = await client.query({
    name: 'fact organisation',
    text: `select
        (select coalesce(jsonb_agg(jsonb_build_object('code', d.code, 'name', d.name, 'parent', d.parent,
            'ancestors', array(with recursive above as (
                select p.code, p.parent, 1 as level from departments p where p.enterprise = d.enterprise and p.code = d.parent
                union all select p.code, p.parent, a.level + 1 from above a join departments p on p.enterprise = $1 and p.code = a.parent)
              select code from above order by level),
            'levels', (with recursive below as (
                select c.code, 1 as level from departments c where c.enterprise = d.enterprise and c.code = d.code
                union all select c.code, b.level + 1 from below b join departments c on c.enterprise = $1 and c.parent = b.code and c.ended_at is null)
              select max(level) from below),
            'children', (select count(*) from departments c where c.enterprise = d.enterprise and c.parent = d.code and c.ended_at is null),
            'members', (select count(*) from members m where m.enterprise = d.enterprise and m.department = d.code and m.ended_at is null)) order by d.code), '[]')
          from departments d where d.enterprise = $1 and d.code = any($2) and d.ended_at is null) as departments,
        (select coalesce(jsonb_agg(jsonb_build_object('userName', m.user_name, 'name', m.name, 'department', m.department) order by m.user_name), '[]')
          from members m where m.enterprise = $1 and m.user_name = any($3) and m.ended_at is null) as members,
        (select coalesce(jsonb_agg(jsonb_build_object('code', g.code, 'name', g.name) order by g.code), '[]')
          from groups g where g.enterprise = $1 and g.code = any($4) and g.ended_at is null) as groups`,
    values: [enterpriseOf(instance), departments, members, groups],
  });
  return rows[0];
}

/** How many apps an enterprise has that are not unbound. */
export async function boundApps(client: Client, { instance }: Ask): Promise<number> {
  const { rows } = await client.query({
    name: 'fact bound apps',
    text: "select count(*)::int as count from instances where lifecycle = 'appBinding' and refs ->> 'enterprise' = $1 and family = $1::uuid and not final",
    values: [enterpriseOf(instance)],
  });
  return rows[0].count;
}

/** The purchased app that is to be bound: what its merchant knows it by, and the live binding that it has already. Null: the merchant has no instance of it. */
export async function purchasedApp(client: Client, { input: { serviceInstance } }: Ask): Promise<Fact<'purchasedApp'>> {
  if (typeof serviceInstance !== 'string' || !isUuid(serviceInstance)) return null;
  const { rows } = await client.query({
    name: 'fact purchased app',
    text: `select s.context ->> 'product' as product, s.context ->> 'productName' as "productName", s.context ->> 'orderNumber' as "orderNumber",
        s.context ->> 'merchantInstance' as "instanceId",
        (select b.number from instances b where b.lifecycle = 'appBinding' and b.buyer = s.buyer and b.refs ->> 'serviceInstance' = s.id::text and not b.final limit 1) as binding
      from instances s where s.id = $1 and s.lifecycle = 'serviceInstance' and s.context ->> 'merchantInstance' is not null`,
    values: [serviceInstance],
  });
  return rows[0] ?? null;
}

/** The service that a binding is about. It is of another family and not locked: what is released stays so. */
export async function boundService(client: Client, { instance }: Ask): Promise<Fact<'boundService'>> {
  const { rows } = await client.query({
    name: 'fact bound service',
    text: 'select number, state from instances where id = $1',
    values: [instance?.refs.serviceInstance ?? null],
  });
  return rows[0] ?? null;
}

/** Of the users that the input names, those whose last call failed. */
export async function failedUsers(client: Client, { input, instance }: Ask): Promise<string[]> {
  const { rows } = await client.query({
    name: 'fact failed users',
    text: "select user_name from user_syncs where binding = $1 and user_name = any($2) and state = 'failed' order by user_name",
    values: [instance?.id ?? null, subjectsIn(input).members],
  });
  return rows.map((row) => row.user_name);
}
