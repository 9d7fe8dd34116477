-- Progress is seen with the export that it is of.
ALTER TABLE export_progress ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen_with_its_instance ON export_progress FOR SELECT TO steward_reader USING (EXISTS (SELECT FROM instances i WHERE i.id = instance_id));
--> statement-breakpoint
GRANT SELECT ON export_progress TO steward_reader;
