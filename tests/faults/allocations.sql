-- Failing allocations in the entry points of the module itself. Those that allocate nothing show 0.
SELECT attribution.create_tenant(name => 'faults', tenant_id => '018f0000-0000-7000-8000-00000000000a');
SELECT faults.sweep('the test function itself', $$SELECT faults.raise('postgres')$$, '23505');
SELECT faults.sweep('current_tenant', 'SELECT attribution.current_tenant()');
SELECT faults.sweep('set_tenant', $$SELECT attribution.set_tenant('018f0000-0000-7000-8000-00000000000a')$$);
SELECT faults.sweep('set_tenant without a tenant', 'SELECT attribution.set_tenant(NULL)', 'RA008');
SELECT faults.sweep('uuid_v7', 'SELECT attribution_internal.uuid_v7()');
SELECT faults.sweep('decimal_amount', $$SELECT attribution.decimal_amount(n, 'USD') FROM generate_series(1, 3) AS n$$);
SELECT faults.sweep('currency_exponent, unknown currency', $$SELECT attribution.currency_exponent(code) FROM (VALUES ('EURO')) AS currencies (code)$$, 'RA006');
SELECT faults.sweep('neutralize_formula', $$SELECT attribution.neutralize_formula(repeat('=', n)) FROM generate_series(1, 3) AS n$$);
SELECT faults.sweep('rfc3339', $$SELECT attribution.rfc3339(now() + n * interval '1 s') FROM generate_series(1, 3) AS n$$);
SELECT faults.sweep('refuse_change', 'DELETE FROM attribution.revenue_ledger', 'RA003');

-- Channels: with rules compiled before, and with the cache of rules emptied before each call.
SELECT faults.sweep('normalize_channel', $$SELECT attribution.normalize_channel(source => 'google', medium => 'cpc', campaign => 'x', referrer_host => 'www.google.com', click_id => 'gclid')$$);
SELECT faults.sweep('normalize_channel without cached rules', $$SELECT attribution.normalize_channel(source => 'newsletter', medium => 'email')$$,
    prepare => 'UPDATE attribution.channel_rules SET priority = priority WHERE false');
SELECT faults.sweep('invalidate_channel_rules', 'UPDATE attribution.channel_sources SET category = category WHERE false');

-- Personal data.
SELECT faults.sweep('find_pii', $$SELECT count(*) FROM attribution.find_pii('{"a": [{"email": "jane@example.com", "note": "call +49 30 1234567", "url": "https://shop.example/?u=jane%40example.com"}], "first_name": "Jane"}')$$);
SELECT faults.sweep('redact_pii', $$SELECT attribution.redact_pii('{"a": [{"email": "jane@example.com", "note": "call +49 30 1234567", "url": "https://shop.example/?u=jane%40example.com"}], "first_name": "Jane"}')$$);
SELECT faults.sweep('guard_pii, clean payload', $$INSERT INTO attribution.dead_events (tenant_id, dead_id, source, delivery_key, digest, code, detail, payload) VALUES ('018f0000-0000-7000-8000-00000000000a', gen_random_uuid(), 's', 'k', sha256(''), 'RA007', 'd', '{"order": [1, {"number": "a longer text that needs memory of its own"}]}')$$);
SELECT faults.sweep('guard_pii, refused payload', $$INSERT INTO attribution.dead_events (tenant_id, dead_id, source, delivery_key, digest, code, detail, payload) VALUES ('018f0000-0000-7000-8000-00000000000a', gen_random_uuid(), 's', 'k', sha256(''), 'RA007', 'd', '{"order": [1, {"contact": "jane@example.com"}]}')$$, 'RA001');

