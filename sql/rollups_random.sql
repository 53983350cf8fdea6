-- Whatever happens in whatever order, folded in pieces of any size, rolled back or failed in between: reports show what the
-- ledger has, before and after folding. The days of rollups take differences, so a wrong one would stay.
\getenv abs_srcdir PG_ABS_SRCDIR
\getenv seed ATTRIBUTION_SEED
\if :{?seed}
\else
\set seed 20261125
\endif
\getenv steps STEPS
\if :{?steps}
\else
\set steps 120
\endif
\set tenant 64
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\i :abs_srcdir/sql/fixtures/allocate.sql
\i :abs_srcdir/sql/fixtures/reports.sql
CREATE FUNCTION pg_temp.pick(VARIADIC of text[]) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT of[1 + floor(random() * cardinality(of))] $$;
-- Of few orders and moments, around midnight and changes of the clock, so that they meet.
CREATE FUNCTION pg_temp.moment() RETURNS jsonb LANGUAGE sql VOLATILE AS $$
SELECT to_jsonb(to_char('2025-10-24 21:00'::timestamp + floor(random() * 3) * interval '1 day' + floor(random() * 3) * interval '150 minutes', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) $$;
CREATE FUNCTION pg_temp.signals() RETURNS jsonb LANGUAGE sql VOLATILE AS $$
SELECT pg_temp.pick('{}', '{"source": "(direct)", "medium": "(none)"}', '{"source": "google", "medium": "cpc"}', '{"source": "newsletter", "medium": "email"}')::jsonb $$;
CREATE FUNCTION pg_temp.anything(n integer) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    money CONSTANT text := 'any:' || floor(random() * 12);
    currency CONSTANT text := pg_temp.pick('USD', 'JPY');
    event jsonb;
BEGIN
    event := CASE WHEN random() < 0.6
        THEN pg_temp.order_event('s-' || n, 100 + n, version => to_char('2026-01-01'::timestamp + n * interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                                 money => money, currency => currency, signals => pg_temp.signals(), body => 's-' || n)
        ELSE jsonb_set(pg_temp.order_event('r-' || n, 10 + n, money => 'refund:' || n, kind => 'refund', currency => currency, signals => '{}', body => 'r-' || n) - 'conversion'
            || '{"notice": {"occurred_at": "2026-11-01T12:00:00Z"}}', '{states,0,parent}', to_jsonb(money)) END;
    event := jsonb_set(event, '{states,0,occurred_at}', pg_temp.moment());
    IF event ? 'conversion' THEN
        event := jsonb_set(event, '{conversion,occurred_at}', pg_temp.moment());
    END IF;
    RETURN CASE WHEN random() < 0.3 THEN jsonb_set(event, '{states,0,tax_minor}', to_jsonb(floor(random() * 3))) ELSE event END;
END
$$;
-- One step, and whether it fails on purpose once it is done.
CREATE FUNCTION pg_temp.step(tenant uuid, n integer) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    what CONSTANT text := pg_temp.pick('event', 'event', 'event', 'event', 'events', 'fold', 'fold', 'fold', 'fold all', 'divide', 'zone', 'lost', 'unfoldable');
BEGIN
    CASE what
    WHEN 'event' THEN PERFORM attribution.ingest_event(tenant, pg_temp.anything(n));
    WHEN 'events' THEN PERFORM attribution.ingest_events(tenant, (SELECT jsonb_agg(pg_temp.anything(n * 100 + i)) FROM generate_series(1, 5) AS i));
    WHEN 'fold' THEN PERFORM attribution.refresh_reports(1 + floor(random() * 3)::integer);
    WHEN 'fold all' THEN PERFORM pg_temp.fold();
    WHEN 'divide' THEN PERFORM pg_temp.divide();
    WHEN 'zone' THEN
        UPDATE attribution.tenants AS t SET time_zone = pg_temp.pick('UTC', 'Asia/Kathmandu', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe') WHERE t.tenant_id = step.tenant;
    WHEN 'lost' THEN
        BEGIN
            PERFORM attribution.ingest_event(tenant, pg_temp.anything(n)), pg_temp.fold();
            RAISE EXCEPTION SQLSTATE 'LOST0';
        EXCEPTION WHEN SQLSTATE 'LOST0' THEN
        END;
    WHEN 'unfoldable' THEN
        -- Its fold fails, alone and with others; then the zone is what it was.
        PERFORM attribution.ingest_event(tenant, pg_temp.anything(n));
        SET LOCAL session_replication_role = replica;
        UPDATE attribution.tenants AS t SET time_zone = 'Mars/' || t.time_zone WHERE t.tenant_id = step.tenant;
        SET LOCAL client_min_messages = error;
        PERFORM attribution.refresh_reports();
        SET LOCAL client_min_messages = warning;
        UPDATE attribution.tenants AS t SET time_zone = substr(t.time_zone, 6) WHERE t.tenant_id = step.tenant;
        SET LOCAL session_replication_role = origin;
    END CASE;
    RETURN what;
END
$$;
CREATE PROCEDURE pg_temp.live(tenant uuid, steps integer, seed double precision) LANGUAGE plpgsql AS $$
DECLARE
    done text[] := '{}';
    wrong text;
BEGIN
    PERFORM setseed(seed);
    FOR n IN 1 .. steps LOOP
        done := done || pg_temp.step(tenant, n);
        COMMIT;
        wrong := (SELECT string_agg(w.report, ', ') FROM pg_temp.wrong_reports() AS w);
        IF wrong IS NOT NULL THEN
            RAISE EXCEPTION 'seed %: after % steps: %', seed, n, wrong USING DETAIL = done::text;
        END IF;
        COMMIT;
    END LOOP;
    PERFORM pg_temp.fold();
    wrong := (SELECT string_agg(w.report, ', ') FROM pg_temp.wrong_reports() AS w);
    IF wrong IS NOT NULL OR EXISTS (SELECT FROM attribution.dirty_buckets AS d WHERE d.tenant_id = live.tenant) THEN
        RAISE EXCEPTION 'seed %: once everything is folded: %', seed, wrong;
    END IF;
END
$$;
SET attribution.tenant_id = :'t';
SET client_min_messages = warning;
SELECT attribution.define_model(:'t', 'linear', 'linear') IS NOT NULL AS defined \gset
\set ECHO all
CALL pg_temp.live(:'t', :steps, (:seed % 1000000) / 1000000.0);
-- It came about: folded and not, entries of both kinds.
SELECT count(*) > 10 AS entries, count(DISTINCT kind) AS kinds, count(DISTINCT currency) AS currencies FROM attribution.revenue_entries;
SELECT count(*) > 3 AS days FROM attribution.daily_revenue_rollup WHERE tenant_id = :'t';
