CREATE SEQUENCE "public"."instance_numbers" INCREMENT BY 50 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "attachments" (
	"file_id" uuid NOT NULL,
	"instance_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	CONSTRAINT "attachments_file_id_instance_id_revision_pk" PRIMARY KEY("file_id","instance_id","revision")
);
--> statement-breakpoint
CREATE TABLE "attempts" (
	"effect" text NOT NULL,
	"no" integer NOT NULL,
	"instance_id" uuid NOT NULL,
	"token" uuid NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"lease_until" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone,
	"outcome" text NOT NULL,
	"error" jsonb,
	CONSTRAINT "attempts_effect_no_pk" PRIMARY KEY("effect","no")
);
--> statement-breakpoint
CREATE TABLE "deadlines" (
	"instance_id" uuid NOT NULL,
	"key" text NOT NULL,
	"name" text NOT NULL,
	"status" text NOT NULL,
	"armed_at" timestamp (3) with time zone NOT NULL,
	"due_at" timestamp (3) with time zone,
	"due_real" timestamp (3) with time zone,
	"remaining_ms" bigint,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "deadlines_instance_id_key_pk" PRIMARY KEY("instance_id","key"),
	CONSTRAINT "deadline_runs_or_rests" CHECK (status in ('armed', 'frozen', 'fired', 'cancelled') and (status <> 'armed' or due_at is not null) and (status <> 'frozen' or remaining_ms is not null))
);
--> statement-breakpoint
CREATE TABLE "effects" (
	"key" text PRIMARY KEY NOT NULL,
	"instance_id" uuid NOT NULL,
	"name" text NOT NULL,
	"params" jsonb NOT NULL,
	"status" text NOT NULL,
	"generation" integer NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"next_attempt_at" timestamp (3) with time zone,
	"nudged_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "effect_status" CHECK (status in ('open', 'parked', 'failed', 'done', 'cancelled'))
);
--> statement-breakpoint
CREATE TABLE "events" (
	"instance_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"kind" text NOT NULL,
	"type" text NOT NULL,
	"actor" text NOT NULL,
	"role" text NOT NULL,
	"party" text,
	"via" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"input" jsonb NOT NULL,
	"reason" text,
	"facts" jsonb NOT NULL,
	"before" jsonb,
	"after" jsonb NOT NULL,
	"changes" jsonb NOT NULL,
	"snapshot" jsonb,
	"applied" boolean NOT NULL,
	"machine_version" integer NOT NULL,
	"policy_version" integer NOT NULL,
	"calendar_version" text NOT NULL,
	"idempotency_key" text,
	"expected_revision" integer,
	"previous" text NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "events_instance_id_revision_pk" PRIMARY KEY("instance_id","revision")
) PARTITION BY HASH ("instance_id");
--> statement-breakpoint
CREATE TABLE "families" (
	"id" uuid PRIMARY KEY NOT NULL,
	"clock_offset_ms" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "files" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"media_type" text NOT NULL,
	"bytes" integer NOT NULL,
	"sha256" text NOT NULL,
	"uploaded_by" text NOT NULL,
	"role" text NOT NULL,
	"party" text,
	"uploaded_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"scope" text NOT NULL,
	"key" text NOT NULL,
	"day" timestamp with time zone DEFAULT date_trunc('day', now(), 'UTC') NOT NULL,
	"fingerprint" text NOT NULL,
	"instance_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	CONSTRAINT "idempotency_keys_scope_key_day_pk" PRIMARY KEY("scope","key","day")
) PARTITION BY RANGE ("day");
--> statement-breakpoint
CREATE TABLE "incidents" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"instance_id" uuid NOT NULL,
	"subject" text NOT NULL,
	"name" text NOT NULL,
	"code" text NOT NULL,
	"message" text NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "instances" (
	"id" uuid PRIMARY KEY NOT NULL,
	"lifecycle" text NOT NULL,
	"version" integer NOT NULL,
	"number" text NOT NULL,
	"family" uuid NOT NULL,
	"refs" jsonb NOT NULL,
	"buyer" text NOT NULL,
	"merchant" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"state" text NOT NULL,
	"frozen" boolean NOT NULL,
	"final" boolean NOT NULL,
	"value" jsonb NOT NULL,
	"context" jsonb NOT NULL,
	"recorded" jsonb NOT NULL,
	"revision" integer NOT NULL,
	"last_event_at" timestamp (3) with time zone NOT NULL,
	"last_actor" text NOT NULL,
	"head" text NOT NULL,
	"refusals" integer DEFAULT 0 NOT NULL,
	"refusal_head" text DEFAULT '' NOT NULL,
	"wake_seq" integer NOT NULL,
	"woken_seq" integer DEFAULT 0 NOT NULL,
	"wake_name" text NOT NULL,
	"wedged" text,
	CONSTRAINT "instances_number_unique" UNIQUE("number"),
	CONSTRAINT "state_is_of_lifecycle" CHECK ((lifecycle = 'order' and state in ('pendingPayment', 'processing', 'completed', 'cancelled')) or (lifecycle = 'supervision' and state in ('awaitingDelivery', 'awaitingReview', 'awaitingAcceptance', 'accepted', 'synchronising', 'finished')) or (lifecycle = 'serviceInstance' and state in ('active', 'suspended', 'released'))),
	CONSTRAINT "context_at_most_32_kib" CHECK (octet_length("instances"."context"::text) <= 32768)
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"instance_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"event" text NOT NULL,
	"to_role" text NOT NULL,
	"to_party" text,
	"text" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"delivered_at" timestamp (3) with time zone,
	"error" text,
	CONSTRAINT "one_message_per_cause" UNIQUE("instance_id","revision","event","to_role")
);
--> statement-breakpoint
CREATE TABLE "parties" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "policies" (
	"version" integer PRIMARY KEY NOT NULL,
	"values" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"by" text NOT NULL,
	"reason" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "products" (
	"id" text PRIMARY KEY NOT NULL,
	"merchant" text NOT NULL,
	"name" text NOT NULL,
	"access_type" text NOT NULL,
	"trade_mode" text NOT NULL,
	"supervised" boolean NOT NULL,
	"on_sale" boolean DEFAULT true NOT NULL,
	"hidden" boolean DEFAULT false NOT NULL,
	"prices" jsonb NOT NULL,
	"currency" text DEFAULT 'CNY' NOT NULL,
	"whitelist" jsonb,
	"credit_means" jsonb DEFAULT '[]'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "refusals" (
	"id" bigserial NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"instance_id" uuid,
	"no" integer NOT NULL,
	"command" text NOT NULL,
	"actor" text NOT NULL,
	"role" text NOT NULL,
	"party" text,
	"via" text NOT NULL,
	"input" jsonb NOT NULL,
	"code" text NOT NULL,
	"details" jsonb NOT NULL,
	"state" text,
	"previous" text NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "refusals_at_id_pk" PRIMARY KEY("at","id")
) PARTITION BY RANGE ("at");
--> statement-breakpoint
CREATE TABLE "signed_heads" (
	"day" date PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"instances" integer NOT NULL,
	"sha256" text NOT NULL,
	"previous" text NOT NULL,
	"signature" text NOT NULL,
	"key_id" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_file_id_files_id_fk" FOREIGN KEY ("file_id") REFERENCES "public"."files"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_instance_id_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_effect_effects_key_fk" FOREIGN KEY ("effect") REFERENCES "public"."effects"("key") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deadlines" ADD CONSTRAINT "deadlines_instance_id_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "effects" ADD CONSTRAINT "effects_instance_id_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incidents" ADD CONSTRAINT "incidents_instance_id_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "instances" ADD CONSTRAINT "instances_family_families_id_fk" FOREIGN KEY ("family") REFERENCES "public"."families"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "products" ADD CONSTRAINT "products_merchant_parties_id_fk" FOREIGN KEY ("merchant") REFERENCES "public"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "attachments_of_instance" ON "attachments" USING btree ("instance_id");--> statement-breakpoint
CREATE INDEX "attempts_of_instance" ON "attempts" USING btree ("instance_id");--> statement-breakpoint
CREATE INDEX "deadlines_due" ON "deadlines" USING btree ("due_real") WHERE status = 'armed';--> statement-breakpoint
CREATE INDEX "effects_of_instance" ON "effects" USING btree ("instance_id");--> statement-breakpoint
CREATE INDEX "effects_open" ON "effects" USING btree ("opened_at") WHERE status = 'open';--> statement-breakpoint
CREATE INDEX "incidents_of_instance" ON "incidents" USING btree ("instance_id");--> statement-breakpoint
CREATE INDEX "incidents_open" ON "incidents" USING btree ("opened_at") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "instances_by_lifecycle" ON "instances" USING btree ("lifecycle","created_at","id");--> statement-breakpoint
CREATE INDEX "instances_of_buyer" ON "instances" USING btree ("buyer","lifecycle","created_at","id");--> statement-breakpoint
CREATE INDEX "instances_of_merchant" ON "instances" USING btree ("merchant","lifecycle","created_at","id");--> statement-breakpoint
CREATE INDEX "instances_of_family" ON "instances" USING btree ("family");--> statement-breakpoint
CREATE INDEX "instances_owed_a_wake" ON "instances" USING btree ("id") WHERE wake_seq > woken_seq;--> statement-breakpoint
CREATE INDEX "outbox_waiting" ON "outbox" USING btree ("id") WHERE delivered_at is null;--> statement-breakpoint
CREATE INDEX "refusals_of_instance" ON "refusals" USING btree ("instance_id","no");