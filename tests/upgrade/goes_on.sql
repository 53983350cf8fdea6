-- Printed and compared with goes_on.expected. All of it is undone.
BEGIN;
SELECT 'migrations to run', count(*) FROM attribution.migrate();
SELECT 'repeated', status, booked FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000000a', pg_temp.sample_order(1, 100));
SELECT 'new', status, booked FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000000a', pg_temp.sample_order(21, 2100));
SELECT 'paid more', status, booked FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000000a', pg_temp.sample_order(1, 150, '2026-11-03 10:00+00'));
SELECT 'entries of the order', string_agg(amount_minor::text, ' ' ORDER BY step) FROM attribution.revenue_ledger
 WHERE tenant_id = '018f0000-0000-7000-8000-00000000000a' AND money_key = 'shopify:order:1';
SELECT 'the rest of a total', status, booked FROM attribution.ingest_event('018f0000-0000-7000-8000-00000000000a', jsonb_set(pg_temp.sample_order(34, 200), '{states,0}',
    pg_temp.sample_order(34, 200) #> '{states,0}' || '{"kind": "refund", "role": "part", "parent": "shopify:order:30"}'));
SELECT 'entries of the total', string_agg(amount_minor::text, ' ' ORDER BY step) FROM attribution.revenue_ledger
 WHERE tenant_id = '018f0000-0000-7000-8000-00000000000a' AND money_key = 'shopify:order:30';
SELECT 'tried again', status FROM attribution.replay_dead_events('018f0000-0000-7000-8000-00000000000a');
SELECT 'restated', status FROM attribution.record_spend('018f0000-0000-7000-8000-00000000000a',
    '[{"day": "2026-11-01", "channel": "display", "campaign": "autumn", "currency": "EUR", "spend": "13.00"}]');
SET LOCAL ROLE attribution_svc_attribution;
SELECT 'as a service', sum(amount_minor) FROM attribution.realtime_revenue;
RESET ROLE;
SELECT 'channel', attribution.normalize_channel(source => 'nowhere') = (SELECT min(channel) FROM attribution.channel_taxonomy);
DO $$
BEGIN
    DELETE FROM attribution.revenue_ledger;
EXCEPTION WHEN SQLSTATE 'RA003' THEN NULL;
END
$$;
DO $$
BEGIN
    INSERT INTO attribution.attribution_events
        (tenant_id, event_id, source, delivery_key, item_no, event_type, digest, evidence, occurred_at, channel, payload)
    VALUES ('018f0000-0000-7000-8000-00000000000a', gen_random_uuid(), 's', 'k', 0, 'notice', sha256(''), false, now(),
            'direct', '{"email": "jane@example.com"}');
EXCEPTION WHEN SQLSTATE 'RA001' THEN RETURN;
END
$$;
SELECT 'rows of personal data', count(*) FROM attribution.attribution_events WHERE delivery_key = 'k';
INSERT INTO attribution.attribution_allocations
SELECT l.tenant_id, l.entry_id, 'linear', 4, 'email', '', l.amount_minor, l.currency FROM attribution.revenue_ledger AS l
 WHERE l.tenant_id = '018f0000-0000-7000-8000-00000000000a' AND l.money_key = 'shopify:order:2';
SELECT 'sets of the order', string_agg(s.revision::text, ' ' ORDER BY s.revision) FROM attribution.allocation_sets AS s
 WHERE s.tenant_id = '018f0000-0000-7000-8000-00000000000a';
DO $$
BEGIN
    INSERT INTO attribution.attribution_allocations
    SELECT a.tenant_id, a.entry_id, a.model, 5, a.channel, a.campaign, a.amount_minor + 1, a.currency
      FROM attribution.attribution_allocations AS a WHERE a.revision = 4;
    RAISE EXCEPTION 'a wrong sum was let in';
EXCEPTION WHEN SQLSTATE 'RA002' THEN NULL;
END
$$;
ROLLBACK;
