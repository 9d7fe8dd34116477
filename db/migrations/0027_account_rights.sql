-- What drizzle cannot say of accounts: a balance follows the ledger, use alone takes it below zero, and who may read it.
CREATE FUNCTION keep_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO account_balances (account_id, buyer, currency, balance, paid_in, paid_out, used) VALUES (NEW.id, NEW.buyer, NEW.context ->> 'currency', 0, 0, 0, 0);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER instances_keep_accounts AFTER INSERT ON instances FOR EACH ROW WHEN (NEW.lifecycle = 'buyerAccount') EXECUTE FUNCTION keep_account();
--> statement-breakpoint
-- All movements of one statement together, as for orders.
CREATE FUNCTION keep_account_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE m record;
BEGIN
  FOR m IN SELECT o.buyer, l.currency, max(l.at) AS at,
      coalesce(sum(l.amount) FILTER (WHERE l.from_account IN ('buyer', 'bank')), 0) AS paid_in,
      coalesce(sum(l.amount) FILTER (WHERE l.to_account IN ('buyer', 'bank')), 0) AS paid_out,
      coalesce(sum(l.amount) FILTER (WHERE l.from_account = 'balance' AND l.to_account NOT IN ('buyer', 'bank')), 0)
        - coalesce(sum(l.amount) FILTER (WHERE l.to_account = 'balance' AND l.from_account NOT IN ('buyer', 'bank')), 0) AS used
    FROM moved l JOIN instances o ON o.id = l.order_id WHERE 'balance' IN (l.from_account, l.to_account) GROUP BY o.buyer, l.currency ORDER BY o.buyer, l.currency
  LOOP
    UPDATE account_balances b SET paid_in = b.paid_in + m.paid_in, paid_out = b.paid_out + m.paid_out, used = b.used + m.used,
      balance = b.balance + m.paid_in - m.paid_out - m.used,
      arrears_since = CASE WHEN b.balance + m.paid_in - m.paid_out - m.used < 0 THEN coalesce(b.arrears_since, m.at) END
    WHERE b.buyer = m.buyer AND b.currency = m.currency AND (m.paid_out = 0 OR b.balance + m.paid_in - m.paid_out - m.used >= 0);
    IF NOT FOUND THEN
      RAISE EXCEPTION 'expected an account of % in % that covers a payment of %, got none', m.buyer, m.currency, m.paid_out USING ERRCODE = 'check_violation';
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER ledger_keeps_accounts AFTER INSERT ON ledger REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION keep_account_balances();
--> statement-breakpoint
ALTER TABLE account_balances ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY seen_with_its_account ON account_balances FOR SELECT TO steward_reader USING (EXISTS (SELECT FROM instances i WHERE i.id = account_id));
--> statement-breakpoint
GRANT SELECT ON account_balances TO steward_reader;
--> statement-breakpoint
-- A top-up is no order's money, so no order's balance has a part in it.
CREATE OR REPLACE FUNCTION keep_order_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO order_balances (order_id, currency, paid, released, reserved, refunded)
  SELECT order_id, min(currency), 0, 0, 0, 0 FROM moved
  WHERE NOT (from_account IN ('buyer', 'bank', 'balance') AND to_account IN ('buyer', 'bank', 'balance')) GROUP BY order_id ORDER BY order_id ON CONFLICT DO NOTHING;
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
-- BIL-2: what is taken by use counts by the usage's end, is paid when it is taken, and is no part of what the order itself paid or got back.
CREATE OR REPLACE FUNCTION keep_unbilled_charges() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO unbilled_charges (instance_id, revision, order_id, party_kind, party, currency, kind, effective_at, order_number, product, trade_mode, paid_at,
    paid, refunded, share_bp, net)
  SELECT m.instance_id, m.revision, m.order_id, 'merchant', o.merchant, m.currency,
    CASE WHEN i.lifecycle = 'settlementBill' THEN 'difference' WHEN m.released > 0 THEN 'earned' ELSE 'refunded' END,
    CASE WHEN m.counts_at IS NOT NULL THEN m.counts_at
      WHEN o.context ->> 'supervised' <> 'false' OR i.lifecycle = 'settlementBill' THEN m.at
      ELSE greatest(coalesce(to_timestamp((o.context ->> 'validFrom')::float8 / 1000), m.at), CASE WHEN m.released = 0 THEN m.at END) END,
    o.number, coalesce(o.context ->> 'productName', ''), coalesce(o.context ->> 'tradeMode', 'general'),
    CASE WHEN m.counts_at IS NOT NULL THEN m.at ELSE to_timestamp((o.context ->> 'paidAt')::float8 / 1000) END,
    m.released + p.refunded, m.taken + p.refunded, (o.context ->> 'merchantShareBp')::int, m.net
  FROM (SELECT instance_id, revision, order_id, min(currency) AS currency, max(at) AS at, max(counts_at) AS counts_at,
      coalesce(sum(amount) FILTER (WHERE to_account IN ('merchant', 'platform') AND from_account NOT IN ('merchant', 'platform', 'reserved')), 0) AS released,
      coalesce(sum(amount) FILTER (WHERE from_account IN ('merchant', 'platform') AND to_account NOT IN ('merchant', 'platform')), 0)
        - coalesce(sum(amount) FILTER (WHERE from_account = 'reserved' AND to_account IN ('merchant', 'platform')), 0) AS taken,
      coalesce(sum(amount) FILTER (WHERE to_account = 'merchant'), 0) - coalesce(sum(amount) FILTER (WHERE from_account = 'merchant'), 0) AS net
    FROM moved WHERE from_account IN ('merchant', 'platform') OR to_account IN ('merchant', 'platform') GROUP BY instance_id, revision, order_id) m
  JOIN instances o ON o.id = m.order_id
  JOIN instances i ON i.id = m.instance_id
  -- what was paid back before the rest was released belongs on the same line: net = (paid - refunded) x share
  CROSS JOIN LATERAL (SELECT CASE WHEN m.released > 0 AND m.counts_at IS NULL THEN coalesce(sum(l.amount), 0) ELSE 0 END AS refunded
    FROM ledger l WHERE l.order_id = m.order_id AND l.from_account = 'reserved' AND l.to_account IN ('buyer', 'balance')) p;
  RETURN NULL;
END $$;
