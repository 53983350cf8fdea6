-- Dead letters: what they keep, how they are tried again, and how they are put away.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 34
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
-- A delivery that its adapter refused, with the event it made of it, with facts, and with nothing.
CREATE FUNCTION pg_temp.refused(key text, keeps jsonb DEFAULT '{}', code text DEFAULT 'RA005') RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_build_object('version', 1, 'delivery', pg_temp.order_event(key) -> 'delivery', 'rejected', jsonb_build_object(
    'code', code, 'detail', 'The amount is not exact.', 'length', 100) || keeps)
$$;
CREATE TEMP VIEW letters AS SELECT delivery_key, code, detail, attempts, status, replayable, event_id IS NOT NULL AS has_event
  FROM attribution.dead_events WHERE tenant_id = :'t';
-- Every letter that was replayed names an event which is stored under its key.
CREATE TEMP VIEW astray AS SELECT d.delivery_key FROM attribution.dead_events AS d
 WHERE d.tenant_id = :'t' AND d.event_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM attribution.attribution_events AS e
     WHERE e.tenant_id = d.tenant_id AND e.event_id = d.event_id AND e.delivery_key = d.delivery_key);
CREATE FUNCTION pg_temp.id_of(key text) RETURNS uuid LANGUAGE sql AS $$
SELECT dead_id FROM attribution.dead_events WHERE tenant_id = '018f0000-0000-7000-8000-000000000034' AND delivery_key = key
$$;
CREATE FUNCTION pg_temp.replay(ids uuid[] DEFAULT NULL, many integer DEFAULT 1000)
    RETURNS TABLE (delivery_key text, status text, has_event boolean, code text, detail text) LANGUAGE sql AS $$
SELECT d.delivery_key, r.status, r.event_id IS NOT NULL, r.code, r.detail
  FROM attribution.replay_dead_events('018f0000-0000-7000-8000-000000000034', ids, many) AS r
  JOIN attribution.dead_events AS d ON d.tenant_id = '018f0000-0000-7000-8000-000000000034' AND d.dead_id = r.dead_id
 ORDER BY 1
$$;
SELECT item, status, code FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.refused('d-1', jsonb_build_object('event', pg_temp.order_event('d-1', money => 'order:1'))),
    pg_temp.refused('d-2', '{"facts": {"id": 1001, "tag": "write to jon@example.com"}}'),
    pg_temp.refused('d-3'),
    pg_temp.refused('d-4', jsonb_build_object('event', jsonb_set(pg_temp.order_event('d-4', money => 'order:4'),
        '{conversion,payload}', '{"email": "jon@example.com", "tag": "write to jon@example.com", "number": 7}'))),
    pg_temp.refused('d-5', jsonb_build_object('event', jsonb_set(pg_temp.order_event('d-5', money => 'order:5'), '{states,0,currency}', '"QQQ"')))));
SELECT * FROM letters ORDER BY 1;
SELECT delivery_key, body_length, payload FROM attribution.dead_events WHERE tenant_id = :'t' AND delivery_key IN ('d-2', 'd-4') ORDER BY 1;
-- All that are open: what can be stored is stored, once; a second time changes nothing of it.
SELECT * FROM pg_temp.replay();
SELECT * FROM letters ORDER BY 1;
SELECT delivery_key, payload - 'signals' AS payload FROM attribution.attribution_events WHERE tenant_id = :'t' ORDER BY 1;
SELECT * FROM pg_temp.replay();
SELECT * FROM pg_temp.replay(ARRAY[pg_temp.id_of('d-1'), pg_temp.id_of('d-3'), '018f0000-0000-7000-8000-0000000000ff'::uuid]);
SELECT delivery_key, attempts FROM letters ORDER BY 1;
SELECT money_key, amount_minor FROM attribution.revenue_ledger WHERE tenant_id = :'t' ORDER BY 1;
-- Refused for its currency, then it can be stored: the letter has the whole event.
SELECT status FROM attribution.ingest_event(:'t', pg_temp.order_event('c-1', money => 'order:6'));
SELECT status, code FROM attribution.ingest_event(:'t', pg_temp.order_event('c-2', 100, money => 'order:6', currency => 'EUR'));
SELECT payload -> 'event' = pg_temp.order_event('c-2', 100, money => 'order:6', currency => 'EUR') AS whole
  FROM attribution.dead_events WHERE tenant_id = :'t' AND delivery_key = 'c-2';
SELECT * FROM pg_temp.replay(ARRAY[pg_temp.id_of('c-2')]);
BEGIN;
SET LOCAL session_replication_role = replica;
DELETE FROM attribution.money_states WHERE tenant_id = :'t' AND money_key = 'order:6';
DELETE FROM attribution.revenue_ledger WHERE tenant_id = :'t' AND money_key = 'order:6';
RESET session_replication_role;
SELECT * FROM pg_temp.replay(ARRAY[pg_temp.id_of('c-2')]);
SELECT amount_minor, currency FROM attribution.revenue_ledger WHERE tenant_id = :'t' AND money_key = 'order:6';
ROLLBACK;
-- The delivery came again meanwhile, in order: a duplicate, which is success. With another body: a conflict, for good.
SELECT status FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.refused('e-1', jsonb_build_object('event', pg_temp.order_event('e-1', money => 'order:7'))),
    pg_temp.refused('e-2', jsonb_build_object('event', pg_temp.order_event('e-2', money => 'order:8')))));
