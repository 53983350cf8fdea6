-- Rollups: what reports sum up, kept ready by quarter of an hour and by day of the tenant. Writers queue the buckets that they
-- touch, in their own transaction; refresh_reports() makes those anew. Until then views take them from the ledger itself.

-- An entry with the sale it belongs to: its channel (see 0005) and when it was. An entry whose sale is not known is its own. Most
-- entries are their sale's first capture, which need not be looked up.
CREATE VIEW attribution_internal.booked_entries WITH (security_invoker = true) AS
SELECT l.tenant_id, l.bucket_start,
       CASE WHEN sale.event_id IS NULL THEN l.bucket_start ELSE sale.bucket_start END AS sale_bucket_start,
       coalesce(told.channel, e.channel) AS channel,
       l.currency, l.kind, l.step, l.amount_minor, l.tax_minor, l.shipping_minor, l.booked_at
  FROM attribution.revenue_ledger AS l
  LEFT JOIN LATERAL (
       SELECT s.event_id, s.bucket_start
         FROM attribution.revenue_ledger AS s
        WHERE NOT (l.kind = 'capture' AND l.step = 1 AND l.parent_money_key IS NULL)
          AND s.tenant_id = l.tenant_id AND s.money_key = l.sale_key AND s.kind = 'capture' AND s.step = 1
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
        ORDER BY CASE c.channel WHEN 'unknown' THEN 2 WHEN 'direct' THEN 1 ELSE 0 END, c.occurred_at, c.channel COLLATE "C"
        LIMIT 1) AS told ON sale.event_id IS NOT NULL OR (l.kind = 'capture' AND l.step = 1 AND l.parent_money_key IS NULL);
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
        WHERE NOT (l.kind = 'capture' AND l.step = 1 AND l.parent_money_key IS NULL)
          AND s.tenant_id = l.tenant_id AND s.money_key = l.sale_key AND s.kind = 'capture' AND s.step = 1
        LIMIT 1) AS sale ON true
 CROSS JOIN LATERAL (
       SELECT p.model, p.revision, p.channel, p.campaign, p.amount_minor, p.tenant_id, p.entry_id
         FROM ONLY attribution.attribution_allocations AS p
        WHERE p.tenant_id = l.tenant_id AND p.entry_id = l.entry_id
       OFFSET 0) AS a
 CROSS JOIN LATERAL (
       SELECT s.revision FROM attribution.allocation_sets AS s
        WHERE s.tenant_id = a.tenant_id AND s.entry_id = a.entry_id AND s.model = a.model
        ORDER BY s.revision DESC LIMIT 1) AS newest
 WHERE a.revision = newest.revision;
COMMENT ON VIEW attribution_internal.credited_parts IS 'The parts of ledger entries by the newest revision of each model, with the time of their sale';

-- No key, so nobody waits: whoever writes appends. extension/src/dirty_buckets.cpp writes by the places of the columns.
-- what: 'revenue' or 'allocations', a bucket of that rollup; 'awaited', a bucket that will change once an event or entry is
-- committed (awaits), which another transaction was writing at the time; else a table that reports read besides, of no bucket.
CREATE TABLE attribution.dirty_buckets (
    tenant_id    uuid NOT NULL,
    what         text COLLATE "C" NOT NULL,
    bucket_start timestamptz NOT NULL,
    awaits       uuid
);
CREATE INDEX dirty_buckets_key ON attribution.dirty_buckets (tenant_id, what, bucket_start);
COMMENT ON TABLE attribution.dirty_buckets IS 'Quarters of an hour whose rollups are out of date; refresh_reports() takes them';

-- By what a new event finds the sales that it tells of. Not of captures only: a predicate costs more than the few other entries.
CREATE INDEX revenue_ledger_event ON attribution.revenue_ledger (tenant_id, event_id);

-- The sums are numeric: what is too large for a bigint must not stop the reports of all others.
CREATE TABLE attribution.revenue_rollup (
    tenant_id         uuid NOT NULL,
    bucket_start      timestamptz NOT NULL,
    sale_bucket_start timestamptz NOT NULL,
    channel           text NOT NULL,
    currency          attribution.currency_code NOT NULL,
    kind              attribution.money_kind NOT NULL,
    entries           bigint NOT NULL,
    sales             bigint NOT NULL,
    amount_minor      numeric NOT NULL,
    tax_minor         numeric,
    shipping_minor    numeric,
    last_booked_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, bucket_start, sale_bucket_start, channel, currency, kind)
) WITH (fillfactor = 90);
COMMENT ON TABLE attribution.revenue_rollup IS 'Sums of the ledger by quarter of an hour, that of the sale, channel, currency and kind, as of when they were folded';

