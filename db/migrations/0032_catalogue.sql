-- ORD-6: what anybody may know of a product on sale, whoever may see the record of its life. A view reads as its owner, past row-level security.
CREATE VIEW catalogue AS
  SELECT p.id, p.name, p.merchant, m.name AS merchant_name, p.access_type, p.trade_mode, p.supervised, p.currency, p.prices, p.offers,
    (l.context ->> 'hidden')::boolean AS hidden,
    jsonb_typeof(l.context -> 'whitelist') IS NOT DISTINCT FROM 'array' AS by_whitelist,
    jsonb_typeof(l.context -> 'whitelist') IS DISTINCT FROM 'array'
      OR l.context -> 'whitelist' @> jsonb_build_array(jsonb_build_object('account', current_setting('steward.party', true))) AS open_to_caller,
    coalesce(l.context -> 'creditMeans', '[]') AS credit_means
  FROM products p JOIN parties m ON m.id = p.merchant
  JOIN subjects s ON s.lifecycle = 'product' AND s.subject = p.id JOIN instances l ON l.id = s.instance_id AND l.state = 'listed'
  JOIN subjects t ON t.lifecycle = 'merchant' AND t.subject = p.merchant JOIN instances o ON o.id = t.instance_id AND o.state = 'active';
--> statement-breakpoint
GRANT SELECT ON catalogue TO steward_reader;
