-- What drizzle cannot say of the ledger: it is append-only, it keeps the balances, and who may read it.
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER ledger_is_never_truncated BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION append_only();
--> statement-breakpoint
-- All movements of one statement together: a balance may not pass a limit even between two of them.
CREATE FUNCTION keep_order_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO order_balances (order_id, currency, paid, released, reserved, refunded)
  SELECT order_id, min(currency), 0, 0, 0, 0 FROM moved GROUP BY order_id ORDER BY order_id ON CONFLICT DO NOTHING;
  -- on its own: the limits are to hold of the new balance, not of the difference
  UPDATE order_balances b SET paid = b.paid + m.paid, released = b.released + m.released, reserved = b.reserved + m.reserved, refunded = b.refunded + m.refunded
  FROM (SELECT order_id,
      coalesce(sum(amount) FILTER (WHERE from_account IN ('buyer', 'balance') AND to_account = 'held'), 0) AS paid,
      coalesce(sum(amount) FILTER (WHERE to_account IN ('merchant', 'platform')), 0) - coalesce(sum(amount) FILTER (WHERE from_account IN ('merchant', 'platform')), 0) AS released,
      coalesce(sum(amount) FILTER (WHERE to_account = 'reserved'), 0) - coalesce(sum(amount) FILTER (WHERE from_account = 'reserved'), 0) AS reserved,
      coalesce(sum(amount) FILTER (WHERE from_account = 'reserved' AND to_account IN ('buyer', 'balance')), 0) AS refunded
    FROM moved GROUP BY order_id) m WHERE m.order_id = b.order_id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER ledger_keeps_balances AFTER INSERT ON ledger REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION keep_order_balances();
--> statement-breakpoint
ALTER TABLE ledger ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen_with_its_order ON ledger FOR SELECT TO steward_reader USING (EXISTS (SELECT FROM instances i WHERE i.id = order_id));
--> statement-breakpoint
ALTER TABLE order_balances ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen_with_its_order ON order_balances FOR SELECT TO steward_reader USING (EXISTS (SELECT FROM instances i WHERE i.id = order_id));
--> statement-breakpoint
GRANT SELECT ON ledger, order_balances TO steward_reader;
