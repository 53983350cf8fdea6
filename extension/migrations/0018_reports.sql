-- Reports as people and services read them, over rollups and what is not folded yet. Like realtime_revenue they run with the
-- reader's rights and show the current tenant.

-- What was compared with a provider's statements; empty until there is a reconciliation.
CREATE TABLE attribution.reconciliation_runs (
    tenant_id        uuid NOT NULL,
    run_id           uuid NOT NULL,
    source           text NOT NULL,
    from_day         date NOT NULL,
    to_day           date NOT NULL,
    status           text NOT NULL CHECK (status IN ('running', 'completed', 'failed')),
    currency         attribution.currency_code,
    matched          bigint NOT NULL DEFAULT 0,
    discrepancies    bigint NOT NULL DEFAULT 0,
    difference_minor bigint NOT NULL DEFAULT 0,
    started_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at      timestamptz,
    PRIMARY KEY (tenant_id, run_id),
    CHECK (from_day <= to_day)
);
COMMENT ON TABLE attribution.reconciliation_runs IS 'Comparisons of the ledger with a provider''s statements: of which days (to_day is the last), and what came of it';
ALTER TABLE attribution.reconciliation_runs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON attribution.reconciliation_runs USING (tenant_id = attribution.current_tenant());
CREATE POLICY admin_rows  ON attribution.reconciliation_runs TO attribution_admin, attribution_maintainer USING (true);
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.reconciliation_runs
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER queue_change AFTER INSERT OR UPDATE OR DELETE ON attribution.reconciliation_runs
    FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.queue_report_change('reconciliation');

CREATE VIEW attribution.reconciliation_status WITH (security_invoker = true) AS
SELECT r.tenant_id, r.source, r.from_day, r.to_day, r.status,
       r.status = 'completed' AND r.discrepancies = 0 AND r.difference_minor = 0 AS verified,
       r.matched, r.discrepancies, r.difference_minor, r.currency, r.finished_at
  FROM attribution.reconciliation_runs AS r
 WHERE r.tenant_id = attribution.current_tenant();
COMMENT ON VIEW attribution.reconciliation_status IS 'What comparing the current tenant''s ledger with statements found, run by run';

-- What is folded comes from the rollup, what is not from the ledger: a bucket is in one of both, in every snapshot. What is
-- dirty is found first and then looked up, so the cost is that of what is new. OFFSET 0: it is done in this order, whatever
-- the statistics say, and a condition on the bucket or day holds before the ledger is read.
CREATE VIEW attribution_internal.revenue_by_bucket WITH (security_invoker = true) AS
SELECT r.tenant_id, r.bucket_start, r.sale_bucket_start, r.channel, r.currency, r.kind,
       r.entries, r.sales, r.amount_minor, r.tax_minor, r.shipping_minor, r.last_booked_at
  FROM attribution.revenue_rollup AS r
 WHERE r.tenant_id = attribution.current_tenant()
   AND r.bucket_start NOT IN (SELECT b FROM attribution_internal.dirty_buckets('revenue') AS b)
UNION ALL
SELECT e.tenant_id, d.bucket_start, e.sale_bucket_start, e.channel, e.currency, e.kind,
       1::bigint, CASE WHEN e.kind = 'capture' AND e.step = 1 THEN 1 ELSE 0 END::bigint,
       e.amount_minor::numeric, e.tax_minor::numeric, e.shipping_minor::numeric, e.booked_at
  FROM attribution_internal.dirty_buckets('revenue') AS d (bucket_start)
 CROSS JOIN LATERAL (
       SELECT b.* FROM attribution_internal.booked_entries AS b
        WHERE b.tenant_id = attribution.current_tenant() AND b.bucket_start = d.bucket_start
       OFFSET 0) AS e;
COMMENT ON VIEW attribution_internal.revenue_by_bucket IS 'Revenue of the current tenant by quarter of an hour, in parts to be summed up';

-- A zone's clock may go back over midnight: so the range of buckets to look at is wider than the day.
CREATE VIEW attribution_internal.dirty_days WITH (security_invoker = true) AS
SELECT d.what, d.local_day, d.time_zone,
       d.local_day::timestamp AT TIME ZONE d.time_zone - interval '3 hours' AS first_bucket,
       (d.local_day + 1)::timestamp AT TIME ZONE d.time_zone + interval '3 hours' AS end_bucket
  FROM (SELECT DISTINCT w.what, (b.bucket_start AT TIME ZONE t.time_zone)::date AS local_day, t.time_zone
          FROM (VALUES ('revenue'), ('allocations')) AS w (what)
         CROSS JOIN LATERAL attribution_internal.dirty_buckets(w.what) AS b (bucket_start)
          JOIN attribution.tenants AS t ON t.tenant_id = attribution.current_tenant()) AS d;
