-- Reports: what writers leave to be folded, folding it, and the materialized views.

CREATE FUNCTION attribution_internal.queue_entries() RETURNS trigger
    LANGUAGE c VOLATILE
    AS 'MODULE_PATHNAME', 'attribution_queue_entries';
COMMENT ON FUNCTION attribution_internal.queue_entries() IS
    'AFTER INSERT statement trigger of revenue_ledger: queues the buckets whose sums the entries change';

CREATE FUNCTION attribution_internal.queue_told_sales() RETURNS trigger
    LANGUAGE c VOLATILE
    AS 'MODULE_PATHNAME', 'attribution_queue_told_sales';
COMMENT ON FUNCTION attribution_internal.queue_told_sales() IS
    'AFTER INSERT row trigger of attribution_events: queues the buckets of sales whose channel a conversion changes';

CREATE FUNCTION attribution_internal.queue_report_change() RETURNS trigger
    LANGUAGE c VOLATILE
    AS 'MODULE_PATHNAME', 'attribution_queue_report_change';
COMMENT ON FUNCTION attribution_internal.queue_report_change() IS
    'Statement trigger of tables that reports read besides rollups: queues that what its argument names has changed';

CREATE FUNCTION attribution_internal.forget_queued_buckets() RETURNS trigger
    LANGUAGE c VOLATILE
    AS 'MODULE_PATHNAME', 'attribution_forget_queued_buckets';
COMMENT ON FUNCTION attribution_internal.forget_queued_buckets() IS
    'BEFORE DELETE or TRUNCATE statement trigger of dirty_buckets: what the transaction itself has queued may be gone';

-- In the snapshot of the statement, whoever reads; no more than the current tenant's buckets.
CREATE FUNCTION attribution_internal.dirty_buckets(what text) RETURNS SETOF timestamptz
    LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 10
    AS 'MODULE_PATHNAME', 'attribution_dirty_buckets';
COMMENT ON FUNCTION attribution_internal.dirty_buckets(text) IS
    'The buckets of the current tenant whose rollup (revenue, allocations) is out of date';
GRANT EXECUTE ON FUNCTION attribution_internal.dirty_buckets(text)
    TO attribution_analyst, attribution_admin, attribution_svc_attribution, attribution_svc_reconciliation, attribution_svc_export;

CREATE FUNCTION attribution_internal.is_decided(tenant_id uuid, id uuid) RETURNS boolean
    LANGUAGE c VOLATILE STRICT
    AS 'MODULE_PATHNAME', 'attribution_is_decided';
COMMENT ON FUNCTION attribution_internal.is_decided(uuid, uuid) IS
    'Whether no other transaction is about to commit an event or ledger entry of this id';

