-- Identity of deliveries: stored once per key; repeats are told; another body under the same key is a conflict.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 10
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
SET ROLE attribution_svc_ingestion;
SELECT status, code, booked, event_id AS first_id FROM attribution.ingest_event(:'t', pg_temp.order_event('d-1')) \gset one_
SELECT :'one_status' AS status, :one_booked AS booked, substr(:'one_first_id', 15, 1) AS uuid_version;
-- The same delivery again, alone and among others: the first one's id.
SELECT status, event_id = :'one_first_id' AS same_id, code, booked
  FROM attribution.ingest_event(:'t', pg_temp.order_event('d-1'));
SELECT item, status, event_id = :'one_first_id' AS same_id, code, booked
  FROM attribution.ingest_events(:'t', jsonb_build_array(
           pg_temp.order_event('d-2'), pg_temp.order_event('d-1'), pg_temp.order_event('d-3')));
-- Another body under the key: the first one stays, and the other is kept as a dead letter; twice is one letter.
SELECT status, event_id = :'one_first_id' AS same_id, code, detail, booked
  FROM attribution.ingest_event(:'t', pg_temp.order_event('d-1', 99900, '2026-11-02T12:00:00Z', body => 'other'));
SELECT status, event_id = :'one_first_id' AS same_id, code
  FROM attribution.ingest_event(:'t', pg_temp.order_event('d-1', 99900, '2026-11-02T12:00:00Z', body => 'other'));
-- Within one call the first of a key wins, as if they came one after the other.
SELECT item, status, count(*) OVER (PARTITION BY event_id) AS of_this_id, code, booked
  FROM attribution.ingest_events(:'t', jsonb_build_array(
           pg_temp.order_event('d-4', money => 'order:4'), pg_temp.order_event('d-4', money => 'order:4'),
           pg_temp.order_event('d-4', 1, money => 'order:4', body => 'other'),
           pg_temp.order_event('d-5', money => 'order:5'), pg_temp.order_event('d-4', money => 'order:4'))) ORDER BY item;
-- The same key of another source is another delivery; without a key the digest is the key.
SELECT status FROM attribution.ingest_event(:'t', jsonb_set(pg_temp.order_event('d-1'), '{delivery,source}', '"stripe"'));
SELECT status FROM attribution.ingest_event(:'t', pg_temp.order_event('x', body => 'keyless') #- '{delivery,key}');
SELECT status FROM attribution.ingest_event(:'t', pg_temp.order_event('x', body => 'keyless') #- '{delivery,key}');
-- An empty call is a call.
SELECT count(*) FROM attribution.ingest_events(:'t', '[]');
RESET ROLE;
SELECT source, CASE WHEN length(delivery_key) = 64 THEN 'digest' ELSE delivery_key END AS key, item_no, event_type,
       topic, external_id, evidence, channel, channel_rule, payload
  FROM attribution.attribution_events WHERE tenant_id = :'t' ORDER BY 1, 2;
SELECT delivery_key, code, attempts, status, payload FROM attribution.dead_events WHERE tenant_id = :'t' ORDER BY 1;
SELECT money_key, kind, step, amount_minor FROM attribution.revenue_ledger WHERE tenant_id = :'t' ORDER BY 1, 2, 3;

-- Touchpoints are rows of their own, under the delivery's key; a repeat adds none, nor does a conflict with more.
SET ROLE attribution_svc_ingestion;
\set touch '{"occurred_at": "2026-10-01T08:00:00+02:00", "signals": {"referrer_host": "www.facebook.com"}}'
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.order_event('d-6', money => 'order:6')
    || jsonb_build_object('touchpoints', jsonb_build_array(:'touch'::jsonb, :'touch'::jsonb)));
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.order_event('d-6', money => 'order:6', body => 'other')
    || jsonb_build_object('touchpoints', jsonb_build_array(:'touch'::jsonb, :'touch'::jsonb, :'touch'::jsonb)));
SELECT status FROM attribution.ingest_event(:'t', (pg_temp.order_event('d-7') - 'conversion' - 'states')
    || jsonb_build_object('touchpoints', jsonb_build_array(:'touch'::jsonb, :'touch'::jsonb)));
SELECT status FROM attribution.ingest_event(:'t', (pg_temp.order_event('d-8') - 'conversion' - 'states')
    || '{"notice": {"occurred_at": "2026-10-01T08:00:00Z", "payload": {"test": true}}}');
RESET ROLE;
SELECT delivery_key, item_no, event_type, occurred_at AT TIME ZONE 'UTC' AS occurred_at, channel, payload
  FROM attribution.attribution_events WHERE tenant_id = :'t' AND delivery_key IN ('d-6', 'd-7', 'd-8') ORDER BY 1, 2;
