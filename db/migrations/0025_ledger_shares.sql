-- ACT-1, BIL-8: how merchant and marketplace share what is released is between those two: a buyer reads what it paid and got back.
DROP POLICY seen_with_its_order ON ledger;
--> statement-breakpoint
CREATE POLICY seen_with_its_order ON ledger FOR SELECT TO steward_reader USING (
  EXISTS (SELECT FROM instances i WHERE i.id = order_id)
  AND (current_setting('steward.role', true) <> 'buyer' OR from_account IN ('buyer', 'balance') OR to_account IN ('buyer', 'balance')));
--> statement-breakpoint
-- BIL-2: what a renewal that was not in effect gives back belongs to the month in which it would have been, beside what it earned: never to a bill before that.
CREATE OR REPLACE FUNCTION keep_unbilled_charges() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO unbilled_charges (instance_id, revision, order_id, party_kind, party, currency, kind, effective_at, order_number, product, trade_mode, paid_at,
    paid, refunded, share_bp, net)
  SELECT m.instance_id, m.revision, m.order_id, 'merchant', o.merchant, m.currency,
    CASE WHEN i.lifecycle = 'settlementBill' THEN 'difference' WHEN m.released > 0 THEN 'earned' ELSE 'refunded' END,
    CASE WHEN o.context ->> 'supervised' <> 'false' OR i.lifecycle = 'settlementBill' THEN m.at
      ELSE greatest(coalesce(to_timestamp((o.context ->> 'validFrom')::float8 / 1000), m.at), CASE WHEN m.released = 0 THEN m.at END) END,
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
