-- A person of tenant A never sees a row of tenant B, whatever they do with their session. Real logins, since the
-- binding is made by ALTER ROLE … IN DATABASE and read at connection.
\getenv abs_srcdir PG_ABS_SRCDIR
\set ECHO none
\i :abs_srcdir/sql/fixtures/two_tenants.sql
\set ECHO all
\set everything 'SELECT t.tenant_id IS NOT DISTINCT FROM \'018f0000-0000-7000-8000-00000000000a\' AS own, t.relation, count(*) FROM (SELECT tenant_id, \'tenants\' AS relation FROM attribution.tenants UNION ALL SELECT tenant_id, \'channel_rules\' FROM attribution.channel_rules WHERE tenant_id IS NOT NULL UNION ALL SELECT tenant_id, \'attribution_events\' FROM attribution.attribution_events UNION ALL SELECT tenant_id, \'revenue_ledger\' FROM attribution.revenue_ledger UNION ALL SELECT tenant_id, \'event_transactions\' FROM attribution.event_transactions UNION ALL SELECT tenant_id, \'realtime_revenue\' FROM attribution.realtime_revenue UNION ALL SELECT tenant_id, \'ignored_deliveries\' FROM attribution.ignored_deliveries UNION ALL SELECT tenant_id, \'dead_letters\' FROM attribution.dead_letters UNION ALL SELECT tenant_id, \'unmapped_signals\' FROM attribution.unmapped_signals UNION ALL SELECT tenant_id, \'evidence\' FROM attribution.evidence UNION ALL SELECT tenant_id, \'event_journeys\' FROM attribution.event_journeys UNION ALL SELECT tenant_id, \'journey_links\' FROM attribution.journey_links UNION ALL SELECT tenant_id, \'journeys\' FROM attribution.journeys UNION ALL SELECT tenant_id, \'channel_spend\' FROM attribution.channel_spend UNION ALL SELECT tenant_id, \'return_on_ad_spend\' FROM attribution.return_on_ad_spend UNION ALL SELECT tenant_id, \'attribution_models\' FROM attribution.attribution_models UNION ALL SELECT tenant_id, \'allocation_sets\' FROM attribution.allocation_sets UNION ALL SELECT tenant_id, \'attribution_allocations\' FROM attribution.attribution_allocations UNION ALL SELECT tenant_id, \'current_allocations\' FROM attribution.current_allocations) AS t GROUP BY 1, 2 ORDER BY 1, 2'

-- The superuser sees both: there is something to hide.
:everything;
\c - regress_bi_a
:everything;
SELECT name FROM attribution.tenants;
SELECT local_day, channel, currency, kind, entries, amount_minor FROM attribution.realtime_revenue;
-- What an analyst has no business with.
SELECT * FROM attribution.api_keys;
SELECT * FROM attribution.webhook_endpoints;
SELECT * FROM attribution.dead_events;
SELECT * FROM attribution.money_states;
SELECT * FROM attribution.money_parts;
SELECT * FROM attribution.erased_journeys;
SELECT * FROM attribution.allocation_prunings;
SELECT attribution.erase_journey('018f0000-0000-7000-8000-00000000000a', 'journey-of-a');

