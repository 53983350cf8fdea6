-- Rollups made anew from ledger and allocations: quarters of an hour, and days from them. refresh_reports() says which.
--
-- Folding looks everything up by keys, however many there are and whatever the statistics say: LATERAL … OFFSET 0 for tables, hashes
-- for what is in memory. Nothing that stays as it is is written.
CREATE FUNCTION attribution_internal.fold_revenue(
    tenant_ids uuid[], buckets timestamptz[], OUT changed boolean, OUT day_tenant_ids uuid[], OUT days date[])
    LANGUAGE c VOLATILE STRICT
    AS 'MODULE_PATHNAME', 'attribution_fold_revenue';
COMMENT ON FUNCTION attribution_internal.fold_revenue(uuid[], timestamptz[]) IS
    'Makes these buckets of revenue_rollup anew, none twice, and adds what changed to their days; returns whether anything did, and the days that have to be made anew because something is gone';

-- Days of tenants. As in dirty_days the range is wider than the day.
CREATE FUNCTION attribution_internal.fold_revenue_days(tenant_ids uuid[], days date[]) RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
BEGIN
    WITH keys AS MATERIALIZED (
    SELECT k.tenant_id, k.local_day, t.time_zone,
           k.local_day::timestamp AT TIME ZONE t.time_zone - interval '3 hours' AS first_bucket,
           (k.local_day + 1)::timestamp AT TIME ZONE t.time_zone + interval '3 hours' AS end_bucket
      FROM unnest(tenant_ids, days) AS k (tenant_id, local_day)
     CROSS JOIN LATERAL (SELECT z.time_zone FROM attribution.tenants AS z WHERE z.tenant_id = k.tenant_id LIMIT 1) AS t
), fresh AS MATERIALIZED (
    SELECT k.tenant_id, k.local_day, (r.sale_bucket_start AT TIME ZONE k.time_zone)::date AS sale_day, r.channel, r.currency, r.kind,
           sum(r.entries)::bigint AS entries, sum(r.sales)::bigint AS sales,
           sum(r.amount_minor) AS amount_minor, sum(r.tax_minor) AS tax_minor, sum(r.shipping_minor) AS shipping_minor,
           max(r.last_booked_at) AS last_booked_at
      FROM keys AS k
     CROSS JOIN LATERAL (
           SELECT q.* FROM attribution.revenue_rollup AS q
            WHERE q.tenant_id = k.tenant_id AND q.bucket_start >= k.first_bucket AND q.bucket_start < k.end_bucket
              AND (q.bucket_start AT TIME ZONE k.time_zone)::date = k.local_day
           OFFSET 0) AS r
     GROUP BY 1, 2, 3, 4, 5, 6
), stored AS MATERIALIZED (
    SELECT s.* FROM keys AS k
     CROSS JOIN LATERAL (
           SELECT r.ctid AS id, r.* FROM attribution.daily_revenue_rollup AS r
            WHERE r.tenant_id = k.tenant_id AND r.local_day = k.local_day
           OFFSET 0) AS s
), vanished AS (
    DELETE FROM attribution.daily_revenue_rollup AS r
     WHERE r.ctid = ANY (ARRAY(
           SELECT s.id FROM stored AS s
            WHERE (s.tenant_id, s.local_day, s.sale_day, s.channel, s.currency, s.kind) NOT IN (
                  SELECT f.tenant_id, f.local_day, f.sale_day, f.channel, f.currency, f.kind FROM fresh AS f)))
), appeared AS (
    INSERT INTO attribution.daily_revenue_rollup AS r
    SELECT f.* FROM fresh AS f
     WHERE (f.tenant_id, f.local_day, f.sale_day, f.channel, f.currency, f.kind) NOT IN (
           SELECT s.tenant_id, s.local_day, s.sale_day, s.channel, s.currency, s.kind FROM stored AS s)
)
INSERT INTO attribution.daily_revenue_rollup AS r
SELECT f.* FROM fresh AS f
  JOIN stored AS s USING (tenant_id, local_day, sale_day, channel, currency, kind)
 WHERE (f.entries, f.sales, f.amount_minor, f.tax_minor, f.shipping_minor, f.last_booked_at) IS DISTINCT FROM
       (s.entries, s.sales, s.amount_minor, s.tax_minor, s.shipping_minor, s.last_booked_at)