COMMENT ON VIEW attribution_internal.dirty_days IS 'Local days of the current tenant with buckets whose rollup is out of date';

-- Of a day with dirty buckets, what is clean comes from the rollup of its buckets.
CREATE VIEW attribution_internal.revenue_by_day WITH (security_invoker = true) AS
SELECT r.tenant_id, r.local_day, r.sale_day, r.channel, r.currency, r.kind,
       r.entries, r.sales, r.amount_minor, r.tax_minor, r.shipping_minor, r.last_booked_at
  FROM attribution.daily_revenue_rollup AS r
 WHERE r.tenant_id = attribution.current_tenant()
   AND r.local_day NOT IN (SELECT d.local_day FROM attribution_internal.dirty_days AS d WHERE d.what = 'revenue')
UNION ALL
SELECT r.tenant_id, d.local_day, (r.sale_bucket_start AT TIME ZONE d.time_zone)::date, r.channel, r.currency, r.kind,
       r.entries, r.sales, r.amount_minor, r.tax_minor, r.shipping_minor, r.last_booked_at
  FROM (SELECT * FROM attribution_internal.dirty_days AS n WHERE n.what = 'revenue' OFFSET 0) AS d
 CROSS JOIN LATERAL (
       SELECT q.* FROM attribution.revenue_rollup AS q
        WHERE q.tenant_id = attribution.current_tenant() AND q.bucket_start >= d.first_bucket AND q.bucket_start < d.end_bucket
          AND (q.bucket_start AT TIME ZONE d.time_zone)::date = d.local_day
       OFFSET 0) AS r
 WHERE r.bucket_start NOT IN (SELECT b FROM attribution_internal.dirty_buckets('revenue') AS b)
UNION ALL
SELECT e.tenant_id, d.local_day, (e.sale_bucket_start AT TIME ZONE d.time_zone)::date, e.channel, e.currency, e.kind,
       1::bigint, CASE WHEN e.kind = 'capture' AND e.step = 1 THEN 1 ELSE 0 END::bigint,
       e.amount_minor::numeric, e.tax_minor::numeric, e.shipping_minor::numeric, e.booked_at
  FROM (SELECT b.bucket_start, t.time_zone, (b.bucket_start AT TIME ZONE t.time_zone)::date AS local_day
          FROM attribution_internal.dirty_buckets('revenue') AS b (bucket_start)
          JOIN attribution.tenants AS t ON t.tenant_id = attribution.current_tenant()
        OFFSET 0) AS d
 CROSS JOIN LATERAL (
       SELECT b.* FROM attribution_internal.booked_entries AS b
        WHERE b.tenant_id = attribution.current_tenant() AND b.bucket_start = d.bucket_start
       OFFSET 0) AS e;
COMMENT ON VIEW attribution_internal.revenue_by_day IS 'Revenue of the current tenant by local days, of the entry and of its sale, in parts to be summed up';

CREATE VIEW attribution_internal.credit_by_day WITH (security_invoker = true) AS
SELECT r.tenant_id, r.local_day, r.sale_day, r.model, r.channel, r.campaign, r.currency, r.kind,
       r.entries, r.amount_minor, r.sales
  FROM attribution.daily_allocation_rollup AS r
 WHERE r.tenant_id = attribution.current_tenant()
   AND r.local_day NOT IN (SELECT d.local_day FROM attribution_internal.dirty_days AS d WHERE d.what = 'allocations')
UNION ALL
SELECT r.tenant_id, d.local_day, (r.sale_bucket_start AT TIME ZONE d.time_zone)::date, r.model, r.channel, r.campaign, r.currency,
       r.kind, r.entries, r.amount_minor, r.sales
  FROM (SELECT * FROM attribution_internal.dirty_days AS n WHERE n.what = 'allocations' OFFSET 0) AS d
 CROSS JOIN LATERAL (
       SELECT q.* FROM attribution.allocation_rollup AS q
        WHERE q.tenant_id = attribution.current_tenant() AND q.bucket_start >= d.first_bucket AND q.bucket_start < d.end_bucket
          AND (q.bucket_start AT TIME ZONE d.time_zone)::date = d.local_day
       OFFSET 0) AS r
 WHERE r.bucket_start NOT IN (SELECT b FROM attribution_internal.dirty_buckets('allocations') AS b)
