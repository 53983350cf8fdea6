-- Deliveries that are only counted: by source, topic and reason; no event, no money, no dead letter.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 32
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
CREATE FUNCTION pg_temp.ignored(key text, reason text DEFAULT 'unknown_topic', topic text DEFAULT 'customers/create') RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_build_object('version', 1, 'ignored', jsonb_build_object('reason', reason), 'delivery', jsonb_strip_nulls(jsonb_build_object(
    'source', 'shopify', 'key', key, 'topic', topic, 'digest', encode(sha256(convert_to(key, 'UTF8')), 'hex'))))
$$;
SET ROLE attribution_svc_ingestion;
SELECT * FROM attribution.ingest_event(:'t', pg_temp.ignored('i-1'));
SELECT item, status, event_id IS NULL AS no_event, code, detail FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.ignored('i-2'), pg_temp.ignored('i-3', 'test_mode', 'orders/create'), pg_temp.ignored('i-4', topic => NULL),
    pg_temp.ignored('i-5'), pg_temp.order_event('o-1') || '{"ignored": {"reason": "test_mode"}}',
    pg_temp.ignored('i-6', 'boredom'), pg_temp.ignored('i-7') #- '{ignored,reason}', pg_temp.ignored('i-8') || '{"states": []}'));
-- Among others; and not for a tenant who is not active.
SELECT item, status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.ignored('i-9'), pg_temp.order_event('o-2'), pg_temp.ignored('i-9')));
SELECT attribution.ingest_event('018f0000-0000-7000-8000-0000000000ff', pg_temp.ignored('i-1'));
RESET ROLE;
SELECT source, topic, reason, deliveries, first_seen_at <= last_seen_at AS seen FROM attribution.ignored_deliveries
 WHERE tenant_id = :'t' ORDER BY 1, 2, 3;
SELECT delivery_key FROM attribution.attribution_events WHERE tenant_id = :'t';
SELECT delivery_key, code, detail FROM attribution.dead_events WHERE tenant_id = :'t' ORDER BY 1;
-- The tenant's analyst sees what is counted of the tenant.
BEGIN;
SELECT attribution.set_tenant(:'t');
SET LOCAL ROLE attribution_analyst;
SELECT sum(deliveries), count(DISTINCT tenant_id) AS tenants FROM attribution.ignored_deliveries;
COMMIT;
-- Nothing personal can stand where a topic stands.
INSERT INTO attribution.ignored_deliveries (tenant_id, source, topic, reason, deliveries) VALUES (:'t', 's', 'jon@example.com', 'test_mode', 1);
