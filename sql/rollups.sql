-- Reports show what the ledger, events and allocations have, whether it is folded into rollups or not. After each step both
-- sides are compared before and after folding: check_reports shows what was wrong.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 61
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\i :abs_srcdir/sql/fixtures/allocate.sql
\i :abs_srcdir/sql/fixtures/reports.sql
CREATE FUNCTION pg_temp.check_reports() RETURNS TABLE (wrong_before text, was_dirty boolean, wrong_after text, is_dirty boolean) LANGUAGE plpgsql AS $$
BEGIN
    was_dirty := EXISTS (SELECT FROM attribution_internal.dirty_buckets('revenue')) OR EXISTS (SELECT FROM attribution_internal.dirty_buckets('allocations'));
    wrong_before := (SELECT string_agg(w.report, ', ') FROM pg_temp.wrong_reports() AS w);
    PERFORM pg_temp.fold();
    wrong_after := (SELECT string_agg(w.report, ', ') FROM pg_temp.wrong_reports() AS w);
    is_dirty := EXISTS (SELECT FROM attribution_internal.dirty_buckets('revenue')) OR EXISTS (SELECT FROM attribution_internal.dirty_buckets('allocations'));
    RETURN NEXT;
END
$$;
\set check 'SELECT * FROM pg_temp.check_reports()'
\set ECHO all
SET attribution.tenant_id = :'t';
SELECT attribution.define_model(:'t', 'linear', 'linear'), attribution.define_model(:'t', 'last', 'last_touch');
-- A sale of three touches, not divided, then divided; a refund a day later.
SELECT status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.visit('v-1', 'journey-r1', '2026-10-30T10:00:00Z', 'google', 'cpc', 'autumn'), pg_temp.visit('v-2', 'journey-r1', '2026-10-31T10:00:00Z', 'newsletter', 'email'),
    pg_temp.visit('v-3', 'journey-r1', '2026-10-31T11:00:00Z', 'facebook', 'paid_social'), pg_temp.sale('s-1', 'journey-r1', 10001)));
:check;
SELECT local_day, model, kind, entries, allocated_entries, ledger_minor, allocated_minor, pending_minor FROM attribution.allocation_summary ORDER BY 1, 2;
SELECT pg_temp.divide();
:check;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.refund('r-1', 'order:s-1', 3334, '2026-11-02T12:00:00Z'));
:check;
SELECT pg_temp.divide();
:check;
SELECT local_day, kind, entries, sales, amount_minor FROM attribution.daily_revenue_summary ORDER BY 1, 2;
SELECT sale_day, kind, entries, sales, amount_minor FROM attribution.cohort_revenue_summary ORDER BY 1, 2;
SELECT local_day, model, channel, revenue_minor, round(sales, 4) AS sales FROM attribution.channel_performance ORDER BY 1, 2, 3;
-- Spend stands next to it, also of a channel that won nothing. It is in no rollup.
SELECT item, status FROM attribution.record_spend(:'t', '[{"day": "2026-11-01", "channel": "paid_search", "currency": "USD", "spend": "5.00", "clicks": 10},
    {"day": "2026-11-01", "channel": "display", "campaign": "spring", "currency": "USD", "spend": "7.00", "impressions": 1000}]');
:check;
SELECT local_day, channel, campaign, revenue_minor, round(sales, 4) AS sales, spend_minor, impressions, clicks
  FROM attribution.channel_performance WHERE model = 'linear' AND local_day = '2026-11-01' ORDER BY channel, campaign;
SELECT sale_day, channel, revenue_minor, spend_minor FROM attribution.cohort_channel_performance WHERE model = 'linear' ORDER BY 1, 2, campaign;

-- A refund before its sale: its day and channel are the sale's once there is one, which is in another bucket.
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.refund('r-2', 'order:s-2', 500, '2026-11-03T12:00:00Z'));
SELECT pg_temp.divide();
:check;
SELECT sale_day, channel, kind, amount_minor FROM attribution.cohort_revenue_summary WHERE amount_minor = -500;
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.sale('s-2', NULL, 2000, signals => '{"source": "bing", "medium": "organic"}'));
:check;
SELECT sale_day, channel, kind, amount_minor FROM attribution.cohort_revenue_summary WHERE amount_minor = -500;
SELECT pg_temp.divide();
:check;

