-- Last: who owns the functions, and that nobody may execute one that no topic file granted. It walks over
-- our two schemas, so a function that is added later cannot be forgotten.

DO $$
DECLARE
    -- They act with the rights of the superuser who calls them.
    setup CONSTANT text[] := ARRAY['migrate', 'uninstall', 'grant_tenant_access', 'revoke_tenant_access'];
    lookups CONSTANT text[] := ARRAY['resolve_endpoint', 'authenticate_api_key', 'authenticate_publishable_key',
                                'pending_tenants', 'tenants_to_prune'];
    -- They work for all tenants.
    reports CONSTANT text[] := ARRAY['refresh_reports', 'refresh_materialized_view', 'fold_rollups', 'fold_keys', 'fold_one_by_one', 'fold_revenue', 'fold_revenue_days',
                                'fold_allocations', 'fold_allocation_days', 'note_report_change', 'rebuild_days', 'is_decided',
                                'all_realtime_revenue', 'all_daily_revenue', 'all_channel_performance', 'all_allocations',
                                'all_reconciliation_runs'];
    routine record;
BEGIN
    FOR routine IN
        SELECT p.oid::pg_catalog.regprocedure AS signature, p.proname
          FROM pg_catalog.pg_proc AS p
         WHERE p.pronamespace IN ('attribution'::pg_catalog.regnamespace,
                                  'attribution_internal'::pg_catalog.regnamespace)
    LOOP
        IF routine.proname = ANY (lookups) THEN
            EXECUTE pg_catalog.format('ALTER ROUTINE %s OWNER TO attribution_lookup', routine.signature);
        ELSIF routine.proname = ANY (reports) THEN
            EXECUTE pg_catalog.format('ALTER ROUTINE %s OWNER TO attribution_maintainer', routine.signature);
        ELSIF NOT routine.proname = ANY (setup) THEN
            EXECUTE pg_catalog.format('ALTER ROUTINE %s OWNER TO attribution_owner', routine.signature);
        END IF;
        -- After the change of owner: the extension's initial privileges, by which pg_dump tells a DBA's grants from
        -- ours, are recorded here.
        EXECUTE pg_catalog.format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', routine.signature);
    END LOOP;
    -- Notices are silenced while an extension script runs, INFO is not.
    RAISE INFO 'pg_attribution has no tables yet'
        USING HINT = 'Make or update them with: SELECT * FROM attribution.migrate().';
END
$$;
