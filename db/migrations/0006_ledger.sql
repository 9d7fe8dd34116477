CREATE TABLE "ledger" (
	"instance_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"no" integer NOT NULL,
	"order_id" uuid NOT NULL,
	"from_account" text NOT NULL,
	"to_account" text NOT NULL,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "ledger_instance_id_revision_no_pk" PRIMARY KEY("instance_id","revision","no"),
	CONSTRAINT "ledger_accounts" CHECK (from_account in ('buyer', 'bank', 'held', 'reserved', 'merchant', 'platform', 'balance') and to_account in ('buyer', 'bank', 'held', 'reserved', 'merchant', 'platform', 'balance') and from_account <> to_account),
	CONSTRAINT "ledger_amount" CHECK ("ledger"."amount" > 0)
);
--> statement-breakpoint
CREATE TABLE "order_balances" (
	"order_id" uuid PRIMARY KEY NOT NULL,
	"currency" text NOT NULL,
	"paid" bigint NOT NULL,
	"released" bigint NOT NULL,
	"reserved" bigint NOT NULL,
	"refunded" bigint NOT NULL,
	CONSTRAINT "released_and_refunded_at_most_paid" CHECK ("order_balances"."released" + "order_balances"."reserved" + "order_balances"."refunded" <= "order_balances"."paid"),
	CONSTRAINT "no_balance_below_zero" CHECK ("order_balances"."paid" >= 0 and "order_balances"."released" >= 0 and "order_balances"."reserved" >= 0 and "order_balances"."refunded" >= 0)
);
--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_instance_id_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_order_id_instances_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_balances" ADD CONSTRAINT "order_balances_order_id_instances_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ledger_of_order" ON "ledger" USING btree ("order_id","at");--> statement-breakpoint
CREATE INDEX "ledger_by_time" ON "ledger" USING btree ("at");