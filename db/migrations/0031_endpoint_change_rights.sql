-- A merchant sees the changes of its own products' endpoints; nobody changes what was written (ACT-2).
CREATE TRIGGER endpoint_changes_are_append_only BEFORE UPDATE OR DELETE ON endpoint_changes FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
ALTER TABLE endpoint_changes ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen_with_its_product ON endpoint_changes FOR SELECT TO steward_reader USING (
  current_setting('steward.role', true) IN ('operationsManager', 'reviewer', 'system')
  OR (current_setting('steward.role', true) = 'merchant' AND EXISTS (SELECT FROM products p WHERE p.id = product AND p.merchant = current_setting('steward.party', true))));
--> statement-breakpoint
GRANT SELECT ON endpoint_changes TO steward_reader;
