-- Parts and totals: of a total only what its parts leave unexplained is booked under its own key, whatever arrives first.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 31
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\i :abs_srcdir/sql/fixtures/family.sql
\set ECHO all
-- Each worked example is a list of deliveries, told in every order of arrival (one call each, and all in one call).
CREATE TEMP TABLE example (name text, says jsonb, part_minor bigint, total_minor bigint);
-- The total alone: all of it. A part that explains it: nothing is left. A part of half: half is left.
INSERT INTO example VALUES
    ('total only', jsonb_build_array(pg_temp.total('K', 500, '10:00:00')), 0, 500),
    ('explained', jsonb_build_array(pg_temp.total('K', 500, '10:00:00'), pg_temp.part('R1', 'K', 500, '10:00:00', '10:00:00')), 500, 0),
    ('half explained', jsonb_build_array(pg_temp.total('K', 500, '10:00:00'), pg_temp.part('R1', 'K', 200, '10:00:00', '10:00:00')), 200, 300),
    ('two parts', jsonb_build_array(pg_temp.total('K', 200, '10:00:00'), pg_temp.total('K', 500, '11:00:00'),
                                    pg_temp.part('R1', 'K', 200, '10:00:00', '10:00:00'), pg_temp.part('R2', 'K', 300, '11:00:00', '11:00:00')), 500, 0),
-- A part that is made after the total was told is not in it.
    ('made later', jsonb_build_array(pg_temp.total('K', 500, '10:00:00'), pg_temp.part('R1', 'K', 300, '10:00:00', '10:00:00'),
                                     pg_temp.part('R2', 'K', 70, '11:00:00', '11:00:00')), 370, 200),
-- A part that failed after the total was told: it was whole then, so nothing is unexplained, and nothing is left booked.
    ('failed later', jsonb_build_array(pg_temp.total('K', 500, '10:00:00'), pg_temp.part('R1', 'K', 500, '10:00:00', '10:00:00'),
                                       pg_temp.part('R1', 'K', 0, '12:00:00', '10:00:00', 500)), 0, 0),
-- Only the failure is told, with what it was.
    ('failure only', jsonb_build_array(pg_temp.total('K', 500, '10:00:00'), pg_temp.part('R1', 'K', 0, '12:00:00', '10:00:00', 500)), 0, 0),
-- The total told after the failure does not have it any more: what it has is something else.
    ('failed before', jsonb_build_array(pg_temp.part('R1', 'K', 0, '11:00:00', '10:00:00', 500), pg_temp.total('K', 300, '12:00:00')), 0, 300),
-- The total is less than its parts (they were told in between): never negative.
    ('less than parts', jsonb_build_array(pg_temp.total('K', 100, '10:00:00'), pg_temp.part('R1', 'K', 300, '09:00:00', '09:00:00')), 300, 0),
    ('taken back', jsonb_build_array(pg_temp.total('K', 500, '10:00:00'), pg_temp.total('K', 0, '11:00:00')), 0, 0),
    ('parts only', jsonb_build_array(pg_temp.part('R1', 'K', 300, '09:00:00', '09:00:00'), pg_temp.part('R2', 'K', 40, '09:00:01', '09:00:01')), 340, 0);
CREATE FUNCTION pg_temp.orders_of(n integer) RETURNS SETOF integer[] LANGUAGE sql AS $$
WITH RECURSIVE p AS (
    SELECT ARRAY[]::integer[] AS places
    UNION ALL
    SELECT p.places || i FROM p, generate_series(1, n) AS i WHERE NOT i = ANY (p.places))
SELECT places FROM p WHERE cardinality(places) = n
$$;
-- Keys of each run are its own: K and R become RUN:K and RUN:R.
CREATE TEMP TABLE run AS
SELECT row_number() OVER (ORDER BY e.name, o.places, c.at_once) AS no, e.*, o.places, c.at_once
  FROM example AS e, pg_temp.orders_of(jsonb_array_length(e.says)) AS o (places), (VALUES (false), (true)) AS c (at_once);
CREATE FUNCTION pg_temp.own(state jsonb, run bigint) RETURNS jsonb LANGUAGE sql AS $$
SELECT state || jsonb_build_object('money_key', run || ':' || (state ->> 'money_key'))
             || CASE WHEN state ? 'parent' THEN jsonb_build_object('parent', run || ':' || (state ->> 'parent')) ELSE '{}' END
$$;
DO $$
DECLARE
    r record;
    call jsonb;
BEGIN
    FOR r IN SELECT * FROM run ORDER BY no LOOP
        FOR call IN
            SELECT jsonb_agg(pg_temp.told(r.no || '-' || place, pg_temp.own(r.says -> (place - 1), r.no)) ORDER BY n)
              FROM unnest(r.places) WITH ORDINALITY AS p (place, n) GROUP BY CASE WHEN r.at_once THEN 0 ELSE n END
             ORDER BY min(n)
        LOOP
            PERFORM attribution.ingest_events('018f0000-0000-7000-8000-000000000031', call);
        END LOOP;
    END LOOP;
END
$$;
CREATE TEMP VIEW booked AS
SELECT split_part(money_key, ':', 1)::bigint AS no,
       coalesce(-sum(amount_minor) FILTER (WHERE money_key LIKE '%:R%'), 0) AS part_minor,
       coalesce(-sum(amount_minor) FILTER (WHERE money_key LIKE '%:K'), 0) AS total_minor
  FROM attribution.revenue_ledger WHERE tenant_id = :'t' GROUP BY 1;
