-- The rollups of all tenants for administrators, as of when they were built: refresh_reports() builds them again. No row security
-- holds for them, so nobody may read them but their owner and superusers.

CREATE POLICY maintained_rows ON attribution.channel_spend FOR SELECT TO attribution_maintainer USING (true);
GRANT SELECT ON attribution.channel_spend, attribution.reconciliation_runs TO attribution_maintainer;

CREATE MATERIALIZED VIEW attribution.mv_realtime_revenue AS SELECT * FROM attribution_internal.all_realtime_revenue();
CREATE UNIQUE INDEX mv_realtime_revenue_key ON attribution.mv_realtime_revenue (tenant_id, bucket_start, channel, currency, kind);
COMMENT ON MATERIALIZED VIEW attribution.mv_realtime_revenue IS 'realtime_revenue of all tenants, as of report_builds.built_at';

CREATE MATERIALIZED VIEW attribution.mv_daily_revenue_summary AS SELECT * FROM attribution_internal.all_daily_revenue();
CREATE UNIQUE INDEX mv_daily_revenue_summary_key ON attribution.mv_daily_revenue_summary (tenant_id, local_day, channel, currency, kind);
COMMENT ON MATERIALIZED VIEW attribution.mv_daily_revenue_summary IS 'daily_revenue_summary of all tenants, as of report_builds.built_at';

CREATE MATERIALIZED VIEW attribution.mv_channel_performance AS SELECT * FROM attribution_internal.all_channel_performance();
CREATE UNIQUE INDEX mv_channel_performance_key ON attribution.mv_channel_performance (tenant_id, local_day, model, channel, campaign, currency);
COMMENT ON MATERIALIZED VIEW attribution.mv_channel_performance IS 'channel_performance of all tenants, as of report_builds.built_at';

CREATE MATERIALIZED VIEW attribution.mv_allocation_summary AS SELECT * FROM attribution_internal.all_allocations();
CREATE UNIQUE INDEX mv_allocation_summary_key ON attribution.mv_allocation_summary (tenant_id, local_day, model, currency, kind);
COMMENT ON MATERIALIZED VIEW attribution.mv_allocation_summary IS 'allocation_summary of all tenants, as of report_builds.built_at';

CREATE MATERIALIZED VIEW attribution.mv_reconciliation_status AS SELECT * FROM attribution_internal.all_reconciliation_runs();
CREATE UNIQUE INDEX mv_reconciliation_status_key ON attribution.mv_reconciliation_status (tenant_id, run_id);
COMMENT ON MATERIALIZED VIEW attribution.mv_reconciliation_status IS 'reconciliation_status of all tenants, as of report_builds.built_at';

INSERT INTO attribution.report_builds (name, built_at)
SELECT n, clock_timestamp()
  FROM unnest(ARRAY['mv_realtime_revenue', 'mv_daily_revenue_summary', 'mv_channel_performance', 'mv_allocation_summary', 'mv_reconciliation_status']) AS n;
