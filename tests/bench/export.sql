-- A tenant with :rows ledger entries 15 seconds apart, written past ingestion: orders of several channels and currencies, every
-- tenth entry a refund of the order before it. psql variables: rows, tenant.
SET session_replication_role = replica;
SELECT attribution.create_tenant(name => 'large', tenant_id => :'tenant', time_zone => 'Europe/Berlin');
CREATE TEMPORARY TABLE told AS
SELECT n, n % 10 = 0 AS is_refund, 5000000000 + n AS order_no,
       ('018f' || lpad(to_hex(n), 8, '0') || '-7000-8000-000000000000')::uuid AS event_id,
       ('018f' || lpad(to_hex(n), 8, '0') || '-7001-8000-000000000000')::uuid AS entry_id,
       '2025-01-01'::timestamptz + n * interval '15.768 s' AS at
  FROM generate_series(1, :rows) AS n;
INSERT INTO attribution.attribution_events (tenant_id, event_id, source, delivery_key, item_no, event_type, digest, external_id, evidence, occurred_at, channel, payload)
SELECT :'tenant', event_id, 'shopify', 'd' || n, 0, CASE WHEN is_refund THEN 'notice' ELSE 'conversion' END, sha256(n::text::bytea),
       (CASE WHEN is_refund THEN order_no - 1 ELSE order_no END)::text, false, at, (ARRAY['paid_search', 'organic_search', 'email', 'direct', 'paid_social'])[1 + n % 5], '{}'
  FROM told;
INSERT INTO attribution.revenue_ledger (tenant_id, entry_id, money_key, kind, step, amount_minor, currency, tax_minor, shipping_minor, parent_money_key, event_id, occurred_at)
SELECT :'tenant', entry_id, CASE WHEN is_refund THEN 'shopify:refund:' || n ELSE 'shopify:order:' || order_no END,
       CASE WHEN is_refund THEN 'refund' ELSE 'capture' END, 1, CASE WHEN is_refund THEN -1000 ELSE 1000 + n % 100000 END, (ARRAY['EUR', 'EUR', 'USD', 'JPY'])[1 + n % 4],
       CASE WHEN NOT is_refund THEN n % 1900 END, CASE WHEN NOT is_refund THEN 490 END, CASE WHEN is_refund THEN 'shopify:order:' || order_no - 1 END, event_id, at
  FROM told;
RESET session_replication_role;
VACUUM ANALYZE attribution.attribution_events, attribution.revenue_ledger;