ON CONFLICT (tenant_id, local_day, sale_day, channel, currency, kind) DO UPDATE
   SET entries = excluded.entries, sales = excluded.sales, amount_minor = excluded.amount_minor,
       tax_minor = excluded.tax_minor, shipping_minor = excluded.shipping_minor, last_booked_at = excluded.last_booked_at;
END
$$;
COMMENT ON FUNCTION attribution_internal.fold_revenue_days(uuid[], date[]) IS 'Makes these days of daily_revenue_rollup anew, from revenue_rollup';

CREATE FUNCTION attribution_internal.fold_allocations(tenant_ids uuid[], buckets timestamptz[])
    RETURNS TABLE (tenant_id uuid, bucket_start timestamptz)
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
WITH keys AS MATERIALIZED (
    SELECT k.tenant_id, k.bucket_start FROM unnest(tenant_ids, buckets) AS k (tenant_id, bucket_start)
), fresh AS MATERIALIZED (
    SELECT p.tenant_id, p.bucket_start, p.sale_bucket_start, p.model, p.channel, p.campaign, p.currency, p.kind,
           count(*) FILTER (WHERE p.is_first) AS entries, sum(p.amount_minor) AS amount_minor, sum(p.sales) AS sales
      FROM keys AS k
     CROSS JOIN LATERAL (
           SELECT c.* FROM attribution_internal.credited_parts AS c
            WHERE c.tenant_id = k.tenant_id AND c.bucket_start = k.bucket_start
           OFFSET 0) AS p
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), stored AS MATERIALIZED (
    SELECT s.* FROM keys AS k
     CROSS JOIN LATERAL (
           SELECT r.ctid AS id, r.* FROM attribution.allocation_rollup AS r
            WHERE r.tenant_id = k.tenant_id AND r.bucket_start = k.bucket_start
           OFFSET 0) AS s
), vanished AS (
    DELETE FROM attribution.allocation_rollup AS r
     WHERE r.ctid = ANY (ARRAY(
           SELECT s.id FROM stored AS s
            WHERE (s.tenant_id, s.bucket_start, s.sale_bucket_start, s.model, s.channel, s.campaign, s.currency, s.kind) NOT IN (
                  SELECT f.tenant_id, f.bucket_start, f.sale_bucket_start, f.model, f.channel, f.campaign, f.currency, f.kind FROM fresh AS f)))
    RETURNING r.tenant_id, r.bucket_start
), appeared AS (
    INSERT INTO attribution.allocation_rollup AS r
    SELECT f.* FROM fresh AS f
     WHERE (f.tenant_id, f.bucket_start, f.sale_bucket_start, f.model, f.channel, f.campaign, f.currency, f.kind) NOT IN (
           SELECT s.tenant_id, s.bucket_start, s.sale_bucket_start, s.model, s.channel, s.campaign, s.currency, s.kind FROM stored AS s)
    RETURNING r.tenant_id, r.bucket_start
), changed AS (
    INSERT INTO attribution.allocation_rollup AS r
    SELECT f.* FROM fresh AS f
      JOIN stored AS s USING (tenant_id, bucket_start, sale_bucket_start, model, channel, campaign, currency, kind)
     WHERE (f.entries, f.amount_minor, f.sales) IS DISTINCT FROM
           (s.entries, s.amount_minor, s.sales)
    ON CONFLICT (tenant_id, bucket_start, sale_bucket_start, model, channel, campaign, currency, kind) DO UPDATE
       SET entries = excluded.entries, amount_minor = excluded.amount_minor, sales = excluded.sales
    RETURNING r.tenant_id, r.bucket_start
)
SELECT v.tenant_id, v.bucket_start FROM vanished AS v
UNION
SELECT p.tenant_id, p.bucket_start FROM appeared AS p
UNION
SELECT c.tenant_id, c.bucket_start FROM changed AS c;
END
$$;
COMMENT ON FUNCTION attribution_internal.fold_allocations(uuid[], timestamptz[]) IS 'Makes these buckets of allocation_rollup anew, and returns those that changed';