-- Ways to become somebody else.
SET attribution.tenant_id = '018f0000-0000-7000-8000-00000000000b';
SELECT set_config('attribution.tenant_id', '018f0000-0000-7000-8000-00000000000b', false);
SELECT set_config('attribution.tenant_id', '018f0000-0000-7000-8000-00000000000b', true);
SET LOCAL attribution.tenant_id = '018f0000-0000-7000-8000-00000000000b';
SELECT attribution.set_tenant('018f0000-0000-7000-8000-00000000000b');
SELECT attribution.set_tenant('018f0000-0000-7000-8000-00000000000a');
SELECT attribution.set_tenant(NULL);
UPDATE pg_settings SET setting = '018f0000-0000-7000-8000-00000000000b' WHERE name = 'attribution.tenant_id';
ALTER ROLE regress_bi_a SET attribution.tenant_id = '018f0000-0000-7000-8000-00000000000b';
ALTER ROLE regress_bi_a IN DATABASE contrib_regression SET attribution.tenant_id = '018f0000-0000-7000-8000-00000000000b';
SET ROLE regress_bi_b;
SET ROLE attribution_admin;
SET SESSION AUTHORIZATION regress_bi_b;
SET row_security = off;
SELECT count(*) FROM attribution.revenue_ledger;
RESET row_security;
CREATE FUNCTION pg_temp.as_b() RETURNS bigint LANGUAGE sql SET attribution.tenant_id = '018f0000-0000-7000-8000-00000000000b' AS 'SELECT count(*) FROM attribution.revenue_ledger';
RESET attribution.tenant_id;
SELECT count(*), min(tenant_id::text) FROM attribution.revenue_ledger;
RESET ALL;
SELECT count(*), min(tenant_id::text) FROM attribution.revenue_ledger;
SET ROLE attribution_analyst;
SELECT count(*), min(tenant_id::text) FROM attribution.revenue_ledger;
RESET ROLE;
DISCARD ALL;
SELECT count(*), min(tenant_id::text) FROM attribution.revenue_ledger;
:everything;

-- Before the library is loaded a SET of an unknown setting seems to succeed; it has no effect.
\c - regress_bi_a
SET attribution.tenant_id = '018f0000-0000-7000-8000-00000000000b';
SELECT count(*), min(tenant_id::text) FROM attribution.revenue_ledger;
\c - regress_bi_a
BEGIN;
SET LOCAL attribution.tenant_id = '018f0000-0000-7000-8000-00000000000b';
SELECT count(*), min(tenant_id::text) FROM attribution.revenue_ledger;
COMMIT;
\c - regress_bi_a
ALTER ROLE regress_bi_a SET attribution.tenant_id = '018f0000-0000-7000-8000-00000000000b';
SET attribution.tenant_id = '018f0000-0000-7000-8000-00000000000b';
ALTER ROLE regress_bi_a SET attribution.tenant_id FROM CURRENT;

-- From the client's environment: at best nothing is seen.
\c -reuse-previous=on "user=regress_bi_a options='-c attribution.tenant_id=018f0000-0000-7000-8000-00000000000b'"
SELECT count(*), min(tenant_id::text) FROM attribution.revenue_ledger;
SELECT count(*), min(tenant_id::text) FROM attribution.revenue_ledger;
\c -reuse-previous=on "user=regress_bi_a options=''"
SELECT count(*), min(tenant_id::text) FROM attribution.revenue_ledger;

