-- Each payment costs three triggers: two of them usually have nothing to do and say so at once.
CREATE OR REPLACE FUNCTION keep_account_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE m record;
BEGIN
  IF NOT EXISTS (SELECT FROM moved WHERE 'balance' IN (from_account, to_account)) THEN RETURN NULL; END IF;
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
CREATE OR REPLACE FUNCTION keep_unbilled_charges() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM moved WHERE from_account IN ('merchant', 'platform') OR to_account IN ('merchant', 'platform')) THEN RETURN NULL; END IF;
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
--> statement-breakpoint
-- An order's first movement makes its balance, which the limits hold of like any later one; two first ones at once: the second is played again.
CREATE OR REPLACE FUNCTION keep_order_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE m record;
BEGIN
  FOR m IN SELECT order_id, min(currency) AS currency,
      bool_or(NOT (from_account IN ('buyer', 'bank', 'balance') AND to_account IN ('buyer', 'bank', 'balance'))) AS of_an_order,
      coalesce(sum(amount) FILTER (WHERE from_account IN ('buyer', 'balance') AND to_account = 'held'), 0) AS paid,
      coalesce(sum(amount) FILTER (WHERE to_account IN ('merchant', 'platform')), 0) - coalesce(sum(amount) FILTER (WHERE from_account IN ('merchant', 'platform')), 0) AS released,
      coalesce(sum(amount) FILTER (WHERE to_account = 'reserved'), 0) - coalesce(sum(amount) FILTER (WHERE from_account = 'reserved'), 0) AS reserved,
      coalesce(sum(amount) FILTER (WHERE from_account = 'reserved' AND to_account IN ('buyer', 'balance')), 0) AS refunded
    FROM moved GROUP BY order_id ORDER BY order_id
  LOOP
    UPDATE order_balances b SET paid = b.paid + m.paid, released = b.released + m.released, reserved = b.reserved + m.reserved, refunded = b.refunded + m.refunded
    WHERE b.order_id = m.order_id;
    IF NOT FOUND AND m.of_an_order THEN
      INSERT INTO order_balances (order_id, currency, paid, released, reserved, refunded)
      VALUES (m.order_id, m.currency, m.paid, m.released, m.reserved, m.refunded);
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
