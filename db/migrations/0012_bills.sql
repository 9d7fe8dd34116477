CREATE TABLE "bill_lines" (
	"bill_id" uuid NOT NULL,
	"no" integer NOT NULL,
	"instance_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"order_id" uuid NOT NULL,
	"party_kind" text NOT NULL,
	"party" text NOT NULL,
	"currency" text NOT NULL,
	"kind" text NOT NULL,
	"effective_at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"order_number" text NOT NULL,
	"product" text NOT NULL,
	"trade_mode" text NOT NULL,
	"paid_at" timestamp (3) with time zone,
	"paid" bigint NOT NULL,
	"refunded" bigint NOT NULL,
	"share_bp" integer,
	"net" bigint NOT NULL,
	"invoice_to" text NOT NULL,
	CONSTRAINT "bill_lines_bill_id_no_pk" PRIMARY KEY("bill_id","no"),
	CONSTRAINT "billed_once" UNIQUE("instance_id","revision","order_id","party_kind","party"),
	CONSTRAINT "bill_line_kinds" CHECK (kind in ('earned', 'refunded', 'difference', 'carriedForward') and invoice_to in ('buyer', 'marketplace'))
);
--> statement-breakpoint
CREATE TABLE "bills" (
	"instance_id" uuid PRIMARY KEY NOT NULL,
	"party_kind" text NOT NULL,
	"party" text NOT NULL,
	"currency" text NOT NULL,
	"period_start" timestamp (3) with time zone NOT NULL,
	"period_end" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "one_bill_per_party_and_period" UNIQUE("party_kind","party","period_start","currency")
);
--> statement-breakpoint
CREATE TABLE "unbilled_charges" (
	"instance_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"order_id" uuid NOT NULL,
	"party_kind" text NOT NULL,
	"party" text NOT NULL,
	"currency" text NOT NULL,
	"kind" text NOT NULL,
	"effective_at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"order_number" text NOT NULL,
	"product" text NOT NULL,
	"trade_mode" text NOT NULL,
	"paid_at" timestamp (3) with time zone,
	"paid" bigint NOT NULL,
	"refunded" bigint NOT NULL,
	"share_bp" integer,
	"net" bigint NOT NULL,
	CONSTRAINT "unbilled_once" PRIMARY KEY("instance_id","revision","order_id","party_kind","party"),
	CONSTRAINT "unbilled_kinds" CHECK (kind in ('earned', 'refunded', 'difference', 'carriedForward') and party_kind in ('merchant', 'provider'))
);
--> statement-breakpoint
ALTER TABLE "instances" DROP CONSTRAINT "state_is_of_lifecycle";--> statement-breakpoint
ALTER TABLE "bill_lines" ADD CONSTRAINT "bill_lines_bill_id_bills_instance_id_fk" FOREIGN KEY ("bill_id") REFERENCES "public"."bills"("instance_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bills" ADD CONSTRAINT "bills_instance_id_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "bill_lines_of_order" ON "bill_lines" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "unbilled_of_party" ON "unbilled_charges" USING btree ("party_kind","party","currency","effective_at","instance_id","revision","order_id");--> statement-breakpoint
CREATE INDEX "unbilled_of_order" ON "unbilled_charges" USING btree ("order_id");--> statement-breakpoint
ALTER TABLE "instances" ADD CONSTRAINT "state_is_of_lifecycle" CHECK ((lifecycle = 'order' and state in ('pendingPayment', 'processing', 'refunding', 'refunded', 'completed', 'cancelled')) or (lifecycle = 'supervision' and state in ('awaitingRequirement', 'awaitingConfirmation', 'awaitingSystemCode', 'issuingCode', 'awaitingDelivery', 'awaitingClaim', 'awaitingActivation', 'awaitingProof', 'awaitingCompletion', 'awaitingReview', 'awaitingAcceptance', 'accepted', 'synchronising', 'finished', 'terminating', 'terminated')) or (lifecycle = 'serviceInstance' and state in ('active', 'suspended', 'released')) or (lifecycle = 'enterprise' and state in ('provisioning', 'active', 'closed')) or (lifecycle = 'appBinding' and state in ('syncingTenant', 'syncingApplication', 'syncingOrganisation', 'syncingDepartments', 'syncingUsers', 'bound', 'interrupted', 'stopped', 'unbinding', 'unbound')) or (lifecycle = 'adminInvitation' and state in ('mailing', 'undelivered', 'invited', 'activated', 'revoked', 'expired')) or (lifecycle = 'settlementBill' and state in ('building', 'inReview', 'awaitingConfirmation', 'countersigning', 'awaitingInvoice', 'invoiceSubmitted', 'invoiceReceived', 'paying', 'paid', 'carriedForward')) or (lifecycle = 'invoice' and state in ('applied', 'appliedToMarketplace', 'issued', 'issuedByMarketplace', 'sent', 'returned', 'rejected', 'cancelled', 'submitted', 'received', 'verified', 'refused')) or (lifecycle = 'statementLetter' and state in ('sealing', 'sealed')));