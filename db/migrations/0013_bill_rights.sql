-- What drizzle cannot say of bills: lines are append-only, what is owed follows the ledger, each bill is known by its party and month.
CREATE TRIGGER bill_lines_are_append_only BEFORE UPDATE OR DELETE ON bill_lines FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER bill_lines_are_never_truncated BEFORE TRUNCATE ON bill_lines FOR EACH STATEMENT EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER bills_are_append_only BEFORE UPDATE OR DELETE ON bills FOR EACH ROW EXECUTE FUNCTION append_only();
--> statement-breakpoint
CREATE TRIGGER bills_are_never_truncated BEFORE TRUNCATE ON bills FOR EACH STATEMENT EXECUTE FUNCTION append_only();
--> statement-breakpoint
-- BIL-1: one bill of a party, month and currency. Its own table, because an index over a context would make every update of an instance a cold one.
CREATE FUNCTION keep_bill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO bills (instance_id, party_kind, party, currency, period_start, period_end)
  VALUES (NEW.id, NEW.context ->> 'partyKind', NEW.merchant, NEW.context ->> 'currency',
    to_timestamp((NEW.context ->> 'periodStart')::float8 / 1000), to_timestamp((NEW.context ->> 'periodEnd')::float8 / 1000));
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER instances_keep_bills AFTER INSERT ON instances FOR EACH ROW WHEN (NEW.lifecycle = 'settlementBill') EXECUTE FUNCTION keep_bill();
--> statement-breakpoint
-- BIL-2: what an event moved to or from the merchant's share of an order is owed on its next bill, in the same transaction. Supervised orders
-- count when supervision finishes, which is when the money moves; others from their opening, a renewal from its taking effect.
CREATE FUNCTION keep_unbilled_charges() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO unbilled_charges (instance_id, revision, order_id, party_kind, party, currency, kind, effective_at, order_number, product, trade_mode, paid_at,
    paid, refunded, share_bp, net)
  SELECT m.instance_id, m.revision, m.order_id, 'merchant', o.merchant, m.currency,
    CASE WHEN i.lifecycle = 'settlementBill' THEN 'difference' WHEN m.released > 0 THEN 'earned' ELSE 'refunded' END,
    CASE WHEN m.released > 0 AND o.context ->> 'supervised' = 'false' THEN coalesce(to_timestamp((o.context ->> 'validFrom')::float8 / 1000), m.at) ELSE m.at END,
    o.number, coalesce(o.context ->> 'productName', ''), coalesce(o.context ->> 'tradeMode', 'general'), to_timestamp((o.context ->> 'paidAt')::float8 / 1000),
    m.released + p.refunded, m.taken + p.refunded, (o.context ->> 'merchantShareBp')::int, m.net
  FROM (SELECT instance_id, revision, order_id, min(currency) AS currency, max(at) AS at,
      coalesce(sum(amount) FILTER (WHERE to_account IN ('merchant', 'platform') AND from_account NOT IN ('merchant', 'platform', 'reserved')), 0) AS released,
      coalesce(sum(amount) FILTER (WHERE from_account IN ('merchant', 'platform') AND to_account NOT IN ('merchant', 'platform')), 0)
        - coalesce(sum(amount) FILTER (WHERE from_account = 'reserved' AND to_account IN ('merchant', 'platform')), 0) AS taken,
      coalesce(sum(amount) FILTER (WHERE to_account = 'merchant'), 0) - coalesce(sum(amount) FILTER (WHERE from_account = 'merchant'), 0) AS net
    FROM moved WHERE from_account IN ('merchant', 'platform') OR to_account IN ('merchant', 'platform') GROUP BY instance_id, revision, order_id) m
  JOIN instances o ON o.id = m.order_id
  JOIN instances i ON i.id = m.instance_id
  -- what was paid back before the rest was released belongs on the same line: net = (paid - refunded) x share
  CROSS JOIN LATERAL (SELECT CASE WHEN m.released > 0 THEN coalesce(sum(l.amount), 0) ELSE 0 END AS refunded
    FROM ledger l WHERE l.order_id = m.order_id AND l.from_account = 'reserved' AND l.to_account IN ('buyer', 'balance')) p;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER ledger_keeps_charges AFTER INSERT ON ledger REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION keep_unbilled_charges();
--> statement-breakpoint
-- ACT-1: a service provider sees what is its own, as a merchant does.
CREATE POLICY seen_by_service_providers ON instances FOR SELECT TO steward_reader USING (
  current_setting('steward.role', true) = 'serviceProvider' AND merchant = current_setting('steward.party', true));
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['bills.instance_id', 'bill_lines.bill_id'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', split_part(name, '.', 1));
    EXECUTE format('CREATE POLICY seen_with_its_bill ON %I FOR SELECT TO steward_reader USING (EXISTS (SELECT FROM instances i WHERE i.id = %I))', split_part(name, '.', 1), split_part(name, '.', 2));
  END LOOP;
END $$;
--> statement-breakpoint
ALTER TABLE unbilled_charges ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen_by_its_party ON unbilled_charges FOR SELECT TO steward_reader USING (
  current_setting('steward.role', true) IN ('operationsManager', 'reviewer', 'system')
  OR (current_setting('steward.role', true) IN ('merchant', 'serviceProvider') AND party = current_setting('steward.party', true)));
--> statement-breakpoint
GRANT SELECT ON bills, bill_lines, unbilled_charges TO steward_reader;
