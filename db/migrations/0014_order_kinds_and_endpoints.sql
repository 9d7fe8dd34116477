CREATE TABLE "endpoints" (
	"product" text PRIMARY KEY NOT NULL,
	"generation" text NOT NULL,
	"url" text NOT NULL,
	"key" text NOT NULL,
	"changed_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"changed_by" text NOT NULL,
	CONSTRAINT "endpoint_generation" CHECK ("endpoints"."generation" in ('V1', 'V2'))
);
--> statement-breakpoint
ALTER TABLE "instances" DROP CONSTRAINT "state_is_of_lifecycle";--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "offers" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "endpoints" ADD CONSTRAINT "endpoints_product_products_id_fk" FOREIGN KEY ("product") REFERENCES "public"."products"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "instances" ADD CONSTRAINT "state_is_of_lifecycle" CHECK ((lifecycle = 'order' and state in ('pendingPayment', 'processing', 'refunding', 'refunded', 'completed', 'failed', 'cancelled')) or (lifecycle = 'supervision' and state in ('awaitingRequirement', 'awaitingConfirmation', 'awaitingSystemCode', 'issuingCode', 'awaitingDelivery', 'awaitingClaim', 'awaitingActivation', 'awaitingProof', 'awaitingCompletion', 'awaitingReview', 'awaitingAcceptance', 'accepted', 'synchronising', 'finished', 'terminating', 'terminated')) or (lifecycle = 'serviceInstance' and state in ('active', 'suspended', 'released')) or (lifecycle = 'productionCall' and state in ('calling', 'confirming', 'stopped', 'succeeded', 'withdrawn')) or (lifecycle = 'enterprise' and state in ('provisioning', 'active', 'closed')) or (lifecycle = 'appBinding' and state in ('syncingTenant', 'syncingApplication', 'syncingOrganisation', 'syncingDepartments', 'syncingUsers', 'bound', 'interrupted', 'stopped', 'unbinding', 'unbound')) or (lifecycle = 'adminInvitation' and state in ('mailing', 'undelivered', 'invited', 'activated', 'revoked', 'expired')) or (lifecycle = 'settlementBill' and state in ('building', 'inReview', 'awaitingConfirmation', 'countersigning', 'awaitingInvoice', 'invoiceSubmitted', 'invoiceReceived', 'paying', 'paid', 'carriedForward')) or (lifecycle = 'invoice' and state in ('applied', 'appliedToMarketplace', 'issued', 'issuedByMarketplace', 'sent', 'returned', 'rejected', 'cancelled', 'submitted', 'received', 'verified', 'refused')) or (lifecycle = 'statementLetter' and state in ('sealing', 'sealed')));