CREATE TABLE "endpoint_changes" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"product" text NOT NULL,
	"generation" text NOT NULL,
	"url" text NOT NULL,
	"new_key" boolean NOT NULL,
	"role" text NOT NULL,
	"by" text NOT NULL,
	"at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "debugged_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "endpoint_changes" ADD CONSTRAINT "endpoint_changes_product_products_id_fk" FOREIGN KEY ("product") REFERENCES "public"."products"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "endpoint_changes_of_product" ON "endpoint_changes" USING btree ("product","id");