SELECT r.name, count(*) AS runs, r.part_minor, r.total_minor,
       count(*) FILTER (WHERE coalesce(b.part_minor, 0) <> r.part_minor OR coalesce(b.total_minor, 0) <> r.total_minor) AS wrong
  FROM run AS r LEFT JOIN booked AS b USING (no) GROUP BY r.name, r.part_minor, r.total_minor ORDER BY r.name;

-- What the ledger says, step by step: kind, key and times of a total's entries; its sale's key is its own.
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.order_event('sale', 900, money => 'pi:1'));
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.told('a-1', pg_temp.total('pi:1', 500, '13:00:00')));
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.told('a-2', pg_temp.part('re:1', 'pi:1', 200, '12:30:00', '12:30:00')));
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.told('a-2', pg_temp.part('re:1', 'pi:1', 200, '12:30:00', '12:30:00')));
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.told('a-3', pg_temp.total('pi:1', 500, '13:00:00'),
    pg_temp.part('re:2', 'pi:1', 300, '12:40:00', '12:40:00')));
SELECT money_key, kind, step, amount_minor, currency, parent_money_key, occurred_at AT TIME ZONE 'UTC' AS occurred_at
  FROM attribution.revenue_ledger WHERE tenant_id = :'t' AND money_key IN ('pi:1', 're:1', 're:2') ORDER BY entry_id;
SELECT money_key, kind, cumulative_minor, step, told_minor FROM attribution.money_states
 WHERE tenant_id = :'t' AND money_key IN ('pi:1', 're:1', 're:2') ORDER BY 1, 2;
SELECT money_key, kind, parent_money_key, gross_minor FROM attribution.money_parts
 WHERE tenant_id = :'t' AND parent_money_key = 'pi:1' ORDER BY 1;
BEGIN;
SELECT attribution.set_tenant(:'t');
SELECT channel, kind, sum(amount_minor) FROM attribution.realtime_revenue WHERE channel <> 'unknown' GROUP BY 1, 2 ORDER BY 1, 2;
COMMIT;
-- Kinds are families of their own; evidence books none.
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.told('b-1', pg_temp.state('pi:2', 400, '13:00:00', role => 'total', kind => 'chargeback'),
    pg_temp.state('dp:1', 400, '13:00:00', role => 'part', parent => 'pi:2', kind => 'chargeback'),
    pg_temp.state('pi:2', 90, '13:00:00', role => 'total')));
SELECT status, booked FROM attribution.ingest_event(:'t', jsonb_set(pg_temp.told('b-2', pg_temp.total('pi:3', 400, '13:00:00')), '{delivery,books_revenue}', 'false'));
SELECT money_key, kind, amount_minor FROM attribution.revenue_ledger WHERE tenant_id = :'t' AND money_key IN ('pi:2', 'pi:3', 'dp:1') ORDER BY 1, 2;
-- Another currency than the family is booked in, by way of the total, in one call and in the next.
SELECT item, status, code, detail FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.told('c-1', pg_temp.part('re:4', 'pi:4', 100, '12:30:00', '12:30:00')),
    pg_temp.told('c-2', pg_temp.state('re:5', 100, '12:30:00', role => 'part', parent => 'pi:4', currency => 'EUR'))));
SELECT status, code, detail FROM attribution.ingest_event(:'t',
    pg_temp.told('c-3', pg_temp.state('pi:4', 100, '12:30:00', role => 'total', currency => 'EUR')));
-- And in one event, whether it tells the total or not.
SELECT n, r.status, r.code, r.detail
  FROM (VALUES (1, pg_temp.told('c-4', pg_temp.total('pi:5', 200, '12:30:00'),
                   pg_temp.state('re:7', 100, '12:30:00', role => 'part', parent => 'pi:5', currency => 'EUR'))),
               (2, pg_temp.told('c-5', pg_temp.part('re:7', 'pi:5', 100, '12:30:00', '12:30:00'),
                   pg_temp.state('re:8', 100, '12:30:00', role => 'part', parent => 'pi:5', currency => 'EUR'))),
               (3, pg_temp.told('c-6', pg_temp.part('re:7', 'pi:5', 100, '12:30:00', '12:30:00'),
                   pg_temp.state('re:8', 100, '12:30:00', role => 'part', parent => 'pi:6', currency => 'EUR'),
                   pg_temp.state('pi:5', 100, '12:30:00', kind => 'capture', currency => 'EUR')))) AS v (n, event),
       attribution.ingest_event(:'t', event) AS r;
-- What is no family.
SELECT n, r.status, r.code, r.detail
  FROM (VALUES (1, pg_temp.state('re:6', 1, '12:00:00', role => 'part')),
               (2, pg_temp.state('re:6', 1, '12:00:00', role => 'part', parent => 're:6')),
               (3, pg_temp.state('re:6', 1, '12:00:00', role => 'sum')),
               (4, pg_temp.state('re:6', 1, '12:00:00', role => 'total', kind => 'adjustment')),
               (5, pg_temp.state('re:6', 1, '12:00:00', role => 'part', parent => 'pi:9', gross => -1)),
               (6, pg_temp.state('re:6', 1, '12:00:00', role => 'part', parent => 'pi:9', gross => 10000000000000000))) AS v (n, state),
       attribution.ingest_event(:'t', pg_temp.told('d-' || n, state)) AS r;
SELECT count(*) FROM attribution.money_states WHERE tenant_id = :'t' AND money_key IN ('re:6', 'pi:9');
