-- ingest_batch(): events of many tenants in one call. Each stays with its tenant, and ends as it would alone.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 2a
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\i :abs_srcdir/sql/fixtures/family.sql
\set ECHO all
\set other 018f0000-0000-7000-8000-00000000002b
\set third 018f0000-0000-7000-8000-00000000002c
SELECT attribution.create_tenant(name => 'other', tenant_id => :'other');
SELECT attribution.create_tenant(name => 'third', tenant_id => :'third');
INSERT INTO attribution.channel_rules (tenant_id, rule_name, priority, channel, source_like)
VALUES (:'other', 'own-rule', 1, 'email', '{google}');
CREATE FUNCTION pg_temp.stored() RETURNS TABLE (tenant text, delivery_key text, channel text, money text, minor bigint)
    LANGUAGE sql AS $$
SELECT right(e.tenant_id::text, 2), e.delivery_key, e.channel, l.money_key || ' ' || l.kind || ' ' || l.step, l.amount_minor
  FROM attribution.attribution_events AS e
  LEFT JOIN attribution.revenue_ledger AS l ON l.tenant_id = e.tenant_id AND l.event_id = e.event_id
 WHERE right(e.tenant_id::text, 2) IN ('2a', '2b', '2c')
 ORDER BY e.tenant_id, e.event_id, l.entry_id $$;
SET ROLE attribution_svc_ingestion;
-- The same delivery key, and the same money in other currencies, in two tenants: two events, two entries, and a rule of one only.
SELECT item, status, booked FROM attribution.ingest_batch(
    ARRAY[:'t', :'other', :'t']::uuid[],
    jsonb_build_array(pg_temp.order_event('a-1', 100), pg_temp.order_event('a-1', 200, currency => 'EUR'),
                      pg_temp.order_event('a-2', 300, money => 'order:2')));
-- A repeat, a conflict, a correction, a dead letter and what is only counted, each in its tenant.
SELECT item, status, code, booked FROM attribution.ingest_batch(
    ARRAY[:'other', :'t', :'other', :'third', :'third', :'t']::uuid[],
    jsonb_build_array(
        pg_temp.order_event('a-1', 200, currency => 'EUR'),
        pg_temp.order_event('a-1', body => 'another body'),
        pg_temp.order_event('a-3', 250, '2026-11-01T13:00:00Z', currency => 'EUR'),
        '{"version": 1, "delivery": {"source": "shopify", "key": "a-9", "digest": "no"}}'::jsonb,
        jsonb_build_object('version', 1, 'delivery', pg_temp.order_event('a-7') -> 'delivery', 'ignored', '{"reason": "test_mode"}'::jsonb),
        pg_temp.order_event('a-4', 400, '2026-11-01T14:00:00Z', currency => 'EUR')));
-- Parts and totals of the same name in two tenants are two families.
SELECT item, status, booked FROM attribution.ingest_batch(
    ARRAY[:'t', :'other', :'other']::uuid[],
    jsonb_build_array(
        pg_temp.told('f-1', pg_temp.total('sale', 500, '13:00:00')),
        pg_temp.told('f-1', pg_temp.total('sale', 500, '13:00:00')),
        pg_temp.told('f-2', pg_temp.part('refund', 'sale', 200, '12:30:00', '12:30:00'))));
-- Without the setting of a tenant, and with none left behind.
SELECT attribution.current_tenant() IS NULL AS none_after;
RESET ROLE;
SELECT * FROM pg_temp.stored();
SELECT right(tenant_id::text, 2) AS tenant, source, status, code FROM attribution.dead_events
 WHERE right(tenant_id::text, 2) IN ('2a', '2b', '2c') ORDER BY 1, code;
SELECT right(tenant_id::text, 2) AS tenant, reason, deliveries FROM attribution.ignored_deliveries
 WHERE right(tenant_id::text, 2) IN ('2a', '2b', '2c');

-- One tenant that is not active fails the whole call, and so does one that does not exist.
UPDATE attribution.tenants SET status = 'suspended' WHERE tenant_id = :'third';
SET ROLE attribution_svc_ingestion;
SELECT * FROM attribution.ingest_batch(ARRAY[:'t', :'third']::uuid[],
    jsonb_build_array(pg_temp.order_event('s-1'), pg_temp.order_event('s-1')));
SELECT * FROM attribution.ingest_batch(ARRAY['018f0000-0000-7000-8000-0000000000ff', :'t']::uuid[],
    jsonb_build_array(pg_temp.order_event('s-1'), pg_temp.order_event('s-1')));
SELECT * FROM attribution.ingest_batch(ARRAY[:'t']::uuid[],
    jsonb_build_array(pg_temp.order_event('s-1'), pg_temp.order_event('s-2')));
SELECT * FROM attribution.ingest_batch(ARRAY[:'t', NULL]::uuid[],
    jsonb_build_array(pg_temp.order_event('s-1'), pg_temp.order_event('s-2')));
SELECT * FROM attribution.ingest_batch(NULL, '[]');
SELECT * FROM attribution.ingest_batch('{}', NULL);
SELECT * FROM attribution.ingest_batch('{}', '[]');
RESET ROLE;
SELECT count(*) AS stored FROM attribution.attribution_events WHERE delivery_key LIKE 's-%' AND right(tenant_id::text, 2) = '2a';

-- What a call may see ends with it, also when it fails: for the owner there are no rows of these tenants after it.
SET ROLE attribution_owner;
SELECT count(*) AS seen FROM attribution.attribution_events;
SELECT attribution_internal.is_entered_tenant(:'t') AS entered;
RESET ROLE;
-- Others cannot call it, nor look into it.
SET ROLE attribution_analyst;
SELECT * FROM attribution.ingest_batch(ARRAY[:'t']::uuid[], jsonb_build_array(pg_temp.order_event('x-1')));
SELECT attribution_internal.is_entered_tenant(:'t');
RESET ROLE;
