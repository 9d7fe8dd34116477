-- Whom a bound app is authorised to have, and what it is to be told of each (ORG-4). Runs as its caller, behind the caller's row-level security.
CREATE FUNCTION app_users(of_binding uuid) RETURNS TABLE (user_name text, told jsonb) LANGUAGE sql STABLE AS $$
  WITH RECURSIVE covered AS (
    SELECT d.enterprise, d.code FROM app_grants g JOIN departments d ON d.enterprise = g.enterprise AND d.code = g.subject AND d.ended_at IS NULL
      WHERE g.binding = of_binding AND g.kind = 'department' AND g.ended_at IS NULL
    UNION
    SELECT d.enterprise, d.code FROM covered c JOIN departments d ON d.enterprise = c.enterprise AND d.parent = c.code AND d.ended_at IS NULL
  ), users AS (
    SELECT m.enterprise, m.user_name FROM covered c JOIN members m ON m.enterprise = c.enterprise AND m.department = c.code
    UNION
    SELECT g.enterprise, g.subject FROM app_grants g WHERE g.binding = of_binding AND g.kind = 'member' AND g.ended_at IS NULL
    UNION
    SELECT g.enterprise, n.user_name FROM app_grants g
      JOIN groups o ON o.enterprise = g.enterprise AND o.code = g.subject AND o.ended_at IS NULL
      JOIN group_members n ON n.enterprise = g.enterprise AND n.group_code = g.subject AND n.ended_at IS NULL
      WHERE g.binding = of_binding AND g.kind = 'group' AND g.ended_at IS NULL
  )
  SELECT m.user_name, jsonb_build_object('name', m.name, 'orgCode', m.department, 'role', m.role, 'position', m.position)
  FROM users u JOIN members m ON m.enterprise = u.enterprise AND m.user_name = u.user_name AND m.ended_at IS NULL
$$;
--> statement-breakpoint
CREATE TRIGGER department_changes_are_append_only BEFORE UPDATE OR DELETE ON department_changes FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER department_changes_are_never_truncated BEFORE TRUNCATE ON department_changes FOR EACH STATEMENT EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER invitation_links_are_append_only BEFORE UPDATE OR DELETE ON invitation_links FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER invitation_links_are_never_truncated BEFORE TRUNCATE ON invitation_links FOR EACH STATEMENT EXECUTE FUNCTION append_only();
--> statement-breakpoint
-- No reader sees app_clients: it has secrets.
GRANT SELECT ON departments, members, groups, group_members, app_grants, user_syncs, app_keys, invitation_links, customer_accounts TO steward_reader;
--> statement-breakpoint
-- An enterprise's administrators see what belongs to the enterprise and the services that can be bound to it, not the buyer's orders and money (ORG-3).
CREATE POLICY seen_by_enterprise_administrators ON instances FOR SELECT TO steward_reader USING (
  current_setting('steward.role', true) = 'enterpriseAdmin' AND buyer = current_setting('steward.party', true)
  AND lifecycle IN ('enterprise', 'appBinding', 'adminInvitation', 'serviceInstance'));
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['departments', 'members', 'groups', 'group_members'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY seen_with_its_enterprise ON %I FOR SELECT TO steward_reader USING (EXISTS (SELECT FROM instances i WHERE i.id = enterprise))', name);
  END LOOP;
  ALTER TABLE invitation_links ENABLE ROW LEVEL SECURITY;
  CREATE POLICY seen_with_its_invitation ON invitation_links FOR SELECT TO steward_reader USING (EXISTS (SELECT FROM instances i WHERE i.id = invitation));
  FOREACH name IN ARRAY ARRAY['app_grants', 'user_syncs'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY seen_with_its_binding ON %I FOR SELECT TO steward_reader USING (EXISTS (SELECT FROM instances i WHERE i.id = binding))', name);
  END LOOP;
END $$;
