CREATE TABLE "inbound_nonces" (
	"ak" text NOT NULL,
	"nonce" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "inbound_nonces_ak_nonce_pk" PRIMARY KEY("ak","nonce")
);
--> statement-breakpoint
CREATE TABLE "merchant_instances" (
	"merchant" text NOT NULL,
	"merchant_instance" text NOT NULL,
	"instance_id" uuid NOT NULL,
	CONSTRAINT "merchant_instances_merchant_merchant_instance_instance_id_pk" PRIMARY KEY("merchant","merchant_instance","instance_id")
);
--> statement-breakpoint
CREATE TABLE "merchant_keys" (
	"ak" text PRIMARY KEY NOT NULL,
	"merchant" text NOT NULL,
	"secret" text NOT NULL,
	"slot" smallint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"created_by" text NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	"revoked_by" text,
	CONSTRAINT "two_slots" CHECK ("merchant_keys"."slot" in (1, 2))
);
--> statement-breakpoint
CREATE TABLE "usage_counted" (
	"record_id" bigint PRIMARY KEY NOT NULL,
	"revision" bigint,
	"code" text,
	"message" jsonb,
	"at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "counted_or_refused" CHECK (("usage_counted"."revision" is null) = ("usage_counted"."code" is not null))
);
--> statement-breakpoint
CREATE TABLE "usage_problems" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"merchant" text NOT NULL,
	"metering_id" text,
	"code" text NOT NULL,
	"message" jsonb NOT NULL,
	"record" jsonb NOT NULL,
	"ak" text NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"fingerprint" text NOT NULL,
	CONSTRAINT "one_problem_per_record" UNIQUE("merchant","fingerprint","code")
);
--> statement-breakpoint
CREATE TABLE "usage_records" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"merchant" text NOT NULL,
	"metering_id" text NOT NULL,
	"instance_id" uuid NOT NULL,
	"package_instance" text,
	"record_at" timestamp (3) with time zone NOT NULL,
	"begin_at" timestamp (3) with time zone NOT NULL,
	"end_at" timestamp (3) with time zone NOT NULL,
	"usage" numeric(13, 4) NOT NULL,
	"late" boolean NOT NULL,
	"ak" text NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"fingerprint" text NOT NULL,
	CONSTRAINT "one_record_per_metering_number" UNIQUE("merchant","metering_id"),
	CONSTRAINT "usage_above_zero" CHECK ("usage_records"."usage" > 0),
	CONSTRAINT "usage_begins_before_it_ends" CHECK ("usage_records"."begin_at" < "usage_records"."end_at")
);
--> statement-breakpoint
CREATE TABLE "usage_waiting" (
	"record_id" bigint PRIMARY KEY NOT NULL
);
--> statement-breakpoint
ALTER TABLE "merchant_instances" ADD CONSTRAINT "merchant_instances_instance_id_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "merchant_keys" ADD CONSTRAINT "merchant_keys_merchant_parties_id_fk" FOREIGN KEY ("merchant") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_counted" ADD CONSTRAINT "usage_counted_record_id_usage_records_id_fk" FOREIGN KEY ("record_id") REFERENCES "public"."usage_records"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_records" ADD CONSTRAINT "usage_records_instance_id_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_waiting" ADD CONSTRAINT "usage_waiting_record_id_usage_records_id_fk" FOREIGN KEY ("record_id") REFERENCES "public"."usage_records"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "inbound_nonces_by_age" ON "inbound_nonces" USING btree ("at");--> statement-breakpoint
CREATE UNIQUE INDEX "two_active_keys_of_a_merchant" ON "merchant_keys" USING btree ("merchant","slot") WHERE revoked_at is null;--> statement-breakpoint
CREATE INDEX "usage_problems_of_merchant" ON "usage_problems" USING btree ("merchant","id");--> statement-breakpoint
CREATE INDEX "usage_of_instance" ON "usage_records" USING btree ("instance_id","id");