CREATE TABLE attribution.daily_revenue_rollup (
    tenant_id      uuid NOT NULL,
    local_day      date NOT NULL,
    sale_day       date NOT NULL,
    channel        text NOT NULL,
    currency       attribution.currency_code NOT NULL,
    kind           attribution.money_kind NOT NULL,
    entries        bigint NOT NULL,
    sales          bigint NOT NULL,
    amount_minor   numeric NOT NULL,
    tax_minor      numeric,
    shipping_minor numeric,
    last_booked_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, local_day, sale_day, channel, currency, kind)
) WITH (fillfactor = 90);
CREATE INDEX daily_revenue_rollup_sale_day ON attribution.daily_revenue_rollup (tenant_id, sale_day);
COMMENT ON TABLE attribution.daily_revenue_rollup IS 'revenue_rollup by the days of the tenant''s time zone';

-- entries: those whose first part is here, so that they add up.
CREATE TABLE attribution.allocation_rollup (
    tenant_id         uuid NOT NULL,
    bucket_start      timestamptz NOT NULL,
    sale_bucket_start timestamptz NOT NULL,
    model             text NOT NULL,
    channel           text NOT NULL,
    campaign          text NOT NULL,
    currency          attribution.currency_code NOT NULL,
    kind              attribution.money_kind NOT NULL,
    entries           bigint NOT NULL,
    amount_minor      numeric NOT NULL,
    sales             numeric NOT NULL,
    PRIMARY KEY (tenant_id, bucket_start, sale_bucket_start, model, channel, campaign, currency, kind)
) WITH (fillfactor = 90);
COMMENT ON TABLE attribution.allocation_rollup IS 'Sums of the current allocations by quarter of an hour, that of the sale, model, channel, campaign, currency and kind, as of when they were folded';

CREATE TABLE attribution.daily_allocation_rollup (
    tenant_id    uuid NOT NULL,
    local_day    date NOT NULL,
    sale_day     date NOT NULL,
    model        text NOT NULL,
    channel      text NOT NULL,
    campaign     text NOT NULL,
    currency     attribution.currency_code NOT NULL,
    kind         attribution.money_kind NOT NULL,
    entries      bigint NOT NULL,
    amount_minor numeric NOT NULL,
    sales        numeric NOT NULL,
    PRIMARY KEY (tenant_id, local_day, sale_day, model, channel, campaign, currency, kind)
) WITH (fillfactor = 90);
CREATE INDEX daily_allocation_rollup_sale_day ON attribution.daily_allocation_rollup (tenant_id, sale_day);
COMMENT ON TABLE attribution.daily_allocation_rollup IS 'allocation_rollup by the days of the tenant''s time zone';

-- The row 'rollups' is the lock of who folds, 'materialized_views' of who builds one of those.
CREATE TABLE attribution.report_builds (
    name       text PRIMARY KEY,
    built_at   timestamptz NOT NULL DEFAULT '-infinity',
    changed_at timestamptz
);
COMMENT ON TABLE attribution.report_builds IS 'When rollups were last folded and each materialized view was built, and of when the newest change is that it shows';
INSERT INTO attribution.report_builds (name) VALUES ('rollups'), ('materialized_views');

CREATE TABLE attribution.report_changes (
    what       text PRIMARY KEY,
    changed_at timestamptz NOT NULL
);
COMMENT ON TABLE attribution.report_changes IS 'When refresh_reports() last found something changed, by what reports are made of';

ALTER TABLE attribution.dirty_buckets           ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.revenue_rollup          ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.daily_revenue_rollup    ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.allocation_rollup       ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.daily_allocation_rollup ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON attribution.dirty_buckets           USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.revenue_rollup          USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.daily_revenue_rollup    USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.allocation_rollup       USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.daily_allocation_rollup USING (tenant_id = attribution.current_tenant());
CREATE POLICY admin_rows ON attribution.dirty_buckets           TO attribution_admin, attribution_maintainer USING (true);
CREATE POLICY admin_rows ON attribution.revenue_rollup          TO attribution_admin, attribution_maintainer USING (true);
CREATE POLICY admin_rows ON attribution.daily_revenue_rollup    TO attribution_admin, attribution_maintainer USING (true);
CREATE POLICY admin_rows ON attribution.allocation_rollup       TO attribution_admin, attribution_maintainer USING (true);
CREATE POLICY admin_rows ON attribution.daily_allocation_rollup TO attribution_admin, attribution_maintainer USING (true);