-- A channel that is told later, by another event of the same order; an event that knows no better makes nothing dirty.
SELECT status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.order_event('c-1', 700, money => 'sale:9', signals => '{}'),
    jsonb_set(pg_temp.order_event('c-2', 100, money => 'refund:9', kind => 'refund', signals => '{}'), '{states,0,parent}', '"sale:9"')));
:check;
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.order_event('c-3', 700, money => 'sale:9', signals => '{}', body => 'again'));
:check;
SELECT channel, kind, amount_minor FROM attribution.daily_revenue_summary WHERE abs(amount_minor) IN (100, 700) ORDER BY 1, 2;
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.order_event('c-4', 700, money => 'sale:9', signals => '{"source": "newsletter", "medium": "email"}', body => 'once more'));
:check;
SELECT channel, kind, amount_minor FROM attribution.daily_revenue_summary WHERE abs(amount_minor) IN (100, 700) ORDER BY 1, 2;
-- And when a notice booked it before any of them.
SELECT status, booked FROM attribution.ingest_event(:'t', (pg_temp.order_event('n-1', 900, money => 'sale:10') - 'conversion')
    || '{"notice": {"occurred_at": "2026-11-01T12:00:00Z", "external_id": "sale:10"}}');
:check;
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.order_event('n-2', 900, money => 'sale:10', body => 'told', signals => '{"source": "site", "medium": "referral"}'));
:check;
-- Two events of the same moment that know a channel: the name decides, whatever came first.
SELECT sum(booked) FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.order_event('t-1', 801, money => 'tie:1', signals => '{"source": "site", "medium": "referral"}'),
    pg_temp.order_event('t-2', 801, money => 'tie:1', signals => '{"source": "newsletter", "medium": "email"}', body => 'b'),
    pg_temp.order_event('t-3', 802, money => 'tie:2', signals => '{"source": "newsletter", "medium": "email"}'),
    pg_temp.order_event('t-4', 802, money => 'tie:2', signals => '{"source": "site", "medium": "referral"}', body => 'b')));
:check;
SELECT pg_temp.divide();
SELECT DISTINCT e.channel AS booked, a.channel AS divided
  FROM attribution.revenue_entries AS e JOIN attribution.current_allocations AS a ON a.entry_id = e.entry_id WHERE e.amount_minor IN (801, 802);
-- What a day has only from one entry goes with it: its tax, and when the newest was booked. What comes is added to the day.
SELECT sum(booked) FROM attribution.ingest_events(:'t', (SELECT jsonb_agg(jsonb_set(
    jsonb_set(pg_temp.order_event('x-' || n, 1000 + n, money => 'tax:' || n, signals => '{}'), '{states,0,occurred_at}', to_jsonb('2024-02-29T1' || n || ':00:00Z')),
    '{states,0,tax_minor}', CASE n WHEN 3 THEN '30' ELSE 'null' END::jsonb)) FROM unnest('{1,2,3}'::integer[]) AS n));
:check;
SELECT sum(booked) FROM attribution.ingest_events(:'t', jsonb_build_array(
    jsonb_set(pg_temp.order_event('x-4', 1004, money => 'tax:4', signals => '{}'), '{states,0,occurred_at}', '"2024-02-29T11:01:00Z"'),
    jsonb_set(pg_temp.order_event('x-5', 1005, money => 'tax:5', signals => '{}'), '{states,0,occurred_at}', '"2024-02-29T15:00:00Z"')));
:check;
SELECT local_day, channel, entries, sales, amount_minor, tax_minor FROM attribution.daily_revenue_rollup WHERE tenant_id = :'t' AND local_day = '2024-02-29';
SELECT status FROM attribution.ingest_event(:'t', jsonb_set(pg_temp.order_event('x-6', 1003, money => 'tax:3', signals => '{"source": "newsletter", "medium": "email"}', body => 'told'),
    '{states,0,tax_minor}', '30'));
