-- Ad spend: what record_spend() and import_spend() take and refuse, and what the spend brought.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 7a
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
UPDATE attribution.tenants SET time_zone = 'Asia/Kolkata' WHERE tenant_id = :'t';
CREATE FUNCTION pg_temp.spend(changes jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
SELECT '{"day": "2026-11-01", "channel": "paid_search", "currency": "USD", "spend": "100.00"}' || changes $$;
CREATE TEMP VIEW spend AS
SELECT day, channel, campaign, currency, spend_minor, impressions, clicks, restatements FROM attribution.channel_spend
 WHERE tenant_id = '018f0000-0000-7000-8000-00000000007a' ORDER BY 1, 2, 3, 4;

-- New, the same again, restated: the whole row is replaced.
SELECT item, status FROM attribution.record_spend(tenant_id => :'t', rows => jsonb_build_array(
    pg_temp.spend('{"impressions": 1000, "clicks": 50}'), pg_temp.spend('{"campaign": "brand", "spend": "0.5"}'), pg_temp.spend('{"currency": "JPY", "spend": "7"}')));
SELECT item, status FROM attribution.record_spend(tenant_id => :'t', rows => jsonb_build_array(
    pg_temp.spend('{"campaign": "brand", "spend": "0.50"}'), pg_temp.spend('{"impressions": 1001}'), pg_temp.spend('{"currency": "JPY", "spend": "8"}')));
SELECT item, status FROM attribution.record_spend(tenant_id => :'t', rows => jsonb_build_array(pg_temp.spend('{"campaign": null, "currency": "JPY", "spend": "9"}')));
SELECT * FROM spend;
-- Each refused row says why, and its neighbours go on. What nobody can tell apart is refused whole.
SELECT * FROM attribution.record_spend(tenant_id => :'t', rows => jsonb_build_array(
    pg_temp.spend('{"channel": "paid_serach"}'), pg_temp.spend('{"spend": "-1"}'), pg_temp.spend('{"spend": 1.5}'), pg_temp.spend('{"spend": "1.005"}'),
    pg_temp.spend('{"spend": "999999999999999.99"}'), pg_temp.spend('{"spend": null}'), pg_temp.spend('{"currency": "usd"}'),
    pg_temp.spend('{"day": "2026-02-29"}'), pg_temp.spend('{"day": "tomorrow"}'), pg_temp.spend('{"clicks": -1}'), pg_temp.spend('{"clicks": 1000000000000000}'),
    pg_temp.spend('{"clicks": "7 "}'), pg_temp.spend('{"campaign": "for jon@example.com"}'), pg_temp.spend('{"jon@example.com": 1}'),
    pg_temp.spend('{}') - 'day', '1', 'null', '[]',
    pg_temp.spend('{"campaign": "x"}'), pg_temp.spend('{"campaign": "y", "impressions": 999999999999999, "clicks": "0"}'), pg_temp.spend('{"campaign": "x", "spend": "2"}')));
SELECT * FROM spend WHERE campaign <> '';
-- The call as a whole.
SELECT * FROM attribution.record_spend(:'t', '[]');
SELECT * FROM attribution.record_spend(:'t', '{}');
SELECT * FROM attribution.record_spend(:'t', NULL);
SELECT * FROM attribution.record_spend(:'t', (SELECT jsonb_agg(pg_temp.spend('{}')) FROM generate_series(1, 10001)));
SELECT * FROM attribution.record_spend(NULL, '[]');
SELECT * FROM attribution.record_spend('018f0000-0000-7000-8000-0000000000ff', '[]');
SELECT status, count(*) FROM attribution.record_spend(:'t', (SELECT jsonb_agg(pg_temp.spend(jsonb_build_object('day', '2025-01-01'::date + n % 365, 'campaign', 'c' || n))) FROM generate_series(1, 10000) AS n)) GROUP BY 1;
SELECT count(*), sum(spend_minor) FROM spend WHERE day < '2026-01-01';
-- Nobody who writes past the function puts in what it refuses.
INSERT INTO attribution.channel_spend (tenant_id, day, channel, campaign, currency, spend_minor) VALUES (:'t', '2026-11-01', 'display', 'jon@example.com', 'EUR', 1);
\set VERBOSITY terse
INSERT INTO attribution.channel_spend (tenant_id, day, channel, campaign, currency, spend_minor) VALUES (:'t', '2026-11-01', 'display', '', 'EUR', -1);
\set VERBOSITY default

-- A file comes by way of a table: COPY itself cannot write into one with row security.
\c - regress_admin
\set t 018f0000-0000-7000-8000-00000000007a
CREATE TEMP TABLE spend_file (line integer GENERATED ALWAYS AS IDENTITY (START 2), day text, channel text, campaign text, currency text, spend text, impressions text, clicks text);
\copy spend_file (day, channel, campaign, currency, spend, impressions, clicks) FROM stdin CSV
2026-12-01,paid_social,"Winter, ""big""",EUR,12.50,100,7
2026-12-01,paid_social,,EUR,5,,
2026-12-02,paid_social,,EUR,x,,
2026-12-02,nowhere,,EUR,1,,
2026-12-03,display,,EUR,1,,
2026-12-03,display,,EUR,2,,
\.
SELECT line, status, code, detail FROM attribution.import_spend(tenant_id => :'t', source => 'spend_file');
SELECT line, status FROM attribution.import_spend(:'t', 'pg_temp.spend_file') WHERE status <> 'refused';
SELECT day, channel, campaign, currency, spend_minor, impressions, clicks FROM attribution.channel_spend WHERE tenant_id = :'t' AND day >= '2026-12-01' ORDER BY 1, 2, 3;
-- More than record_spend() takes, and a key that comes twice far apart.
TRUNCATE spend_file RESTART IDENTITY;
INSERT INTO spend_file (day, channel, campaign, currency, spend)
SELECT '2024-01-01'::date + n % 300, 'display', 'c' || CASE n WHEN 12000 THEN 0 ELSE n END, 'EUR', '1' FROM generate_series(0, 12000) AS n;
SELECT status, count(*), min(line), max(line) FROM attribution.import_spend(:'t', 'spend_file') GROUP BY 1 ORDER BY 1;
-- An empty table, columns that are missing or too many, and tables that are not the caller's to read.
TRUNCATE spend_file;
SELECT * FROM attribution.import_spend(:'t', 'spend_file');
ALTER TABLE spend_file DROP clicks;
SELECT * FROM attribution.import_spend(:'t', 'spend_file');
ALTER TABLE spend_file DROP campaign, DROP day, ADD cost text, ALTER spend TYPE double precision USING 0;
SELECT * FROM attribution.import_spend(:'t', 'spend_file');
SELECT * FROM attribution.import_spend(:'t', NULL);
\c - postgres
CREATE TABLE public.regress_private_spend (line bigint, day text, channel text, currency text, spend text);
INSERT INTO public.regress_private_spend VALUES (1, '2026-12-04', 'display', 'EUR', '1');
SET ROLE regress_admin;
SELECT * FROM attribution.import_spend('018f0000-0000-7000-8000-00000000007a', 'public.regress_private_spend');
RESET ROLE;
GRANT SELECT ON public.regress_private_spend TO regress_admin;
SET ROLE regress_admin;
SELECT * FROM attribution.import_spend('018f0000-0000-7000-8000-00000000007a', 'public.regress_private_spend');
RESET ROLE;
DROP TABLE public.regress_private_spend;
-- Who records: services and administrators. Analysts read.
\c - regress_bi_a
SELECT * FROM attribution.record_spend('018f0000-0000-7000-8000-00000000000a', '[]');
SELECT * FROM attribution.import_spend('018f0000-0000-7000-8000-00000000000a', 'attribution.tenants');
INSERT INTO attribution.channel_spend (tenant_id, day, channel, campaign, currency, spend_minor) VALUES ('018f0000-0000-7000-8000-00000000000a', now(), 'display', '', 'EUR', 1);
\c - postgres

-- What it brought, on a day of its own. 19:00 UTC is the next day in India.
SET client_min_messages = warning;
\set tenant 7b
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
UPDATE attribution.tenants SET time_zone = 'Asia/Kolkata' WHERE tenant_id = :'t';
CREATE FUNCTION pg_temp.sale(key text, minor bigint, at text, medium text, currency text DEFAULT 'USD', version text DEFAULT '2026-11-01T12:00:00Z')
    RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_set(pg_temp.order_event(key || version, minor, version => version, money => key, currency => currency,
                                     signals => jsonb_build_object('source', 'google', 'medium', medium)), '{states,0,occurred_at}', to_jsonb(at)) $$;
SELECT sum(booked) FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.sale('o1', 10000, '2026-11-01T12:00:00Z', 'cpc'), pg_temp.sale('o2', 5000, '2026-11-01T13:00:00Z', 'cpc'),
    pg_temp.sale('o2', 6000, '2026-11-01T14:00:00Z', 'cpc', version => '2026-11-02T12:00:00Z'),
    pg_temp.sale('o3', 700, '2026-11-01T19:00:00Z', 'cpc'), pg_temp.sale('o4', 900, '2026-11-01T12:00:00Z', 'email'),
    pg_temp.sale('o5', 300, '2026-11-01T12:00:00Z', 'cpc', 'EUR'),
    jsonb_set(pg_temp.order_event('r1', 2000, money => 'refund:1', kind => 'refund', signals => '{}'), '{states,0,parent}', '"o1"')));