-- Ingestion: new, many at once, repeated, in conflict, unusable, refused.
SELECT faults.sweep('ingest_event, new', $$SELECT * FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000000a', pg_temp.sample_order(1, 100))$$);
SELECT faults.sweep('ingest_events, three of one order', $$SELECT * FROM attribution.ingest_events('018f0000-0000-7000-8000-00000000000a', jsonb_build_array(pg_temp.sample_order(1, 100), pg_temp.sample_order(1, 200), pg_temp.sample_order(1, 300)))$$);
SELECT count(*) FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000000a', pg_temp.sample_order(1, 100));
SELECT faults.sweep('ingest_event, repeated', $$SELECT * FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000000a', pg_temp.sample_order(1, 100))$$);
SELECT faults.sweep('ingest_event, in conflict', $$SELECT * FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000000a', jsonb_set(pg_temp.sample_order(1, 100), '{delivery,digest}', to_jsonb(repeat('0', 64))))$$);
SELECT faults.sweep('ingest_event, unusable', $$SELECT * FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000000a', pg_temp.sample_order(2, 100) || '{"unknown": 1}')$$);
SELECT faults.sweep('ingest_event, not an event', $$SELECT * FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000000a', '[]')$$);
SELECT faults.sweep('ingest_event, unknown tenant', $$SELECT * FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000000f', pg_temp.sample_order(1, 100))$$, 'RA009');
SELECT faults.sweep('ingest_event, refused', $$SELECT * FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000000a', jsonb_set(pg_temp.sample_order(3, 100), '{conversion,payload}', '{"note": "jane@example.com"}'))$$, 'RA001');

-- Parts and totals, journeys, what is only counted, and dead letters.
CREATE FUNCTION pg_temp.sample_family() RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_build_array(jsonb_set(jsonb_set(pg_temp.sample_order(11, 500), '{conversion,journey_id}', '"journey-0011"'), '{states}', jsonb_build_array(
    pg_temp.sample_order(11, 500) #> '{states,0}' || '{"kind": "refund", "role": "total"}',
    pg_temp.sample_order(12, 300) #> '{states,0}' || '{"kind": "refund", "role": "part", "parent": "shopify:order:11", "gross_minor": 400}')))
$$;
CREATE FUNCTION pg_temp.sample_rejected() RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_build_object('version', 1, 'delivery', pg_temp.sample_order(13, 500) -> 'delivery', 'rejected', jsonb_build_object(
    'code', 'RA005', 'detail', 'not exact', 'event', jsonb_set(pg_temp.sample_order(13, 500), '{conversion,payload}', '{"tag": "jane@example.com"}')))
$$;
SELECT faults.sweep('ingest_events, a total and a part', $$SELECT * FROM attribution.ingest_events('018f0000-0000-7000-8000-00000000000a', pg_temp.sample_family())$$);
SELECT faults.sweep('ingest_events, only counted', $$SELECT * FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000000a', jsonb_build_object('version', 1, 'delivery', pg_temp.sample_order(14, 1) -> 'delivery', 'ignored', '{"reason": "test_mode"}'::jsonb))$$);
SELECT faults.sweep('ingest_event, rejected with its event', $$SELECT * FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000000a', pg_temp.sample_rejected())$$);
SELECT count(*) FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000000a', pg_temp.sample_rejected());
SELECT faults.sweep('replay_dead_events', $$SELECT * FROM attribution.replay_dead_events('018f0000-0000-7000-8000-00000000000a')$$);

-- Ad spend: stored, and refused for each kind of reason.
SELECT faults.sweep('record_spend', $$SELECT * FROM attribution.record_spend('018f0000-0000-7000-8000-00000000000a', '[{"day": "2026-11-01", "channel": "display", "campaign": "a campaign with a longer name", "currency": "EUR", "spend": "12.50", "clicks": "3"}]')$$);
SELECT faults.sweep('record_spend, refused', $$SELECT * FROM attribution.record_spend('018f0000-0000-7000-8000-00000000000a', '[{"day": "2026-11-01", "channel": "display", "currency": "EUR", "spend": "-1"}, {"day": "2026-11-01", "channel": "display", "campaign": "for jane@example.com", "currency": "EUR", "spend": "1"}, {"cost": 1}]')$$);
-- Allocations: let in, refused for each reason, pruned.
SELECT attribution.define_model('018f0000-0000-7000-8000-00000000000a', 'a-model-with-a-name-that-needs-memory', 'linear');
CREATE FUNCTION pg_temp.sample_sets(model text, revision integer, more integer) RETURNS text LANGUAGE sql AS $$
SELECT format('INSERT INTO attribution.attribution_allocations SELECT l.tenant_id, l.entry_id, %L, %s, c.channel, '''', l.amount_minor * c.share + %s, l.currency
                 FROM attribution.revenue_ledger AS l, (VALUES (''email'', 1), (''direct'', 0)) AS c (channel, share) ORDER BY c.channel', model, revision, more)
$$;
SELECT faults.sweep('make_allocation_sets', pg_temp.sample_sets('a-model-with-a-name-that-needs-memory', 1, 0));
SELECT faults.sweep('make_allocation_sets, a wrong sum', pg_temp.sample_sets('a-model-with-a-name-that-needs-memory', 1, 1), 'RA002');
SELECT faults.sweep('make_allocation_sets, no such model', pg_temp.sample_sets('no-model', 1, 0), '23503');
SELECT faults.sweep('make_allocation_sets, a gap', pg_temp.sample_sets('a-model-with-a-name-that-needs-memory', 3, 0), '23514');
DO $$ BEGIN EXECUTE pg_temp.sample_sets('a-model-with-a-name-that-needs-memory', 1, 0); EXECUTE pg_temp.sample_sets('a-model-with-a-name-that-needs-memory', 2, 0); END $$;
SELECT faults.sweep('make_allocation_sets, a set again', replace(pg_temp.sample_sets('a-model-with-a-name-that-needs-memory', 1, 0), '''email''', '''social'''), '23505');
SELECT faults.sweep('prune_allocations', $$SELECT * FROM attribution.prune_allocations('018f0000-0000-7000-8000-00000000000a', '0')$$);

-- Reports: what is dirty, also what awaits something, and folding it.
SET attribution.tenant_id = '018f0000-0000-7000-8000-00000000000a';
INSERT INTO attribution.dirty_buckets
SELECT '018f0000-0000-7000-8000-00000000000a', w.what, '2026-11-01'::timestamptz + n * interval '15 minutes', CASE w.what WHEN 'awaited' THEN gen_random_uuid() END
  FROM generate_series(1, 20) AS n, unnest('{revenue,allocations,awaited}'::text[]) AS w (what);
SELECT faults.sweep('dirty_buckets', $$SELECT * FROM attribution_internal.dirty_buckets('revenue')$$);
-- By itself: refresh_reports() would go on with one tenant after the other.
\set fold 'SELECT attribution_internal.fold_revenue(array_agg(k.tenant_id), array_agg(k.bucket_start)) FROM (SELECT DISTINCT l.tenant_id, l.bucket_start FROM attribution.revenue_ledger AS l) AS k'
SELECT faults.sweep('fold_revenue', :'fold');
-- Rows that are there already, one of them wrong and one that nothing stands for.
:fold;
UPDATE attribution.revenue_rollup SET entries = entries + 1;
INSERT INTO attribution.revenue_rollup
SELECT r.tenant_id, r.bucket_start, r.sale_bucket_start, 'a-channel-that-nothing-was-booked-for', r.currency, r.kind, 1, 1, 1, NULL, NULL, r.last_booked_at FROM attribution.revenue_rollup AS r;
SELECT faults.sweep('fold_revenue, rows that are there', :'fold');
RESET attribution.tenant_id;
