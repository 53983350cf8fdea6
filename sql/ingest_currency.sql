-- Money that is booked in one currency is not booked in another: such an event is a dead letter, and not stored.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 12
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.order_event('a-1'));
SELECT status, code, detail, booked FROM attribution.ingest_event(:'t', pg_temp.order_event('a-2', currency => 'EUR'));
-- Its neighbours are stored; again it is the same dead letter; corrected under the same key it is stored.
SELECT item, status, code, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.order_event('b-1', money => 'order:2'), pg_temp.order_event('a-2', currency => 'EUR'),
    pg_temp.order_event('b-2', money => 'order:3')));
SELECT status, code, booked FROM attribution.ingest_event(:'t', pg_temp.order_event('a-2', 50000, '2026-11-02T00:00:00Z'));
-- Within one call the first currency counts, also for repeats of a refused delivery.
SELECT item, status, code, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.order_event('c-1', money => 'order:4', currency => 'JPY'), pg_temp.order_event('c-2', money => 'order:4'),
    pg_temp.order_event('c-2', money => 'order:4'), pg_temp.order_event('c-2', money => 'order:4', currency => 'JPY')));
-- Evidence may speak of any currency.
SELECT status FROM attribution.ingest_event(:'t', pg_temp.order_event('d-1', currency => 'CHF', books => false));
SELECT status, code, detail FROM attribution.ingest_event(:'t', pg_temp.order_event('e-1', currency => 'ABC'));
SELECT delivery_key, code, attempts FROM attribution.dead_events WHERE tenant_id = :'t' ORDER BY 1, 2;
SELECT count(*) FROM attribution.attribution_events WHERE tenant_id = :'t';
SELECT money_key, step, amount_minor, currency FROM attribution.revenue_ledger WHERE tenant_id = :'t' ORDER BY 1, 2;
