-- Who may ingest for whom, and for which tenants.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 14
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
SELECT attribution.create_tenant(name => 'second', tenant_id => '018f0000-0000-7000-8000-000000000018');
\set unknown 018f0000-0000-7000-8000-0000000000ff
SET ROLE attribution_svc_ingestion;
-- An unknown tenant is refused, whatever the call carries.
SELECT * FROM attribution.ingest_event(:'unknown', pg_temp.order_event('a-1'));
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM attribution.ingest_events(:'unknown', '[]');
SELECT * FROM attribution.ingest_events(:'unknown', '[1]');
RESET ROLE;
UPDATE attribution.tenants SET status = 'suspended' WHERE tenant_id = :'t';
SET ROLE attribution_svc_ingestion;
SELECT * FROM attribution.ingest_event(:'t', pg_temp.order_event('a-1'));
SELECT * FROM attribution.ingest_events(:'t', jsonb_build_array(pg_temp.order_event('a-1'), pg_temp.order_event('a-2')));
RESET ROLE;
UPDATE attribution.tenants SET status = 'active' WHERE tenant_id = :'t';
SET ROLE attribution_svc_ingestion;
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.order_event('a-1'));
-- Two tenants in one transaction: each row where it belongs.
BEGIN;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.order_event('a-2'));
SELECT status FROM attribution.ingest_event('018f0000-0000-7000-8000-000000000018', pg_temp.order_event('a-2'));
SELECT attribution.current_tenant();
ROLLBACK;
SELECT attribution.current_tenant() IS NULL AS none_after;
-- Services have no way around the function, and others none to it.
INSERT INTO attribution.attribution_events SELECT * FROM attribution.attribution_events;
SET ROLE attribution_analyst;
SELECT * FROM attribution.ingest_event(:'t', pg_temp.order_event('a-3'));
SET ROLE attribution_svc_export;
SELECT * FROM attribution.ingest_event(:'t', pg_temp.order_event('a-3'));
RESET ROLE;
