-- Models: defined, changed while nothing is divided by them, switched off. And why sets are made.
\getenv abs_srcdir PG_ABS_SRCDIR
\set ECHO none
\set first c3
\set second c4
\i :abs_srcdir/sql/fixtures/two_tenants.sql
\i :abs_srcdir/sql/fixtures/ledger.sql
\set ECHO all
SELECT attribution.define_model(tenant_id => :'t', name => 'mine', rule => 'position_based', params => '{"first": 0.5}');
SELECT attribution.define_model(tenant_id => :'t', name => 'mine', rule => 'position_based', params => '{"first": 0.50}');
SELECT attribution.define_model(tenant_id => :'t', name => 'mine', rule => 'time_decay', params => '{"half_life_days": 14}');
SELECT attribution.define_model(tenant_id => :'u', name => 'mine', rule => 'linear');
-- Not usable.
SELECT attribution.define_model(:'t', 'mine', 'position_based', '{"first": -1}');
SELECT attribution.define_model(:'t', 'other', 'no_rule');
SELECT attribution.define_model(:'t', 'other', 'linear', '[]');
SELECT attribution.define_model(:'t', 'other', 'linear', '{"lookback": 1}');
SELECT attribution.define_model(:'t', 'Jon Doe', 'linear');
SELECT attribution.define_model(:'t', NULL, 'linear');
SELECT attribution.define_model(:'t', 'other', 'linear', NULL);
SELECT attribution.define_model(NULL, 'other', 'linear');
SELECT attribution.define_model('018f0000-0000-7000-8000-0000000000ff', 'other', 'linear');
-- Used: only active changes.
SELECT pg_temp.book(:'t', 1, 388);
INSERT INTO attribution.attribution_allocations VALUES (:'t', pg_temp.entry(1), 'mine', 1, 'email', '', 388, 'USD');
SELECT attribution.define_model(:'t', 'mine', 'time_decay', '{"half_life_days": 7}');
SELECT attribution.define_model(:'t', 'mine', 'linear');
SELECT attribution.define_model(:'t', 'mine', 'time_decay', '{"half_life_days": 14}', active => false);
SELECT attribution.define_model(:'t', 'mine', 'time_decay', '{"half_life_days": 14}', active => false);
-- Another tenant's model of the same name is another one.
SELECT attribution.define_model(:'u', 'mine', 'first_touch');
SELECT right(tenant_id::text, 2) AS tenant, name, rule, params, active FROM attribution.attribution_models WHERE tenant_id IN (:'t', :'u') ORDER BY 1;
-- The reason of a set.
SET attribution.allocation_reason = 'refit';
INSERT INTO attribution.attribution_allocations VALUES (:'t', pg_temp.entry(1), 'mine', 2, 'email', '', 388, 'USD');
SET attribution.allocation_reason = 'a whim';
RESET attribution.allocation_reason;
SELECT revision, reason FROM attribution.allocation_sets WHERE tenant_id = :'t' ORDER BY 1;
-- Pruning: what was superseded long enough ago, of this tenant, written down.
SELECT pg_temp.book(:'u', 1, 388);
INSERT INTO attribution.attribution_allocations VALUES (:'t', pg_temp.entry(1), 'mine', 3, 'email', '', 300, 'USD'), (:'t', pg_temp.entry(1), 'mine', 3, 'direct', '', 88, 'USD'),
    (:'u', pg_temp.entry(1), 'mine', 1, 'email', '', 388, 'USD'), (:'u', pg_temp.entry(1), 'mine', 2, 'email', '', 388, 'USD');
SELECT * FROM attribution.prune_allocations(tenant_id => :'t', keep_for => '1 day');
SELECT count(*) FROM attribution.allocation_prunings WHERE tenant_id = :'t';
SELECT * FROM attribution.prune_allocations(tenant_id => :'t', keep_for => '0');
SELECT * FROM attribution.prune_allocations(tenant_id => :'t', keep_for => '0');
SELECT right(tenant_id::text, 2) AS tenant, keep_for, sets, allocations FROM attribution.allocation_prunings WHERE tenant_id IN (:'t', :'u');
SELECT right(tenant_id::text, 2) AS tenant, revision, count(*), sum(amount_minor) FROM attribution.attribution_allocations WHERE tenant_id IN (:'t', :'u') GROUP BY 1, 2 ORDER BY 1, 2;
SELECT right(tenant_id::text, 2) AS tenant, revision FROM attribution.allocation_sets WHERE tenant_id IN (:'t', :'u') ORDER BY 1, 2;
-- A revision that was pruned does not come again, and counting goes on.
INSERT INTO attribution.attribution_allocations VALUES (:'t', pg_temp.entry(1), 'mine', 1, 'email', '', 388, 'USD');
INSERT INTO attribution.attribution_allocations VALUES (:'t', pg_temp.entry(1), 'mine', 4, 'email', '', 388, 'USD');
-- After it nothing else is let through.
DELETE FROM attribution.attribution_allocations;
SELECT * FROM attribution.prune_allocations(:'t', '-1 day');
SELECT * FROM attribution.prune_allocations(:'t', NULL);
SELECT * FROM attribution.prune_allocations(NULL, '1 day');
DELETE FROM attribution.allocation_prunings;
-- Also when it fails.
\set VERBOSITY terse
CREATE FUNCTION pg_temp.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'failed while pruning'; END $$;
BEGIN;
CREATE TRIGGER fail BEFORE DELETE ON attribution.attribution_allocations FOR EACH ROW EXECUTE FUNCTION pg_temp.fail();
SAVEPOINT before;
SELECT * FROM attribution.prune_allocations(:'t', '0');
ROLLBACK TO before;
DELETE FROM attribution.attribution_allocations;
ROLLBACK;
\set VERBOSITY default
-- Only administrators define, and only they and the maintainer prune.
\c - regress_bi_a
SELECT attribution.define_model('018f0000-0000-7000-8000-00000000000a', 'mine', 'linear');
SELECT attribution.prune_allocations('018f0000-0000-7000-8000-00000000000a', '0');
SELECT count(*) FROM attribution.allocation_sets;
SELECT count(*) FROM attribution.allocation_prunings;
INSERT INTO attribution.attribution_models VALUES ('018f0000-0000-7000-8000-00000000000a', 'm', 'linear', '{}', true);
\c - postgres
