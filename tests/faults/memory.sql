-- Memory stays flat over many calls, whether they succeed or fail.
SELECT faults.flat('a PostgreSQL error below C++ objects', $$SELECT faults.raise('postgres')$$, '23505', :calls);
SELECT faults.flat('an exception', $$SELECT faults.raise('product')$$, 'RA005', :calls);
SELECT faults.flat('bad_alloc', $$SELECT faults.raise('bad_alloc')$$, '53200', :calls);
SELECT faults.flat('current_tenant', 'SELECT attribution.current_tenant()', 'done', :calls);
SELECT faults.flat('set_tenant', $$SELECT attribution.set_tenant('018f0000-0000-7000-8000-00000000000a')$$, 'done', :calls);
SELECT faults.flat('uuid_v7', 'SELECT attribution_internal.uuid_v7()', 'done', :calls);
SELECT faults.flat('refuse_change', 'DELETE FROM attribution.revenue_ledger', 'RA003', :calls);
