-- A set of allocations comes whole, in one statement, equals its ledger entry, and never changes.
\getenv abs_srcdir PG_ABS_SRCDIR
\set ECHO none
\set first c1
\set second c2
\i :abs_srcdir/sql/fixtures/two_tenants.sql
\i :abs_srcdir/sql/fixtures/ledger.sql
\set ECHO all
SELECT attribution.define_model(:'t', 'linear', 'linear'), attribution.define_model(:'t', 'first', 'first_touch'), attribution.define_model(:'u', 'linear', 'linear');
SELECT pg_temp.book(:'t', 1, 388), pg_temp.book(:'t', 2, -100), pg_temp.book(:'t', 3, 500, 'EUR'), pg_temp.book(:'u', 1, 700), pg_temp.book(:'u', 9, 900);
\set into 'INSERT INTO attribution.attribution_allocations (tenant_id, entry_id, model, revision, channel, amount_minor, currency) VALUES'
\set e1 'pg_temp.entry(1)'
\set e2 'pg_temp.entry(2)'
\set e3 'pg_temp.entry(3)'

-- Several sets, of tenants, entries, models and revisions, in one statement and in any order of its rows.
:into (:'t', :e1, 'linear', 1, 'email', 188, 'USD'), (:'u', :e1, 'linear', 1, 'email', 700, 'USD'), (:'t', :e2, 'linear', 1, 'email', -60, 'USD'),
      (:'t', :e1, 'first', 1, 'email', 388, 'USD'), (:'t', :e1, 'linear', 2, 'email', 388, 'USD'), (:'t', :e1, 'linear', 1, 'direct', 200, 'USD'),
      (:'t', :e2, 'linear', 1, 'direct', -40, 'USD'), (:'t', :e2, 'linear', 1, 'unknown', 0, 'USD'), (:'t', :e3, 'linear', 1, 'email', 500, 'EUR');
SELECT right(tenant_id::text, 2) AS tenant, right(entry_id::text, 1) AS entry, model, revision, amount_minor, currency, reason
  FROM attribution.allocation_sets WHERE tenant_id IN (:'t', :'u') ORDER BY 1, 2, 3, 4;
-- The newest revisions, of the current tenant.
BEGIN;
SELECT attribution.set_tenant(:'t');
SELECT right(tenant_id::text, 2) AS tenant, right(entry_id::text, 1) AS entry, model, revision, channel, campaign, amount_minor, currency
  FROM attribution.current_allocations ORDER BY 1, 2, 3, 4, 5;
COMMIT;
SELECT count(*) FROM attribution.current_allocations;

-- Tables are found by their names, also when these came to mean others within the transaction.
BEGIN;
:into (:'u', pg_temp.entry(9), 'linear', 1, 'email', 900, 'USD');
ALTER TABLE attribution.allocation_sets RENAME TO former_sets;
ALTER TABLE attribution.dirty_buckets RENAME TO former_buckets;
CREATE TABLE attribution.allocation_sets (LIKE attribution.former_sets INCLUDING ALL);
CREATE TABLE attribution.dirty_buckets (LIKE attribution.former_buckets INCLUDING ALL);
:into (:'u', pg_temp.entry(9), 'linear', 1, 'direct', 900, 'USD');
SELECT (SELECT count(*) FROM attribution.allocation_sets) AS sets, (SELECT count(*) FROM attribution.dirty_buckets) AS buckets;
ROLLBACK;

