-- Every element that does not keep to the contract is a dead letter that names the member, and never its value.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 13
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
CREATE TEMP TABLE bad (n serial, event jsonb);
INSERT INTO bad (event) SELECT jsonb_set(pg_temp.order_event('bad-' || n), path::text[], value::jsonb)
  FROM (VALUES
    (1, '{version}', '2'), (2, '{surplus}', '1'), (3, '{delivery,surplus}', '1'), (4, '{delivery,digest}', '"AB"'),
    (5, '{delivery,source}', '"with space"'), (6, '{delivery,key}', '"jon@example.com"'), (7, '{delivery,books_revenue}', '1'),
    (8, '{delivery,correlation_id}', '"018F0000-0000-7000-8000-0000000000aa"'), (9, '{delivery,topic}', '7'),
    (10, '{conversion}', '[]'), (11, '{conversion,external_id}', 'null'), (12, '{conversion,occurred_at}', '"infinity"'),
    (13, '{conversion,occurred_at}', '"now"'), (14, '{conversion,occurred_at}', '"2026-02-29T00:00:00Z"'),
    (15, '{conversion,occurred_at}', '"2026-11-01T12:00:00"'), (16, '{conversion,signals,surplus}', '"x"'),
    (17, '{conversion,signals,source}', '1'), (18, '{conversion,payload}', '"text"'), (19, '{conversion,payload,signals}', '{}'),
    (20, '{conversion,555-123-4567}', '1'), (21, '{states}', '{}'), (22, '{states,0,kind}', '"sale"'),
    (23, '{states,0,cumulative_minor}', '1.5'), (24, '{states,0,cumulative_minor}', '9223372036854775808'),
    (25, '{states,0,cumulative_minor}', '"388"'), (26, '{states,0,cumulative_minor}', '388.00'),
    (27, '{states,0,currency}', '"usd"'), (28, '{states,0,version_at}', '20261101'), (29, '{states,0,parent}', '""'),
    (30, '{states,1}', (pg_temp.order_event('x') #> '{states,0}')::text), (31, '{notice}', '{"occurred_at": "2026-11-01T12:00:00Z"}'),
    (32, '{touchpoints}', '[{}]'), (33, '{states,0,tax_minor}', 'true'), (34, '{delivery,key}', to_json(repeat('k', 201))::text),
    (35, '{delivery,key}', '"555-123-4567"'), (36, '{states,0,money_key}', '"555-123-4567"'),
    (37, '{states,0,tax_minor}', '9223372036854775807'), (38, '{delivery,key}', '"10.0.0.1"'),
    (39, '{delivery,source}', '"123-45-6789"'), (40, '{delivery,topic}', '"4111111111111111"')
  ) AS v (n, path, value) ORDER BY n;
INSERT INTO bad (event) VALUES ('null'), ('[]'), ('{}'), ('"text"'), (pg_temp.order_event('bad-none') - 'conversion');
SELECT i.item + 1 AS n, i.status, i.code, i.detail, i.booked
  FROM attribution.ingest_events(:'t', (SELECT jsonb_agg(event ORDER BY n) FROM bad)) AS i;
SELECT count(*) FROM attribution.attribution_events WHERE tenant_id = :'t';
SELECT source, CASE WHEN length(delivery_key) = 64 THEN 'digest' ELSE delivery_key END AS key, count(*), bool_or(payload IS NOT NULL) AS any_payload
  FROM attribution.dead_events WHERE tenant_id = :'t' GROUP BY 1, 2 ORDER BY 1, 2;
-- A repeat raises the attempts of the same letters.
SELECT count(DISTINCT event_id) AS letters FROM attribution.ingest_events(:'t', (SELECT jsonb_agg(event ORDER BY n) FROM bad));
SELECT attempts, count(*) FROM attribution.dead_events WHERE tenant_id = :'t' GROUP BY 1;

-- What an adapter could not translate.
SELECT status, code, detail FROM attribution.ingest_event(:'t', pg_temp.order_event('r-1')
    || '{"rejected": {"code": "RA007", "detail": "The body is not JSON.", "length": 1234}}');
SELECT delivery_key, code, detail, body_length, payload FROM attribution.dead_events WHERE tenant_id = :'t' AND delivery_key = 'r-1';

-- Times are read as PostgreSQL reads them.
SELECT v.at, i.status
  FROM (VALUES ('2026-11-01T12:00:00Z'), ('2026-11-01t12:00:00.1234567z'), ('2024-02-29 23:59:60+00:00'), ('0001-01-01T00:00:00Z'),
               ('9999-12-31T23:59:59.999999-12:30'), ('1969-12-31T23:59:59.5+05:45')) AS v (at),
       attribution.ingest_event(:'t', jsonb_set(pg_temp.order_event('t-' || md5(v.at)), '{conversion,occurred_at}', to_jsonb(v.at))) AS i;
SELECT e.occurred_at = v.at::timestamptz AS equal, count(*)
  FROM (VALUES ('2026-11-01T12:00:00Z'), ('2026-11-01t12:00:00.1234567z'), ('2024-02-29 23:59:60+00:00'), ('0001-01-01T00:00:00Z'),
               ('9999-12-31T23:59:59.999999-12:30'), ('1969-12-31T23:59:59.5+05:45')) AS v (at)
  JOIN attribution.attribution_events AS e ON e.tenant_id = :'t' AND e.delivery_key = 't-' || md5(v.at) GROUP BY 1;

-- The call itself.
SELECT * FROM attribution.ingest_events(:'t', '{}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM attribution.ingest_events(:'t', NULL);
SELECT * FROM attribution.ingest_events(NULL, '[]');
\echo :LAST_ERROR_SQLSTATE
