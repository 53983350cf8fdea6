-- Reports as people and services read them, over the ledger and its allocations. Like realtime_revenue they run with the
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
CREATE POLICY admin_rows  ON attribution.reconciliation_runs TO attribution_admin USING (true);
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.reconciliation_runs
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();

CREATE VIEW attribution.reconciliation_status WITH (security_invoker = true) AS
SELECT r.tenant_id, r.source, r.from_day, r.to_day, r.status,
       r.status = 'completed' AND r.discrepancies = 0 AND r.difference_minor = 0 AS verified,
       r.matched, r.discrepancies, r.difference_minor, r.currency, r.finished_at
  FROM attribution.reconciliation_runs AS r
 WHERE r.tenant_id = attribution.current_tenant();
COMMENT ON VIEW attribution.reconciliation_status IS 'What comparing the current tenant''s ledger with statements found, run by run';

-- An entry with the sale it belongs to: its channel (see 0005) and when it was. An entry whose sale is not known is its own.
CREATE VIEW attribution_internal.booked_entries WITH (security_invoker = true) AS
SELECT l.tenant_id, l.bucket_start,
       CASE WHEN sale.event_id IS NULL THEN l.bucket_start ELSE sale.bucket_start END AS sale_bucket_start,
       coalesce(told.channel, e.channel) AS channel,
       l.currency, l.kind, l.step, l.amount_minor, l.tax_minor, l.shipping_minor, l.booked_at
  FROM attribution.revenue_ledger AS l
  LEFT JOIN LATERAL (
       SELECT s.event_id, s.bucket_start
         FROM attribution.revenue_ledger AS s
        WHERE s.tenant_id = l.tenant_id AND s.money_key = l.sale_key AND s.kind = 'capture' AND s.step = 1
        LIMIT 1) AS sale ON true
 CROSS JOIN LATERAL (
       SELECT v.channel, v.source, v.external_id
         FROM attribution.attribution_events AS v
        WHERE v.tenant_id = l.tenant_id
          AND v.event_id = CASE WHEN sale.event_id IS NULL THEN l.event_id ELSE sale.event_id END
        LIMIT 1) AS e
  LEFT JOIN LATERAL (
       SELECT c.channel
         FROM attribution.attribution_events AS c
        WHERE c.tenant_id = l.tenant_id AND c.external_id = e.external_id AND c.source = e.source
          AND c.event_type = 'conversion' AND NOT c.evidence
        ORDER BY CASE c.channel WHEN 'unknown' THEN 2 WHEN 'direct' THEN 1 ELSE 0 END, c.occurred_at, c.event_id
        LIMIT 1) AS told ON sale.event_id IS NOT NULL;
COMMENT ON VIEW attribution_internal.booked_entries IS 'Ledger entries with channel and time of their sale';

-- The current parts of entries. Of each set the first part counts for the entry, so that entries add up. 30 decimals: shares
-- of a sale add up to the same whatever the order.
CREATE VIEW attribution_internal.credited_parts WITH (security_invoker = true) AS
SELECT l.tenant_id, l.bucket_start,
       CASE WHEN sale.bucket_start IS NULL THEN l.bucket_start ELSE sale.bucket_start END AS sale_bucket_start,
       a.model, a.channel, a.campaign, l.currency, l.kind, a.amount_minor,
       CASE WHEN l.kind = 'capture' AND l.step = 1 THEN a.amount_minor::numeric(60, 30) / l.amount_minor ELSE 0 END AS sales,
       NOT EXISTS (SELECT FROM attribution.attribution_allocations AS b
                    WHERE b.tenant_id = a.tenant_id AND b.entry_id = a.entry_id AND b.model = a.model AND b.revision = a.revision
                      AND (b.channel, b.campaign) < (a.channel, a.campaign)) AS is_first
  FROM attribution.revenue_ledger AS l
  LEFT JOIN LATERAL (
       SELECT s.bucket_start
         FROM attribution.revenue_ledger AS s
        WHERE s.tenant_id = l.tenant_id AND s.money_key = l.sale_key AND s.kind = 'capture' AND s.step = 1
        LIMIT 1) AS sale ON true
  JOIN ONLY attribution.attribution_allocations AS a ON a.tenant_id = l.tenant_id AND a.entry_id = l.entry_id
 CROSS JOIN LATERAL (
       SELECT s.revision FROM attribution.allocation_sets AS s
        WHERE s.tenant_id = a.tenant_id AND s.entry_id = a.entry_id AND s.model = a.model
        ORDER BY s.revision DESC LIMIT 1) AS newest
 WHERE a.revision = newest.revision;