:check;
SELECT local_day, channel, entries, sales, amount_minor, tax_minor FROM attribution.daily_revenue_rollup WHERE tenant_id = :'t' AND local_day = '2024-02-29' ORDER BY 2;
-- Late rows of a day long gone, another currency, more captured, and revisions.
SELECT status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    jsonb_set(pg_temp.order_event('l-1', 1234, money => 'late:1', currency => 'JPY'), '{states,0,occurred_at}', '"2025-03-30T00:30:00Z"'),
    jsonb_set(pg_temp.order_event('l-2', 4321, money => 'late:2', currency => 'KWD'), '{states,0,occurred_at}', '"2025-03-29T18:20:00Z"'),
    jsonb_set(pg_temp.order_event('l-3', 2468, version => '2026-11-01T13:00:00Z', money => 'late:2', currency => 'KWD'), '{states,0,occurred_at}', '"2025-10-26T00:59:59Z"'),
    jsonb_set(pg_temp.order_event('l-4', 11, money => 'late:4'), '{states,0,occurred_at}', '"2025-10-26T01:00:00Z"')));
SELECT pg_temp.divide();
:check;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.visit('v-4', 'journey-r1', '2026-10-29T10:00:00Z', 'bing', 'cpc'));
SELECT pg_temp.divide();
:check;
SELECT sets > 0 AS refitted FROM attribution.allocate_revenue(:'t', 'last');
SELECT attribution.define_model(:'t', 'first', 'first_touch', active => false);
:check;
SELECT sales, sets FROM attribution.allocate_revenue(:'t', 'first');
:check;

-- Another time zone: the days are made anew at once. Nothing is dirty, and the days of the old zone are gone.
SELECT local_day, currency, kind, entries, amount_minor FROM attribution.daily_revenue_summary WHERE local_day BETWEEN '2025-01-01' AND '2025-12-31' ORDER BY 1, 2, 3;
UPDATE attribution.tenants SET time_zone = 'Asia/Kathmandu' WHERE tenant_id = :'t';
:check;
SELECT local_day, currency, kind, entries, amount_minor FROM attribution.daily_revenue_summary WHERE local_day BETWEEN '2025-01-01' AND '2025-12-31' ORDER BY 1, 2, 3;
UPDATE attribution.tenants SET time_zone = 'America/St_Johns' WHERE tenant_id = :'t';
:check;
UPDATE attribution.tenants SET time_zone = 'Europe/Berlin' WHERE tenant_id = :'t';
:check;
-- While buckets are dirty, too.
SELECT status, booked FROM attribution.ingest_events(:'t', (SELECT jsonb_agg(jsonb_set(pg_temp.order_event('z-' || n, 100 + n, money => 'zone:' || n),
    '{states,0,occurred_at}', to_jsonb(to_char('2025-10-25 20:00'::timestamp + n * interval '23 minutes', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))) FROM generate_series(1, 30) AS n)) LIMIT 1;
UPDATE attribution.tenants SET time_zone = 'America/New_York' WHERE tenant_id = :'t';
:check;
-- The clock went back over midnight in St. John's, so a day of 2009 has two parts.
SELECT sum(booked) FROM attribution.ingest_events(:'t', (SELECT jsonb_agg(jsonb_set(pg_temp.order_event('j-' || n, 200 + n, money => 'john:' || n),
    '{states,0,occurred_at}', to_jsonb(to_char('2009-11-01 01:00'::timestamp + n * interval '15 minutes', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))) FROM generate_series(1, 16) AS n));
UPDATE attribution.tenants SET time_zone = 'America/St_Johns' WHERE tenant_id = :'t';
:check;
UPDATE attribution.tenants SET time_zone = 'UTC' WHERE tenant_id = :'t';
:check;

-- Folding is not for transactions that keep one snapshot.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT attribution.refresh_reports();
ROLLBACK;
SELECT attribution.refresh_reports(0);
-- A time zone that does not exist is refused.
UPDATE attribution.tenants SET time_zone = 'Mars/Olympus' WHERE tenant_id = :'t';
UPDATE attribution.tenants SET time_zone = 'Europe/Berlin2' WHERE tenant_id = :'t';
-- A tenant whose reports cannot be folded keeps nobody else's from it: here the zone gets in all the same.
SELECT '018f0000-0000-7000-8000-000000000063' AS v \gset
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE attribution.tenants SET time_zone = 'Mars/Olympus' WHERE tenant_id = :'t';
SET LOCAL session_replication_role = origin;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.order_event('mars-1', 101, money => 'mars:1'));
SELECT attribution.create_tenant(name => 'another', tenant_id => :'v') IS NOT NULL AS made;
SELECT status FROM attribution.ingest_event(:'v', pg_temp.order_event('mars-2', 202, money => 'mars:2'));
SELECT attribution.refresh_reports(1) > 0 AS folded, attribution.refresh_reports(1) AS again;
SELECT tenant_id, amount_minor FROM attribution.daily_revenue_rollup WHERE tenant_id = :'v';
SELECT tenant_id, what FROM attribution.dirty_buckets;
-- Nor does it take their place in a batch; and what else changed of it is not lost.
SELECT sum(booked) FROM attribution.ingest_events(:'v', jsonb_build_array(
    pg_temp.order_event('mars-3', 303, money => 'mars:3'),
    jsonb_set(pg_temp.order_event('mars-4', 404, money => 'mars:4'), '{states,0,occurred_at}', '"2025-03-30T00:30:00Z"')));
SELECT attribution_internal.fold_rollups(2) AS folded;
INSERT INTO attribution.dirty_buckets (tenant_id, what, bucket_start) VALUES (:'t', 'spend', 'epoch');
SELECT attribution_internal.fold_rollups(2) AS folded;
SELECT what, changed_at > now() AS told FROM attribution.report_changes WHERE what = 'spend';
SELECT tenant_id, what FROM attribution.dirty_buckets;
ROLLBACK;
-- What fails for several tenants and not for one is folded and told.
BEGIN;
CREATE OR REPLACE FUNCTION attribution_internal.fold_keys(
    tenant_ids uuid[], buckets timestamptz[], allocation_tenant_ids uuid[], allocation_buckets timestamptz[]) RETURNS text[] LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(DISTINCT u) FROM unnest(tenant_ids) AS u) > 1 THEN
        RAISE EXCEPTION 'not together';
    END IF;
    RETURN '{revenue}';
