-- Memory stays flat over many calls, whether they succeed or fail.
SELECT faults.flat('a PostgreSQL error below C++ objects', $$SELECT faults.raise('postgres')$$, '23505', :calls);
SELECT faults.flat('an exception', $$SELECT faults.raise('product')$$, 'RA005', :calls);
SELECT faults.flat('bad_alloc', $$SELECT faults.raise('bad_alloc')$$, '53200', :calls);
SELECT faults.flat('current_tenant', 'SELECT attribution.current_tenant()', 'done', :entry_calls);
SELECT faults.flat('set_tenant', $$SELECT attribution.set_tenant('018f0000-0000-7000-8000-00000000000a')$$, 'done', :entry_calls);
SELECT faults.flat('uuid_v7', 'SELECT attribution_internal.uuid_v7()', 'done', :entry_calls);
SELECT faults.flat('decimal_amount', $$SELECT attribution.decimal_amount(n, 'USD') FROM generate_series(1, 3) AS n$$, 'done', :entry_calls);
SELECT faults.flat('decimal_amount, unknown currency', $$SELECT attribution.decimal_amount(n, 'EURO') FROM generate_series(1, 3) AS n$$, 'RA006', :entry_calls);
SELECT faults.flat('neutralize_formula', $$SELECT attribution.neutralize_formula(repeat('=', n)) FROM generate_series(1, 3) AS n$$, 'done', :entry_calls);
SELECT faults.flat('rfc3339', $$SELECT attribution.rfc3339(now() + n * interval '1 s') FROM generate_series(1, 3) AS n$$, 'done', :entry_calls);
SELECT faults.flat('refuse_change', 'DELETE FROM attribution.revenue_ledger', 'RA003', :entry_calls);
SELECT faults.flat('normalize_channel', $$SELECT attribution.normalize_channel(source => 'google', medium => 'cpc')$$, 'done', :entry_calls);
SELECT faults.flat('find_pii', $$SELECT count(*) FROM attribution.find_pii('{"email": "jane@example.com", "note": "call +49 30 1234567"}')$$, 'done', :entry_calls);
SELECT faults.flat('redact_pii', $$SELECT attribution.redact_pii('{"email": "jane@example.com", "note": "call +49 30 1234567"}')$$, 'done', :entry_calls);
SELECT faults.flat('guard_pii, refused payload', $$INSERT INTO attribution.dead_events (tenant_id, dead_id, source, delivery_key, digest, code, detail, payload) VALUES ('018f0000-0000-7000-8000-00000000000a', '018f0000-0000-7000-8000-00000000000a', 's', 'k', sha256(''), 'RA007', 'd', '{"contact": "jane@example.com"}')$$, 'RA001', :entry_calls);
SELECT faults.flat('ingest_event, repeated', format('SELECT * FROM attribution.ingest_event(%L, %L)', '018f0000-0000-7000-8000-00000000000a', pg_temp.sample_order(1, 100)), 'done', :entry_calls);
SELECT faults.flat('ingest_event, unknown tenant', format('SELECT * FROM attribution.ingest_event(%L, %L)', '018f0000-0000-7000-8000-00000000000f', pg_temp.sample_order(1, 100)), 'RA009', :entry_calls);
SELECT faults.flat('ingest_event, new', format('SELECT * FROM attribution.ingest_event(%L, %L)', '018f0000-0000-7000-8000-00000000000a', pg_temp.sample_order(7, 700)), 'done', :entry_calls / 10);
-- The family is stored before: of a row that one transaction makes and changes, PostgreSQL remembers both commands.
CREATE FUNCTION pg_temp.family(minor bigint, day integer) RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_build_array(jsonb_set(pg_temp.sample_order(8, minor), '{states}', jsonb_build_array(
    pg_temp.sample_order(8, minor, '2026-11-01'::timestamptz + day * interval '1 day') #> '{states,0}' || '{"kind": "refund", "role": "total"}',
    pg_temp.sample_order(9, minor / 2, '2026-11-01'::timestamptz + day * interval '1 day') #> '{states,0}'
        || '{"kind": "refund", "role": "part", "parent": "shopify:order:8"}')))
$$;
SELECT count(*) FROM attribution.ingest_events('018f0000-0000-7000-8000-00000000000a', pg_temp.family(800, 1));
SELECT faults.flat('ingest_events, a total and a part', format('SELECT * FROM attribution.ingest_events(%L, %L)', '018f0000-0000-7000-8000-00000000000a', pg_temp.family(900, 2)), 'done', :entry_calls / 10);
SELECT faults.flat('record_spend, stored and refused', $$SELECT * FROM attribution.record_spend('018f0000-0000-7000-8000-00000000000a', '[{"day": "2026-11-01", "channel": "display", "currency": "EUR", "spend": "12.50"}, {"day": "2026-11-01", "channel": "display", "currency": "EUR", "spend": "-1"}]')$$, 'done', :entry_calls / 10);
SELECT attribution.define_model('018f0000-0000-7000-8000-00000000000a', 'linear', 'linear');
CREATE FUNCTION pg_temp.first_entry(more integer) RETURNS text LANGUAGE sql AS $$
SELECT format('INSERT INTO attribution.attribution_allocations SELECT l.tenant_id, l.entry_id, ''linear'', 1, ''email'', '''', l.amount_minor + %s, l.currency
                 FROM attribution.revenue_ledger AS l WHERE l.tenant_id = ''018f0000-0000-7000-8000-00000000000a'' ORDER BY l.entry_id LIMIT 1', more)
$$;
SELECT faults.flat('make_allocation_sets', pg_temp.first_entry(0), 'done', :entry_calls / 10);
SELECT faults.flat('make_allocation_sets, a wrong sum', pg_temp.first_entry(1), 'RA002', :entry_calls / 10);
