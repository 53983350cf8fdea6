-- The rollups of all tenants for administrators, as of when they were built: refresh_reports() builds them again. No row security
-- holds for them, so nobody may read them but their owner and superusers.

CREATE POLICY maintained_rows ON attribution.channel_spend FOR SELECT TO attribution_maintainer USING (true);
GRANT SELECT ON attribution.channel_spend, attribution.reconciliation_runs TO attribution_maintainer;
GRANT CREATE ON SCHEMA attribution TO attribution_maintainer;
SELECT attribution_internal.execute_as_maintainer($script$
CREATE MATERIALIZED VIEW attribution.mv_realtime_revenue AS
SELECT r.tenant_id, r.bucket_start, (r.bucket_start AT TIME ZONE t.time_zone)::date AS local_day, r.channel, r.currency, r.kind,
       sum(r.entries)::bigint AS entries, sum(r.sales)::bigint AS sales, sum(r.amount_minor) AS amount_minor,
       sum(r.tax_minor) AS tax_minor, sum(r.shipping_minor) AS shipping_minor, max(r.last_booked_at) AS last_booked_at
  FROM attribution.revenue_rollup AS r
  JOIN attribution.tenants AS t ON t.tenant_id = r.tenant_id
 GROUP BY 1, 2, 3, 4, 5, 6;
CREATE UNIQUE INDEX mv_realtime_revenue_key ON attribution.mv_realtime_revenue (tenant_id, bucket_start, channel, currency, kind);

CREATE MATERIALIZED VIEW attribution.mv_daily_revenue_summary AS
SELECT r.tenant_id, r.local_day, r.channel, r.currency, r.kind,
       sum(r.entries)::bigint AS entries, sum(r.sales)::bigint AS sales, sum(r.amount_minor) AS amount_minor,
       sum(r.tax_minor) AS tax_minor, sum(r.shipping_minor) AS shipping_minor, max(r.last_booked_at) AS last_booked_at
  FROM attribution.daily_revenue_rollup AS r
 GROUP BY 1, 2, 3, 4, 5;
CREATE UNIQUE INDEX mv_daily_revenue_summary_key ON attribution.mv_daily_revenue_summary (tenant_id, local_day, channel, currency, kind);

CREATE MATERIALIZED VIEW attribution.mv_channel_performance AS
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
 GROUP BY 1, 2, 3, 4, 5, 6;
CREATE UNIQUE INDEX mv_channel_performance_key ON attribution.mv_channel_performance (tenant_id, local_day, model, channel, campaign, currency);

CREATE MATERIALIZED VIEW attribution.mv_allocation_summary AS
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
 GROUP BY 1, 2, 3, 4, 5;
CREATE UNIQUE INDEX mv_allocation_summary_key ON attribution.mv_allocation_summary (tenant_id, local_day, model, currency, kind);

CREATE MATERIALIZED VIEW attribution.mv_reconciliation_status AS
SELECT r.tenant_id, r.run_id, r.source, r.from_day, r.to_day, r.status,
       r.status = 'completed' AND r.discrepancies = 0 AND r.difference_minor = 0 AS verified,
       r.matched, r.discrepancies, r.difference_minor, r.currency, r.finished_at
  FROM attribution.reconciliation_runs AS r;
CREATE UNIQUE INDEX mv_reconciliation_status_key ON attribution.mv_reconciliation_status (tenant_id, run_id);

COMMENT ON MATERIALIZED VIEW attribution.mv_realtime_revenue IS 'realtime_revenue of all tenants, as of report_builds.built_at';
COMMENT ON MATERIALIZED VIEW attribution.mv_daily_revenue_summary IS 'daily_revenue_summary of all tenants, as of report_builds.built_at';
COMMENT ON MATERIALIZED VIEW attribution.mv_channel_performance IS 'channel_performance of all tenants, as of report_builds.built_at';
COMMENT ON MATERIALIZED VIEW attribution.mv_allocation_summary IS 'allocation_summary of all tenants, as of report_builds.built_at';
COMMENT ON MATERIALIZED VIEW attribution.mv_reconciliation_status IS 'reconciliation_status of all tenants, as of report_builds.built_at';
$script$);
REVOKE CREATE ON SCHEMA attribution FROM attribution_maintainer;
INSERT INTO attribution.report_builds (name, built_at)
SELECT n, clock_timestamp()
  FROM unnest(ARRAY['mv_realtime_revenue', 'mv_daily_revenue_summary', 'mv_channel_performance', 'mv_allocation_summary', 'mv_reconciliation_status']) AS n;