CREATE FUNCTION attribution_internal.fold_allocation_days(tenant_ids uuid[], days date[]) RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
BEGIN
    WITH keys AS MATERIALIZED (
    SELECT k.tenant_id, k.local_day, t.time_zone,
           k.local_day::timestamp AT TIME ZONE t.time_zone - interval '3 hours' AS first_bucket,
           (k.local_day + 1)::timestamp AT TIME ZONE t.time_zone + interval '3 hours' AS end_bucket
      FROM unnest(tenant_ids, days) AS k (tenant_id, local_day)
     CROSS JOIN LATERAL (SELECT z.time_zone FROM attribution.tenants AS z WHERE z.tenant_id = k.tenant_id LIMIT 1) AS t
), fresh AS MATERIALIZED (
    SELECT k.tenant_id, k.local_day, (r.sale_bucket_start AT TIME ZONE k.time_zone)::date AS sale_day,
           r.model, r.channel, r.campaign, r.currency, r.kind,
           sum(r.entries)::bigint AS entries, sum(r.amount_minor) AS amount_minor, sum(r.sales) AS sales
      FROM keys AS k
     CROSS JOIN LATERAL (
           SELECT q.* FROM attribution.allocation_rollup AS q
            WHERE q.tenant_id = k.tenant_id AND q.bucket_start >= k.first_bucket AND q.bucket_start < k.end_bucket
              AND (q.bucket_start AT TIME ZONE k.time_zone)::date = k.local_day
           OFFSET 0) AS r
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), stored AS MATERIALIZED (
    SELECT s.* FROM keys AS k
     CROSS JOIN LATERAL (
           SELECT r.ctid AS id, r.* FROM attribution.daily_allocation_rollup AS r
            WHERE r.tenant_id = k.tenant_id AND r.local_day = k.local_day
           OFFSET 0) AS s
), vanished AS (
    DELETE FROM attribution.daily_allocation_rollup AS r
     WHERE r.ctid = ANY (ARRAY(
           SELECT s.id FROM stored AS s
            WHERE (s.tenant_id, s.local_day, s.sale_day, s.model, s.channel, s.campaign, s.currency, s.kind) NOT IN (
                  SELECT f.tenant_id, f.local_day, f.sale_day, f.model, f.channel, f.campaign, f.currency, f.kind FROM fresh AS f)))
), appeared AS (
    INSERT INTO attribution.daily_allocation_rollup AS r
    SELECT f.* FROM fresh AS f
     WHERE (f.tenant_id, f.local_day, f.sale_day, f.model, f.channel, f.campaign, f.currency, f.kind) NOT IN (
           SELECT s.tenant_id, s.local_day, s.sale_day, s.model, s.channel, s.campaign, s.currency, s.kind FROM stored AS s)
)
INSERT INTO attribution.daily_allocation_rollup AS r
SELECT f.* FROM fresh AS f
  JOIN stored AS s USING (tenant_id, local_day, sale_day, model, channel, campaign, currency, kind)
 WHERE (f.entries, f.amount_minor, f.sales) IS DISTINCT FROM
       (s.entries, s.amount_minor, s.sales)
ON CONFLICT (tenant_id, local_day, sale_day, model, channel, campaign, currency, kind) DO UPDATE
   SET entries = excluded.entries, amount_minor = excluded.amount_minor, sales = excluded.sales;
END
$$;
COMMENT ON FUNCTION attribution_internal.fold_allocation_days(uuid[], date[]) IS 'Makes these days of daily_allocation_rollup anew, from allocation_rollup';