-- Folding looks everything up by keys, however many there are and whatever the statistics say: LATERAL … OFFSET 0 for tables, hashes
-- for what is in memory. Nothing that stays as it is is written.
CREATE FUNCTION attribution_internal.fold_revenue(tenant_ids uuid[], buckets timestamptz[])
    RETURNS TABLE (tenant_id uuid, bucket_start timestamptz)
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
WITH keys AS MATERIALIZED (
    SELECT k.tenant_id, k.bucket_start FROM unnest(tenant_ids, buckets) AS k (tenant_id, bucket_start)
), fresh AS MATERIALIZED (
    SELECT e.tenant_id, e.bucket_start, e.sale_bucket_start, e.channel, e.currency, e.kind,
           count(*) AS entries, count(*) FILTER (WHERE e.kind = 'capture' AND e.step = 1) AS sales,
           sum(e.amount_minor) AS amount_minor, sum(e.tax_minor) AS tax_minor, sum(e.shipping_minor) AS shipping_minor,
           max(e.booked_at) AS last_booked_at
      FROM keys AS k
     CROSS JOIN LATERAL (
           SELECT b.* FROM attribution_internal.booked_entries AS b
            WHERE b.tenant_id = k.tenant_id AND b.bucket_start = k.bucket_start
           OFFSET 0) AS e
     GROUP BY 1, 2, 3, 4, 5, 6
), stored AS MATERIALIZED (
    SELECT s.* FROM keys AS k
     CROSS JOIN LATERAL (
           SELECT r.ctid AS id, r.* FROM attribution.revenue_rollup AS r
            WHERE r.tenant_id = k.tenant_id AND r.bucket_start = k.bucket_start
           OFFSET 0) AS s
), vanished AS (
    DELETE FROM attribution.revenue_rollup AS r
     WHERE r.ctid = ANY (ARRAY(
           SELECT s.id FROM stored AS s
            WHERE (s.tenant_id, s.bucket_start, s.sale_bucket_start, s.channel, s.currency, s.kind) NOT IN (
                  SELECT f.tenant_id, f.bucket_start, f.sale_bucket_start, f.channel, f.currency, f.kind FROM fresh AS f)))
    RETURNING r.tenant_id, r.bucket_start
), appeared AS (
    INSERT INTO attribution.revenue_rollup AS r
    SELECT f.* FROM fresh AS f
     WHERE (f.tenant_id, f.bucket_start, f.sale_bucket_start, f.channel, f.currency, f.kind) NOT IN (
           SELECT s.tenant_id, s.bucket_start, s.sale_bucket_start, s.channel, s.currency, s.kind FROM stored AS s)
    RETURNING r.tenant_id, r.bucket_start
), changed AS (
    INSERT INTO attribution.revenue_rollup AS r
    SELECT f.* FROM fresh AS f
      JOIN stored AS s USING (tenant_id, bucket_start, sale_bucket_start, channel, currency, kind)
     WHERE (f.entries, f.sales, f.amount_minor, f.tax_minor, f.shipping_minor, f.last_booked_at) IS DISTINCT FROM
           (s.entries, s.sales, s.amount_minor, s.tax_minor, s.shipping_minor, s.last_booked_at)
    ON CONFLICT (tenant_id, bucket_start, sale_bucket_start, channel, currency, kind) DO UPDATE
       SET entries = excluded.entries, sales = excluded.sales, amount_minor = excluded.amount_minor,
           tax_minor = excluded.tax_minor, shipping_minor = excluded.shipping_minor, last_booked_at = excluded.last_booked_at
    RETURNING r.tenant_id, r.bucket_start
)
SELECT v.tenant_id, v.bucket_start FROM vanished AS v
UNION
SELECT p.tenant_id, p.bucket_start FROM appeared AS p
UNION
SELECT c.tenant_id, c.bucket_start FROM changed AS c;
END
$$;
COMMENT ON FUNCTION attribution_internal.fold_revenue(uuid[], timestamptz[]) IS 'Makes these buckets of revenue_rollup anew, and returns those that changed';

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

CREATE FUNCTION attribution_internal.note_report_change(whats text[]) RETURNS void
    LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
INSERT INTO attribution.report_changes AS c (what, changed_at)
SELECT DISTINCT w, clock_timestamp() FROM unnest(whats) AS w
ON CONFLICT (what) DO UPDATE SET changed_at = excluded.changed_at
$$;
COMMENT ON FUNCTION attribution_internal.note_report_change(text[]) IS 'Writes down that what reports are made of has changed; for who holds the lock of the rollups';

-- Settings of fold_rollups() hold here too.
CREATE FUNCTION attribution_internal.fold_keys(
    tenant_ids uuid[], buckets timestamptz[], allocation_tenant_ids uuid[], allocation_buckets timestamptz[]) RETURNS text[]
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    changes text[];
    changed_tenant_ids uuid[];
    days date[];
BEGIN
    IF cardinality(buckets) > 0 THEN
        SELECT array_agg(c.tenant_id), array_agg(c.local_day) INTO changed_tenant_ids, days
          FROM (SELECT DISTINCT f.tenant_id, (f.bucket_start AT TIME ZONE t.time_zone)::date AS local_day
                  FROM attribution_internal.fold_revenue(fold_keys.tenant_ids, fold_keys.buckets) AS f
                 CROSS JOIN LATERAL (SELECT z.time_zone FROM attribution.tenants AS z WHERE z.tenant_id = f.tenant_id LIMIT 1) AS t) AS c;
        IF days IS NOT NULL THEN
            PERFORM attribution_internal.fold_revenue_days(changed_tenant_ids, days);
            changes := changes || 'revenue'::text;
        END IF;
    END IF;
    IF cardinality(allocation_buckets) > 0 THEN
        SELECT array_agg(c.tenant_id), array_agg(c.local_day) INTO changed_tenant_ids, days
          FROM (SELECT DISTINCT f.tenant_id, (f.bucket_start AT TIME ZONE t.time_zone)::date AS local_day
                  FROM attribution_internal.fold_allocations(allocation_tenant_ids, allocation_buckets) AS f
                 CROSS JOIN LATERAL (SELECT z.time_zone FROM attribution.tenants AS z WHERE z.tenant_id = f.tenant_id LIMIT 1) AS t) AS c;
        IF days IS NOT NULL THEN
            PERFORM attribution_internal.fold_allocation_days(changed_tenant_ids, days);
            changes := changes || 'allocations'::text;
        END IF;
    END IF;
    RETURN changes;
