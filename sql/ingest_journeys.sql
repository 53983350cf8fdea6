-- Journeys and references to orders: the first apart from the events, which are append-only.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 33
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
\set touch '{"occurred_at": "2026-10-01T08:00:00Z", "signals": {"referrer_host": "www.facebook.com"}, "journey_id": "journey-0001"}'
SET ROLE attribution_svc_ingestion;
SELECT item, status, code, detail FROM attribution.ingest_events(:'t', jsonb_build_array(
    jsonb_set(pg_temp.order_event('j-1'), '{conversion,journey_id}', '"journey-0001"')
        || jsonb_build_object('touchpoints', jsonb_build_array(:'touch'::jsonb, :'touch'::jsonb - 'journey_id')),
    (pg_temp.order_event('j-2') - 'conversion' - 'states') || jsonb_build_object('touchpoints', jsonb_build_array(:'touch'::jsonb)),
    jsonb_set(pg_temp.order_event('j-3'), '{conversion,order_ref}', '"820982911946154508"'),
    (pg_temp.order_event('j-4') - 'conversion' - 'states') || '{"notice": {"occurred_at": "2026-10-01T08:00:00Z", "order_ref": "1001"}}',
    jsonb_set(pg_temp.order_event('j-5'), '{conversion,journey_id}', '"short"'),
    jsonb_set(pg_temp.order_event('j-6'), '{conversion,journey_id}', '"jon@example.com"'),
    jsonb_set(pg_temp.order_event('j-7'), '{conversion,order_ref}', '"555-123-4567"'),
    (pg_temp.order_event('j-8') - 'conversion' - 'states') || jsonb_build_object('touchpoints', jsonb_build_array(:'touch'::jsonb || '{"order_ref": "1001"}')),
    (pg_temp.order_event('j-9') - 'conversion' - 'states') || '{"notice": {"occurred_at": "2026-10-01T08:00:00Z", "journey_id": "journey-0001"}}'));
-- A repeat adds none; another body under the key neither.
SELECT status FROM attribution.ingest_event(:'t', jsonb_set(pg_temp.order_event('j-1'), '{conversion,journey_id}', '"journey-0002"'));
SELECT status FROM attribution.ingest_event(:'t', jsonb_set(pg_temp.order_event('j-1', body => 'other'), '{conversion,journey_id}', '"journey-0002"'));
SELECT * FROM attribution.event_journeys;
RESET ROLE;
SELECT e.delivery_key, e.item_no, e.event_type, e.order_ref, j.journey_id
  FROM attribution.attribution_events AS e LEFT JOIN attribution.event_journeys AS j USING (tenant_id, event_id)
 WHERE e.tenant_id = :'t' ORDER BY 1, 2;
-- A journey can be taken away; its events stay.
BEGIN;
DELETE FROM attribution.event_journeys WHERE tenant_id = :'t' AND journey_id = 'journey-0001';
SELECT count(*) FROM attribution.attribution_events WHERE tenant_id = :'t';
ROLLBACK;
INSERT INTO attribution.event_journeys VALUES (:'t', gen_random_uuid(), 'jon@example.com');
