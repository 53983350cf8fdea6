CREATE EXTENSION pg_attribution;
SELECT * FROM attribution.migrate();
SELECT attribution.create_tenant(name => 'tenant a', time_zone => 'Asia/Kathmandu', tenant_id => '018f0000-0000-7000-8000-00000000000a');
SELECT attribution.create_tenant(name => 'tenant b', tenant_id => '018f0000-0000-7000-8000-00000000000b');
SELECT attribution.create_webhook_endpoint('018f0000-0000-7000-8000-00000000000a', 'shopify', 'a.myshopify.com', '\x00ff');
SELECT attribution.create_api_key('018f0000-0000-7000-8000-00000000000a', repeat('a', 16), sha256('key of a'));
INSERT INTO attribution.channel_rules (tenant_id, rule_name, priority, channel, source_like)
SELECT '018f0000-0000-7000-8000-00000000000a', 'own-rule', 1, min(channel), '{nowhere}' FROM attribution.channel_taxonomy;
SELECT r.* FROM generate_series(1, 20) AS n,
       attribution.ingest_event('018f0000-0000-7000-8000-00000000000a', pg_temp.sample_order(n, n * 100)) AS r;
SELECT attribution.ingest_event('018f0000-0000-7000-8000-00000000000b', pg_temp.sample_order(1, 500));
SELECT attribution.ingest_event('018f0000-0000-7000-8000-00000000000b', '{"version": 1}');
-- A total and a part of it, a journey, a delivery that is only counted, a dead letter that can be tried again.
SELECT r.* FROM attribution.ingest_events('018f0000-0000-7000-8000-00000000000a', jsonb_build_array(
    jsonb_set(jsonb_set(pg_temp.sample_order(30, 500), '{conversion,journey_id}', '"journey-0030"'), '{states}', jsonb_build_array(
        pg_temp.sample_order(30, 500) #> '{states,0}' || '{"kind": "refund", "role": "total"}',
        pg_temp.sample_order(31, 300) #> '{states,0}' || '{"kind": "refund", "role": "part", "parent": "shopify:order:30"}')),
    jsonb_build_object('version', 1, 'delivery', pg_temp.sample_order(32, 1) -> 'delivery', 'ignored', '{"reason": "test_mode"}'::jsonb),
    jsonb_build_object('version', 1, 'delivery', pg_temp.sample_order(33, 1) -> 'delivery', 'rejected', jsonb_build_object(
        'code', 'RA005', 'detail', 'not exact', 'event', pg_temp.sample_order(33, 1))))) AS r;
SELECT attribution.link_journeys('018f0000-0000-7000-8000-00000000000a', 'journey-0030', 'journey-0031');
SELECT attribution.erase_journey('018f0000-0000-7000-8000-00000000000a', 'journey-0032');
SELECT r.* FROM attribution.record_spend('018f0000-0000-7000-8000-00000000000a',
    '[{"day": "2026-11-01", "channel": "display", "campaign": "autumn", "currency": "EUR", "spend": "12.50", "clicks": 3}]') AS r;
-- An entry divided twice, under a model.
SELECT attribution.define_model('018f0000-0000-7000-8000-00000000000a', 'linear', 'linear');
INSERT INTO attribution.attribution_allocations
SELECT l.tenant_id, l.entry_id, 'linear', r.revision, r.channel, '', l.amount_minor, l.currency
  FROM attribution.revenue_ledger AS l, (VALUES (1, 'email'), (2, 'direct'), (3, 'social')) AS r (revision, channel)
 WHERE l.tenant_id = '018f0000-0000-7000-8000-00000000000a' AND l.money_key = 'shopify:order:2';
SELECT attribution.prune_allocations('018f0000-0000-7000-8000-00000000000a', '0');
-- Reports that are folded and built, and something that is not folded yet.
SET attribution.mv_realtime_revenue_interval = 0;
SET attribution.mv_daily_revenue_summary_interval = 0;
SET attribution.mv_channel_performance_interval = 0;
SET attribution.mv_allocation_summary_interval = 0;
SELECT attribution.refresh_reports() FROM generate_series(1, 10);
SELECT attribution.ingest_event('018f0000-0000-7000-8000-00000000000b', pg_temp.sample_order(2, 700));
CREATE ROLE bi_a LOGIN;
SELECT attribution.grant_tenant_access('bi_a', '018f0000-0000-7000-8000-00000000000a');
ANALYZE;