END
$$;
COMMENT ON FUNCTION attribution_internal.fold_keys(uuid[], timestamptz[], uuid[], timestamptz[]) IS
    'Makes buckets of the revenue and of the allocations, and their days, anew; returns which of both changed';

-- Each tenant by itself: those that cannot be folded stay queued, and so are shown from the ledger. Returns what changed.
CREATE FUNCTION attribution_internal.fold_one_by_one(
    tenant_ids uuid[], buckets timestamptz[], allocation_tenant_ids uuid[], allocation_buckets timestamptz[],
    OUT changes text[], OUT failed bigint)
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    one record;
BEGIN
    failed := 0;
    FOR one IN
        SELECT k.tenant_id, coalesce(array_agg(k.bucket_start) FILTER (WHERE k.what = 'revenue'), '{}') AS buckets,
               coalesce(array_agg(k.bucket_start) FILTER (WHERE k.what = 'allocations'), '{}') AS allocation_buckets
          FROM (SELECT 'revenue' AS what, r.* FROM unnest(fold_one_by_one.tenant_ids, fold_one_by_one.buckets) AS r (tenant_id, bucket_start)
                UNION ALL
                SELECT 'allocations', a.* FROM unnest(fold_one_by_one.allocation_tenant_ids, fold_one_by_one.allocation_buckets) AS a) AS k
         GROUP BY k.tenant_id
    LOOP
        BEGIN
            changes := changes || attribution_internal.fold_keys(
                array_fill(one.tenant_id, ARRAY[cardinality(one.buckets)]), one.buckets,
                array_fill(one.tenant_id, ARRAY[cardinality(one.allocation_buckets)]), one.allocation_buckets);
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING 'the reports of tenant % could not be folded: % (%)', one.tenant_id, SQLERRM, SQLSTATE;
            INSERT INTO attribution.dirty_buckets (tenant_id, what, bucket_start)
            SELECT one.tenant_id, 'revenue', b FROM unnest(one.buckets) AS b
             UNION ALL
            SELECT one.tenant_id, 'allocations', b FROM unnest(one.allocation_buckets) AS b;
            failed := failed + cardinality(one.buckets) + cardinality(one.allocation_buckets);
        END;
    END LOOP;
END
$$;
COMMENT ON FUNCTION attribution_internal.fold_one_by_one(uuid[], timestamptz[], uuid[], timestamptz[]) IS
    'fold_keys() for one tenant after the other; what fails is queued again, and counted';

-- What is taken from the queue is made anew in the same transaction, from what is committed after it was taken. Rows come in the
-- order of the index, so that a bucket which was queued often is made once.
CREATE FUNCTION attribution_internal.fold_rollups(max_items integer) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_nestloop = off SET enable_mergejoin = off
    AS $$
DECLARE
    items bigint;
    failed bigint := 0;
    changes text[];
    others text[];
    tenant_ids uuid[];
    buckets timestamptz[];
    allocation_tenant_ids uuid[];
    allocation_buckets timestamptz[];
BEGIN
    PERFORM FROM attribution.report_builds AS b WHERE b.name = 'rollups' FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    WITH taken AS (
        DELETE FROM attribution.dirty_buckets AS q
         WHERE q.ctid = ANY (ARRAY(
               SELECT w.ctid FROM attribution.dirty_buckets AS w
                WHERE CASE WHEN w.awaits IS NULL THEN true ELSE attribution_internal.is_decided(w.tenant_id, w.awaits) END
                ORDER BY w.tenant_id, w.what, w.bucket_start
                LIMIT fold_rollups.max_items))
        RETURNING q.tenant_id, q.what, q.bucket_start
    ), grouped AS (
        SELECT t.tenant_id, t.bucket_start, count(*) AS items,
               bool_or(t.what IN ('revenue', 'awaited')) AS is_revenue, bool_or(t.what IN ('allocations', 'awaited')) AS is_allocations
          FROM taken AS t GROUP BY 1, 2
    )
    SELECT coalesce(sum(g.items), 0),
           array_agg(g.tenant_id) FILTER (WHERE g.is_revenue), array_agg(g.bucket_start) FILTER (WHERE g.is_revenue),
           array_agg(g.tenant_id) FILTER (WHERE g.is_allocations), array_agg(g.bucket_start) FILTER (WHERE g.is_allocations),
           ARRAY(SELECT DISTINCT t.what FROM taken AS t WHERE t.what NOT IN ('revenue', 'allocations', 'awaited'))
      INTO items, tenant_ids, buckets, allocation_tenant_ids, allocation_buckets, others
      FROM grouped AS g;
    IF items = 0 THEN
        RETURN 0;
    END IF;
    BEGIN
        changes := attribution_internal.fold_keys(tenant_ids, buckets, allocation_tenant_ids, allocation_buckets);
    EXCEPTION WHEN OTHERS THEN
        SELECT o.changes, o.failed INTO changes, failed
          FROM attribution_internal.fold_one_by_one(tenant_ids, buckets, allocation_tenant_ids, allocation_buckets) AS o;
    END;
    PERFORM attribution_internal.note_report_change(changes || others);
    UPDATE attribution.report_builds AS b SET built_at = clock_timestamp() WHERE b.name = 'rollups';
    RETURN greatest(items - failed, 0);