-- Too little, too much, nothing; another currency, several.
:into (:'t', :e3, 'linear', 2, 'email', 499, 'EUR');
:into (:'t', :e3, 'linear', 2, 'email', 499, 'EUR'), (:'t', :e3, 'linear', 2, 'direct', 2, 'EUR');
:into (:'t', :e3, 'linear', 2, 'email', 0, 'EUR');
:into (:'t', :e3, 'linear', 2, 'email', 500, 'USD');
:into (:'t', :e3, 'linear', 2, 'email', 400, 'EUR'), (:'t', :e3, 'linear', 2, 'direct', 100, 'USD');
:into (:'t', :e3, 'linear', 2, 'email', 500, 'jon');
:into (:'t', :e2, 'linear', 2, 'email', 100, 'USD');
:into (:'t', :e3, 'linear', 2, 'email', 9223372036854775807, 'EUR'), (:'t', :e3, 'linear', 2, 'direct', 9223372036854775807, 'EUR');
:into (:'t', :e2, 'linear', 2, 'email', -9223372036854775808, 'USD'), (:'t', :e2, 'linear', 2, 'direct', -9223372036854775808, 'USD');
-- The sum is right, a sign is not.
:into (:'t', :e3, 'linear', 2, 'email', 501, 'EUR'), (:'t', :e3, 'linear', 2, 'direct', -1, 'EUR');
:into (:'t', :e2, 'linear', 2, 'email', -101, 'USD'), (:'t', :e2, 'linear', 2, 'direct', 1, 'USD');
-- One wrong set among right ones.
:into (:'t', :e1, 'linear', 3, 'email', 388, 'USD'), (:'t', :e2, 'linear', 2, 'email', -99, 'USD'), (:'t', :e3, 'linear', 2, 'email', 500, 'EUR');
-- No such entry, no such entry of this tenant, no such model, of this tenant.
:into (:'t', pg_temp.entry(4), 'linear', 1, 'email', 1, 'USD');
:into (:'t', pg_temp.entry(9), 'linear', 1, 'email', 900, 'USD');
:into (:'t', :e1, 'jon@example.com', 1, 'email', 388, 'USD');
:into (:'t', :e1, 'lineal', 1, 'email', 388, 'USD');
:into (:'u', :e1, 'first', 1, 'email', 700, 'USD');
-- Revisions: none left out, none of 0, none again.
:into (:'t', :e1, 'linear', 4, 'email', 388, 'USD');
:into (:'t', :e1, 'linear', 0, 'email', 388, 'USD');
:into (:'t', :e1, 'first', 2, 'email', 388, 'USD'), (:'t', :e1, 'first', 4, 'email', 388, 'USD');
:into (:'t', :e1, 'first', 2147483647, 'email', 388, 'USD');
:into (:'t', :e1, 'linear', 2, 'direct', 388, 'USD');
-- Nothing is added to a set, nor completed by a second statement of the same transaction.
:into (:'t', :e1, 'linear', 2, 'direct', 0, 'USD');
BEGIN;
:into (:'t', :e3, 'linear', 2, 'email', 400, 'EUR');
:into (:'t', :e3, 'linear', 2, 'direct', 100, 'EUR');
ROLLBACK;
-- Two INSERTs of one statement are one statement. What it books itself is seen.
BEGIN;
WITH one AS (INSERT INTO attribution.attribution_allocations VALUES (:'t', :e3, 'linear', 2, 'email', '', 400, 'EUR'))
INSERT INTO attribution.attribution_allocations VALUES (:'t', :e3, 'linear', 2, 'direct', '', 100, 'EUR');
WITH booked AS (
    INSERT INTO attribution.revenue_ledger (tenant_id, entry_id, money_key, kind, step, amount_minor, currency, event_id, occurred_at)
    VALUES (:'t', pg_temp.entry(8), 'order:8', 'capture', 1, 5, 'USD', pg_temp.entry(8), now()) RETURNING *)
INSERT INTO attribution.attribution_allocations SELECT tenant_id, entry_id, 'linear', 1, 'email', '', amount_minor, currency FROM booked;
SELECT count(*) FROM attribution.allocation_sets WHERE tenant_id = :'t' AND (entry_id = pg_temp.entry(8) OR (entry_id = :e3 AND revision = 2));
ROLLBACK;
-- No rows are no sets; what ON CONFLICT leaves out is no part of one.
INSERT INTO attribution.attribution_allocations SELECT * FROM attribution.attribution_allocations WHERE false;
:into (:'t', :e1, 'linear', 2, 'email', 388, 'USD') ON CONFLICT DO NOTHING;
:into (:'t', :e1, 'linear', 2, 'email', 388, 'USD'), (:'t', :e1, 'linear', 2, 'direct', 0, 'USD') ON CONFLICT DO NOTHING;
:into (:'t', :e1, 'linear', 2, 'email', 388, 'USD') ON CONFLICT (tenant_id, entry_id, model, revision, channel, campaign) DO UPDATE SET amount_minor = 1;
:into (:'t', :e1, 'first', 2, 'email', 388, 'USD') ON CONFLICT (tenant_id, entry_id, model, revision, channel, campaign) DO UPDATE SET amount_minor = 1;

-- COPY and MERGE. Of the last an action that is not allowed is refused though it does nothing.
COPY attribution.attribution_allocations FROM STDIN;
018f0000-0000-7000-8000-0000000000c1	018f0000-0000-7000-8000-000000000003	linear	2	email		499	EUR
\.
COPY attribution.attribution_allocations FROM STDIN;
018f0000-0000-7000-8000-0000000000c1	018f0000-0000-7000-8000-000000000003	linear	2	email	spring	250	EUR
018f0000-0000-7000-8000-0000000000c1	018f0000-0000-7000-8000-000000000003	linear	2	email	autumn	250	EUR
\.
MERGE INTO attribution.attribution_allocations AS a USING (SELECT 1) AS x ON false
 WHEN NOT MATCHED THEN INSERT VALUES (:'t', :e3, 'linear', 3, 'email', '', 499, 'EUR');
