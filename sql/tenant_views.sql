-- What ingestion leaves for the tenant to look at: signals that no rule knows, and evidence with the booking it belongs to.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 35
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
SELECT status, count(*) FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.order_event('u-1', money => 'o:1', signals => '{"source": "billboard", "medium": "outdoor"}'),
    pg_temp.order_event('u-2', money => 'o:2', signals => '{"source": "billboard", "medium": "outdoor"}'),
    jsonb_set(pg_temp.order_event('u-3', money => 'o:3', signals => '{"source": "billboard", "medium": "outdoor", "content": "x"}'), '{conversion,occurred_at}', '"2026-11-03T12:00:00Z"'),
    pg_temp.order_event('u-4', money => 'o:4', signals => '{"click_id": "newclid", "campaign": "Spring"}'),
    pg_temp.order_event('u-5', money => 'o:5', signals => '{}'),
    pg_temp.order_event('u-6', money => 'o:6', signals => '{"source": "google", "medium": "cpc"}'),
    (pg_temp.order_event('u-7') - 'conversion' - 'states') || '{"notice": {"occurred_at": "2026-10-01T08:00:00Z"}}',
    (pg_temp.order_event('u-8') - 'conversion' - 'states') || '{"touchpoints": [{"occurred_at": "2026-10-01T08:00:00Z", "signals": {"source": "billboard", "medium": "outdoor"}}]}')) GROUP BY 1;
-- Evidence of a payment provider: by the order's id, by a reference that both name, of nothing known, without a reference.
CREATE FUNCTION pg_temp.evidence_of(key text, order_ref text, source text DEFAULT 'stripe', payload jsonb DEFAULT '{"amount_minor": 38800, "currency": "USD", "kind": "capture"}')
    RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_set(jsonb_set(pg_temp.order_event(key, money => key, books => false), '{delivery,source}', to_jsonb(source)),
                 '{conversion}', jsonb_strip_nulls(jsonb_build_object('external_id', key, 'occurred_at', '2026-11-01T12:00:00Z', 'order_ref', order_ref, 'payload', payload)))
$$;
SELECT status, count(*) FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.evidence_of('e-1', 'o:1'),
    pg_temp.evidence_of('e-2', 'number-7', payload => '{"amount_minor": 500, "currency": "EUR", "kind": "refund"}'),
    pg_temp.evidence_of('e-3', 'o:99', payload => '{"amount_minor": "many", "currency": "USD"}'),
    pg_temp.evidence_of('e-4', NULL, payload => '{}'),
    pg_temp.evidence_of('e-5', 'o:2', source => 'shopify'),
    pg_temp.evidence_of('e-6', 'e-1', source => 'paypal'),
    (pg_temp.evidence_of('e-7', NULL) - 'conversion' - 'states')
        || '{"notice": {"occurred_at": "2026-11-01T12:00:00Z", "order_ref": "o:1", "payload": {"amount_minor": 100, "currency": "USD", "kind": "refund"}}}',
    jsonb_set(pg_temp.order_event('n-7', money => 'o:7'), '{conversion,order_ref}', '"number-7"'))) GROUP BY 1;
-- The same order told again by the shop: the first booking is named.
SELECT status FROM attribution.ingest_event(:'t', pg_temp.order_event('u-1b', money => 'o:1', version => '2026-11-02T12:00:00Z'));
BEGIN;
SELECT attribution.set_tenant(:'t');
SET LOCAL ROLE attribution_analyst;
SELECT source, medium, campaign, referrer_host, click_id, visits, first_seen_at AT TIME ZONE 'UTC' AS first_seen, last_seen_at AT TIME ZONE 'UTC' AS last_seen
  FROM attribution.unmapped_signals ORDER BY visits DESC, source, click_id;
SELECT v.source, v.event_type, v.external_id, v.order_ref, v.kind, v.amount_minor, v.currency, v.linked, v.booked_source, b.delivery_key AS booked_by
  FROM attribution.evidence AS v LEFT JOIN attribution.attribution_events AS b ON b.event_id = v.booked_event_id
 ORDER BY v.event_id;
COMMIT;
-- Without a tenant, nothing; the admin names one too.
SET ROLE attribution_admin;
SELECT (SELECT count(*) FROM attribution.unmapped_signals) + (SELECT count(*) FROM attribution.evidence) AS nothing;
RESET ROLE;
-- 10,000 orders more: each piece of evidence costs probes of keys, whatever the statistics say.
SELECT sum(booked) FROM attribution.ingest_events(:'t', (
    SELECT jsonb_agg(pg_temp.order_event('m-' || n, money => 'many:' || n)) FROM generate_series(1, 10000) AS n));
BEGIN;
SELECT attribution.set_tenant(:'t');
SET LOCAL ROLE attribution_analyst;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
    RETURN QUERY SELECT DISTINCT (n ->> 'Alias') || ': ' || coalesce(n ->> 'Index Name', n ->> 'Node Type')
                   FROM jsonb_path_query(plan::jsonb, '$.**') AS n WHERE n ? 'Relation Name' AND n ->> 'Alias' <> 'e';
END
$$;
SELECT * FROM pg_temp.plan_of('SELECT * FROM attribution.evidence') AS probe ORDER BY 1;
ROLLBACK;