COMMENT ON VIEW attribution_internal.credited_parts IS 'The parts of ledger entries by the newest revision of each model, with the time of their sale';

-- By the tenant's days: of the entry, and of the sale it belongs to.
CREATE VIEW attribution_internal.revenue_by_day WITH (security_invoker = true) AS
SELECT b.tenant_id,
       (b.bucket_start AT TIME ZONE t.time_zone)::date AS local_day,
       (b.sale_bucket_start AT TIME ZONE t.time_zone)::date AS sale_day,
       b.channel, b.currency, b.kind,
       count(*) AS entries,
       count(*) FILTER (WHERE b.kind = 'capture' AND b.step = 1) AS sales,
       sum(b.amount_minor)::bigint AS amount_minor,
       sum(b.tax_minor)::bigint AS tax_minor,
       sum(b.shipping_minor)::bigint AS shipping_minor,
       max(b.booked_at) AS last_booked_at
  FROM attribution_internal.booked_entries AS b
  JOIN attribution.tenants AS t ON t.tenant_id = b.tenant_id
 WHERE b.tenant_id = attribution.current_tenant()
 GROUP BY 1, 2, 3, 4, 5, 6;
COMMENT ON VIEW attribution_internal.revenue_by_day IS 'What the reports of days are made of';

CREATE VIEW attribution_internal.credit_by_day WITH (security_invoker = true) AS
SELECT p.tenant_id,
       (p.bucket_start AT TIME ZONE t.time_zone)::date AS local_day,
       (p.sale_bucket_start AT TIME ZONE t.time_zone)::date AS sale_day,
       p.model, p.channel, p.campaign, p.currency, p.kind,
       count(*) FILTER (WHERE p.is_first) AS entries,
       sum(p.amount_minor)::bigint AS amount_minor,
       sum(p.sales) AS sales
  FROM attribution_internal.credited_parts AS p
  JOIN attribution.tenants AS t ON t.tenant_id = p.tenant_id
 WHERE p.tenant_id = attribution.current_tenant()
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
COMMENT ON VIEW attribution_internal.credit_by_day IS 'What the reports of days and models are made of';

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
    attribution_internal.booked_entries, attribution_internal.credited_parts,
    attribution_internal.revenue_by_day, attribution_internal.credit_by_day,
    attribution.realtime_revenue, attribution.daily_revenue_summary, attribution.cohort_revenue_summary, attribution.channel_performance,
    attribution.cohort_channel_performance, attribution.allocation_summary
    TO attribution_analyst, attribution_admin, attribution_svc_attribution, attribution_svc_reconciliation, attribution_svc_export;
-- What these views read with their reader's rights, and no more.
GRANT SELECT ON attribution.channel_spend, attribution.attribution_models TO attribution_svc_reconciliation, attribution_svc_export;
GRANT SELECT ON attribution.allocation_sets, attribution.attribution_allocations TO attribution_svc_reconciliation;
GRANT SELECT (tenant_id, time_zone) ON attribution.tenants TO attribution_svc_export;
GRANT SELECT (tenant_id, event_id, source, external_id, event_type, evidence, occurred_at, channel) ON attribution.attribution_events TO attribution_svc_export;