END
$$;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.order_event('both-1', 101, money => 'both:1'));
SELECT attribution.create_tenant(name => 'another', tenant_id => :'v') IS NOT NULL AS made;
SELECT status FROM attribution.ingest_event(:'v', pg_temp.order_event('both-2', 202, money => 'both:2'));
SELECT attribution_internal.fold_rollups(10) AS folded;
SELECT count(*) FROM attribution.dirty_buckets;
ROLLBACK;
-- Sums that no bigint holds are folded, and added to.
BEGIN;
SELECT sum(booked) FROM attribution.ingest_events(:'t', (SELECT jsonb_agg(pg_temp.order_event('big-' || n, 9007199254740991, money => 'big:' || n, currency => 'CHF')) FROM generate_series(1, 1025) AS n));
SELECT attribution.refresh_reports() > 0 AS folded;
SELECT sum(booked) FROM attribution.ingest_events(:'t', jsonb_build_array(pg_temp.order_event('big-0', 9007199254740991, money => 'big:0', currency => 'CHF')));
SELECT attribution.refresh_reports() > 0 AS folded;
SELECT r.amount_minor, d.amount_minor, d.amount_minor = 1026 * 9007199254740991::numeric AS exact
  FROM attribution.revenue_rollup AS r JOIN attribution.daily_revenue_rollup AS d USING (tenant_id, currency) WHERE tenant_id = :'t' AND currency = 'CHF';
ROLLBACK;
-- What is rolled back leaves nothing; a savepoint that is, neither.
BEGIN;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.order_event('rb-1', 5555, money => 'rolled:1'));
SELECT count(*) FROM attribution_internal.dirty_buckets('revenue');
SAVEPOINT one;
SELECT status FROM attribution.ingest_event(:'t', jsonb_set(pg_temp.order_event('rb-2', 6666, money => 'rolled:2'), '{states,0,occurred_at}', '"2025-01-01T00:00:00Z"'));
SELECT count(*) FROM attribution_internal.dirty_buckets('revenue');
ROLLBACK TO one;
SELECT count(*) FROM attribution_internal.dirty_buckets('revenue');
SELECT * FROM pg_temp.wrong_reports();
ROLLBACK;
:check;

