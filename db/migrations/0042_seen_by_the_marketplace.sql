-- What commands and pages take first is taken first here, so that none of those waits for this while this waits for it.
LOCK TABLE instances IN ACCESS EXCLUSIVE MODE;
--> statement-breakpoint
-- ACT-1: who sees every instance sees every row that stands with one.
CREATE FUNCTION sees_every_instance() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT current_setting('steward.role', true) IN ('operationsManager', 'reviewer', 'system')
$$;
--> statement-breakpoint
ALTER POLICY seen_by_its_parties ON instances USING (
  (SELECT sees_every_instance())
  OR buyer = (SELECT current_setting('steward.party', true) WHERE current_setting('steward.role', true) = 'buyer')
  OR merchant = (SELECT current_setting('steward.party', true) WHERE current_setting('steward.role', true) = 'merchant'));
--> statement-breakpoint
-- The same rows as before. Of the marketplace's own people this is asked once a statement; for the others each row's instance is looked up, as it was.
-- Whoever narrows one of these for a role that sees every instance takes the first half away.
DO $$
DECLARE one record;
BEGIN
  FOR one IN
    SELECT tablename, policyname, qual FROM pg_policies WHERE schemaname = 'public' AND policyname IN (
      'seen_with_its_instance', 'seen_with_its_order', 'seen_with_its_account', 'seen_with_its_bill', 'seen_with_its_enterprise', 'seen_with_its_invitation',
      'seen_with_its_binding', 'seen_with_its_record')
    ORDER BY tablename
  LOOP
    EXECUTE format('ALTER POLICY %I ON %I USING ((SELECT sees_every_instance()) OR %s)', one.policyname, one.tablename, one.qual);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE INDEX "incidents_open_of_instance" ON "incidents" USING btree ("instance_id","id") WHERE closed_at is null;
