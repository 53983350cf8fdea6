-- A writer at random: thousands of statements, right and wrong ones, next to a model of what each must do. What the
-- tables hold at the end is what the model says, and the sums of what is current are those of the ledger.
\getenv abs_srcdir PG_ABS_SRCDIR
\getenv seed ATTRIBUTION_SEED
\if :{?seed}
\else
\set seed 20261125
\endif
\getenv statements STATEMENTS
\if :{?statements}
\else
\set statements 2000
\endif
\set ECHO none
\set first c5
\set second c6
\i :abs_srcdir/sql/fixtures/ledger.sql
\set ECHO all
SET client_min_messages = warning;
SELECT attribution.define_model(t, m, 'linear') FROM unnest(ARRAY[:'t', :'u']::uuid[]) AS t, unnest('{one,two}'::text[]) AS m;
SELECT count(pg_temp.book(t, n, CASE WHEN n % 3 = 0 THEN -1 ELSE 1 END * (n * 37 % 11 + 1), CASE WHEN n % 4 = 0 THEN 'EUR' ELSE 'USD' END))
  FROM unnest(ARRAY[:'t', :'u']::uuid[]) AS t, generate_series(1, 20) AS n;
CREATE TEMP TABLE entries AS SELECT tenant_id, entry_id, amount_minor, currency FROM attribution.revenue_ledger WHERE tenant_id IN (:'t', :'u');
CREATE TEMP TABLE parts AS SELECT * FROM attribution.attribution_allocations LIMIT 0;
CREATE TEMP TABLE wanted AS SELECT *, false AS pruned FROM attribution.attribution_allocations LIMIT 0;
CREATE INDEX ON wanted (tenant_id, entry_id, model, revision);
CREATE TEMP TABLE outcomes (statement text, expected text, found text);

-- Rows for one statement: up to four sets, each in some parts, sometimes with something changed.
CREATE FUNCTION pg_temp.make_parts() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    entry record;
    chosen text;
    next_revision integer;
    rest bigint;
    part bigint;
BEGIN
    TRUNCATE parts;
    FOR i IN 1 .. 1 + floor(random() * 4)::integer LOOP
        SELECT * INTO entry FROM entries ORDER BY random() LIMIT 1;
        chosen := (ARRAY['one', 'two'])[1 + floor(random() * 2)::integer];
        SELECT 1 + coalesce(max(w.revision), 0) + (random() < 0.03)::integer - (random() < 0.03)::integer INTO next_revision FROM wanted AS w
         WHERE w.tenant_id = entry.tenant_id AND w.entry_id = entry.entry_id AND w.model = chosen;
        -- A second set of the same entry and model in the statement is sometimes the next revision.
        next_revision := next_revision + (SELECT count(DISTINCT p.revision) FROM parts AS p WHERE p.tenant_id = entry.tenant_id AND p.entry_id = entry.entry_id AND p.model = chosen);
        rest := entry.amount_minor;
        FOR place IN 1 .. 4 LOOP
            part := CASE WHEN place = 4 THEN rest ELSE sign(rest) * floor(random() * (abs(rest) + 1)) END;
            rest := rest - part;
            CONTINUE WHEN part = 0 AND random() < 0.5;
            INSERT INTO parts VALUES (entry.tenant_id, entry.entry_id, chosen, next_revision, 'channel_' || place, CASE WHEN random() < 0.5 THEN '' ELSE 'spring' END, part, entry.currency);
        END LOOP;
    END LOOP;
    -- What can go wrong, alone or together.
    IF random() < 0.06 THEN UPDATE parts SET amount_minor = amount_minor + 1 WHERE ctid = (SELECT ctid FROM parts ORDER BY random() LIMIT 1); END IF;
    IF random() < 0.05 THEN DELETE FROM parts WHERE ctid = (SELECT ctid FROM parts ORDER BY random() LIMIT 1); END IF;
    IF random() < 0.04 THEN UPDATE parts SET currency = 'CHF' WHERE ctid = (SELECT ctid FROM parts ORDER BY random() LIMIT 1); END IF;
    IF random() < 0.03 THEN UPDATE parts SET model = 'three' WHERE ctid = (SELECT ctid FROM parts ORDER BY random() LIMIT 1); END IF;
    IF random() < 0.03 THEN UPDATE parts SET entry_id = pg_temp.entry(99) WHERE ctid = (SELECT ctid FROM parts ORDER BY random() LIMIT 1); END IF;
    IF random() < 0.05 THEN
        INSERT INTO parts SELECT tenant_id, entry_id, model, revision, c.channel, '', c.minor * p.amount_minor, currency
          FROM (SELECT * FROM parts ORDER BY random() LIMIT 1) AS p, (VALUES ('back', -1), ('forth', 1)) AS c (channel, minor);
    END IF;
END
$$;

-- What the statement must end in, by the rules as a person would check them.
CREATE FUNCTION pg_temp.is_right() RETURNS boolean LANGUAGE sql AS $$
SELECT coalesce(bool_and(s.right_model AND s.minor = s.booked AND s.currencies = 1 AND s.currency = s.booked_currency
                         AND s.same_signs AND s.revision = s.newest + s.place), true)
  FROM (SELECT p.revision, sum(p.amount_minor) AS minor, min(l.amount_minor) AS booked, count(DISTINCT p.currency) AS currencies,
               min(p.currency) AS currency, min(l.currency) AS booked_currency, bool_and(p.amount_minor * sign(l.amount_minor) >= 0) AS same_signs,
               p.model IN ('one', 'two') AS right_model,
               row_number() OVER (PARTITION BY p.tenant_id, p.entry_id, p.model ORDER BY p.revision) AS place,
               coalesce((SELECT max(w.revision) FROM wanted AS w WHERE (w.tenant_id, w.entry_id, w.model) = (p.tenant_id, p.entry_id, p.model)), 0) AS newest
          FROM parts AS p LEFT JOIN entries AS l ON l.tenant_id = p.tenant_id AND l.entry_id = p.entry_id
         GROUP BY p.tenant_id, p.entry_id, p.model, p.revision) AS s
