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
-- Every kind, in free text and in JSON; the value is never shown.
CREATE TEMP TABLE kinds (order_id text, words text[], doc jsonb);
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON kinds FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
DO $$
DECLARE
    value text;
    told text;
BEGIN
    FOREACH value IN ARRAY ARRAY['jon＠example.com', '+49 30 1234567', '4111 1111 1111 1111', 'DE89 3704 0044 0532 0130 00',
                                 '203.0.113.7', '2001:db8::1', '123-45-6789', '4111+1111%201111%201111'] LOOP
        BEGIN
            INSERT INTO kinds (doc) VALUES (jsonb_build_object('lines', jsonb_build_array(1, jsonb_build_object('text', 'x ' || value))));
            told := 'stored';
        EXCEPTION WHEN SQLSTATE 'RA001' THEN
            GET STACKED DIAGNOSTICS told = PG_EXCEPTION_DETAIL;
        END;
        RAISE INFO '%', told;
        BEGIN
            INSERT INTO kinds (words) VALUES (ARRAY['a', NULL, value]);
            told := 'stored';
        EXCEPTION WHEN SQLSTATE 'RA001' THEN
            GET STACKED DIAGNOSTICS told = PG_EXCEPTION_DETAIL;
        END;
        RAISE INFO '%', told;
    END LOOP;
END
$$;
-- Ids and numbers may look like cards; an address is none of an id.
INSERT INTO kinds VALUES ('4111111111111111', '{a}', '{"id": "4111111111111111", "order_ids": [["4111111111111111"]], "n": 4111111111111111,
    "states": [{"money_key": "shopify:order:4111111111111111", "parent": "4111111111111111"}], "transactionId": "4111111111111111"}');
INSERT INTO kinds (order_id) VALUES ('203.0.113.7');
INSERT INTO kinds (doc) VALUES ('{"id": {"text": "4111111111111111"}}');
INSERT INTO kinds (doc) VALUES ('{"order_id": 1, "list": ["4111111111111111"]}');
UPDATE kinds SET words = '{4111111111111111}';
UPDATE kinds SET order_id = 'jon@example.com';
SELECT count(*) FROM kinds;
