ALTER TABLE "endpoints" ADD COLUMN "former_key" text;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "former_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "endpoints" ADD CONSTRAINT "former_key_has_an_end" CHECK (("endpoints"."former_key" is null) = ("endpoints"."former_until" is null));