-- Minor units as decimal numbers, exactly.
SELECT attribution.currency_exponent('JPY') AS jpy, attribution.currency_exponent('USD') AS usd, attribution.currency_exponent('KWD') AS kwd,
       attribution.currency_exponent('CLF') AS clf, attribution.currency_exponent(NULL) IS NULL AND attribution.decimal_amount(1, NULL) IS NULL AND attribution.decimal_amount(NULL, 'EUR') IS NULL AS null_in_null_out;
SELECT attribution.decimal_amount(38800, 'USD') AS usd, attribution.decimal_amount(-1, 'USD') AS cent, attribution.decimal_amount(1200, 'JPY') AS jpy,
       attribution.decimal_amount(1234, 'KWD') AS kwd, attribution.decimal_amount(0, 'EUR') AS zero;
SELECT attribution.decimal_amount(9223372036854775807, 'EUR') AS most, attribution.decimal_amount(sum(n), 'EUR') AS of_a_sum,
       attribution.decimal_amount(avg(n), 'EUR') = avg(n) / 100 AS of_an_average
  FROM (VALUES (1::bigint), (2), (4)) AS amounts (n);
SELECT pg_typeof(attribution.decimal_amount(1::bigint, 'EUR'::attribution.currency_code));
-- What is no currency is an error, not a guess; its text is not quoted.
SELECT attribution.decimal_amount(100, 'EURO');
\echo :LAST_ERROR_SQLSTATE
SELECT attribution.currency_exponent('usd');
-- In an index and in parallel plans; PUBLIC may not.
SELECT provolatile, proparallel, proisstrict FROM pg_proc WHERE oid IN ('attribution.currency_exponent'::regproc, 'attribution.decimal_amount'::regproc);
SET ROLE attribution_analyst;
SELECT attribution.decimal_amount(100, 'EUR');
SET ROLE attribution_svc_ingestion;
SELECT attribution.decimal_amount(100, 'EUR');
RESET ROLE;
