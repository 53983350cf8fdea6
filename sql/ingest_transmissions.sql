-- A provider may send one body only under a transmission id: its signature could be moved to another one.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 5a
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
\set other '018f0000-0000-7000-8000-00000000005b'
SELECT attribution.create_tenant(name => 'Another', tenant_id => :'other') IS NOT NULL AS other_made;
CREATE FUNCTION pg_temp.sent(transmission text, key text, money text, body text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_set(pg_temp.order_event(key, money => money, body => body), '{delivery,transmission_id}', to_jsonb(transmission))
$$;
SET ROLE attribution_svc_ingestion;
SELECT status, code, booked FROM attribution.ingest_event(:'t', pg_temp.sent('t-1', 'd-1', 'order:1', 'genuine'));
-- Sent again: the same body, and another under the same and under another key.
SELECT status, code, booked FROM attribution.ingest_event(:'t', pg_temp.sent('t-1', 'd-1', 'order:1', 'genuine'));
SELECT status, code, detail, booked FROM attribution.ingest_event(:'t', pg_temp.sent('t-1', 'd-1', 'order:1', 'forged'));
SELECT status, code, booked FROM attribution.ingest_event(:'t', pg_temp.sent('t-1', 'd-2', 'order:2', 'forged'));
-- PayPal's resend has another transmission id.
SELECT status, code, booked FROM attribution.ingest_event(:'t', pg_temp.sent('t-2', 'd-1', 'order:1', 'genuine'));
-- Another source, another tenant and no id at all are others.
SELECT status, booked FROM attribution.ingest_event(:'t', jsonb_set(pg_temp.sent('t-1', 'd-3', 'order:3', 'x'), '{delivery,source}', '"stripe"'));
SELECT status, booked FROM attribution.ingest_event(:'other', pg_temp.sent('t-1', 'd-1', 'order:1', 'of another'));
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.order_event('d-4', money => 'order:4'));
-- In one call the first counts, whatever becomes of it; neighbours go on.
SELECT item, status, code, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.sent('t-5', 'd-5', 'order:5', 'first'), pg_temp.sent('t-5', 'd-6', 'order:6', 'second'),
    pg_temp.sent('t-5', 'd-5', 'order:5', 'first'), pg_temp.sent('t-7', 'd-7', 'order:7', 'else'),
    pg_temp.sent('t-1', 'd-8', 'order:8', 'forged')));
SELECT item, status, code FROM attribution.ingest_batch(ARRAY[:'t', :'other', :'other']::uuid[], jsonb_build_array(
    pg_temp.sent('t-9', 'd-9', 'order:9', 'x'), pg_temp.sent('t-9', 'd-9', 'order:9', 'y'), pg_temp.sent('t-9', 'd-10', 'order:10', 'z')));
-- What is only counted, and what is dead, has used its id too.
SELECT status FROM attribution.ingest_event(:'t', (pg_temp.sent('t-11', 'd-11', 'order:11', 'sandbox') - 'conversion' - 'states')
    || '{"ignored": {"reason": "test_mode"}}');
SELECT status, code FROM attribution.ingest_event(:'t', pg_temp.sent('t-11', 'd-11', 'order:11', 'live'));
SELECT status, code FROM attribution.ingest_event(:'t', (pg_temp.sent('t-12', 'd-12', 'order:12', 'broken') - 'conversion' - 'states')
    || '{"rejected": {"code": "RA007", "detail": "The body is not valid JSON.", "length": 3}}');
SELECT status, code FROM attribution.ingest_event(:'t', pg_temp.sent('t-12', 'd-12', 'order:12', 'whole'));
SELECT status, code, detail FROM attribution.ingest_event(:'t', pg_temp.sent('no key text', 'd-13', 'order:13', 'x'));
RESET ROLE;
-- Nothing of a body that may be forged is kept, and it cannot be tried again.
SELECT delivery_key, code, replayable, payload FROM attribution.dead_events WHERE tenant_id = :'t' ORDER BY 1, 2;
SELECT source, transmission_id, count(*) FROM attribution.delivery_transmissions WHERE tenant_id = :'t' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT money_key, sum(amount_minor) FROM attribution.revenue_ledger WHERE tenant_id = :'t' GROUP BY 1 ORDER BY 1;
UPDATE attribution.delivery_transmissions SET digest = sha256('x');
DELETE FROM attribution.delivery_transmissions;
-- A call that is rolled back has claimed nothing.
BEGIN;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.sent('t-14', 'd-14', 'order:14', 'a'));
ROLLBACK;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.sent('t-14', 'd-14', 'order:14', 'b'));
