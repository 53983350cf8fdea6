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

-- Parts and totals too. What is expected is computed from the newest states alone, by the rule of the event contract:
-- of a total what its parts do not explain, each counted as it was when the total was told.
\set ECHO none
\i :abs_srcdir/sql/fixtures/family.sql
\set ECHO all
CREATE TEMP TABLE family AS
SELECT row_number() OVER () AS n, f AS family, 'R' || p AS money, p * 10 + 10 AS made, (p * 10 + v * 7 + 10) AS at,
       CASE WHEN v = 3 AND (f + p) % 3 = 0 THEN 0 ELSE abs(hashint8(f * 101 + p * 11 + v)) % 4 * 100 END AS minor,
       CASE WHEN v = 3 THEN abs(hashint8(f + p)) % 5 * 100 END AS gross
  FROM generate_series(1, 6) AS f, generate_series(1, 3) AS p, generate_series(1, 3) AS v
UNION ALL
SELECT 1000 + row_number() OVER (), f, 'K', NULL, v * 13 + f, abs(hashint8(f * 77 + v)) % 12 * 150, NULL
  FROM generate_series(1, 6) AS f, generate_series(1, 3) AS v;
CREATE TEMP TABLE expected AS
WITH newest AS (
    SELECT DISTINCT ON (family, money) * FROM family ORDER BY family, money, at DESC, minor DESC
), parts AS (
    SELECT n.*, (SELECT max(greatest(f.minor, f.gross)) FROM family AS f WHERE f.family = n.family AND f.money = n.money) AS whole
      FROM newest AS n WHERE n.money <> 'K'
)
SELECT family, money, minor AS booked FROM parts
UNION ALL
SELECT t.family, t.money, greatest(0, t.minor - (
           SELECT sum(CASE WHEN p.made > t.at THEN 0 WHEN p.at <= t.at THEN p.minor ELSE p.whole END)
             FROM parts AS p WHERE p.family = t.family))
  FROM newest AS t WHERE t.money = 'K';
-- Totals that explain all, some and none of themselves are among them.
SELECT count(*) FILTER (WHERE booked = 0) > 0 AS explained, count(*) FILTER (WHERE booked > 0) > 0 AS unexplained FROM expected WHERE money = 'K';
CREATE FUNCTION pg_temp.clock(minutes bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT to_char('2026-11-01 10:00'::timestamp + minutes * interval '1 minute', 'HH24:MI:SS')
$$;
DO $$
DECLARE
    round integer;
    call jsonb;
    wrong text;
BEGIN
    FOR round IN 1..60 LOOP
        FOR call IN
            SELECT jsonb_agg(pg_temp.told(format('f%s:%s', round, n), CASE money
                       WHEN 'K' THEN pg_temp.total(format('f%s:%s:K', round, family), minor, pg_temp.clock(at))
                       ELSE pg_temp.part(format('f%s:%s:%s', round, family, money), format('f%s:%s:K', round, family), minor,
                                         pg_temp.clock(at), pg_temp.clock(made), gross) END) ORDER BY place)
              FROM (SELECT *, row_number() OVER (ORDER BY md5(round || ':' || n || ':' || twice)) AS place
                      FROM family, generate_series(1, 1 + round % 2) AS twice) AS h
             GROUP BY place / (1 + round % 13) ORDER BY min(place)
        LOOP
            PERFORM attribution.ingest_events('018f0000-0000-7000-8000-000000000015', call);
        END LOOP;
        SELECT string_agg(format('%s of family %s: booked %s, expected %s', e.money, e.family, l.booked, e.booked), '; ') INTO wrong
          FROM expected AS e
          LEFT JOIN (SELECT money_key, -sum(amount_minor) AS booked, max(step) = count(*) AS gapless
                       FROM attribution.revenue_ledger WHERE tenant_id = '018f0000-0000-7000-8000-000000000015' GROUP BY 1) AS l
                 ON l.money_key = format('f%s:%s:%s', round, e.family, e.money)
         WHERE coalesce(l.booked, 0) <> e.booked OR l.gapless IS FALSE;
        IF wrong IS NOT NULL THEN
            RAISE EXCEPTION 'arrival order % ends wrong: %', round, wrong;
        END IF;
    END LOOP;
END
$$;
SELECT count(*) AS entries_of_families, count(DISTINCT money_key) AS monies FROM attribution.revenue_ledger
 WHERE tenant_id = :'t' AND kind = 'refund' AND money_key LIKE 'f%';
