CREATE TABLE "app_clients" (
	"binding" uuid PRIMARY KEY NOT NULL,
	"client_id" text NOT NULL,
	"client_secret" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "app_clients_client_id_unique" UNIQUE("client_id")
);
--> statement-breakpoint
CREATE TABLE "app_grants" (
	"binding" uuid NOT NULL,
	"enterprise" uuid NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"granted_by" text NOT NULL,
	"granted_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "app_grants_binding_kind_subject_pk" PRIMARY KEY("binding","kind","subject"),
	CONSTRAINT "grant_kind" CHECK (kind in ('department', 'member', 'group'))
);
--> statement-breakpoint
CREATE TABLE "app_keys" (
	"product" text PRIMARY KEY NOT NULL,
	"public_key" text NOT NULL,
	"set_by" text NOT NULL,
	"set_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "customer_accounts" (
	"party" text PRIMARY KEY NOT NULL,
	"chosen_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "department_changes" (
	"enterprise" uuid NOT NULL,
	"revision" integer NOT NULL,
	"no" integer NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"parent" text,
	"flag" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "department_changes_enterprise_revision_no_pk" PRIMARY KEY("enterprise","revision","no"),
	CONSTRAINT "change_flag" CHECK ("department_changes"."flag" in (0, 1, 2))
);
--> statement-breakpoint
CREATE TABLE "departments" (
	"enterprise" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"parent" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "departments_enterprise_code_pk" PRIMARY KEY("enterprise","code"),
	CONSTRAINT "no_department_is_its_own_parent" CHECK ("departments"."parent" <> "departments"."code")
);
--> statement-breakpoint
CREATE TABLE "group_members" (
	"enterprise" uuid NOT NULL,
	"group_code" text NOT NULL,
	"user_name" text NOT NULL,
	"added_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "group_members_enterprise_group_code_user_name_pk" PRIMARY KEY("enterprise","group_code","user_name")
);
--> statement-breakpoint
CREATE TABLE "groups" (
	"enterprise" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "groups_enterprise_code_pk" PRIMARY KEY("enterprise","code")
);
--> statement-breakpoint
CREATE TABLE "invitation_links" (
	"hash" text PRIMARY KEY NOT NULL,
	"invitation" uuid NOT NULL,
	"round" text NOT NULL,
	"made_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "members" (
	"enterprise" uuid NOT NULL,
	"user_name" text NOT NULL,
	"name" text NOT NULL,
	"department" text NOT NULL,
	"role" text NOT NULL,
	"position" text,
	"mail" text,
	"phone" text,
	"joined_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "members_enterprise_user_name_pk" PRIMARY KEY("enterprise","user_name"),
	CONSTRAINT "member_role" CHECK ("members"."role" in ('user', 'admin'))
);
--> statement-breakpoint
CREATE TABLE "user_syncs" (
	"binding" uuid NOT NULL,
	"user_name" text NOT NULL,
	"state" text NOT NULL,
	"flag" integer NOT NULL,
	"sent" jsonb,
	"acknowledged" jsonb,
	"uncertain" boolean NOT NULL,
	"error_code" text,
	"error_message" text,
	"calls" integer NOT NULL,
	"called_at" timestamp (3) with time zone NOT NULL,
	"acknowledged_at" timestamp (3) with time zone,
	CONSTRAINT "user_syncs_binding_user_name_pk" PRIMARY KEY("binding","user_name"),
	CONSTRAINT "user_sync_state" CHECK (state in ('due', 'sending', 'done', 'failed'))
);
--> statement-breakpoint
ALTER TABLE "instances" DROP CONSTRAINT "state_is_of_lifecycle";--> statement-breakpoint
ALTER TABLE "app_clients" ADD CONSTRAINT "app_clients_binding_instances_id_fk" FOREIGN KEY ("binding") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "app_grants" ADD CONSTRAINT "app_grants_binding_instances_id_fk" FOREIGN KEY ("binding") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "app_grants" ADD CONSTRAINT "app_grants_enterprise_instances_id_fk" FOREIGN KEY ("enterprise") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "department_changes" ADD CONSTRAINT "department_changes_enterprise_instances_id_fk" FOREIGN KEY ("enterprise") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "departments" ADD CONSTRAINT "departments_enterprise_instances_id_fk" FOREIGN KEY ("enterprise") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "departments" ADD CONSTRAINT "department_below_one_of_its_enterprise" FOREIGN KEY ("enterprise","parent") REFERENCES "public"."departments"("enterprise","code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "group_members" ADD CONSTRAINT "group_members_enterprise_instances_id_fk" FOREIGN KEY ("enterprise") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "groups" ADD CONSTRAINT "groups_enterprise_instances_id_fk" FOREIGN KEY ("enterprise") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitation_links" ADD CONSTRAINT "invitation_links_invitation_instances_id_fk" FOREIGN KEY ("invitation") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_enterprise_instances_id_fk" FOREIGN KEY ("enterprise") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "member_of_a_department" FOREIGN KEY ("enterprise","department") REFERENCES "public"."departments"("enterprise","code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_syncs" ADD CONSTRAINT "user_syncs_binding_instances_id_fk" FOREIGN KEY ("binding") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "grants_of_subject" ON "app_grants" USING btree ("enterprise","kind","subject") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "departments_below" ON "departments" USING btree ("enterprise","parent") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "groups_of_member" ON "group_members" USING btree ("enterprise","user_name") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "links_of_invitation" ON "invitation_links" USING btree ("invitation","made_at");--> statement-breakpoint
CREATE INDEX "members_of_department" ON "members" USING btree ("enterprise","department") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "user_syncs_failed" ON "user_syncs" USING btree ("binding","user_name") WHERE state = 'failed';--> statement-breakpoint
ALTER TABLE "instances" ADD CONSTRAINT "state_is_of_lifecycle" CHECK ((lifecycle = 'order' and state in ('pendingPayment', 'processing', 'refunding', 'refunded', 'completed', 'cancelled')) or (lifecycle = 'supervision' and state in ('awaitingRequirement', 'awaitingConfirmation', 'awaitingSystemCode', 'issuingCode', 'awaitingDelivery', 'awaitingClaim', 'awaitingActivation', 'awaitingProof', 'awaitingCompletion', 'awaitingReview', 'awaitingAcceptance', 'accepted', 'synchronising', 'finished', 'terminating', 'terminated')) or (lifecycle = 'serviceInstance' and state in ('active', 'suspended', 'released')) or (lifecycle = 'enterprise' and state in ('provisioning', 'active', 'closed')) or (lifecycle = 'appBinding' and state in ('syncingTenant', 'syncingApplication', 'syncingOrganisation', 'syncingDepartments', 'syncingUsers', 'bound', 'interrupted', 'stopped', 'unbinding', 'unbound')) or (lifecycle = 'adminInvitation' and state in ('mailing', 'undelivered', 'invited', 'activated', 'revoked', 'expired')));