SELECT status FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.order_event('e-1', money => 'order:7'), pg_temp.order_event('e-2', money => 'order:8', body => 'other')));
SELECT * FROM pg_temp.replay(ARRAY[pg_temp.id_of('e-1'), pg_temp.id_of('e-2')]);
SELECT * FROM pg_temp.replay(ARRAY[pg_temp.id_of('e-1'), pg_temp.id_of('e-2')]);
SELECT * FROM letters WHERE delivery_key LIKE 'e-%' ORDER BY 1;
-- The event in a letter may name another delivery: it is stored as the letter's.
SELECT status FROM attribution.ingest_event(:'t', pg_temp.refused('f-1', jsonb_build_object('event', pg_temp.order_event('f-other', money => 'order:9', body => 'x'))));
SELECT * FROM pg_temp.replay(ARRAY[pg_temp.id_of('f-1')]);
SELECT delivery_key, encode(digest, 'hex') = pg_temp.order_event('f-1') #>> '{delivery,digest}' AS same_digest
  FROM attribution.attribution_events WHERE tenant_id = :'t' AND delivery_key LIKE 'f-%';
-- At most so many, those tried least first.
SELECT status FROM attribution.ingest_events(:'t', (SELECT jsonb_agg(pg_temp.refused('g-' || n,
    jsonb_build_object('event', pg_temp.order_event('g-' || n, money => 'order:g')))) FROM generate_series(1, 3) AS n));
SELECT * FROM pg_temp.replay(many => 2) WHERE status = 'replayed';
SELECT attribution.replay_dead_events(:'t', max_events => 0);
SELECT attribution.replay_dead_events(:'t', max_events => 10001);
SELECT attribution.replay_dead_events('018f0000-0000-7000-8000-0000000000ff');
-- Put away: not tried again, neither by name nor when the delivery is refused once more.
SELECT attribution.discard_dead_events(:'t', ARRAY[pg_temp.id_of('d-3'), pg_temp.id_of('d-5'), pg_temp.id_of('d-1')]);
SELECT attribution.discard_dead_events(:'t', ARRAY[pg_temp.id_of('d-3')]);
SELECT * FROM pg_temp.replay(ARRAY[pg_temp.id_of('d-3'), pg_temp.id_of('d-5')]);
SELECT status FROM attribution.ingest_event(:'t', pg_temp.refused('d-3', code => 'RA007'));
SELECT * FROM letters WHERE delivery_key IN ('d-1', 'd-3', 'd-5') ORDER BY 1;
SELECT (SELECT count(*) FROM letters WHERE status = 'replayed') AS replayed, (SELECT count(*) FROM astray) AS astray;
-- Kept when fewer rules for personal data were known: tried again, refused again and put away without it.
SELECT status FROM attribution.ingest_events(:'t', (SELECT jsonb_agg(pg_temp.refused('h-' || n,
    jsonb_build_object('event', pg_temp.order_event('h-' || n, money => 'order:h')))) FROM generate_series(1, 3) AS n));
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE attribution.dead_events SET payload = jsonb_set(payload, '{event,conversion,payload}', '{"tag": "jon@example.com"}')
 WHERE tenant_id = :'t' AND delivery_key LIKE 'h-%';
COMMIT;
SELECT * FROM pg_temp.replay(ARRAY[pg_temp.id_of('h-1')]);
SELECT attribution.discard_dead_events(:'t', ARRAY[pg_temp.id_of('h-2')]);
SELECT status FROM attribution.ingest_event(:'t', pg_temp.refused('h-3'));
SELECT delivery_key, status, payload #> '{event,conversion,payload}' AS payload FROM attribution.dead_events
 WHERE tenant_id = :'t' AND delivery_key LIKE 'h-%' ORDER BY 1;

-- Who may: the service for a tenant, the tenant's analyst looks.
BEGIN;
SET LOCAL ROLE attribution_svc_ingestion;
SELECT count(*) FROM attribution.replay_dead_events(:'t');
SELECT attribution.discard_dead_events(:'t', '{}');
SELECT count(*) > 0 AS some, count(DISTINCT tenant_id) AS tenants FROM attribution.dead_letters;
ROLLBACK;
BEGIN;
SELECT attribution.set_tenant(:'t');
SET LOCAL ROLE attribution_analyst;
SELECT source, delivery_key, topic, code, status, attempts, replayable FROM attribution.dead_letters WHERE status = 'open' ORDER BY 2;
SAVEPOINT before;
SELECT payload FROM attribution.dead_events;
ROLLBACK TO before;
SELECT attribution.replay_dead_events(:'t');
ROLLBACK;
SET ROLE attribution_analyst;
SELECT count(*) FROM attribution.dead_letters;
RESET ROLE;
