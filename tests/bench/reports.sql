-- The same data every time: sales of 1,000 tenants in 24 months, straight into the tables, folded, and for SQL by hand the same sums in a
-- table of its own and in a materialized view over the base tables.
-- psql variables: rows (of the ledger), cells (quarters of an hour that have any)

SET session_replication_role = replica;
SET synchronous_commit = off;
INSERT INTO attribution.tenants (tenant_id, name, reporting_currency, time_zone)
SELECT ('018f0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'tenant ' || n, 'EUR', 'Europe/Berlin' FROM generate_series(0, 999) AS n;
INSERT INTO attribution.attribution_models (tenant_id, name, rule, params, active)
SELECT t.tenant_id, 'last', 'last_touch', '{}', true FROM attribution.tenants AS t;

CREATE SCHEMA bench;
CREATE TABLE bench.channels (n integer PRIMARY KEY, channel text NOT NULL);
INSERT INTO bench.channels
SELECT n - 1, c FROM unnest('{paid_search,direct,organic_search,email,paid_social,referral,display,organic_social}'::text[]) WITH ORDINALITY AS c (c, n);
-- The n-th sale: whose, when, what channel. Those of a cell are in the same quarter of an hour and of one channel.
CREATE FUNCTION bench.sales(first_n bigint, last_n bigint, rows bigint, cells bigint)
    RETURNS TABLE (n bigint, id uuid, tenant_id uuid, occurred_at timestamptz, channel text, amount_minor bigint)
    LANGUAGE sql STABLE AS $$
SELECT s.n, lpad(to_hex(s.n), 32, '0')::uuid, ('018f0000-0000-7000-8000-' || lpad(to_hex(s.cell * 1000 / cells), 12, '0'))::uuid,
       '2024-11-01 00:00Z'::timestamptz + (s.cell % (cells / 1000)) * 70080 / (cells / 1000) * interval '15 minutes' + s.n % 900 * interval '1 second',
       c.channel, 1000 + s.n % 9000
  FROM (SELECT n, n * cells / rows AS cell FROM generate_series(first_n, last_n) AS n) AS s
  JOIN bench.channels AS c ON c.n = s.cell % 8
$$;
INSERT INTO attribution.attribution_events (
    tenant_id, event_id, source, delivery_key, item_no, event_type, digest, external_id, evidence, occurred_at, received_at, channel, payload)
SELECT s.tenant_id, s.id, 'shop', s.n::text, 0, 'conversion', '\x0000000000000000000000000000000000000000000000000000000000000000',
       s.n::text, false, s.occurred_at, s.occurred_at, s.channel, '{}'
  FROM bench.sales(0, :rows - 1, :rows, :cells) AS s;
INSERT INTO attribution.revenue_ledger (tenant_id, entry_id, money_key, kind, step, amount_minor, currency, event_id, occurred_at, booked_at)
SELECT s.tenant_id, s.id, 'order:' || s.n, 'capture', 1, s.amount_minor, 'EUR', s.id, s.occurred_at, s.occurred_at
  FROM bench.sales(0, :rows - 1, :rows, :cells) AS s;
VACUUM ANALYZE attribution.attribution_events, attribution.revenue_ledger;

INSERT INTO attribution.revenue_rollup
SELECT e.tenant_id, e.bucket_start, e.sale_bucket_start, e.channel, e.currency, e.kind, count(*), count(*),
       sum(e.amount_minor), sum(e.tax_minor), sum(e.shipping_minor), max(e.booked_at)
  FROM attribution_internal.booked_entries AS e
 GROUP BY 1, 2, 3, 4, 5, 6;
INSERT INTO attribution.daily_revenue_rollup
SELECT r.tenant_id, (r.bucket_start AT TIME ZONE 'Europe/Berlin')::date, (r.sale_bucket_start AT TIME ZONE 'Europe/Berlin')::date,
       r.channel, r.currency, r.kind, sum(r.entries), sum(r.sales), sum(r.amount_minor), sum(r.tax_minor), sum(r.shipping_minor), max(r.last_booked_at)
  FROM attribution.revenue_rollup AS r
 GROUP BY 1, 2, 3, 4, 5, 6;

-- What somebody would write by hand: a sum, and how far it goes.
CREATE TABLE bench.rollup (
    tenant_id    uuid NOT NULL,
    bucket_start timestamptz NOT NULL,
    channel      text NOT NULL,
    currency     char(3) NOT NULL,
    kind         text NOT NULL,
    entries      bigint NOT NULL,
    amount_minor bigint NOT NULL,
    PRIMARY KEY (tenant_id, bucket_start, channel, currency, kind)
) WITH (fillfactor = 90);
CREATE TABLE bench.watermark (booked_at timestamptz NOT NULL);
CREATE INDEX revenue_ledger_booked_at ON attribution.revenue_ledger (booked_at);
INSERT INTO bench.rollup
SELECT r.tenant_id, r.bucket_start, r.channel, r.currency, r.kind, sum(r.entries), sum(r.amount_minor)
  FROM attribution.revenue_rollup AS r GROUP BY 1, 2, 3, 4, 5;
INSERT INTO bench.watermark SELECT max(l.booked_at) FROM attribution.revenue_ledger AS l;
-- Planned for the time that it is about: so few entries that they are looked up.
CREATE FUNCTION bench.upsert() RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    since CONSTANT timestamptz := (SELECT w.booked_at FROM bench.watermark AS w);
BEGIN
    INSERT INTO bench.rollup AS r
    SELECT l.tenant_id, l.bucket_start, e.channel, l.currency, l.kind, count(*), sum(l.amount_minor)
      FROM attribution.revenue_ledger AS l
      JOIN attribution.attribution_events AS e ON e.tenant_id = l.tenant_id AND e.event_id = l.event_id
     WHERE l.booked_at > since
     GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (tenant_id, bucket_start, channel, currency, kind) DO UPDATE
       SET entries = r.entries + excluded.entries, amount_minor = r.amount_minor + excluded.amount_minor;
    UPDATE bench.watermark SET booked_at = (SELECT max(l.booked_at) FROM attribution.revenue_ledger AS l);
END
$$;
-- The same for quarters of an hour and days, as reports need both, in one pass over what is new.
CREATE TABLE bench.quarters (LIKE attribution.revenue_rollup INCLUDING ALL) WITH (fillfactor = 90);
CREATE TABLE bench.days (LIKE attribution.daily_revenue_rollup INCLUDING ALL) WITH (fillfactor = 90);
INSERT INTO bench.quarters TABLE attribution.revenue_rollup;
INSERT INTO bench.days TABLE attribution.daily_revenue_rollup;
CREATE TABLE bench.watermark_of_both AS TABLE bench.watermark;
CREATE FUNCTION bench.upsert_both() RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    since CONSTANT timestamptz := (SELECT w.booked_at FROM bench.watermark_of_both AS w);
BEGIN
    WITH fresh AS MATERIALIZED (
        SELECT l.tenant_id, l.bucket_start, (l.bucket_start AT TIME ZONE t.time_zone)::date AS local_day, e.channel, l.currency, l.kind, count(*) AS entries,
               sum(l.amount_minor) AS amount_minor, sum(l.tax_minor) AS tax_minor, sum(l.shipping_minor) AS shipping_minor, max(l.booked_at) AS last_booked_at
          FROM attribution.revenue_ledger AS l
          JOIN attribution.attribution_events AS e ON e.tenant_id = l.tenant_id AND e.event_id = l.event_id
          JOIN attribution.tenants AS t ON t.tenant_id = l.tenant_id
         WHERE l.booked_at > since
         GROUP BY 1, 2, 3, 4, 5, 6
    ), quarters AS (
        INSERT INTO bench.quarters AS r
        SELECT f.tenant_id, f.bucket_start, f.bucket_start, f.channel, f.currency, f.kind, f.entries, f.entries, f.amount_minor, f.tax_minor, f.shipping_minor, f.last_booked_at
          FROM fresh AS f
        ON CONFLICT (tenant_id, bucket_start, sale_bucket_start, channel, currency, kind) DO UPDATE
           SET entries = r.entries + excluded.entries, sales = r.sales + excluded.sales, amount_minor = r.amount_minor + excluded.amount_minor,
               tax_minor = r.tax_minor + excluded.tax_minor, shipping_minor = r.shipping_minor + excluded.shipping_minor, last_booked_at = excluded.last_booked_at
    )
    INSERT INTO bench.days AS r
    SELECT f.tenant_id, f.local_day, f.local_day, f.channel, f.currency, f.kind, sum(f.entries), sum(f.entries), sum(f.amount_minor), sum(f.tax_minor), sum(f.shipping_minor), max(f.last_booked_at)
      FROM fresh AS f
     GROUP BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (tenant_id, local_day, sale_day, channel, currency, kind) DO UPDATE
       SET entries = r.entries + excluded.entries, sales = r.sales + excluded.sales, amount_minor = r.amount_minor + excluded.amount_minor,
           tax_minor = r.tax_minor + excluded.tax_minor, shipping_minor = r.shipping_minor + excluded.shipping_minor, last_booked_at = excluded.last_booked_at;
    UPDATE bench.watermark_of_both SET booked_at = (SELECT max(l.booked_at) FROM attribution.revenue_ledger AS l);
END
$$;
CREATE MATERIALIZED VIEW bench.revenue AS
SELECT l.tenant_id, l.bucket_start, e.channel, l.currency, l.kind, count(*) AS entries, sum(l.amount_minor) AS amount_minor
  FROM attribution.revenue_ledger AS l
  JOIN attribution.attribution_events AS e ON e.tenant_id = l.tenant_id AND e.event_id = l.event_id
 GROUP BY 1, 2, 3, 4, 5;
CREATE UNIQUE INDEX revenue_key ON bench.revenue (tenant_id, bucket_start, channel, currency, kind);

-- After the 24 months: four rounds a day, of which the last has sales in the quarter of an hour of the one before. So some rows are
-- new, and others change.
CREATE FUNCTION bench.time_of(round bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
SELECT '2026-11-02 12:00Z'::timestamptz + round / 4 * interval '1 day' + least(round % 4, 2) * interval '15 minutes' $$;
-- A new sale of each tenant, with all that writers do for it: events, ledger and queue; then its division.
CREATE FUNCTION bench.sell(round bigint) RETURNS void LANGUAGE sql AS $$
INSERT INTO attribution.attribution_events (
    tenant_id, event_id, source, delivery_key, item_no, event_type, digest, external_id, evidence, occurred_at, channel, payload)
SELECT t.tenant_id, ('02000000-0000-7000-' || lpad(to_hex(round), 4, '0') || '-' || right(t.tenant_id::text, 12))::uuid, 'shop', 'round ' || round, 0, 'conversion',
       '\x0000000000000000000000000000000000000000000000000000000000000000', 'round ' || round, false, bench.time_of(round), 'email', '{}'
  FROM attribution.tenants AS t;
INSERT INTO attribution.revenue_ledger (tenant_id, entry_id, money_key, kind, step, amount_minor, currency, event_id, occurred_at)
SELECT e.tenant_id, e.event_id, 'round:' || round, 'capture', 1, 4711, 'EUR', e.event_id, e.occurred_at
  FROM attribution.attribution_events AS e WHERE e.delivery_key = 'round ' || round;
$$;
CREATE FUNCTION bench.divide(round bigint) RETURNS void LANGUAGE sql AS $$
INSERT INTO attribution.attribution_allocations (tenant_id, entry_id, model, revision, channel, amount_minor, currency)
SELECT l.tenant_id, l.entry_id, 'last', 1, 'email', l.amount_minor, l.currency
  FROM attribution.revenue_ledger AS l WHERE l.money_key = 'round:' || round;
$$;
-- Every report of a tenant for a day.
CREATE FUNCTION bench.read(tenant uuid, day date, expected bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    shown bigint;
BEGIN
    PERFORM attribution.set_tenant(tenant);
    SELECT (SELECT sum(r.amount_minor) FROM attribution.realtime_revenue AS r WHERE r.bucket_start >= day AND r.bucket_start < day + 1)
         + (SELECT sum(r.amount_minor) FROM attribution.daily_revenue_summary AS r WHERE r.local_day = day)
         + (SELECT sum(r.amount_minor) FROM attribution.cohort_revenue_summary AS r WHERE r.sale_day = day)
         + (SELECT sum(r.revenue_minor) FROM attribution.channel_performance AS r WHERE r.local_day = day AND r.model = 'last')
         + (SELECT sum(r.revenue_minor) FROM attribution.cohort_channel_performance AS r WHERE r.sale_day = day AND r.model = 'last')
         + (SELECT sum(r.allocated_minor) FROM attribution.allocation_summary AS r WHERE r.local_day = day AND r.model = 'last')
      INTO shown;
    IF shown IS DISTINCT FROM 6 * expected THEN
        RAISE EXCEPTION 'the reports show %, not what was sold', shown;
    END IF;
    RETURN shown;
END
$$;
-- All that is queued, which is no more than one call takes; no materialized view is due.
CREATE PROCEDURE bench.fold() LANGUAGE plpgsql AS $$
BEGIN
    PERFORM attribution.refresh_reports();
    COMMIT;
END
$$;
CREATE TABLE bench.times (what text NOT NULL, ms double precision NOT NULL);
CREATE PROCEDURE bench.note_time(what text, began timestamptz) LANGUAGE plpgsql AS $$
BEGIN
    COMMIT;
    INSERT INTO bench.times VALUES (what, extract(epoch FROM clock_timestamp() - began) * 1000);
    COMMIT;
END
$$;
CREATE PROCEDURE bench.measure(rounds integer) LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz;
    tenant CONSTANT uuid := '018f0000-0000-7000-8000-0000000000a1';
    day date;
    sold bigint;
BEGIN
    -- The first rounds warm up.
    FOR round IN -4 .. rounds - 1 LOOP
        IF round = 0 THEN
            DELETE FROM bench.times;
        END IF;
        PERFORM bench.sell(round + 4);
        COMMIT;
        -- Who comes first finds less in the caches.
        FOR turn IN 0 .. 2 LOOP
            began := clock_timestamp();
            CASE (round + 4 + turn) % 3
            WHEN 0 THEN
                PERFORM bench.upsert();
                CALL bench.note_time('upsert', began);
            WHEN 1 THEN
                PERFORM bench.upsert_both();
                CALL bench.note_time('upsert both', began);
            WHEN 2 THEN
                CALL bench.fold();
                CALL bench.note_time('fold revenue', began);
                IF EXISTS (SELECT FROM attribution.dirty_buckets) THEN
                    RAISE EXCEPTION 'something is not folded';
                END IF;
            END CASE;
        END LOOP;
        PERFORM bench.divide(round + 4);
        COMMIT;
        day := bench.time_of(round + 4)::date;
        sold := 4711 * ((round + 4) % 4 + 1);
        began := clock_timestamp();
        PERFORM bench.read(tenant, day, sold);
        CALL bench.note_time('read before', began);
        began := clock_timestamp();
        CALL bench.fold();
        CALL bench.note_time('fold allocations', began);
        began := clock_timestamp();
        PERFORM bench.read(tenant, day, sold);
        CALL bench.note_time('read after', began);
    END LOOP;
    began := clock_timestamp();
    REFRESH MATERIALIZED VIEW CONCURRENTLY bench.revenue;
    CALL bench.note_time('refresh', began);
END
$$;
-- Without a pause, by a session of its own.
CREATE PROCEDURE bench.keep_refreshing(seconds integer) LANGUAGE plpgsql AS $$
DECLARE
    ends CONSTANT timestamptz := clock_timestamp() + seconds * interval '1 second';
BEGIN
    WHILE clock_timestamp() < ends LOOP
        PERFORM attribution.refresh_reports();
        COMMIT;
    END LOOP;
END
$$;
-- Who refreshes writes it down here.
CREATE TABLE bench.builds (name text NOT NULL, began timestamptz NOT NULL, ended timestamptz NOT NULL);
CREATE FUNCTION bench.note_build() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO bench.builds VALUES (NEW.name, NEW.built_at, clock_timestamp());
    RETURN NULL;
END
$$;
CREATE TRIGGER note_build AFTER UPDATE ON attribution.report_builds FOR EACH ROW
    WHEN (NEW.built_at IS DISTINCT FROM OLD.built_at AND NEW.name <> 'materialized_views') EXECUTE FUNCTION bench.note_build();
ALTER TABLE attribution.report_builds ENABLE ALWAYS TRIGGER note_build;
CREATE TABLE bench.runs (what text NOT NULL, began timestamptz NOT NULL, ended timestamptz NOT NULL);
-- What was finished, and how much of the time a materialized view was being built.
CREATE VIEW bench.work AS
SELECT r.what, count(*) FILTER (WHERE b.name = 'rollups' AND b.ended <= r.ended) AS folds, count(*) FILTER (WHERE b.name <> 'rollups' AND b.ended <= r.ended) AS builds,
       coalesce(extract(epoch FROM sum(least(b.ended, r.ended) - greatest(b.began, r.began)) FILTER (WHERE b.name <> 'rollups')), 0) AS seconds_of_building
  FROM bench.runs AS r
  LEFT JOIN bench.builds AS b ON b.ended >= r.began AND b.began <= r.ended
 GROUP BY r.what;
-- As after a build a while ago. Not concurrently, since there is nothing yet to compare with.
REFRESH MATERIALIZED VIEW attribution.mv_realtime_revenue;
REFRESH MATERIALIZED VIEW attribution.mv_daily_revenue_summary;
REFRESH MATERIALIZED VIEW attribution.mv_allocation_summary;
RESET session_replication_role;
VACUUM ANALYZE;
