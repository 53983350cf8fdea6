-- An order as an element of ingest_events, version 1 of the event contract.
CREATE FUNCTION pg_temp.sample_order(number integer, minor bigint, version_at timestamptz DEFAULT '2026-11-02 10:00+00')
    RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_build_object(
    'version', 1,
    'delivery', jsonb_build_object('source', 'shopify', 'key', 'delivery-' || number || '-' || minor, 'topic', 'orders/create',
                                   'digest', encode(sha256(convert_to(number || '-' || minor, 'UTF8')), 'hex')),
    'conversion', jsonb_build_object('external_id', number::text, 'occurred_at', '2026-11-02T10:00:00Z',
                                     'signals', jsonb_build_object('source', 'google', 'medium', 'cpc'),
                                     'payload', jsonb_build_object('order_number', number)),
    'touchpoints', '[]'::jsonb,
    'states', jsonb_build_array(jsonb_build_object(
        'money_key', 'shopify:order:' || number, 'kind', 'capture', 'cumulative_minor', minor, 'currency', 'USD',
        'version_at', to_char(version_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'occurred_at', '2026-11-02T10:00:00Z', 'parent', NULL)))
$$;