$$;

CREATE FUNCTION pg_temp.outcome(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;

CREATE PROCEDURE pg_temp.write_at_random(statements integer) LANGUAGE plpgsql AS $$
DECLARE
    statement text;
    is_right boolean;
    found text;
BEGIN
    FOR n IN 1 .. statements LOOP
        IF random() < 0.04 THEN
            statement := (ARRAY['UPDATE attribution.attribution_allocations SET amount_minor = amount_minor + 1',
                                'DELETE FROM attribution.attribution_allocations WHERE channel = ''channel_1''', 'TRUNCATE attribution.attribution_allocations',
                                'DELETE FROM attribution.allocation_sets WHERE revision = 1', 'UPDATE attribution.allocation_sets SET revision = revision + 1',
                                'INSERT INTO attribution.allocation_sets SELECT * FROM attribution.allocation_sets LIMIT 1'])[1 + floor(random() * 6)::integer];
            INSERT INTO outcomes VALUES (statement, 'RA003', pg_temp.outcome(statement));
        ELSIF random() < 0.02 THEN
            PERFORM attribution.prune_allocations(t.tenant_id, '0') FROM attribution.tenants AS t WHERE t.name = 'ledger c5';
            UPDATE wanted AS w SET pruned = true WHERE w.tenant_id = '018f0000-0000-7000-8000-0000000000c5' AND NOT w.pruned AND EXISTS (
                SELECT FROM wanted AS n WHERE (n.tenant_id, n.entry_id, n.model) = (w.tenant_id, w.entry_id, w.model) AND n.revision > w.revision);
        ELSE
            PERFORM pg_temp.make_parts();
            is_right := pg_temp.is_right();
            found := pg_temp.outcome(CASE WHEN random() < 0.3
                THEN 'MERGE INTO attribution.attribution_allocations AS a USING parts AS p ON false WHEN NOT MATCHED THEN INSERT VALUES (p.tenant_id, p.entry_id, p.model, p.revision, p.channel, p.campaign, p.amount_minor, p.currency)'
                ELSE 'INSERT INTO attribution.attribution_allocations SELECT * FROM parts ORDER BY random()' END);
            INSERT INTO outcomes VALUES ('insert', CASE WHEN is_right THEN 'done' ELSE 'error' END,
                CASE WHEN found IN ('RA002', 'RA005', '23503', '23505', '23514') THEN 'error' ELSE found END);
            IF is_right THEN INSERT INTO wanted SELECT *, false FROM parts; END IF;
        END IF;
    END LOOP;
END
$$;
SELECT setseed((:seed % 1000000) / 1000000.0);
CALL pg_temp.write_at_random(:statements);
-- Nothing but what was expected; both kinds came often.
SELECT :seed AS seed, statement, expected, found FROM outcomes WHERE expected <> found;
SELECT expected, found, count(*) > 50 AS often FROM outcomes GROUP BY 1, 2 ORDER BY 1;
-- The parts are those of the model.
(SELECT 'lost' AS what, tenant_id, entry_id, model, revision, channel, campaign, amount_minor, currency FROM wanted WHERE NOT pruned
 EXCEPT SELECT 'lost', * FROM attribution.attribution_allocations)
UNION ALL
(SELECT 'more', * FROM attribution.attribution_allocations WHERE tenant_id IN (:'t', :'u')
 EXCEPT SELECT 'more', tenant_id, entry_id, model, revision, channel, campaign, amount_minor, currency FROM wanted WHERE NOT pruned);
-- Every set is its parts, and equals the ledger.
SELECT tenant_id, entry_id, model, revision, s.amount_minor, p.parts_minor, l.amount_minor AS booked_minor FROM attribution.allocation_sets AS s
  FULL JOIN (SELECT tenant_id, entry_id, model, revision, sum(amount_minor) AS parts_minor FROM attribution.attribution_allocations WHERE tenant_id IN (:'t', :'u') GROUP BY 1, 2, 3, 4) AS p
    USING (tenant_id, entry_id, model, revision)
  LEFT JOIN entries AS l USING (tenant_id, entry_id)
 WHERE tenant_id IN (:'t', :'u') AND (s.amount_minor IS DISTINCT FROM p.parts_minor OR l.amount_minor IS DISTINCT FROM p.parts_minor OR l.currency <> s.currency);
-- Σ current = Σ ledger, by model and currency.
CREATE TEMP TABLE sums (tenant_id uuid, model text, currency text, allocated numeric, booked numeric);
CREATE FUNCTION pg_temp.add_sums(tenant uuid) RETURNS void LANGUAGE sql AS $$
SELECT attribution.set_tenant(tenant);
INSERT INTO sums
SELECT tenant, m.model, m.currency, m.minor,
       (SELECT sum(l.amount_minor) FROM attribution.revenue_ledger AS l WHERE l.tenant_id = tenant AND l.currency = m.currency
           AND EXISTS (SELECT FROM attribution.allocation_sets AS s WHERE s.tenant_id = tenant AND s.entry_id = l.entry_id AND s.model = m.model))
  FROM (SELECT model, currency, sum(amount_minor) AS minor FROM attribution.current_allocations GROUP BY 1, 2) AS m
$$;
SELECT pg_temp.add_sums(:'t'), pg_temp.add_sums(:'u');
SELECT right(tenant_id::text, 2) AS tenant, model, currency, allocated = booked AS equal FROM sums ORDER BY 1, 2, 3;
