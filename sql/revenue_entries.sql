-- Entries with their source, order and channel, the parts that a model makes of them, and how exports write times and texts.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 47
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
SET timezone = 'Asia/Kathmandu';
SELECT attribution.rfc3339(t) FROM unnest('{2026-11-22 10:00Z,2026-11-22 10:00:00.1234+05:30,0044-03-15 BC,infinity}'::timestamptz[]) AS t;
RESET timezone;
SELECT attribution.neutralize_formula(t) FROM unnest(ARRAY['=1', '+1', '-1', '@a', E'\t1', E'\r1', E'\n1', '＝1', '＋1', '－1', '＠1', '', 'a=1', ' =1', '''=1', '１', NULL]) AS t;
-- A sale, its refund under the sale's order and channel, and a refund whose sale is unknown.
SELECT status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.order_event('s-1'),
    jsonb_set(pg_temp.order_event('s-2', 800, money => 'refund:1', kind => 'refund', signals => '{}'), '{states,0,parent}', '"order:1"'),
    jsonb_set(pg_temp.order_event('s-3', 500, money => 'refund:2', kind => 'refund', signals => '{}'), '{states,0,parent}', '"order:lost"')));
SELECT attribution.define_model(tenant_id => :'t', name => 'last_touch', rule => 'last_touch');
SELECT FROM attribution.allocate_revenue(tenant_id => :'t', model => 'last_touch');
BEGIN;
SELECT attribution.set_tenant(:'t');
SET LOCAL ROLE attribution_analyst;
SELECT source, order_id, money_key, sale_key, kind, step, occurred_at AT TIME ZONE 'UTC' AS occurred_at, local_day, channel, currency, amount_minor, amount, tax_minor, shipping_minor
  FROM attribution.revenue_entries ORDER BY money_key;
SELECT money_key, amount, channel, model, revision, allocated_channel, allocated_campaign, allocated_minor, allocated
  FROM attribution.revenue_allocations ORDER BY money_key;
-- The channel is that of realtime_revenue, however many events tell of the sale.
RESET ROLE;
SELECT status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.order_event('c-1', money => 'sale:9', signals => '{}'),
    jsonb_set(pg_temp.order_event('c-3', 100, money => 'refund:9', kind => 'refund', signals => '{}'), '{states,0,parent}', '"sale:9"'),
    pg_temp.order_event('c-4', money => 'sale:9', signals => '{"source": "newsletter", "medium": "email"}'),
    (pg_temp.order_event('n-1', 700, money => 'sale:10') - 'conversion')
        || '{"notice": {"occurred_at": "2026-11-01T12:00:00Z", "external_id": "sale:10"}}',
    pg_temp.order_event('n-2', 700, money => 'sale:10', signals => '{"source": "site", "medium": "referral"}')));
SET LOCAL ROLE attribution_analyst;
SELECT bucket_start, local_day, channel, currency, kind, count(*), sum(amount_minor) FROM attribution.revenue_entries GROUP BY 1, 2, 3, 4, 5
EXCEPT
SELECT bucket_start, local_day, channel, currency, kind, entries, amount_minor FROM attribution.realtime_revenue;
SELECT channel, kind, amount_minor FROM attribution.revenue_entries ORDER BY 1, 2, 3;
ROLLBACK;
-- The export service reads the same, and of tenants and events no more than the views do.
BEGIN;
SELECT attribution.set_tenant(:'t');
SET LOCAL ROLE attribution_svc_export;
SELECT count(*), sum(amount_minor) FROM attribution.revenue_entries;
SELECT count(*), sum(allocated_minor) FROM attribution.revenue_allocations;
SELECT name FROM attribution.tenants;
ROLLBACK;
BEGIN;
SELECT attribution.set_tenant(:'t');
SET LOCAL ROLE attribution_svc_export;
SELECT payload FROM attribution.attribution_events;
ROLLBACK;
-- Without a tenant there is nothing.
SET ROLE attribution_analyst;
SELECT count(*) FROM attribution.revenue_entries;
RESET ROLE;
