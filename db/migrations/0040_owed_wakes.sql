CREATE TABLE "owed_wakes" (
	"instance_id" uuid PRIMARY KEY NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"urgent" boolean NOT NULL
);
--> statement-breakpoint
INSERT INTO owed_wakes (instance_id, since, urgent) SELECT id, clock_timestamp(), true FROM instances WHERE wake_seq > woken_seq;--> statement-breakpoint
DROP INDEX "instances_owed_a_wake";--> statement-breakpoint
CREATE INDEX "owed_wakes_oldest" ON "owed_wakes" USING btree ("since");