-- What who runs the database may do beside folding.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 65
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\i :abs_srcdir/sql/fixtures/allocate.sql
\i :abs_srcdir/sql/fixtures/reports.sql
-- Rows of each rollup that an index finds, and that the table has.
CREATE FUNCTION pg_temp.compare(of uuid, condition text) RETURNS TABLE (rollup text, by_index bigint, by_table bigint) LANGUAGE plpgsql AS $$
BEGIN
    FOREACH rollup IN ARRAY '{revenue_rollup,daily_revenue_rollup}'::text[] LOOP
        SET LOCAL enable_seqscan = off;
        EXECUTE format('SELECT count(*) FROM attribution.%I AS r WHERE r.tenant_id = %L AND %s', rollup, of, condition) INTO by_index;
        SET LOCAL enable_seqscan = on;
        SET LOCAL enable_indexscan = off;
        SET LOCAL enable_bitmapscan = off;
        EXECUTE format('SELECT count(*) FROM attribution.%I AS r WHERE r.tenant_id = %L AND %s', rollup, of, condition) INTO by_table;
        SET LOCAL enable_indexscan = on;
        SET LOCAL enable_bitmapscan = on;
        RETURN NEXT;
    END LOOP;
END
$$;
\set ECHO all
-- Indexes and columns of their own: folding keeps the indexes right, and such a column is NULL in the rows that it writes.
BEGIN;
CREATE INDEX rollup_euros ON attribution.revenue_rollup ((amount_minor / 100));
CREATE INDEX day_euros ON attribution.daily_revenue_rollup ((amount_minor / 100));
CREATE INDEX rollup_busy ON attribution.revenue_rollup (entries) WHERE entries > 2;
CREATE INDEX day_busy ON attribution.daily_revenue_rollup (entries) WHERE entries > 2;
ALTER TABLE attribution.revenue_rollup ADD COLUMN note text DEFAULT 'none';
ALTER TABLE attribution.daily_revenue_rollup ADD COLUMN note text DEFAULT 'none';
SELECT sum(booked) FROM attribution.ingest_event(:'t', pg_temp.order_event('a', 300, money => 'order:1'));
SELECT pg_temp.fold();
SELECT * FROM pg_temp.compare(:'t', 'r.amount_minor / 100 = 3');
-- The same rows with two more entries: out of one value of the index into another.
SELECT sum(booked) FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.order_event('b', 500, money => 'order:2', body => 'b'), pg_temp.order_event('c', 700, money => 'order:3', body => 'c')));
SELECT pg_temp.fold();
SELECT * FROM pg_temp.compare(:'t', 'r.amount_minor / 100 = 3');
SELECT * FROM pg_temp.compare(:'t', 'r.amount_minor / 100 = 15');
SELECT * FROM pg_temp.compare(:'t', 'r.entries > 2');
SELECT r.entries, r.amount_minor, r.note FROM attribution.revenue_rollup AS r WHERE r.tenant_id = :'t'
UNION ALL
SELECT d.entries, d.amount_minor, d.note FROM attribution.daily_revenue_rollup AS d WHERE d.tenant_id = :'t';
SELECT report FROM pg_temp.wrong_reports();
ROLLBACK;

-- A day that is not there though its buckets are, as after new rules of a time zone: it is made from all of them.
BEGIN;
SELECT sum(booked) FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.order_event('d', 300, money => 'order:1'), jsonb_set(pg_temp.order_event('e', 500, money => 'order:2', body => 'e'), '{states,0,occurred_at}', '"2026-11-01T15:00:00Z"')));
SELECT pg_temp.fold();
DELETE FROM attribution.daily_revenue_rollup AS d WHERE d.tenant_id = :'t';
SELECT sum(booked) FROM attribution.ingest_event(:'t', pg_temp.order_event('f', 700, money => 'order:3', body => 'f'));
SELECT pg_temp.fold();
SELECT d.entries, d.amount_minor FROM attribution.daily_revenue_rollup AS d WHERE d.tenant_id = :'t';
SELECT report FROM pg_temp.wrong_reports();
ROLLBACK;

-- Folding as a replica between two writes of one transaction, which are of the same bucket.
BEGIN;
SELECT sum(booked) FROM attribution.ingest_event(:'t', pg_temp.order_event('g', 300, money => 'order:1'));
SET LOCAL session_replication_role = replica;
SELECT pg_temp.fold();
SET LOCAL session_replication_role = origin;
SELECT sum(booked) FROM attribution.ingest_event(:'t', pg_temp.order_event('h', 500, money => 'order:2', body => 'h'));
SELECT pg_temp.fold();
SELECT report FROM pg_temp.wrong_reports();
ROLLBACK;

-- An index that was made again but is not whole, or not the same: an error that says so, and reports stay right.
BEGIN;
SELECT sum(booked) FROM attribution.ingest_event(:'t', pg_temp.order_event('i', 300, money => 'order:1'));
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'attribution.revenue_ledger_bucket'::regclass;
SELECT pg_temp.fold();
UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'attribution.revenue_ledger_bucket'::regclass;
ALTER INDEX attribution.revenue_ledger_bucket RENAME TO set_aside;
CREATE INDEX revenue_ledger_bucket ON attribution.revenue_ledger (bucket_start, tenant_id);
SELECT pg_temp.fold();
DROP INDEX attribution.revenue_ledger_bucket;
ALTER INDEX attribution.set_aside RENAME TO revenue_ledger_bucket;
ALTER TABLE attribution.revenue_rollup DROP CONSTRAINT revenue_rollup_pkey;
SELECT pg_temp.fold();
ALTER TABLE attribution.revenue_rollup ADD PRIMARY KEY (tenant_id, bucket_start, sale_bucket_start, channel, currency, kind);
-- Neither does a column that nobody fills make wrong rows.
ALTER TABLE attribution.daily_revenue_rollup ADD COLUMN note text NOT NULL DEFAULT 'none';
SELECT pg_temp.fold();
SELECT report FROM pg_temp.wrong_reports();
ALTER TABLE attribution.daily_revenue_rollup DROP COLUMN note;
SELECT pg_temp.fold();
SELECT report FROM pg_temp.wrong_reports();
ROLLBACK;

-- Nor is dividing without the key of its sets.
BEGIN;
SELECT attribution.define_model(:'t', 'last', 'last_touch');
SELECT sum(booked) FROM attribution.ingest_event(:'t', pg_temp.order_event('k', 300, money => 'order:1'));
ALTER TABLE attribution.allocation_sets DROP CONSTRAINT allocation_sets_pkey CASCADE;
SELECT pg_temp.divide();
ROLLBACK;

-- For who maintains: only what can be written, and a tenant for each bucket.
SELECT * FROM attribution_internal.fold_revenue(ARRAY[:'t']::uuid[], '{2025-10-24,2025-10-25}');
BEGIN READ ONLY;
SELECT * FROM attribution_internal.fold_revenue(ARRAY[:'t']::uuid[], '{2025-10-24}');
ROLLBACK;
