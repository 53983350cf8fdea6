-- What the materialized views show, of all tenants. Not queries of theirs: those would be planned with the settings of who builds them, and
-- a dump is restored with row_security = off, which is an error for tables under row security.

CREATE FUNCTION attribution_internal.all_realtime_revenue()
    RETURNS TABLE (tenant_id uuid, bucket_start timestamptz, local_day date, channel text, currency attribution.currency_code, kind attribution.money_kind,
                   entries bigint, sales bigint, amount_minor numeric, tax_minor numeric, shipping_minor numeric, last_booked_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
    AS $$
SELECT r.tenant_id, r.bucket_start, (r.bucket_start AT TIME ZONE t.time_zone)::date AS local_day, r.channel, r.currency, r.kind,
       sum(r.entries)::bigint AS entries, sum(r.sales)::bigint AS sales, sum(r.amount_minor) AS amount_minor,
       sum(r.tax_minor) AS tax_minor, sum(r.shipping_minor) AS shipping_minor, max(r.last_booked_at) AS last_booked_at
  FROM attribution.revenue_rollup AS r
  JOIN attribution.tenants AS t ON t.tenant_id = r.tenant_id
 GROUP BY 1, 2, 3, 4, 5, 6
$$;
COMMENT ON FUNCTION attribution_internal.all_realtime_revenue() IS 'What mv_realtime_revenue shows';
GRANT EXECUTE ON FUNCTION attribution_internal.all_realtime_revenue() TO attribution_owner;

CREATE FUNCTION attribution_internal.all_daily_revenue()
    RETURNS TABLE (tenant_id uuid, local_day date, channel text, currency attribution.currency_code, kind attribution.money_kind,
                   entries bigint, sales bigint, amount_minor numeric, tax_minor numeric, shipping_minor numeric, last_booked_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
    AS $$
SELECT r.tenant_id, r.local_day, r.channel, r.currency, r.kind,
       sum(r.entries)::bigint AS entries, sum(r.sales)::bigint AS sales, sum(r.amount_minor) AS amount_minor,
       sum(r.tax_minor) AS tax_minor, sum(r.shipping_minor) AS shipping_minor, max(r.last_booked_at) AS last_booked_at
  FROM attribution.daily_revenue_rollup AS r
 GROUP BY 1, 2, 3, 4, 5
$$;
COMMENT ON FUNCTION attribution_internal.all_daily_revenue() IS 'What mv_daily_revenue_summary shows';
GRANT EXECUTE ON FUNCTION attribution_internal.all_daily_revenue() TO attribution_owner;

CREATE FUNCTION attribution_internal.all_channel_performance()
    RETURNS TABLE (tenant_id uuid, local_day date, model text, channel text, campaign text, currency attribution.currency_code,
                   revenue_minor numeric, sales numeric, spend_minor numeric, impressions numeric, clicks numeric)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
    AS $$
SELECT d.tenant_id, d.local_day, d.model, d.channel, d.campaign, d.currency,
       sum(d.revenue_minor) AS revenue_minor, sum(d.sales) AS sales, sum(d.spend_minor) AS spend_minor,
       sum(d.impressions) AS impressions, sum(d.clicks) AS clicks
  FROM (SELECT c.tenant_id, c.local_day, c.model, c.channel, c.campaign, c.currency, c.amount_minor AS revenue_minor, c.sales,
               0::bigint AS spend_minor, NULL::bigint AS impressions, NULL::bigint AS clicks
          FROM attribution.daily_allocation_rollup AS c
         UNION ALL
        SELECT s.tenant_id, s.day, m.name, s.channel, s.campaign, s.currency, 0, 0, s.spend_minor, s.impressions, s.clicks
          FROM attribution.channel_spend AS s
          JOIN attribution.attribution_models AS m ON m.tenant_id = s.tenant_id) AS d
 GROUP BY 1, 2, 3, 4, 5, 6
$$;
COMMENT ON FUNCTION attribution_internal.all_channel_performance() IS 'What mv_channel_performance shows';
GRANT EXECUTE ON FUNCTION attribution_internal.all_channel_performance() TO attribution_owner;

CREATE FUNCTION attribution_internal.all_allocations()
    RETURNS TABLE (tenant_id uuid, local_day date, model text, currency attribution.currency_code, kind attribution.money_kind,
                   entries bigint, allocated_entries bigint, ledger_minor numeric, allocated_minor numeric, pending_minor numeric)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
    AS $$
SELECT d.tenant_id, d.local_day, d.model, d.currency, d.kind,
       sum(d.entries)::bigint AS entries, sum(d.allocated_entries)::bigint AS allocated_entries,
       sum(d.ledger_minor) AS ledger_minor, sum(d.allocated_minor) AS allocated_minor,
       sum(d.ledger_minor) - sum(d.allocated_minor) AS pending_minor
  FROM (SELECT r.tenant_id, r.local_day, m.name AS model, r.currency, r.kind, r.entries, 0::bigint AS allocated_entries,
               r.amount_minor AS ledger_minor, 0::numeric AS allocated_minor
          FROM attribution.daily_revenue_rollup AS r
          JOIN attribution.attribution_models AS m ON m.tenant_id = r.tenant_id
         UNION ALL
        SELECT c.tenant_id, c.local_day, c.model, c.currency, c.kind, 0, c.entries, 0, c.amount_minor
          FROM attribution.daily_allocation_rollup AS c) AS d
 GROUP BY 1, 2, 3, 4, 5
$$;
COMMENT ON FUNCTION attribution_internal.all_allocations() IS 'What mv_allocation_summary shows';
GRANT EXECUTE ON FUNCTION attribution_internal.all_allocations() TO attribution_owner;

CREATE FUNCTION attribution_internal.all_reconciliation_runs()
    RETURNS TABLE (tenant_id uuid, run_id uuid, source text, from_day date, to_day date, status text, verified boolean,
                   matched bigint, discrepancies bigint, difference_minor bigint, currency attribution.currency_code, finished_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
    AS $$
SELECT r.tenant_id, r.run_id, r.source, r.from_day, r.to_day, r.status,
       r.status = 'completed' AND r.discrepancies = 0 AND r.difference_minor = 0 AS verified,
       r.matched, r.discrepancies, r.difference_minor, r.currency, r.finished_at
  FROM attribution.reconciliation_runs AS r
$$;
COMMENT ON FUNCTION attribution_internal.all_reconciliation_runs() IS 'What mv_reconciliation_status shows';
GRANT EXECUTE ON FUNCTION attribution_internal.all_reconciliation_runs() TO attribution_owner;

CREATE FUNCTION attribution_internal.build_materialized_view(name text) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    EXECUTE format('REFRESH MATERIALIZED VIEW CONCURRENTLY attribution.%I', name);
END
$$;
COMMENT ON FUNCTION attribution_internal.build_materialized_view(text) IS 'Builds a materialized view again, as its owner';
GRANT EXECUTE ON FUNCTION attribution_internal.build_materialized_view(text) TO attribution_maintainer;

-- One at a time. Built again when its interval is over and something that it shows has changed since.
CREATE FUNCTION attribution_internal.refresh_materialized_view() RETURNS bigint
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    due record;
    built bigint := 1;
    began CONSTANT timestamptz := clock_timestamp();
BEGIN
    PERFORM FROM attribution.report_builds AS b WHERE b.name = 'materialized_views' FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    SELECT b.name, c.newest INTO due
      FROM (VALUES ('mv_realtime_revenue', ARRAY['revenue', 'tenants']),
                   ('mv_daily_revenue_summary', ARRAY['revenue', 'tenants']),
                   ('mv_channel_performance', ARRAY['allocations', 'tenants', 'spend', 'models']),
                   ('mv_allocation_summary', ARRAY['revenue', 'allocations', 'tenants', 'models']),
                   ('mv_reconciliation_status', ARRAY['reconciliation'])) AS v (name, made_of)
      JOIN attribution.report_builds AS b ON b.name = v.name
     CROSS JOIN LATERAL (SELECT current_setting('attribution.' || v.name || '_interval')::interval) AS s (pause)
     CROSS JOIN LATERAL (SELECT max(r.changed_at) FROM attribution.report_changes AS r WHERE r.what = ANY (v.made_of)) AS c (newest)
     WHERE s.pause >= interval '0' AND b.built_at + s.pause <= began AND c.newest IS DISTINCT FROM b.changed_at
     ORDER BY b.built_at LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    BEGIN
        PERFORM attribution_internal.build_materialized_view(due.name);
    EXCEPTION WHEN OTHERS THEN
        -- Folding must go on. It is tried again after its interval.
        RAISE WARNING 'materialized view "%" could not be built: % (%)', due.name, SQLERRM, SQLSTATE;
        due.newest := NULL;
        built := 0;
    END;
    UPDATE attribution.report_builds AS b SET built_at = began, changed_at = due.newest WHERE b.name = due.name;
    UPDATE attribution.report_builds AS b SET built_at = clock_timestamp() WHERE b.name = 'materialized_views';
    RETURN built;
END
$$;
COMMENT ON FUNCTION attribution_internal.refresh_materialized_view() IS
    'Builds one materialized view that is due; returns 1, or 0 when none is, it cannot be built, or another transaction is at it';
