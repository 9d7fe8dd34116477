-- Partitions, storage settings and row-level security: what the schema's declaration cannot say.
DO $$ BEGIN
  FOR i IN 0..7 LOOP
    EXECUTE format('CREATE TABLE events_%s PARTITION OF events FOR VALUES WITH (MODULUS 8, REMAINDER %s)', i, i);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE TABLE idempotency_keys_other PARTITION OF idempotency_keys DEFAULT;
--> statement-breakpoint
CREATE TABLE refusals_other PARTITION OF refusals DEFAULT;
--> statement-breakpoint
-- Days are made ahead of time and dropped whole: keys after eight days, refusals never.
CREATE FUNCTION keep_day_partitions() RETURNS void LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
  d date;
  name text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('keep_day_partitions'));
  FOR d IN SELECT generate_series(current_date, current_date + 2, interval '1 day')::date LOOP
    FOREACH name IN ARRAY ARRAY['idempotency_keys', 'refusals'] LOOP
      IF to_regclass(format('%s_%s', name, to_char(d, 'YYYYMMDD'))) IS NULL THEN
        BEGIN
          EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', name || '_' || to_char(d, 'YYYYMMDD'), name, d::timestamptz, (d + 1)::timestamptz);
        EXCEPTION WHEN check_violation OR invalid_object_definition THEN
          NULL; -- the default partition already holds rows of that day; they stay there
        END;
      END IF;
    END LOOP;
  END LOOP;
  FOR name IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'idempotency_keys'::regclass AND c.relname ~ '^idempotency_keys_[0-9]{8}$'
      AND to_date(right(c.relname, 8), 'YYYYMMDD') < current_date - 8 LOOP
    EXECUTE format('DROP TABLE %I', name);
  END LOOP;
  DELETE FROM idempotency_keys_other WHERE day < now() - interval '8 days';
END $$;
--> statement-breakpoint
SELECT keep_day_partitions();
--> statement-breakpoint
ALTER TABLE instances SET (fillfactor = 80);
--> statement-breakpoint
ALTER TABLE deadlines SET (fillfactor = 80);
--> statement-breakpoint
ALTER TABLE effects SET (fillfactor = 80);
--> statement-breakpoint
ALTER TABLE attempts SET (fillfactor = 80);
--> statement-breakpoint
-- The operation log is append-only for everyone (ACT-2).
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only (ACT-2): expected an insert, got %', TG_TABLE_NAME, TG_OP;
END $$;
--> statement-breakpoint
CREATE TRIGGER events_are_append_only BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER refusals_are_append_only BEFORE UPDATE OR DELETE ON refusals FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER signed_heads_are_append_only BEFORE UPDATE OR DELETE ON signed_heads FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT unnest(ARRAY['events', 'refusals', 'signed_heads']) UNION ALL SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'events'::regclass LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION append_only()', name || '_are_never_truncated', name);
  END LOOP;
END $$;
--> statement-breakpoint
-- Every read of the API runs as this role, so that a forgotten row rule still shows no foreign row (ACT-1).
DO $$ BEGIN
  CREATE ROLE steward_reader NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
--> statement-breakpoint
DO $$ BEGIN
  EXECUTE format('GRANT steward_reader TO %I', current_user);
END $$;
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO steward_reader;
--> statement-breakpoint
GRANT SELECT ON parties, products, families, instances, deadlines, effects, attempts, incidents, events, refusals, outbox, files, attachments, policies TO steward_reader;
--> statement-breakpoint
ALTER TABLE instances ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen_by_its_parties ON instances FOR SELECT TO steward_reader USING (
  current_setting('steward.role', true) IN ('operationsManager', 'reviewer', 'system')
  OR (current_setting('steward.role', true) = 'buyer' AND buyer = current_setting('steward.party', true))
  OR (current_setting('steward.role', true) = 'merchant' AND merchant = current_setting('steward.party', true)));
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['deadlines', 'effects', 'attempts', 'incidents', 'events', 'outbox', 'attachments'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY seen_with_its_instance ON %I FOR SELECT TO steward_reader USING (EXISTS (SELECT FROM instances i WHERE i.id = instance_id))', name);
  END LOOP;
END $$;
--> statement-breakpoint
ALTER TABLE refusals ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
-- What was refused before anything existed belongs to nobody's record: the marketplace's own people see it.
CREATE POLICY seen_with_its_instance_or_by_operators ON refusals FOR SELECT TO steward_reader USING (
  EXISTS (SELECT FROM instances i WHERE i.id = instance_id)
  OR (instance_id IS NULL AND current_setting('steward.role', true) IN ('operationsManager', 'system')));
--> statement-breakpoint
ALTER TABLE files ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen_by_uploader_or_with_its_instance ON files FOR SELECT TO steward_reader USING (
  (party IS NOT NULL AND party = current_setting('steward.party', true))
  OR uploaded_by = current_setting('steward.person', true)
  OR EXISTS (SELECT FROM attachments a WHERE a.file_id = id));
