-- Evidence files and what they belong to are never changed nor taken away: a correction is a new file (SUP-9, ACT-2).
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['files', 'attachments'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION append_only()', name || '_are_append_only', name);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION append_only()', name || '_are_never_truncated', name);
  END LOOP;
END $$;
--> statement-breakpoint
-- SUP-7: a buyer may see how a merchant is reached with which it has something under way; in which states, the rules say.
CREATE POLICY seen_by_its_buyers ON accounts FOR SELECT TO steward_reader USING (
  current_setting('steward.role', true) = 'buyer' AND EXISTS (SELECT FROM instances i WHERE i.merchant = party AND NOT i.final));
--> statement-breakpoint
CREATE POLICY seen_by_its_buyers ON receivers FOR SELECT TO steward_reader USING (
  current_setting('steward.role', true) = 'buyer' AND role = 'merchant' AND removed_at IS NULL
  AND EXISTS (SELECT FROM instances i WHERE i.merchant = party AND NOT i.final));
