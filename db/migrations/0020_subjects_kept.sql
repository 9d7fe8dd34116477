-- What drizzle cannot say of subjects: they are kept with the instance that is the thing's life, and seen with it.
CREATE FUNCTION keep_subject() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO subjects (lifecycle, subject, instance_id) VALUES (NEW.lifecycle, NEW.context ->> NEW.lifecycle, NEW.id);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER instances_are_lives_of_subjects AFTER INSERT ON instances FOR EACH ROW
  WHEN (NEW.lifecycle IN ('merchant', 'product')) EXECUTE FUNCTION keep_subject();
--> statement-breakpoint
CREATE TRIGGER subjects_are_append_only BEFORE UPDATE OR DELETE ON subjects FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
ALTER TABLE subjects ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen_with_its_instance ON subjects FOR SELECT TO steward_reader USING (EXISTS (SELECT FROM instances i WHERE i.id = instance_id));
--> statement-breakpoint
GRANT SELECT ON subjects TO steward_reader;
