-- Identity of money: what is known of a money key is compared with what is booked, and the difference is booked.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 11
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
-- The same order under other keys: one entry. Unpaid, then paid, then paid again: one entry.
SELECT item, status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.order_event('a-1'), pg_temp.order_event('a-2', version => '2026-11-01T12:00:05Z'), pg_temp.order_event('a-3')));
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.order_event('a-4'));
SELECT k, r.status, r.booked
  FROM (VALUES (1, 0, '12:00:00'), (2, 5000, '12:00:00'), (3, 5000, '12:00:09'), (4, 0, '11:59:59')) AS v (k, minor, at),
       attribution.ingest_event(:'t', pg_temp.order_event('b-' || k, minor, '2026-11-01T' || at || 'Z', 'order:2')) AS r;
-- Growth and correction downwards are entries of the difference; an older state books nothing.
SELECT k, r.status, r.booked
  FROM (VALUES (1, 1000, '01'), (2, 2500, '03'), (3, 9999, '02'), (4, 2000, '04')) AS v (k, minor, day),
       attribution.ingest_event(:'t', pg_temp.order_event('c-' || k, minor, '2026-11-' || day || 'T00:00:00Z', 'order:3')) AS r;
-- Signs by kind. Evidence books nothing; its states are not even remembered.
SELECT kind, r.status, r.booked
  FROM (VALUES ('refund', 300), ('chargeback', 400), ('chargeback_reversal', 400), ('adjustment', -7)) AS v (kind, minor),
       attribution.ingest_event(:'t', pg_temp.order_event('e-' || kind, minor, money => 'order:3', kind => kind)) AS r;
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.order_event('f-1', money => 'order:9', books => false));
SELECT money_key, kind, step, amount_minor, currency FROM attribution.revenue_ledger WHERE tenant_id = :'t' ORDER BY 1, 2, 3;
SELECT money_key, kind, cumulative_minor, step FROM attribution.money_states WHERE tenant_id = :'t' ORDER BY 1, 2;
SELECT evidence, count(*) FROM attribution.attribution_events WHERE tenant_id = :'t' GROUP BY 1 ORDER BY 1;

-- Tax, shipping and the sale a refund belongs to; several states in one event.
SELECT status, booked FROM attribution.ingest_event(:'t', jsonb_set(pg_temp.order_event('g-1'), '{states}', '[
    {"money_key": "order:4", "kind": "capture", "cumulative_minor": 900, "currency": "KWD", "version_at": "2026-11-01T12:00:00Z",
     "occurred_at": "2026-11-01T12:07:30.5+05:45", "tax_minor": 0, "shipping_minor": 100, "parent": null},
    {"money_key": "refund:1", "kind": "refund", "cumulative_minor": 250, "currency": "KWD", "version_at": "2026-11-01T12:00:00Z",
     "occurred_at": "2026-11-01T12:00:00Z", "parent": "order:4"},
    {"money_key": "refund:2", "kind": "refund", "cumulative_minor": 0, "currency": "KWD", "version_at": "2026-11-01T12:00:00Z",
     "occurred_at": "2026-11-01T12:00:00Z", "parent": "order:4"}]'));
SELECT money_key, kind, amount_minor, currency, tax_minor, shipping_minor, parent_money_key,
       occurred_at AT TIME ZONE 'UTC' AS occurred_at, bucket_start AT TIME ZONE 'UTC' AS bucket_start
  FROM attribution.revenue_ledger WHERE tenant_id = :'t' AND currency = 'KWD' ORDER BY 1;

-- Tax and shipping are differences like the amount: grown, not told, corrected down; alone and among others.
SELECT k, r.status, r.booked
  FROM (VALUES (1, 10000, 1900, 500), (2, 12000, 2280, NULL), (3, 11000, NULL, NULL), (4, 9000, 1710, 400)) AS v (k, minor, tax, shipping),
       attribution.ingest_event(:'t', jsonb_set(pg_temp.order_event('i-' || k, minor, '2026-11-01T12:00:0' || k || 'Z', 'order:5'),
           '{states,0}', pg_temp.order_event('', minor, '2026-11-01T12:00:0' || k || 'Z', 'order:5') #> '{states,0}'
               || jsonb_strip_nulls(jsonb_build_object('tax_minor', tax, 'shipping_minor', shipping)))) AS r;
SELECT status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    jsonb_set(pg_temp.order_event('i-5', 9500, '2026-11-01T12:00:05Z', 'order:5'), '{states,0,tax_minor}', '1805'),
    jsonb_set(pg_temp.order_event('i-6', 2000, '2026-11-01T12:00:00Z', 'order:6', 'refund'), '{states,0,tax_minor}', '380')));
SELECT money_key, kind, step, amount_minor, tax_minor, shipping_minor
  FROM attribution.revenue_ledger WHERE tenant_id = :'t' AND money_key IN ('order:5', 'order:6') ORDER BY 1, 2, 3;

-- Amounts to the edge of what they may be, 16 digits, and beyond.
SELECT v.minor, r.status, r.code, r.booked, r.detail
  FROM (VALUES (1, 'capture', 9999999999999999), (2, 'refund', 9999999999999999), (3, 'capture', -1),
               (4, 'adjustment', 9999999999999999), (5, 'adjustment', -9999999999999999),
               (6, 'adjustment', 10000000000000000), (7, 'capture', 9223372036854775807)) AS v (k, kind, minor),
       attribution.ingest_event(:'t', pg_temp.order_event('h-' || k, minor, '2026-11-01T12:00:0' || k || 'Z', 'edge', kind)) AS r;
SELECT kind, step, amount_minor FROM attribution.revenue_ledger WHERE tenant_id = :'t' AND money_key = 'edge' ORDER BY 1, 2;
