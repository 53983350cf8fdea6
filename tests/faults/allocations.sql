-- Failing allocations in the entry points of the module itself. Those that allocate nothing show 0.
SELECT attribution.create_tenant(name => 'faults', tenant_id => '018f0000-0000-7000-8000-00000000000a');
SELECT faults.sweep('the test function itself', $$SELECT faults.raise('postgres')$$, '23505');
SELECT faults.sweep('current_tenant', 'SELECT attribution.current_tenant()');
SELECT faults.sweep('set_tenant', $$SELECT attribution.set_tenant('018f0000-0000-7000-8000-00000000000a')$$);
SELECT faults.sweep('set_tenant without a tenant', 'SELECT attribution.set_tenant(NULL)', 'RA008');
SELECT faults.sweep('uuid_v7', 'SELECT attribution_internal.uuid_v7()');
SELECT faults.sweep('refuse_change', 'DELETE FROM attribution.revenue_ledger', 'RA003');