MERGE INTO attribution.attribution_allocations AS a USING (VALUES ('email', 400), ('direct', 100)) AS x (channel, minor) ON false
 WHEN NOT MATCHED THEN INSERT VALUES (:'t', :e3, 'linear', 3, x.channel, '', x.minor, 'EUR');
MERGE INTO attribution.attribution_allocations AS a USING (SELECT 1) AS x ON false WHEN MATCHED THEN UPDATE SET amount_minor = 1;
MERGE INTO attribution.attribution_allocations AS a USING (SELECT 1) AS x ON true WHEN MATCHED THEN DELETE;

-- Never changed, headers neither; nor does anybody make one but the trigger.
UPDATE attribution.attribution_allocations SET amount_minor = amount_minor;
UPDATE attribution.attribution_allocations SET channel = 'email' WHERE false;
DELETE FROM attribution.attribution_allocations;
TRUNCATE attribution.attribution_allocations;
INSERT INTO attribution.allocation_sets SELECT * FROM attribution.allocation_sets;
COPY attribution.allocation_sets FROM STDIN;
\.
UPDATE attribution.allocation_sets SET amount_minor = 1;
DELETE FROM attribution.allocation_sets;
TRUNCATE attribution.allocation_sets;
SET attribution.tenant_id = :'t';
SET ROLE attribution_owner;
UPDATE attribution.attribution_allocations SET amount_minor = 1;
DELETE FROM attribution.attribution_allocations;
TRUNCATE attribution.attribution_allocations;
DELETE FROM attribution.allocation_sets;
INSERT INTO attribution.allocation_sets SELECT * FROM attribution.allocation_sets;
:into (:'t', :e3, 'linear', 4, 'email', 499, 'EUR');
-- Row security holds the owner, also where the trigger would not.
:into (:'u', :e1, 'linear', 2, 'email', 700, 'USD');
RESET ROLE;
RESET attribution.tenant_id;
-- Whatever is inserted through, also a view of somebody's own.
CREATE VIEW pg_temp.through AS SELECT * FROM attribution.attribution_allocations;
INSERT INTO pg_temp.through VALUES (:'t', :e3, 'linear', 4, 'email', '', 499, 'EUR');
DELETE FROM pg_temp.through;

-- The ways around it are the superuser's: a child of the table, which current_allocations does not read, and doing as a replica.
BEGIN;
CREATE TABLE public.child () INHERITS (attribution.attribution_allocations);
INSERT INTO public.child VALUES (:'t', :e3, 'linear', 3, 'social', '', 1000, 'EUR');
SELECT attribution.set_tenant(:'t');
SELECT sum(amount_minor) FROM attribution.current_allocations WHERE entry_id = :e3;
ROLLBACK;
\c - regress_admin
SET session_replication_role = replica;
ALTER TABLE attribution.attribution_allocations DISABLE TRIGGER make_sets;
CREATE TEMP TABLE child () INHERITS (attribution.attribution_allocations);
INSERT INTO attribution.attribution_allocations SELECT * FROM attribution.attribution_allocations;
DELETE FROM attribution.attribution_allocations;
SELECT attribution_internal.delete_superseded_sets(:'t', now());
\c - postgres
-- The trigger belongs where it stands.
CREATE TABLE pg_temp.elsewhere (a integer);
CREATE TRIGGER make_sets AFTER INSERT ON pg_temp.elsewhere REFERENCING NEW TABLE AS parts FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.make_allocation_sets();
INSERT INTO pg_temp.elsewhere VALUES (1);
CREATE TABLE pg_temp.alike (LIKE attribution.attribution_allocations);
CREATE TRIGGER make_sets BEFORE INSERT ON pg_temp.alike FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.make_allocation_sets();
INSERT INTO pg_temp.alike VALUES (:'t', :'t', 'linear', 1, 'email', '', 1, 'USD');
SELECT attribution_internal.make_allocation_sets();
-- A program can tell it from other errors.
DO $$
DECLARE
    state text;
    detail text;
    hint text;
BEGIN
    INSERT INTO attribution.attribution_allocations
    VALUES ('018f0000-0000-7000-8000-0000000000c1', '018f0000-0000-7000-8000-000000000001', 'linear', 3, 'email', '', 387, 'USD');
EXCEPTION WHEN SQLSTATE 'RA002' THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RAISE NOTICE '% / % / %', state, detail, hint;
END
$$;
