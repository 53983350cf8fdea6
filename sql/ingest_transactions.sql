-- The id of a payment, by which what the payment provider tells is linked with the shop's booking.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 3a
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
-- An event of any source, with an external id, an order's number and a payment's id that may each be missing.
CREATE FUNCTION pg_temp.told(key text, source text, external_id text, ref text, order_ref text DEFAULT NULL, books boolean DEFAULT true, as_notice boolean DEFAULT false)
    RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_set(pg_temp.order_event(key, money => source || ':' || external_id, books => books), '{delivery,source}', to_jsonb(source)) - 'conversion'
       - CASE WHEN as_notice THEN 'states' ELSE '' END
       || jsonb_build_object(CASE WHEN as_notice THEN 'notice' ELSE 'conversion' END, jsonb_strip_nulls(jsonb_build_object(
              'external_id', external_id, 'occurred_at', '2026-11-01T12:00:00Z', 'order_ref', order_ref, 'transaction_ref', ref)))
$$;
\set touch '{"occurred_at": "2026-10-01T08:00:00Z", "transaction_ref": "pi_00000001"}'
SET ROLE attribution_svc_ingestion;
SELECT item, status, code, detail FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.told('w-1', 'woocommerce', 'woo:order:1', 'ch_00000001', order_ref => '1'),
    pg_temp.told('w-2', 'woocommerce', 'woo:order:2', NULL, order_ref => '2'),
    pg_temp.told('w-n', 'shopify', '5001', '8JK12345AB678901C', as_notice => true),
    pg_temp.told('w-x', 'woocommerce', 'woo:order:9', 'jon@example.com'),
    pg_temp.told('w-x', 'woocommerce', 'woo:order:9', ''),
    jsonb_set(pg_temp.told('w-x', 'woocommerce', 'woo:order:9', 'x'), '{conversion,transaction_ref}', '7'),
    (pg_temp.order_event('w-x') - 'conversion' - 'states') || jsonb_build_object('touchpoints', jsonb_build_array(:'touch'::jsonb))));
-- A repeat adds none; another body under the key neither.
SELECT status FROM attribution.ingest_event(:'t', pg_temp.told('w-1', 'woocommerce', 'woo:order:1', 'ch_00000009'));
SELECT status FROM attribution.ingest_event(:'t', jsonb_set(pg_temp.told('w-1', 'woocommerce', 'woo:order:1', 'ch_00000009'), '{delivery,digest}', to_jsonb(repeat('0', 64))));
SELECT status, count(*) FROM attribution.ingest_events(:'t', jsonb_build_array(
    -- Only the charge of this sale is known to the shop, and only one of its events names it.
    pg_temp.told('e-1', 'stripe', 'pi_00000001', 'ch_00000001', books => false),
    pg_temp.told('e-2', 'stripe', 'pi_00000001', NULL, books => false),
    pg_temp.told('e-3', 'stripe', 'pi_00000001', NULL, books => false, as_notice => true),
    -- The charge itself is the sale; by the order's number; by neither.
    pg_temp.told('e-4', 'stripe', 'ch_00000001', NULL, books => false),
    pg_temp.told('e-5', 'stripe', 'pi_00000002', 'ch_00000002', order_ref => '2', books => false),
    pg_temp.told('e-6', 'stripe', 'pi_00000003', 'ch_00000003', order_ref => '3', books => false),
    pg_temp.told('e-7', 'stripe', 'pi_00000004', NULL, books => false),
    -- Its refund names the payment alone, which another event has told the order of.
    pg_temp.told('e-g', 'stripe', 'pi_00000002', NULL, books => false, as_notice => true),
    -- The payment outweighs an order's number that somebody mistyped.
    pg_temp.told('e-8', 'stripe', 'pi_00000001', 'ch_00000001', order_ref => '2', books => false),
    -- The shop's payment tells it, not its order; the shop's order is another event of the sale.
    pg_temp.told('e-9', 'paypal', '8JK12345AB678901C', NULL, books => false),
    pg_temp.told('w-3', 'shopify', '5001', NULL),
    -- Where the payment provider books, the shop is the evidence.
    pg_temp.told('b-1', 'paypal', 'CAPTURE00000001', NULL),
    pg_temp.told('e-a', 'woocommerce', 'woo:order:7', 'CAPTURE00000001', books => false),
    -- What looks like a payment's id, but is another source's number of an order.
    pg_temp.told('e-h', 'api', 'ch_00000001', NULL, books => false),
    -- Evidence is not linked with evidence, nor a source with itself.
    pg_temp.told('e-b', 'paypal', 'PAYPAL0000002', NULL, books => false),
    pg_temp.told('e-c', 'woocommerce', 'woo:order:8', 'PAYPAL0000002', books => false),
    pg_temp.told('e-d', 'woocommerce', 'woo:order:10', 'ch_00000001', books => false),
    -- Two stores have an order 4.
    pg_temp.told('w-4', 'woocommerce', 'woo:order:4', NULL, order_ref => '4'),
    pg_temp.told('w-5', 'woocommerce', 'other:order:4', 'ch_00000005', order_ref => '4'),
    pg_temp.told('e-e', 'stripe', 'pi_00000006', NULL, order_ref => '4', books => false),
    pg_temp.told('e-f', 'stripe', 'pi_00000005', 'ch_00000005', order_ref => '4', books => false))) GROUP BY 1;
RESET ROLE;
SELECT e.delivery_key, r.transaction_ref
  FROM attribution.event_transactions AS r JOIN attribution.attribution_events AS e USING (tenant_id, event_id)
 WHERE r.tenant_id = :'t' ORDER BY 1;
SELECT attribution.create_tenant(name => 'another', tenant_id => '018f0000-0000-7000-8000-00000000003b') IS NOT NULL AS tenant_made;
SELECT status FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000003b', pg_temp.told('e-1', 'stripe', 'pi_00000001', 'ch_00000001', order_ref => '1', books => false));
CREATE VIEW pg_temp.links AS
SELECT e.delivery_key, v.linked, v.linked_by, v.booked_source, b.delivery_key AS booked_by
  FROM attribution.evidence AS v JOIN attribution.attribution_events AS e ON e.event_id = v.event_id
  LEFT JOIN attribution.attribution_events AS b ON b.event_id = v.booked_event_id;
BEGIN;
SELECT attribution.set_tenant(:'t');
SELECT * FROM pg_temp.links ORDER BY 1;
SELECT attribution.set_tenant('018f0000-0000-7000-8000-00000000003b');
SELECT * FROM pg_temp.links ORDER BY 1;
COMMIT;
-- The table keeps what the contract refuses out, whoever writes.
INSERT INTO attribution.event_transactions VALUES (:'t', gen_random_uuid(), 'jon@example.com');