-- The comparison would see it: a rollup that is wrong by a cent, or lacks a row.
BEGIN;
UPDATE attribution.revenue_rollup SET amount_minor = amount_minor + 1 WHERE tenant_id = :'t' AND kind = 'refund' AND channel = 'email';
SELECT * FROM pg_temp.wrong_reports();
ROLLBACK;
BEGIN;
DELETE FROM attribution.daily_allocation_rollup WHERE tenant_id = :'t' AND model = 'first';
SELECT * FROM pg_temp.wrong_reports();
-- And once queued, it is right again without being folded: what is dirty is not read from the rollup.
INSERT INTO attribution.dirty_buckets SELECT tenant_id, 'allocations', bucket_start FROM attribution.revenue_ledger WHERE tenant_id = :'t';
SELECT * FROM pg_temp.wrong_reports();
ROLLBACK;

-- Many more, of 500 days and two currencies, with refunds that come before or after their sales.
SELECT sum(booked) FROM attribution.ingest_events(:'t', (
    SELECT jsonb_agg(CASE WHEN n % 3 = 0 THEN jsonb_set(jsonb_set(e, '{states,0,parent}', to_jsonb('bulk:' || n + 1)), '{states,0,kind}', '"refund"') ELSE e END)
      FROM generate_series(1, 1200) AS n
     CROSS JOIN LATERAL (SELECT jsonb_set(pg_temp.order_event('b-' || n, 100 + n, money => 'bulk:' || n, body => 'bulk' || n, currency => ('{USD,EUR}'::text[])[1 + n % 2],
                                signals => ('[{"source": "google", "medium": "cpc"}, {}, {"source": "(direct)", "medium": "(none)"}]'::jsonb) -> (n / 3 % 3)),
                                '{states,0,occurred_at}', to_jsonb(to_char('2024-01-01'::timestamp + n % 500 * interval '1447 minutes', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))) AS x (e)));
ANALYZE attribution.revenue_ledger, attribution.attribution_events;
:check;
SELECT pg_temp.divide();
ANALYZE attribution.attribution_allocations, attribution.allocation_sets;
:check;
UPDATE attribution.tenants SET time_zone = 'Asia/Kathmandu' WHERE tenant_id = :'t';
:check;

-- Conditions on bucket and day reach the indexes of the rollups for readers whom row security holds; no table is read whole.
CREATE FUNCTION pg_temp.rollups_read(query text) RETURNS TABLE (relation text, condition text) LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
    RETURN QUERY SELECT n ->> 'Relation Name', coalesce(n ->> 'Index Cond', 'read whole') FROM jsonb_path_query(plan::jsonb, '$.**') AS n
                  WHERE n ->> 'Relation Name' LIKE '%\_rollup' OR (n ->> 'Relation Name' = 'revenue_ledger' AND n ->> 'Index Cond' IS NULL);
END
$$;
GRANT EXECUTE ON FUNCTION pg_temp.rollups_read(text) TO attribution_analyst;
BEGIN;
SET LOCAL ROLE attribution_analyst;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT * FROM pg_temp.rollups_read('SELECT sum(amount_minor) FROM attribution.realtime_revenue WHERE bucket_start >= ''2026-11-01'' AND bucket_start < ''2026-11-02''');
SELECT * FROM pg_temp.rollups_read('SELECT sum(amount_minor) FROM attribution.daily_revenue_summary WHERE local_day >= ''2026-11-01'' AND local_day < ''2026-11-08''');
SELECT * FROM pg_temp.rollups_read('SELECT sum(amount_minor) FROM attribution.cohort_revenue_summary WHERE sale_day >= ''2026-11-01'' AND sale_day < ''2026-11-08''');
SELECT * FROM pg_temp.rollups_read('SELECT sum(revenue_minor) FROM attribution.channel_performance WHERE local_day >= ''2026-11-01'' AND local_day < ''2026-11-08'' AND model = ''last''');
SELECT * FROM pg_temp.rollups_read('SELECT sum(pending_minor) FROM attribution.allocation_summary WHERE local_day >= ''2026-11-01'' AND local_day < ''2026-11-08'' AND model = ''last''');
ROLLBACK;

-- Materialized views show what is folded, and are built when something has changed and their interval is over.
CREATE FUNCTION pg_temp.built() RETURNS TABLE (name text, is_built boolean) LANGUAGE sql AS $$
SELECT b.name, b.built_at > 'epoch' FROM attribution.report_builds AS b WHERE b.name LIKE 'mv%' ORDER BY 1
$$;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.order_event('mv-1', 31415, money => 'mv:1'));
SELECT pg_temp.fold() > 0 AS folded;
SELECT count(*) FROM attribution.mv_daily_revenue_summary WHERE tenant_id = :'t';
SET attribution.mv_realtime_revenue_interval = -1;
SET attribution.mv_daily_revenue_summary_interval = 0;
SET attribution.mv_channel_performance_interval = 0;
SET attribution.mv_allocation_summary_interval = 0;
SET attribution.mv_reconciliation_status_interval = 0;
UPDATE attribution.report_builds SET built_at = '-infinity' WHERE name LIKE 'mv%';
SELECT attribution.refresh_reports(), attribution.refresh_reports(), attribution.refresh_reports(), attribution.refresh_reports();
-- Nothing was ever reconciled.
SELECT * FROM pg_temp.built();
SELECT (SELECT count(*) FROM (SELECT tenant_id, local_day, channel, currency, kind, entries, sales, amount_minor, tax_minor, shipping_minor, last_booked_at FROM attribution.mv_daily_revenue_summary WHERE tenant_id = :'t'
                               EXCEPT SELECT * FROM attribution.daily_revenue_summary) AS d) AS revenue_differs,
       (SELECT count(*) FROM (SELECT tenant_id, local_day, model, channel, campaign, currency, revenue_minor, sales, spend_minor, impressions, clicks FROM attribution.mv_channel_performance WHERE tenant_id = :'t'
                               EXCEPT SELECT * FROM attribution.channel_performance) AS d) AS channels_differ,
       (SELECT count(*) FROM (SELECT * FROM attribution.mv_allocation_summary WHERE tenant_id = :'t'
                               EXCEPT SELECT * FROM attribution.allocation_summary) AS d) AS allocations_differ,
       (SELECT count(*) > 5 FROM attribution.mv_channel_performance WHERE tenant_id = :'t') AS has_rows;