END
$$;
COMMENT ON FUNCTION attribution_internal.fold_rollups(integer) IS
    'Takes up to so many rows of dirty_buckets, of all tenants, and makes what they name anew; returns how many rows, 0 also when another transaction is at it';

-- In the transaction that changes the zone. Who folds waits for it, and it for them: they would write the days of the old zone.
CREATE FUNCTION attribution_internal.rebuild_days() RETURNS trigger
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_nestloop = off SET enable_mergejoin = off
    AS $$
DECLARE
    days date[];
BEGIN
    -- One that does not exist would make every report of the tenant an error.
    PERFORM clock_timestamp() AT TIME ZONE NEW.time_zone;
    PERFORM FROM attribution.report_builds AS b WHERE b.name = 'rollups' FOR UPDATE;
    days := ARRAY(SELECT r.local_day FROM attribution.daily_revenue_rollup AS r WHERE r.tenant_id = NEW.tenant_id
                  UNION
                  SELECT (r.bucket_start AT TIME ZONE NEW.time_zone)::date FROM attribution.revenue_rollup AS r WHERE r.tenant_id = NEW.tenant_id
                  UNION
                  SELECT r.local_day FROM attribution.daily_allocation_rollup AS r WHERE r.tenant_id = NEW.tenant_id
                  UNION
                  SELECT (r.bucket_start AT TIME ZONE NEW.time_zone)::date FROM attribution.allocation_rollup AS r WHERE r.tenant_id = NEW.tenant_id);
    PERFORM attribution_internal.fold_revenue_days(array_fill(NEW.tenant_id, ARRAY[cardinality(days)]), days);
    PERFORM attribution_internal.fold_allocation_days(array_fill(NEW.tenant_id, ARRAY[cardinality(days)]), days);
    PERFORM attribution_internal.note_report_change('{tenants}');
    -- A transaction that began before it with a snapshot of its own must not fold or rebuild (40001).
    UPDATE attribution.report_builds AS b SET built_at = clock_timestamp() WHERE b.name = 'rollups';
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION attribution_internal.rebuild_days() IS 'AFTER UPDATE row trigger of tenants: makes the days of a tenant anew when its time zone changes';
-- Who makes a trigger must be allowed to call it.
GRANT EXECUTE ON FUNCTION attribution_internal.rebuild_days() TO attribution_owner;

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

-- The worker calls both parts by themselves.
CREATE FUNCTION attribution.refresh_reports(max_items integer DEFAULT 20000) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off
    AS $$
DECLARE
    items bigint := 0;
BEGIN
    -- The library has the settings.
    PERFORM attribution.current_tenant();
    IF max_items IS NULL OR max_items < 1 THEN
        RAISE EXCEPTION 'max_items must be 1 or more' USING ERRCODE = 'invalid_parameter_value',
              HINT = 'Leave it out for the usual number.';
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'reports are refreshed in transactions of isolation level READ COMMITTED'
            USING ERRCODE = 'invalid_transaction_state', HINT = 'BEGIN ISOLATION LEVEL READ COMMITTED.';
    END IF;
    -- In turn when both always have something to do.
    IF (SELECT r.built_at > v.built_at FROM attribution.report_builds AS r, attribution.report_builds AS v
         WHERE r.name = 'rollups' AND v.name = 'materialized_views') THEN
        items := attribution_internal.refresh_materialized_view();
    END IF;
    IF items = 0 THEN
        items := attribution_internal.fold_rollups(max_items);
    END IF;
    IF items = 0 THEN
        items := attribution_internal.refresh_materialized_view();
    END IF;
    RETURN items;
END
$$;
COMMENT ON FUNCTION attribution.refresh_reports(integer) IS
    'One piece of keeping reports ready, of all tenants: folds up to so many rows of dirty_buckets, or builds a materialized view that is due; returns how much it did, 0 when nothing is left that others are not at';
GRANT EXECUTE ON FUNCTION attribution.refresh_reports(integer) TO attribution_admin, attribution_maintainer;
