-- Events and ledger entries are never changed: not by the owner, not by an administrator, not by a superuser.
\getenv abs_srcdir PG_ABS_SRCDIR
\set ECHO none
\i :abs_srcdir/sql/fixtures/two_tenants.sql
\set ECHO all
UPDATE attribution.revenue_ledger SET amount_minor = 1;
UPDATE attribution.revenue_ledger SET amount_minor = 1 WHERE false;
DELETE FROM attribution.revenue_ledger;
TRUNCATE attribution.revenue_ledger;
MERGE INTO attribution.revenue_ledger AS l USING (SELECT 1) AS x ON true WHEN MATCHED THEN DELETE;
MERGE INTO attribution.revenue_ledger AS l USING (SELECT 1) AS x ON true WHEN MATCHED THEN UPDATE SET tax_minor = 1;
INSERT INTO attribution.revenue_ledger
    (tenant_id, entry_id, money_key, kind, step, amount_minor, currency, event_id, occurred_at)
SELECT tenant_id, entry_id, money_key, kind, step, amount_minor, currency, event_id, occurred_at
  FROM attribution.revenue_ledger WHERE false
    ON CONFLICT (tenant_id, entry_id) DO UPDATE SET amount_minor = 1;
UPDATE attribution.attribution_events SET channel = 'email';
DELETE FROM attribution.attribution_events;
TRUNCATE attribution.attribution_events;
BEGIN;
SET LOCAL ROLE attribution_owner;
SELECT attribution.set_tenant('018f0000-0000-7000-8000-00000000000a');
ROLLBACK;
SET attribution.tenant_id = '018f0000-0000-7000-8000-00000000000a';
SET ROLE attribution_owner;
SELECT count(*) FROM attribution.revenue_ledger;
UPDATE attribution.revenue_ledger SET amount_minor = 1;
DELETE FROM attribution.revenue_ledger;
TRUNCATE attribution.revenue_ledger;
RESET ROLE;
RESET attribution.tenant_id;
\c - regress_admin
UPDATE attribution.revenue_ledger SET amount_minor = 1;
DELETE FROM attribution.attribution_events;
\c - postgres
-- The error is one that a program can tell from others, and PL/pgSQL can catch.
DO $$
DECLARE
    state text;
    detail text;
    hint text;
BEGIN
    UPDATE attribution.revenue_ledger SET amount_minor = 1;
EXCEPTION WHEN SQLSTATE 'RA003' THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RAISE NOTICE '% / % / %', state, detail, hint;
END
$$;
SELECT attribution_internal.refuse_change();
SELECT tenant_id, amount_minor FROM attribution.revenue_ledger WHERE money_key = 'shopify:order:1'
   AND tenant_id IN ('018f0000-0000-7000-8000-00000000000a', '018f0000-0000-7000-8000-00000000000b') ORDER BY 1;