-- Spend alone concerns one of them, a run another.
UPDATE attribution.report_builds SET built_at = '-infinity' WHERE name LIKE 'mv%';
SELECT item, status FROM attribution.record_spend(:'t', '[{"day": "2026-11-03", "channel": "display", "currency": "USD", "spend": "9.00"}]');
INSERT INTO attribution.reconciliation_runs (tenant_id, run_id, source, from_day, to_day, status, matched, finished_at)
VALUES (:'t', '018f0000-0000-7000-8000-000000000001', 'shopify', '2026-11-01', '2026-11-30', 'completed', 7, now());
SELECT pg_temp.fold() > 0 AS folded;
SELECT * FROM pg_temp.built();
SELECT source, status, verified, matched FROM attribution.mv_reconciliation_status WHERE tenant_id = :'t';
SELECT source, status, verified, matched FROM attribution.reconciliation_status;
DELETE FROM attribution.reconciliation_runs WHERE tenant_id = :'t';
-- One that cannot be built is a warning, and folding goes on.
BEGIN;
UPDATE attribution.report_builds SET built_at = '-infinity' WHERE name LIKE 'mv%';
DROP INDEX attribution.mv_reconciliation_status_key;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.order_event('mv-2', 27182, money => 'mv:2'));
SELECT pg_temp.fold() > 0 AS folded;
:check;
ROLLBACK;

-- A bucket is queued once for a subtransaction; not when the queue was emptied since, or what queued it was rolled back.
BEGIN;
SELECT count(*) FROM (SELECT attribution.ingest_event(:'t', pg_temp.sale('m-' || n, NULL, 1000, signals => '{}')) FROM generate_series(1, 3) AS n) AS i;
SELECT count(*) FROM attribution.dirty_buckets AS q WHERE q.what = 'revenue';
:check;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.sale('m-4', NULL, 1000, signals => '{}'));
:check;
SAVEPOINT one;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.sale('m-5', NULL, 1000, signals => '{}'));
ROLLBACK TO one;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.sale('m-6', NULL, 1000, signals => '{}'));
:check;
ROLLBACK;

