-- What drizzle cannot say of what merchants' systems send (PRD-9, MET-3): it is append-only, and who may read it.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['usage_records', 'usage_counted', 'usage_problems'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION append_only()', name || '_are_append_only', name);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION append_only()', name || '_are_never_truncated', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE POLICY seen_with_its_instance ON usage_records FOR SELECT TO steward_reader USING (EXISTS (SELECT FROM instances i WHERE i.id = instance_id));
--> statement-breakpoint
CREATE POLICY seen_with_its_record ON usage_counted FOR SELECT TO steward_reader USING (EXISTS (SELECT FROM usage_records r WHERE r.id = record_id));
--> statement-breakpoint
CREATE POLICY seen_by_its_merchant ON usage_problems FOR SELECT TO steward_reader USING (
  current_setting('steward.role', true) IN ('operationsManager', 'system')
  OR (current_setting('steward.role', true) = 'merchant' AND merchant = current_setting('steward.party', true)));
--> statement-breakpoint
GRANT SELECT ON usage_records, usage_counted, usage_problems TO steward_reader;
--> statement-breakpoint
-- A secret is never selectable by the API's reads: they are given every other column.
ALTER TABLE merchant_keys ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen_by_its_merchant ON merchant_keys FOR SELECT TO steward_reader USING (
  current_setting('steward.role', true) IN ('operationsManager', 'system')
  OR (current_setting('steward.role', true) = 'merchant' AND merchant = current_setting('steward.party', true)));
--> statement-breakpoint
GRANT SELECT (ak, merchant, slot, created_at, created_by, revoked_at, revoked_by) ON merchant_keys TO steward_reader;
--> statement-breakpoint
-- A merchant's own id of an instance is given once, when the instance is made. It is kept beside, because an index over
-- a column that every command writes would make each of them write the index as well.
CREATE FUNCTION keep_merchant_instance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO merchant_instances (merchant, merchant_instance, instance_id)
  VALUES (NEW.merchant, left(NEW.context ->> 'merchantInstance', 200), NEW.id) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER service_instances_by_their_merchants_id AFTER INSERT ON instances FOR EACH ROW
  WHEN (NEW.lifecycle = 'serviceInstance' AND NEW.context ->> 'merchantInstance' IS NOT NULL) EXECUTE FUNCTION keep_merchant_instance();
