-- Whatever order states arrive in, alone or in calls of any size, repeated or not, the totals are the same: those of
-- the newest state of each money key and kind.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 15
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
CREATE TEMP TABLE history AS
SELECT row_number() OVER () AS n, 'order:' || o AS money, kind, (abs(hashint8(o * 31 + v)) % 5) * 100 AS minor,
       '2026-11-01T12:00:0' || (v / 2) || 'Z' AS version
  FROM generate_series(1, 4) AS o, generate_series(0, 9) AS v, unnest('{capture,refund}'::text[]) AS kind;
-- 40 orders of arrival. A failure names the seed.
DO $$
DECLARE
    round integer;
    call jsonb;
    wrong text;
BEGIN
    FOR round IN 1..40 LOOP
        FOR call IN
            SELECT jsonb_agg(pg_temp.order_event(round || ':' || n, minor, version, round || ':' || money, kind) ORDER BY place)
              FROM (SELECT *, row_number() OVER (ORDER BY md5(round || ':' || n || ':' || twice)) AS place
                      FROM history, generate_series(1, 1 + round % 2) AS twice) AS h
             GROUP BY place / (1 + round % 17) ORDER BY min(place)
        LOOP
            PERFORM attribution.ingest_events('018f0000-0000-7000-8000-000000000015', call);
        END LOOP;
        SELECT string_agg(format('%s %s: booked %s, expected %s', h.money, h.kind, l.booked, h.minor), '; ') INTO wrong
          FROM (SELECT DISTINCT ON (money, kind) * FROM history ORDER BY money, kind, version DESC, minor DESC) AS h
          LEFT JOIN (SELECT money_key, kind, abs(sum(amount_minor)) AS booked, max(step) = count(*) AS gapless
                       FROM attribution.revenue_ledger WHERE tenant_id = '018f0000-0000-7000-8000-000000000015' GROUP BY 1, 2) AS l
                 ON l.money_key = round || ':' || h.money AND l.kind = h.kind
         WHERE coalesce(l.booked, 0) <> h.minor OR l.gapless IS FALSE;
        IF wrong IS NOT NULL THEN
            RAISE EXCEPTION 'arrival order % ends wrong: %', round, wrong;
        END IF;
    END LOOP;
END
$$;
SELECT count(*) AS events, count(DISTINCT delivery_key) AS deliveries FROM attribution.attribution_events WHERE tenant_id = :'t';
SELECT count(DISTINCT totals) AS different_ends FROM (
    SELECT split_part(money_key, ':', 1) AS round,
           jsonb_object_agg(substr(money_key, strpos(money_key, ':')) || kind, cumulative_minor) AS totals
      FROM attribution.money_states WHERE tenant_id = :'t' GROUP BY 1) AS ends;
