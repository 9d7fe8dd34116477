CREATE TABLE "calendar_days" (
	"version" integer NOT NULL,
	"day" date NOT NULL,
	"kind" text NOT NULL,
	"name" text,
	CONSTRAINT "calendar_days_version_day_pk" PRIMARY KEY("version","day"),
	CONSTRAINT "calendar_day_kind" CHECK (kind in ('holiday', 'workday', 'computed'))
);
--> statement-breakpoint
CREATE TABLE "calendar_versions" (
	"version" integer PRIMARY KEY NOT NULL,
	"announced_year" integer,
	"at" timestamp (3) with time zone NOT NULL,
	"by" text NOT NULL,
	"reason" text NOT NULL
);
--> statement-breakpoint
-- From one document of all lifecycles a version to one row a lifecycle: what a lifecycle no longer names was given back to its defaults.
ALTER TABLE "policies" RENAME TO "policies_before";--> statement-breakpoint
ALTER TABLE "policies_before" RENAME CONSTRAINT "policies_pkey" TO "policies_before_pkey";--> statement-breakpoint
CREATE TABLE "policies" (
	"version" integer NOT NULL,
	"lifecycle" text NOT NULL,
	"product" text,
	"values" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"by" text NOT NULL,
	"reason" text NOT NULL,
	"based_on" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "policies_version_lifecycle_pk" PRIMARY KEY("version","lifecycle")
);
--> statement-breakpoint
INSERT INTO "policies" (version, lifecycle, values, at, by, reason, based_on)
SELECT version, lifecycle, CASE WHEN jsonb_typeof(values -> lifecycle) = 'object' THEN values -> lifecycle ELSE '{}' END, at, by, reason, version - 1
FROM "policies_before", (SELECT DISTINCT jsonb_object_keys(values) AS lifecycle FROM "policies_before" WHERE jsonb_typeof(values) = 'object') known;
--> statement-breakpoint
DROP TABLE "policies_before";--> statement-breakpoint
ALTER TABLE "calendar_days" ADD CONSTRAINT "calendar_days_version_calendar_versions_version_fk" FOREIGN KEY ("version") REFERENCES "public"."calendar_versions"("version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "policies_of_scope" ON "policies" USING btree ("lifecycle","product","version");--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_have_values" CHECK (jsonb_typeof("policies"."values") = 'object');--> statement-breakpoint
-- What operators set is evidence as well: corrections are new rows (ACT-2).
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['policies', 'calendar_versions', 'calendar_days'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION append_only()', name || '_are_append_only', name);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION append_only()', name || '_are_never_truncated', name);
  END LOOP;
END $$;
--> statement-breakpoint
GRANT SELECT ON policies, calendar_versions, calendar_days TO steward_reader;
