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

CREATE FUNCTION attribution_internal.note_report_change(whats text[]) RETURNS void
    LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
INSERT INTO attribution.report_changes AS c (what, changed_at)
SELECT w.what, clock_timestamp() FROM (SELECT DISTINCT u AS what FROM unnest(whats) AS u) AS w
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
    changed boolean;
    changed_tenant_ids uuid[];
    days date[];
BEGIN
    IF cardinality(buckets) > 0 THEN
        SELECT f.changed, f.day_tenant_ids, f.days INTO changed, changed_tenant_ids, days
          FROM attribution_internal.fold_revenue(fold_keys.tenant_ids, fold_keys.buckets) AS f;
        IF cardinality(days) > 0 THEN
            PERFORM attribution_internal.fold_revenue_days(changed_tenant_ids, days);
        END IF;
        IF changed THEN
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
    OUT changes text[], OUT unfoldable uuid[])
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    one record;
BEGIN
    unfoldable := '{}';
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
            unfoldable := unfoldable || one.tenant_id;
        END;
    END LOOP;
END
$$;
COMMENT ON FUNCTION attribution_internal.fold_one_by_one(uuid[], timestamptz[], uuid[], timestamptz[]) IS
    'fold_keys() for one tenant after the other; what fails is queued again, and its tenants are returned';

-- What is taken from the queue is made anew in the same transaction, from what is committed after it was taken. Rows come in the
-- order of the index, so that a bucket which was queued often is made once. The cost of what is switched off would call for JIT.
CREATE FUNCTION attribution_internal.fold_rollups(max_items integer) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan SET jit = off
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_nestloop = off SET enable_mergejoin = off
    AS $$
DECLARE
    items bigint := 0;
    item_tenant_ids uuid[];
    items_of_keys bigint[];
    unfoldable uuid[] := '{}';
    changes text[] := '{}';
    others text[] := '{}';
    others_taken text[];
    one_by_one record;
    has_failed boolean;
    tenant_ids uuid[];
    buckets timestamptz[];
    allocation_tenant_ids uuid[];
    allocation_buckets timestamptz[];
BEGIN
    -- Before the lock, which lasts as long as the transaction: a materialized view may be built in it.
    IF NOT EXISTS (SELECT FROM attribution.dirty_buckets AS w
                    WHERE CASE WHEN w.awaits IS NULL THEN true ELSE attribution_internal.is_decided(w.tenant_id, w.awaits) END) THEN
        RETURN 0;
    END IF;
    PERFORM FROM attribution.report_builds AS b WHERE b.name = 'rollups' FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    -- Again in place of what was taken of tenants that cannot be folded, or they would keep the others from it.
    LOOP
        WITH taken AS (
            DELETE FROM attribution.dirty_buckets AS q
             WHERE q.ctid = ANY (ARRAY(
                   SELECT w.ctid FROM attribution.dirty_buckets AS w
                    WHERE w.tenant_id <> ALL (unfoldable)
                      AND CASE WHEN w.awaits IS NULL THEN true ELSE attribution_internal.is_decided(w.tenant_id, w.awaits) END
                    ORDER BY w.tenant_id, w.what, w.bucket_start
                    LIMIT fold_rollups.max_items - items))
            RETURNING q.tenant_id, q.what, q.bucket_start
        ), grouped AS (
            SELECT t.tenant_id, t.bucket_start, count(*) AS items,
                   bool_or(t.what IN ('revenue', 'awaited')) AS is_revenue, bool_or(t.what IN ('allocations', 'awaited')) AS is_allocations
              FROM taken AS t GROUP BY 1, 2
        )
        SELECT array_agg(g.tenant_id), array_agg(g.items),
               array_agg(g.tenant_id) FILTER (WHERE g.is_revenue), array_agg(g.bucket_start) FILTER (WHERE g.is_revenue),
               array_agg(g.tenant_id) FILTER (WHERE g.is_allocations), array_agg(g.bucket_start) FILTER (WHERE g.is_allocations),
               ARRAY(SELECT DISTINCT t.what FROM taken AS t WHERE t.what NOT IN ('revenue', 'allocations', 'awaited'))
          INTO item_tenant_ids, items_of_keys, tenant_ids, buckets, allocation_tenant_ids, allocation_buckets, others_taken
          FROM grouped AS g;
        EXIT WHEN item_tenant_ids IS NULL;
        others := others || others_taken;
        has_failed := false;
        BEGIN
            changes := changes || attribution_internal.fold_keys(tenant_ids, buckets, allocation_tenant_ids, allocation_buckets);
        EXCEPTION WHEN OTHERS THEN
            one_by_one := attribution_internal.fold_one_by_one(tenant_ids, buckets, allocation_tenant_ids, allocation_buckets);
            IF one_by_one.unfoldable = '{}' THEN
                RAISE WARNING 'reports could not be folded together, but each tenant''s alone: % (%)', SQLERRM, SQLSTATE;
            END IF;
            changes := changes || one_by_one.changes;
            unfoldable := unfoldable || one_by_one.unfoldable;
            has_failed := true;
        END;
        items := items + (SELECT coalesce(sum(k.items), 0) FROM unnest(item_tenant_ids, items_of_keys) AS k (tenant_id, items)
                           WHERE k.tenant_id <> ALL (unfoldable));
        EXIT WHEN NOT has_failed OR items >= fold_rollups.max_items;
    END LOOP;
    IF items > 0 OR others <> '{}' THEN
        PERFORM attribution_internal.note_report_change(changes || others);
        UPDATE attribution.report_builds AS b SET built_at = clock_timestamp() WHERE b.name = 'rollups';
    END IF;
    RETURN items;
END
$$;
COMMENT ON FUNCTION attribution_internal.fold_rollups(integer) IS
    'Takes up to so many rows of dirty_buckets, of all tenants, and makes what they name anew; returns how many rows, 0 also when another transaction is at it';

-- In the transaction that changes the zone. Who folds waits for it, and it for them: they would write the days of the old zone.
CREATE FUNCTION attribution_internal.rebuild_days() RETURNS trigger
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan SET jit = off
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_nestloop = off SET enable_mergejoin = off
    AS $$
DECLARE
    days date[];
BEGIN
    PERFORM attribution_internal.require_time_zone(NEW.time_zone);
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
