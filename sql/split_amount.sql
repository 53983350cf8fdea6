-- Money in whole parts that add up exactly.
SELECT attribution.split_amount(100, '{1,1,1}') AS thirds, attribution.split_amount(-100, '{1,1,1}') AS refunded,
       attribution.split_amount(5999, '{0.4,0.2,0.4}') AS position_based, attribution.split_amount(0, '{3,1}') AS nothing,
       attribution.split_amount(10, '{0,1,0,3}') AS with_zeros;
SELECT attribution.split_amount(9223372036854775807, '{1,1}') AS most, attribution.split_amount(-9223372036854775808, '{1,3}') AS least;
SELECT attribution.split_amount(NULL, '{1}') IS NULL AND attribution.split_amount(1, NULL) IS NULL AS null_in_null_out;
-- What cannot be divided by.
SELECT attribution.split_amount(1, '{}');
\echo :LAST_ERROR_SQLSTATE
SELECT attribution.split_amount(1, '{0,0}');
SELECT attribution.split_amount(1, '{1,-1}');
SELECT attribution.split_amount(1, '{1,NaN}');
SELECT attribution.split_amount(1, '{1,Infinity}');
SELECT attribution.split_amount(1, '{1,NULL}');
\echo :LAST_ERROR_SQLSTATE
SELECT attribution.split_amount(1, array_fill(1.0::double precision, ARRAY[1048577]));
-- Ten thousand amounts and weights of every size: sums hold in parallel plans too.
-- The setting has another name from PostgreSQL 16 on.
SELECT set_config(name, 'on', false) AS parallel FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SELECT bool_and(total = (SELECT sum(part) FROM unnest(attribution.split_amount(total, weights)) AS part)) AS all_add_up
  FROM (SELECT (hashint8extended(n, 7) >> (n % 60)::int) AS total,
               ARRAY(SELECT (hashint8extended(n, w) & 1048575)::double precision / w FROM generate_series(1, 1 + n % 11) AS w) AS weights
          FROM generate_series(1, 10000) AS n) AS splits;
-- Everybody who reads reports may; PUBLIC may not.
SET ROLE attribution_analyst;
SELECT attribution.split_amount(10, '{1,2}');
SET ROLE attribution_svc_export;
SELECT attribution.split_amount(10, '{1,2}');
RESET ROLE;