-- Functions that leak are not asked about rows of others; nor do statistics, plans or COPY tell.
CREATE FUNCTION pg_temp.leak(value text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001
    AS $$ BEGIN RAISE NOTICE 'saw %', value; RETURN true; END $$;
SELECT count(*) FROM attribution.revenue_ledger WHERE pg_temp.leak(tenant_id::text);
SELECT count(*) FROM attribution.realtime_revenue WHERE pg_temp.leak(tenant_id::text);
SELECT count(*) FROM pg_stats WHERE schemaname = 'attribution' AND tablename IN ('revenue_ledger', 'attribution_events', 'tenants');
COPY (SELECT tenant_id, amount_minor FROM attribution.revenue_ledger) TO STDOUT;
COPY attribution.revenue_ledger (tenant_id, amount_minor) TO STDOUT;
SET TimeZone = 'UTC';
EXPLAIN (COSTS OFF) SELECT amount_minor FROM attribution.revenue_ledger WHERE bucket_start >= '2026-11-01 00:00+00' ORDER BY bucket_start;

-- A plan made for one tenant serves the next one right, also a generic one.
\c - regress_server
SET plan_cache_mode = force_generic_plan;
BEGIN;
SET LOCAL ROLE attribution_svc_attribution;
PREPARE revenue AS SELECT tenant_id, sum(amount_minor) FROM attribution.revenue_ledger GROUP BY 1;
EXECUTE revenue;
SELECT attribution.set_tenant('018f0000-0000-7000-8000-00000000000a');
EXECUTE revenue;
SELECT attribution.set_tenant('018f0000-0000-7000-8000-00000000000b');
EXECUTE revenue;
SAVEPOINT inner_part;
SELECT attribution.set_tenant('018f0000-0000-7000-8000-00000000000a');
ROLLBACK TO inner_part;
SELECT attribution.current_tenant();
COMMIT;
-- The tenant ended with the transaction, the plan with its role.
SELECT attribution.current_tenant();
EXECUTE revenue;
BEGIN;
SET LOCAL ROLE attribution_svc_attribution;
EXECUTE revenue;
COMMIT;

-- Parallel workers see the tenant of their leader.
\c - regress_bi_a
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET max_parallel_workers_per_gather = 2;
SET parallel_leader_participation = off;
SET enable_indexscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT count(*), min(tenant_id::text) FROM attribution.attribution_events;
SELECT count(*), min(tenant_id::text) FROM attribution.attribution_events;

-- An analyst who is bound to no tenant sees nothing at all.
\c - regress_bi_none
:everything;
SELECT attribution.current_tenant();

-- The wall also holds for the owner and for services that name no tenant.
\c - postgres
SET ROLE attribution_owner;
SELECT count(*) FROM attribution.revenue_ledger;
SET ROLE attribution_svc_attribution;
SELECT count(*) FROM attribution.revenue_ledger;
SET ROLE attribution_svc_reconciliation;
SELECT count(*) FROM attribution.realtime_revenue;
RESET ROLE;

-- Bindings that would not hold are refused.
SELECT attribution.grant_tenant_access('regress_bi_a', '018f0000-0000-7000-8000-00000000000b');
SELECT attribution.grant_tenant_access('regress_bi_a', '018f0000-0000-7000-8000-00000000000a');
SELECT attribution.grant_tenant_access('regress_nobody', '018f0000-0000-7000-8000-00000000000a');
SELECT attribution.grant_tenant_access('regress_bi_none', '018f0000-0000-7000-8000-0000000000ff');
SELECT attribution.grant_tenant_access('postgres', '018f0000-0000-7000-8000-00000000000a');
SELECT attribution.grant_tenant_access('attribution_analyst', '018f0000-0000-7000-8000-00000000000a');
BEGIN;
CREATE ROLE regress_bi_maker LOGIN CREATEROLE;
SELECT attribution.grant_tenant_access('regress_bi_maker', '018f0000-0000-7000-8000-00000000000a');
ROLLBACK;
BEGIN;
CREATE ROLE regress_bi_copy LOGIN REPLICATION;
SELECT attribution.grant_tenant_access('regress_bi_copy', '018f0000-0000-7000-8000-00000000000a');
ROLLBACK;
BEGIN;
CREATE ROLE regress_bi_files LOGIN IN ROLE pg_read_server_files;
SELECT attribution.grant_tenant_access('regress_bi_files', '018f0000-0000-7000-8000-00000000000a');
ROLLBACK;
SELECT attribution.grant_tenant_access('regress_admin', '018f0000-0000-7000-8000-00000000000a');
SELECT attribution.grant_tenant_access('regress_server', '018f0000-0000-7000-8000-00000000000a');
BEGIN;
GRANT regress_bi_a TO regress_bi_none;
SELECT attribution.grant_tenant_access('regress_bi_none', '018f0000-0000-7000-8000-00000000000b');
ROLLBACK;
SET attribution.tenant_id = 'not a uuid';
SELECT attribution.revoke_tenant_access('regress_bi_b');
\c - regress_bi_b
SELECT attribution.current_tenant();
\c - postgres
SELECT attribution.grant_tenant_access('regress_bi_b', '018f0000-0000-7000-8000-00000000000b');
