ALTER TABLE "attempts" ADD COLUMN "record" jsonb;--> statement-breakpoint
ALTER TABLE "effects" ADD COLUMN "lane" text;--> statement-breakpoint
CREATE INDEX "effects_in_lane" ON "effects" USING btree ("lane") WHERE lane is not null and status = 'open';