UNION ALL
SELECT p.tenant_id, d.local_day, (p.sale_bucket_start AT TIME ZONE d.time_zone)::date, p.model, p.channel, p.campaign, p.currency,
       p.kind, CASE WHEN p.is_first THEN 1 ELSE 0 END::bigint, p.amount_minor::numeric, p.sales::numeric
  FROM (SELECT b.bucket_start, t.time_zone, (b.bucket_start AT TIME ZONE t.time_zone)::date AS local_day
          FROM attribution_internal.dirty_buckets('allocations') AS b (bucket_start)
          JOIN attribution.tenants AS t ON t.tenant_id = attribution.current_tenant()
        OFFSET 0) AS d
 CROSS JOIN LATERAL (
       SELECT c.* FROM attribution_internal.credited_parts AS c
        WHERE c.tenant_id = attribution.current_tenant() AND c.bucket_start = d.bucket_start
       OFFSET 0) AS p;
COMMENT ON VIEW attribution_internal.credit_by_day IS 'Current allocations of the current tenant by local days, of the entry and of its sale, in parts to be summed up';

-- Its columns stay as they were; what is built on it stays too.
CREATE OR REPLACE VIEW attribution.realtime_revenue WITH (security_invoker = true) AS
SELECT r.tenant_id, r.bucket_start, (r.bucket_start AT TIME ZONE t.time_zone)::date AS local_day, r.channel, r.currency, r.kind,
       sum(r.entries)::bigint AS entries, sum(r.sales)::bigint AS sales,
       sum(r.amount_minor)::bigint AS amount_minor, sum(r.tax_minor)::bigint AS tax_minor,
       sum(r.shipping_minor)::bigint AS shipping_minor, max(r.last_booked_at) AS last_booked_at
  FROM attribution_internal.revenue_by_bucket AS r
  JOIN attribution.tenants AS t ON t.tenant_id = r.tenant_id
 GROUP BY 1, 2, 3, 4, 5, 6;

CREATE VIEW attribution.daily_revenue_summary WITH (security_invoker = true) AS
SELECT r.tenant_id, r.local_day, r.channel, r.currency, r.kind,
       sum(r.entries)::bigint AS entries, sum(r.sales)::bigint AS sales,
       sum(r.amount_minor)::bigint AS amount_minor, sum(r.tax_minor)::bigint AS tax_minor,
       sum(r.shipping_minor)::bigint AS shipping_minor, max(r.last_booked_at) AS last_booked_at
  FROM attribution_internal.revenue_by_day AS r
 GROUP BY 1, 2, 3, 4, 5;
COMMENT ON VIEW attribution.daily_revenue_summary IS 'Revenue of the current tenant by the local day of the entry (cash view), channel, currency and kind of entry';

CREATE VIEW attribution.cohort_revenue_summary WITH (security_invoker = true) AS
SELECT r.tenant_id, r.sale_day, r.channel, r.currency, r.kind,
       sum(r.entries)::bigint AS entries, sum(r.sales)::bigint AS sales,
       sum(r.amount_minor)::bigint AS amount_minor, sum(r.tax_minor)::bigint AS tax_minor,
       sum(r.shipping_minor)::bigint AS shipping_minor, max(r.last_booked_at) AS last_booked_at
  FROM attribution_internal.revenue_by_day AS r
 GROUP BY 1, 2, 3, 4, 5;
COMMENT ON VIEW attribution.cohort_revenue_summary IS 'Revenue of the current tenant by the local day of the sale that each entry belongs to (cohort view), channel, currency and kind of entry';

-- Revenue and spend are listed under one another, not joined, as in return_on_ad_spend. What was spent is no model's, so each
-- model shows it.
CREATE VIEW attribution.channel_performance WITH (security_invoker = true) AS
SELECT d.tenant_id, d.local_day, d.model, d.channel, d.campaign, d.currency,
       sum(d.revenue_minor)::bigint AS revenue_minor,
       sum(d.sales) AS sales,
       sum(d.spend_minor)::bigint AS spend_minor,
       sum(d.impressions)::bigint AS impressions,
       sum(d.clicks)::bigint AS clicks
  FROM (SELECT c.tenant_id, c.local_day, c.model, c.channel, c.campaign, c.currency, c.amount_minor AS revenue_minor, c.sales,
               0::bigint AS spend_minor, NULL::bigint AS impressions, NULL::bigint AS clicks
          FROM attribution_internal.credit_by_day AS c
         UNION ALL
        SELECT s.tenant_id, s.day, m.name, s.channel, s.campaign, s.currency, 0, 0, s.spend_minor, s.impressions, s.clicks
          FROM attribution.channel_spend AS s
          JOIN attribution.attribution_models AS m ON m.tenant_id = s.tenant_id) AS d
 WHERE d.tenant_id = attribution.current_tenant()
 GROUP BY 1, 2, 3, 4, 5, 6;
