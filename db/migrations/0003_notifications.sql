CREATE TABLE "accounts" (
	"party" text PRIMARY KEY NOT NULL,
	"mail" text,
	"phone" text,
	"language" text DEFAULT 'zh' NOT NULL
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"message_id" bigint NOT NULL,
	"channel" text NOT NULL,
	"address" text NOT NULL,
	"language" text NOT NULL,
	"state" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"queued_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"next_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	"error" text,
	"receipt" text,
	CONSTRAINT "one_delivery_per_address" UNIQUE("message_id","channel","address"),
	CONSTRAINT "delivery_state" CHECK (state in ('waiting', 'sent', 'captured', 'failed', 'noAddress')),
	CONSTRAINT "delivery_channel" CHECK (channel in ('mail', 'sms'))
);
--> statement-breakpoint
CREATE TABLE "notification_reads" (
	"message_id" bigint NOT NULL,
	"person" text NOT NULL,
	"read_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "notification_reads_person_message_id_pk" PRIMARY KEY("person","message_id")
);
--> statement-breakpoint
CREATE TABLE "receivers" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"role" text NOT NULL,
	"party" text NOT NULL,
	"topic" text NOT NULL,
	"channel" text NOT NULL,
	"address" text NOT NULL,
	"language" text NOT NULL,
	"added_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"added_by" text NOT NULL,
	"removed_at" timestamp (3) with time zone,
	"removed_by" text,
	CONSTRAINT "receiver_channel" CHECK (channel in ('mail', 'sms'))
);
--> statement-breakpoint
DROP INDEX "outbox_waiting";--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "topic" text DEFAULT 'fulfilment' NOT NULL;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "channels" jsonb;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "about" jsonb;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "once_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "merged_into" bigint;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "dispatched_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_party_parties_id_fk" FOREIGN KEY ("party") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_message_id_outbox_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."outbox"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notification_reads" ADD CONSTRAINT "notification_reads_message_id_outbox_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."outbox"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "deliveries_waiting" ON "deliveries" USING btree ("next_at","id") WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX "deliveries_in_trouble" ON "deliveries" USING btree ("id") WHERE state in ('failed', 'noAddress');--> statement-breakpoint
CREATE UNIQUE INDEX "one_receiver_per_address" ON "receivers" USING btree ("role","party","topic","channel","address") WHERE removed_at is null;--> statement-breakpoint
CREATE INDEX "outbox_to_dispatch" ON "outbox" USING btree ("id") WHERE dispatched_at is null and merged_into is null;--> statement-breakpoint
CREATE INDEX "outbox_of_receiver" ON "outbox" USING btree ("to_role","to_party","id") WHERE merged_into is null;--> statement-breakpoint
CREATE INDEX "outbox_merged" ON "outbox" USING btree ("merged_into") WHERE merged_into is not null;
--> statement-breakpoint
-- What was delivered before there were deliveries is done.
UPDATE "outbox" SET "dispatched_at" = "delivered_at" WHERE "delivered_at" IS NOT NULL;
--> statement-breakpoint
ALTER TABLE "outbox" DROP COLUMN "attempts";--> statement-breakpoint
ALTER TABLE "outbox" DROP COLUMN "next_at";--> statement-breakpoint
ALTER TABLE "outbox" DROP COLUMN "delivered_at";--> statement-breakpoint
ALTER TABLE "outbox" DROP COLUMN "error";
--> statement-breakpoint
GRANT SELECT ON deliveries, accounts, receivers, notification_reads TO steward_reader;
--> statement-breakpoint
-- A message is its receiver's: of one instance the buyer does not see what the merchant was told (ACT-1).
DROP POLICY seen_with_its_instance ON outbox;
--> statement-breakpoint
CREATE POLICY seen_by_its_receiver_or_operators ON outbox FOR SELECT TO steward_reader USING (
  current_setting('steward.role', true) IN ('operationsManager', 'system')
  OR (to_role = current_setting('steward.role', true) AND coalesce(to_party, '') = current_setting('steward.party', true)));
--> statement-breakpoint
ALTER TABLE deliveries ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen_with_its_message ON deliveries FOR SELECT TO steward_reader USING (EXISTS (SELECT FROM outbox o WHERE o.id = message_id));
--> statement-breakpoint
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen_by_its_party_or_operators ON accounts FOR SELECT TO steward_reader USING (
  current_setting('steward.role', true) IN ('operationsManager', 'system') OR party = current_setting('steward.party', true));
--> statement-breakpoint
ALTER TABLE receivers ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen_by_its_party_or_operators ON receivers FOR SELECT TO steward_reader USING (
  current_setting('steward.role', true) IN ('operationsManager', 'system')
  OR (role = current_setting('steward.role', true) AND party = current_setting('steward.party', true)));
--> statement-breakpoint
ALTER TABLE notification_reads ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen_by_its_person ON notification_reads FOR SELECT TO steward_reader USING (person = current_setting('steward.person', true));
--> statement-breakpoint
ALTER TABLE deliveries SET (fillfactor = 80);
