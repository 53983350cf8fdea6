-- No row with personal data gets into a table: RA001 names the place, never the value.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 17
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
-- By hand, into each column that holds text.
\set columns '(tenant_id, event_id, source, delivery_key, item_no, event_type, digest, topic, external_id, evidence, occurred_at, channel, payload)'
INSERT INTO attribution.attribution_events :columns
VALUES (:'t', gen_random_uuid(), 's', 'k-1', 0, 'notice', sha256(''), 't', 'e', false, now(), 'direct', '{"signals": {"campaign": "for jon@example.com"}}');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO attribution.attribution_events :columns
VALUES (:'t', gen_random_uuid(), 's', 'k-2', 0, 'notice', sha256(''), 't', 'e', false, now(), 'direct', '{"lines": [1, {"jon@example.com": {"x": "+49 30 1234567"}}]}');
INSERT INTO attribution.attribution_events :columns
VALUES (:'t', gen_random_uuid(), 's', 'k-3', 0, 'notice', sha256(''), 't', 'e', false, now(), 'direct', '{"lines": [{"odd key": ["x", "jon%2540example.com"]}]}');
INSERT INTO attribution.attribution_events :columns
VALUES (:'t', gen_random_uuid(), 's', 'k-4', 0, 'notice', sha256(''), 't', 'e', false, now(), 'direct', '{"order": {"first_name": null}}');
INSERT INTO attribution.attribution_events :columns
VALUES (:'t', gen_random_uuid(), 's', 'k-5', 0, 'notice', sha256(''), 't', '(555) 123-4567', false, now(), 'direct', '{}');
INSERT INTO attribution.attribution_events :columns
VALUES (:'t', gen_random_uuid(), 's', 'jon@example.com', 0, 'notice', sha256(''), 't', 'e', false, now(), 'direct', '{}');
INSERT INTO attribution.dead_events (tenant_id, dead_id, source, delivery_key, digest, code, detail)
VALUES (:'t', gen_random_uuid(), 's', 'k-7', sha256(''), 'RA007', 'sent by jon@example.com');
-- Text by another name: domains, varchar, char.
CREATE DOMAIN pg_temp.words AS text;
CREATE TEMP TABLE other_text (n int, a pg_temp.words, b varchar(50), c char(40));
CREATE TRIGGER guard_pii BEFORE INSERT ON other_text FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
INSERT INTO other_text VALUES (1, 'jon@example.com', 'x', 'x');
INSERT INTO other_text VALUES (2, 'x', 'jon@example.com', 'x');
INSERT INTO other_text VALUES (3, 'x', 'x', 'jon@example.com');
INSERT INTO other_text VALUES (4, 'x', 'x', 'x');
SELECT n FROM other_text;
-- What looks like it but is none: ids, digests, times, amounts.
INSERT INTO attribution.attribution_events :columns
VALUES (:'t', gen_random_uuid(), 'shopify', '018f0000-0000-7000-8000-000000000017', 0, 'notice', sha256(''), 'orders/create', '820982911946154508', false, now(), 'direct',
        '{"id": "820982911946154508", "n": 15551234567, "at": "2021-12-31T19:00:00-05:00", "amount": "1234567.89", "digest": "d41d8cd98f00b204e9800998ecf8427e", "deep": [[[{"ok": "@home"}]]]}');
-- A refused change leaves the row.
INSERT INTO attribution.dead_events (tenant_id, dead_id, source, delivery_key, digest, code, detail)
VALUES (:'t', gen_random_uuid(), 's', 'k-8', sha256(''), 'RA007', 'clean');
UPDATE attribution.dead_events SET detail = 'jon@example.com' WHERE delivery_key = 'k-8';
SELECT detail FROM attribution.dead_events WHERE delivery_key = 'k-8';
-- Through ingestion the whole call fails; PL/pgSQL catches it, and the backend lives on.
DO $$
DECLARE
    code text;
    detail text;
BEGIN
    PERFORM attribution.ingest_events('018f0000-0000-7000-8000-000000000017', jsonb_build_array(
        pg_temp.order_event('p-1'), pg_temp.order_event('p-2', signals => '{"campaign": "jon@example.com"}')));
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL;
    RAISE INFO '% %', code, detail;
END
$$;
SELECT count(*) FROM attribution.attribution_events WHERE tenant_id = :'t';
-- It is a BEFORE ROW trigger and nothing else.
CREATE TEMP TABLE other (t text);
CREATE TRIGGER wrong AFTER INSERT ON other FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
INSERT INTO other VALUES ('x');
