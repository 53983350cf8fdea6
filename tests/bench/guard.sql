-- Events to insert, tables to insert them into, and a guard in PL/pgSQL to compare with.
-- psql variables: small, large (numbers of rows)

CREATE SCHEMA bench;

-- Payloads as the adapters make them: about 440 bytes. Stored plainly, so that reading costs every table the same, and
-- large ones come to it as they come from a client: not yet compressed.
CREATE TABLE bench.small (LIKE attribution.attribution_events);
CREATE TABLE bench.large (LIKE attribution.attribution_events);
ALTER TABLE bench.small ALTER COLUMN payload SET STORAGE PLAIN;
ALTER TABLE bench.large ALTER COLUMN payload SET STORAGE PLAIN;
-- Nor may the other columns give way to a large payload.
ALTER TABLE bench.large SET (toast_tuple_target = 8160);

CREATE FUNCTION bench.payload(n int) RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_build_object(
    'financial_status', 'paid', 'currency', 'EUR', 'total_price', format('%s.%s', 20 + n % 400, 10 + n % 90),
    'total_tax', format('%s.%s', n % 60, 10 + n % 90), 'source_name', 'web', 'line_item_count', 1 + n % 7,
    'discount_codes', jsonb_build_array('SPRING-2026', 'VIP' || n % 100),
    'processed_at', '2026-11-01T12:00:00+01:00',
    'signals', jsonb_build_object(
        'source', 'google', 'medium', 'cpc', 'campaign', 'spring_sale_' || n % 50, 'content', 'banner ' || n % 9 || ' (blue)',
        'term', 'running shoes for women', 'referrer_host', 'www.google.de', 'click_id', 'gclid',
        'landing_path', '/collections/spring-2026/products/runner-' || n % 500))
$$;
CREATE FUNCTION bench.line_items(n int) RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_agg(jsonb_build_object(
           'sku', format('RUN-%s-%s', n % 500, i), 'title', 'Trail runner, waterproof, model ' || (n + i) % 97,
           'category', 'shoes/outdoor/running', 'quantity', 1 + i % 3, 'price', format('%s.%s', 10 + (n * i) % 200, 10 + i),
           'variant', 'size ' || 36 + i % 10 || ', colour blue', 'vendor_code', 'acme-' || left(md5(n::text || i), 10), 'gift', false, 'stock', 'warehouse north, shelf ' || i % 40, 'line_item_id', (n::bigint * 7919 + i)::text))
  FROM generate_series(1, 18) AS i
$$;

INSERT INTO bench.small
SELECT '018f0000-0000-7000-8000-000000000001', attribution_internal.uuid_v7(), 'shopify', gen_random_uuid()::text, 0, 'conversion',
       sha256(n::text::bytea), 'orders/create', 'whe_' || md5('endpoint'), gen_random_uuid(), (820982911946154508 + n)::text,
       (820982911946154508 + n)::text, false, now(), now(), 'paid_search', 'click_gclid', bench.payload(n)
  FROM generate_series(1, :small) AS n;
INSERT INTO bench.large
SELECT '018f0000-0000-7000-8000-000000000001', attribution_internal.uuid_v7(), 'shopify', gen_random_uuid()::text, 0, 'conversion',
       sha256(n::text::bytea), 'orders/create', 'whe_' || md5('endpoint'), gen_random_uuid(), (820982911946154508 + n)::text,
       (820982911946154508 + n)::text, false, now(), now(), 'paid_search', 'click_gclid',
       bench.payload(n) || jsonb_build_object('line_items', bench.line_items(n))
  FROM generate_series(1, :large) AS n;

CREATE TABLE bench.none (LIKE attribution.attribution_events INCLUDING ALL);
CREATE TABLE bench.cpp (LIKE attribution.attribution_events INCLUDING ALL);
CREATE TABLE bench.plpgsql (LIKE attribution.attribution_events INCLUDING ALL);

CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON bench.cpp
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();

-- The same questions, as far as expressions can ask them: neither Luhn, mod 97 and issuers nor decoding. One path for
-- the names, one for the strings and one expression for the columns, all of them compiled once in a session.
CREATE FUNCTION bench.guard_pii() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF jsonb_path_exists(NEW.payload, '$.** ? (@.type() == "object").keyvalue().key ? (@ like_regex
            "^(browser_ip|city|client_details|company|contact|customer|customer_id|gender|ip|latitude|longitude|name|note|note_attributes|order_status_url|payer|payment_details|properties|province|ssn|tags|tax_id|user_id|zip)$|(address|address1|address2|email|first_name|full_name|last_name|ip_address|password|phone|postal_code|postcode|secret|token|user_agent|username|zipcode)$" flag "i")')
       OR jsonb_path_exists(NEW.payload, '$.** ? (@.type() == "string" && @ like_regex
            "(@|%40|＠)[a-z0-9-]+(\\.|%2e)[a-z]{2}|(^|[^0-9a-z])(\\+[1-9][0-9 ().-]{7}|\\(?[0-9]{3}\\)?[ .-][0-9]{3}[ .-][0-9]{4}($|[^0-9a-z])|[3-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{1,7}($|[^0-9a-z])|[a-z]{2}[0-9]{2}([ ]?[0-9a-z]{4}){3,7}[0-9a-z]{0,3}($|[^0-9a-z])|[0-9]{1,3}(\\.[0-9]{1,3}){3}($|[^0-9a-z.])|([0-9a-f]{1,4}:){7}|[0-9]{3}[ -][0-9]{2}[ -][0-9]{4}($|[^0-9a-z]))" flag "i")')
       OR concat_ws(' ', NEW.source, NEW.delivery_key, NEW.topic, NEW.endpoint_id, NEW.external_id, NEW.order_ref, NEW.channel, NEW.channel_rule)
          ~* '(@|%40|＠)[a-z0-9-]+(\.|%2e)[a-z]{2}|(^|[^0-9a-z-])(\+[1-9][0-9 ().-]{7}|\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}($|[^0-9a-z-])|[0-9]{1,3}(\.[0-9]{1,3}){3}($|[^0-9a-z.]))'
    THEN
        RAISE EXCEPTION 'personal data detected' USING ERRCODE = 'RA001';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON bench.plpgsql FOR EACH ROW EXECUTE FUNCTION bench.guard_pii();

-- Both guards do look.
DO $$
DECLARE
    planted text;
    guarded text;
BEGIN
    FOREACH planted IN ARRAY ARRAY['{"a": [{"b": "for jon@example.com"}]}', '{"a": {"first_name": ""}}', '{"a": "+49 30 1234567"}',
                                   '{"a": "4111 1111 1111 1111"}', '{"a": "10.0.0.1"}', '{"a": "DE89370400440532013000"}'] LOOP
        FOREACH guarded IN ARRAY ARRAY['cpp', 'plpgsql'] LOOP
            BEGIN
                EXECUTE format('INSERT INTO bench.%I SELECT (jsonb_populate_record(s, jsonb_build_object(''payload'', $1))).*
                                  FROM bench.small AS s LIMIT 1', guarded) USING planted::jsonb;
                RAISE EXCEPTION 'the guard % let % pass', guarded, planted;
            EXCEPTION WHEN SQLSTATE 'RA001' THEN
                NULL;
            END;
        END LOOP;
    END LOOP;
END
$$;
VACUUM (ANALYZE, FREEZE) bench.small, bench.large;