-- Other tenants see none of it, and may not read what has no row security.
RESET attribution.tenant_id;
SELECT '018f0000-0000-7000-8000-000000000062' AS u \gset
SELECT attribution.create_tenant(name => 'neighbour', tenant_id => :'u');
BEGIN;
SELECT attribution.set_tenant(:'u');
SET LOCAL ROLE attribution_analyst;
SELECT (SELECT count(*) FROM attribution.realtime_revenue) + (SELECT count(*) FROM attribution.daily_revenue_summary)
     + (SELECT count(*) FROM attribution.cohort_revenue_summary) + (SELECT count(*) FROM attribution.channel_performance)
     + (SELECT count(*) FROM attribution.cohort_channel_performance) + (SELECT count(*) FROM attribution.allocation_summary)
     + (SELECT count(*) FROM attribution.revenue_rollup) + (SELECT count(*) FROM attribution.daily_revenue_rollup)
     + (SELECT count(*) FROM attribution.allocation_rollup) + (SELECT count(*) FROM attribution.daily_allocation_rollup)
     + (SELECT count(*) FROM attribution.reconciliation_status) AS seen;
ROLLBACK;
BEGIN;
SELECT attribution.set_tenant(:'t');
SET LOCAL ROLE attribution_analyst;
SELECT (SELECT count(*) FROM attribution.daily_revenue_summary) > 0 AND (SELECT count(*) FROM attribution.channel_performance) > 0 AS sees_its_own;
ROLLBACK;
SELECT r.rolname, v.view, has_table_privilege(r.rolname, 'attribution.' || v.view, 'SELECT') AS may_read
  FROM pg_roles AS r CROSS JOIN (VALUES ('mv_realtime_revenue'), ('mv_daily_revenue_summary'), ('mv_channel_performance'), ('mv_allocation_summary'), ('mv_reconciliation_status'), ('dirty_buckets')) AS v (view)
 WHERE r.rolname LIKE 'attribution\_%' AND has_table_privilege(r.rolname, 'attribution.' || v.view, 'SELECT') ORDER BY 2, 1;
-- Each service and role that has the views can read them.
CREATE FUNCTION pg_temp.read_as(reader text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    report text;
    seen bigint;
BEGIN
    PERFORM attribution.set_tenant('018f0000-0000-7000-8000-000000000061');
    EXECUTE format('SET LOCAL ROLE %I', reader);
    FOREACH report IN ARRAY '{realtime_revenue,daily_revenue_summary,cohort_revenue_summary,channel_performance,cohort_channel_performance,allocation_summary,reconciliation_status}'::text[] LOOP
        EXECUTE format('SELECT count(*) FROM attribution.%I', report) INTO seen;
    END LOOP;
    RESET ROLE;
    RETURN 'all';
END
$$;
SELECT r, pg_temp.read_as(r) FROM unnest(ARRAY['attribution_analyst', 'attribution_admin', 'attribution_svc_attribution', 'attribution_svc_reconciliation', 'attribution_svc_export']) AS r;
-- Costs of what is switched off would call for JIT, which takes seconds each time.
SELECT p.oid::regprocedure FROM pg_proc AS p WHERE 'enable_seqscan=off' = ANY (p.proconfig) AND 'jit=off' <> ALL (p.proconfig);
-- All rollups anew, as docs/maintenance.md says: also what somebody wrote into them is gone.
SET attribution.tenant_id = :'t';
UPDATE attribution.daily_revenue_rollup SET amount_minor = amount_minor + 1 WHERE tenant_id = :'t';
SELECT count(*) > 0 AS is_wrong FROM pg_temp.wrong_reports();
BEGIN;
SELECT FROM attribution.report_builds WHERE name = 'rollups' FOR UPDATE;
TRUNCATE attribution.revenue_rollup, attribution.daily_revenue_rollup, attribution.allocation_rollup, attribution.daily_allocation_rollup;
INSERT INTO attribution.dirty_buckets (tenant_id, what, bucket_start)
SELECT DISTINCT l.tenant_id, w, l.bucket_start FROM attribution.revenue_ledger AS l CROSS JOIN unnest('{revenue,allocations}'::text[]) AS w;
COMMIT;
:check;
