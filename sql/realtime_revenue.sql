-- What the view shows, and that a range of it costs what is in the range.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 19
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
-- A sale, its refund under the sale's channel, and a refund whose sale is unknown.
SELECT status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.order_event('s-1'),
    jsonb_set(pg_temp.order_event('s-2', 800, money => 'refund:1', kind => 'refund', signals => '{}'), '{states,0,parent}', '"order:1"'),
    jsonb_set(pg_temp.order_event('s-3', 500, money => 'refund:2', kind => 'refund', signals => '{}'), '{states,0,parent}', '"order:lost"')));
BEGIN;
SELECT attribution.set_tenant(:'t');
SELECT bucket_start AT TIME ZONE 'UTC' AS bucket_start, local_day, channel, currency, kind, entries, sales, amount_minor
  FROM attribution.realtime_revenue ORDER BY channel, kind;
COMMIT;
-- Of several events that tell of one sale, the one that knows the channel counts, also when it comes last.
BEGIN;
SELECT status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.order_event('c-1', money => 'sale:9', signals => '{}'),
    pg_temp.order_event('c-2', money => 'sale:9', signals => '{"source": "(direct)", "medium": "(none)"}'),
    jsonb_set(pg_temp.order_event('c-3', 100, money => 'refund:9', kind => 'refund', signals => '{}'), '{states,0,parent}', '"sale:9"')));
SELECT channel, kind, sum(amount_minor) FROM attribution.realtime_revenue GROUP BY 1, 2 HAVING channel <> 'paid_search' ORDER BY 1, 2;
SELECT status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.order_event('c-4', money => 'sale:9', signals => '{"source": "newsletter", "medium": "email"}')));
SELECT channel, kind, sum(amount_minor) FROM attribution.realtime_revenue GROUP BY 1, 2 HAVING channel <> 'paid_search' ORDER BY 1, 2;
-- And when a notice booked the sale before any of them: by the external id that it shares with them.
SELECT status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    (pg_temp.order_event('n-1', 700, money => 'sale:10') - 'conversion')
        || '{"notice": {"occurred_at": "2026-11-01T12:00:00Z", "external_id": "sale:10"}}',
    pg_temp.order_event('n-2', 700, money => 'sale:10', signals => '{"source": "site", "medium": "referral"}')));
SELECT channel, kind, sum(amount_minor) FROM attribution.realtime_revenue GROUP BY 1, 2 HAVING sum(amount_minor) = 700;
ROLLBACK;
-- 20,000 more sales on other days; never analyzed. The plan of one day probes keys: no table is scanned whole.
SELECT sum(booked) FROM attribution.ingest_events(:'t', (
    SELECT jsonb_agg(jsonb_set(pg_temp.order_event('m-' || n, money => 'many:' || n), '{states,0,occurred_at}',
                               to_jsonb(to_char('2025-01-01'::date + n % 300, 'YYYY-MM-DD"T00:00:00Z"')))) FROM generate_series(1, 10000) AS n));
SELECT sum(booked) FROM attribution.ingest_events(:'t', (
    SELECT jsonb_agg(jsonb_set(pg_temp.order_event('m-' || n, money => 'many:' || n), '{states,0,occurred_at}',
                               to_jsonb(to_char('2025-01-01'::date + n % 300, 'YYYY-MM-DD"T00:00:00Z"')))) FROM generate_series(10001, 20000) AS n));
CREATE FUNCTION pg_temp.scanned_whole(query text) RETURNS TABLE (relation text) LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
    RETURN QUERY SELECT n ->> 'Relation Name' FROM jsonb_path_query(plan::jsonb, '$.**') AS n
                  WHERE n ->> 'Node Type' = 'Seq Scan' AND n ->> 'Relation Name' <> 'tenants';
END
$$;
GRANT EXECUTE ON FUNCTION pg_temp.scanned_whole(text) TO attribution_analyst;
\set one_day '$$SELECT sum(amount_minor) FROM attribution.realtime_revenue WHERE bucket_start >= ''2026-11-01'' AND bucket_start < ''2026-11-02''$$'
BEGIN;
SELECT attribution.set_tenant(:'t');
SET LOCAL ROLE attribution_analyst;
SELECT relation FROM pg_temp.scanned_whole(:one_day);
COMMIT;
ANALYZE attribution.revenue_ledger, attribution.attribution_events;
BEGIN;
SELECT attribution.set_tenant(:'t');
SET LOCAL ROLE attribution_analyst;
SELECT relation FROM pg_temp.scanned_whole(:one_day);
SELECT sum(amount_minor), 20001 * 38800 - 800 - 500 AS expected FROM attribution.realtime_revenue;
COMMIT;
