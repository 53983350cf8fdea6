-- Ids by RFC 9562: version 7, variant 10, the time in front, growing, and different every time.
CREATE TEMP TABLE made AS
SELECT n, attribution_internal.uuid_v7() AS id FROM generate_series(1, 20000) AS n;
SELECT count(DISTINCT id) AS different,
       bool_and(substr(id::text, 15, 1) = '7') AS version_7,
       bool_and(substr(id::text, 20, 1) IN ('8', '9', 'a', 'b')) AS variant_10
  FROM made;
SELECT count(*) AS not_growing FROM (SELECT id > lag(id) OVER (ORDER BY n) AS grows FROM made) AS steps WHERE NOT grows;
SELECT abs(('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint
           - extract(epoch FROM clock_timestamp()) * 1000) < 60000 AS time_in_front
  FROM made ORDER BY n DESC LIMIT 1;
-- The random part: every bit is set about half of the time (six standard deviations either way).
SELECT count(*) AS bits_looked_at,
       count(*) FILTER (WHERE abs(ones - 10000) > 424) AS biased
  FROM (SELECT bit, sum(get_bit(decode(replace(id::text, '-', ''), 'hex'), bit)) AS ones
          FROM made, generate_series(64, 127) AS bit
         WHERE bit NOT IN (70, 71) GROUP BY bit) AS bits;
-- Another backend makes other ids, later ones.
SELECT attribution_internal.uuid_v7() AS before \gset
\c
SELECT attribution_internal.uuid_v7() > :'before' AS later;
-- A parallel worker makes its own.
SELECT provolatile, proparallel FROM pg_proc WHERE oid = 'attribution_internal.uuid_v7'::regproc;