COMMENT ON VIEW attribution.channel_performance IS 'What each model credits to channels and campaigns of the current tenant by the local day of the entry, next to what they cost; choose one model, since each shows all spend';

CREATE VIEW attribution.cohort_channel_performance WITH (security_invoker = true) AS
SELECT d.tenant_id, d.sale_day, d.model, d.channel, d.campaign, d.currency,
       sum(d.revenue_minor)::bigint AS revenue_minor,
       sum(d.sales) AS sales,
       sum(d.spend_minor)::bigint AS spend_minor,
       sum(d.impressions)::bigint AS impressions,
       sum(d.clicks)::bigint AS clicks
  FROM (SELECT c.tenant_id, c.sale_day, c.model, c.channel, c.campaign, c.currency, c.amount_minor AS revenue_minor, c.sales,
               0::bigint AS spend_minor, NULL::bigint AS impressions, NULL::bigint AS clicks
          FROM attribution_internal.credit_by_day AS c
         UNION ALL
        SELECT s.tenant_id, s.day, m.name, s.channel, s.campaign, s.currency, 0, 0, s.spend_minor, s.impressions, s.clicks
          FROM attribution.channel_spend AS s
          JOIN attribution.attribution_models AS m ON m.tenant_id = s.tenant_id) AS d
 WHERE d.tenant_id = attribution.current_tenant()
 GROUP BY 1, 2, 3, 4, 5, 6;
COMMENT ON VIEW attribution.cohort_channel_performance IS 'channel_performance by the local day of the sale that each entry belongs to; spend stands on its own day';

CREATE VIEW attribution.allocation_summary WITH (security_invoker = true) AS
SELECT d.tenant_id, d.local_day, d.model, d.currency, d.kind,
       sum(d.entries)::bigint AS entries,
       sum(d.allocated_entries)::bigint AS allocated_entries,
       sum(d.ledger_minor)::bigint AS ledger_minor,
       sum(d.allocated_minor)::bigint AS allocated_minor,
       (sum(d.ledger_minor) - sum(d.allocated_minor))::bigint AS pending_minor
  FROM (SELECT r.tenant_id, r.local_day, m.name AS model, r.currency, r.kind, r.entries, 0::bigint AS allocated_entries,
               r.amount_minor AS ledger_minor, 0::bigint AS allocated_minor
          FROM attribution_internal.revenue_by_day AS r
          JOIN attribution.attribution_models AS m ON m.tenant_id = r.tenant_id
         UNION ALL
        SELECT c.tenant_id, c.local_day, c.model, c.currency, c.kind, 0, c.entries, 0, c.amount_minor
          FROM attribution_internal.credit_by_day AS c) AS d
 WHERE d.tenant_id = attribution.current_tenant()
 GROUP BY 1, 2, 3, 4, 5;
COMMENT ON VIEW attribution.allocation_summary IS 'By local day of the entry and model: what the ledger of the current tenant has, and how much of it is divided';
COMMENT ON COLUMN attribution.allocation_summary.pending_minor IS 'Of entries that the model has not divided: waiting for maintain(), or the model is not active';

GRANT SELECT ON attribution.reconciliation_runs, attribution.reconciliation_status,
    attribution.revenue_rollup, attribution.daily_revenue_rollup, attribution.allocation_rollup, attribution.daily_allocation_rollup,
    attribution_internal.booked_entries, attribution_internal.credited_parts,
    attribution_internal.dirty_days, attribution_internal.revenue_by_bucket, attribution_internal.revenue_by_day, attribution_internal.credit_by_day,
    attribution.realtime_revenue, attribution.daily_revenue_summary, attribution.cohort_revenue_summary, attribution.channel_performance,
    attribution.cohort_channel_performance, attribution.allocation_summary
    TO attribution_analyst, attribution_admin, attribution_svc_attribution, attribution_svc_reconciliation, attribution_svc_export;
-- What these views read with their reader's rights, and no more.
GRANT SELECT ON attribution.channel_spend, attribution.attribution_models TO attribution_svc_reconciliation, attribution_svc_export;
GRANT SELECT ON attribution.allocation_sets, attribution.attribution_allocations TO attribution_svc_reconciliation;
GRANT SELECT (tenant_id, time_zone) ON attribution.tenants TO attribution_svc_export;
GRANT SELECT (tenant_id, event_id, source, external_id, event_type, evidence, occurred_at, channel) ON attribution.attribution_events TO attribution_svc_export;