-- What was booked and divided before there were rollups, of all tenants: the owner is bound by row security like everybody.
ALTER TABLE attribution.tenants                 NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.revenue_ledger          NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.attribution_events      NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.allocation_sets         NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.attribution_allocations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.revenue_rollup          NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.daily_revenue_rollup    NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.allocation_rollup       NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.daily_allocation_rollup NO FORCE ROW LEVEL SECURITY;
INSERT INTO attribution.revenue_rollup
SELECT e.tenant_id, e.bucket_start, e.sale_bucket_start, e.channel, e.currency, e.kind,
       count(*), count(*) FILTER (WHERE e.kind = 'capture' AND e.step = 1),
       sum(e.amount_minor), sum(e.tax_minor), sum(e.shipping_minor), max(e.booked_at)
  FROM attribution_internal.booked_entries AS e
 GROUP BY 1, 2, 3, 4, 5, 6;
INSERT INTO attribution.daily_revenue_rollup
SELECT r.tenant_id, (r.bucket_start AT TIME ZONE t.time_zone)::date, (r.sale_bucket_start AT TIME ZONE t.time_zone)::date,
       r.channel, r.currency, r.kind, sum(r.entries), sum(r.sales),
       sum(r.amount_minor), sum(r.tax_minor), sum(r.shipping_minor), max(r.last_booked_at)
  FROM attribution.revenue_rollup AS r
  JOIN attribution.tenants AS t ON t.tenant_id = r.tenant_id
 GROUP BY 1, 2, 3, 4, 5, 6;
INSERT INTO attribution.allocation_rollup
SELECT p.tenant_id, p.bucket_start, p.sale_bucket_start, p.model, p.channel, p.campaign, p.currency, p.kind,
       count(*) FILTER (WHERE p.is_first), sum(p.amount_minor), sum(p.sales)
  FROM attribution_internal.credited_parts AS p
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
INSERT INTO attribution.daily_allocation_rollup
SELECT r.tenant_id, (r.bucket_start AT TIME ZONE t.time_zone)::date, (r.sale_bucket_start AT TIME ZONE t.time_zone)::date,
       r.model, r.channel, r.campaign, r.currency, r.kind, sum(r.entries), sum(r.amount_minor), sum(r.sales)
  FROM attribution.allocation_rollup AS r
  JOIN attribution.tenants AS t ON t.tenant_id = r.tenant_id
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
ALTER TABLE attribution.tenants                 FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.revenue_ledger          FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.attribution_events      FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.allocation_sets         FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.attribution_allocations FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.revenue_rollup          FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.daily_revenue_rollup    FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.allocation_rollup       FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.daily_allocation_rollup FORCE ROW LEVEL SECURITY;

CREATE TRIGGER queue_buckets AFTER INSERT ON attribution.revenue_ledger
    REFERENCING NEW TABLE AS entries FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.queue_entries();
CREATE TRIGGER queue_buckets AFTER INSERT ON attribution.attribution_events
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.queue_told_sales();
CREATE TRIGGER queue_change AFTER INSERT OR UPDATE OR DELETE ON attribution.channel_spend
    FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.queue_report_change('spend');
CREATE TRIGGER queue_change AFTER INSERT OR UPDATE OR DELETE ON attribution.attribution_models
    FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.queue_report_change('models');
CREATE TRIGGER forget_queued BEFORE DELETE OR TRUNCATE ON attribution.dirty_buckets
    FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.forget_queued_buckets();
-- Also for who folds in the role of a replica: its own later writes must queue again.
ALTER TABLE attribution.dirty_buckets ENABLE ALWAYS TRIGGER forget_queued;
CREATE TRIGGER rebuild_days AFTER UPDATE OF time_zone ON attribution.tenants
    FOR EACH ROW WHEN (NEW.time_zone <> OLD.time_zone) EXECUTE FUNCTION attribution_internal.rebuild_days();

GRANT SELECT, INSERT, DELETE ON attribution.dirty_buckets TO attribution_maintainer;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON attribution.revenue_rollup, attribution.daily_revenue_rollup, attribution.allocation_rollup, attribution.daily_allocation_rollup
    TO attribution_maintainer;
GRANT SELECT, UPDATE ON attribution.report_builds TO attribution_maintainer;
GRANT SELECT, INSERT, UPDATE ON attribution.report_changes TO attribution_maintainer;
GRANT SELECT ON attribution_internal.booked_entries, attribution_internal.credited_parts TO attribution_maintainer;
GRANT SELECT ON attribution.dirty_buckets, attribution.report_changes TO attribution_admin;
GRANT SELECT ON attribution.report_builds
    TO attribution_analyst, attribution_admin, attribution_svc_attribution, attribution_svc_reconciliation, attribution_svc_export;
