-- The calls of a bulk are seen with the bulk that they are of.
ALTER TABLE call_batch_items ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen_with_its_instance ON call_batch_items FOR SELECT TO steward_reader USING (EXISTS (SELECT FROM instances i WHERE i.id = batch));
--> statement-breakpoint
GRANT SELECT ON call_batch_items TO steward_reader;