SELECT count(*) FILTER (WHERE status = 'created') FROM attribution.record_spend(:'t', '[
    {"day": "2026-11-01", "channel": "paid_search", "campaign": "a", "currency": "USD", "spend": "20.00", "clicks": 10},
    {"day": "2026-11-01", "channel": "paid_search", "campaign": "b", "currency": "USD", "spend": "10.00", "clicks": 5, "impressions": 100},
    {"day": "2026-11-01", "channel": "display", "currency": "USD", "spend": "5.00"},
    {"day": "2026-11-01", "channel": "affiliates", "currency": "USD", "spend": "0"},
    {"day": "2026-11-01", "channel": "paid_search", "currency": "JPY", "spend": "500"}]');
BEGIN;
SELECT attribution.set_tenant(:'t');
SET LOCAL ROLE attribution_analyst;
SELECT local_day, channel, currency, revenue_minor, sales, spend_minor, impressions, clicks, roas, cpa_minor
  FROM attribution.return_on_ad_spend ORDER BY 1, 2, 3;
-- Over a range sums are divided, not ratios averaged.
SELECT channel, sum(revenue_minor) AS revenue_minor, sum(spend_minor) AS spend_minor,
       round(sum(revenue_minor) / nullif(sum(spend_minor), 0), 4) AS roas
  FROM attribution.return_on_ad_spend
 WHERE local_day BETWEEN '2026-11-01' AND '2026-11-02' AND currency = 'USD' GROUP BY 1 ORDER BY 1;
COMMIT;
-- Rounding is that of the exact ratio: 1.00005 minus 1e-20 is not rounded up.
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.sale('o6', 4000099995000001, '2026-11-05T12:00:00Z', 'cpc'));
SELECT status FROM attribution.record_spend(:'t', '[{"day": "2026-11-05", "channel": "paid_search", "currency": "USD", "spend": "39999000000000.01"}]');
SELECT round(4000099995000001::numeric / 3999900000000001, 4) AS rounded_twice;
BEGIN;
SELECT attribution.set_tenant(:'t');
SELECT roas, cpa_minor FROM attribution.return_on_ad_spend WHERE local_day = '2026-11-05';
COMMIT;
-- Without a tenant nothing, for the administrator too.
SET ROLE attribution_admin;
SELECT count(*) FROM attribution.return_on_ad_spend;
RESET ROLE;
