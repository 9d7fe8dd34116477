CREATE TABLE "signed_heads" (
	"day" date PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"instances" integer NOT NULL,
	"sha256" text NOT NULL,
	"previous" text NOT NULL,
	"signature" text NOT NULL,
	"key_id" text NOT NULL
);
