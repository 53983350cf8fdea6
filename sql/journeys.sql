-- Journeys that are linked are one, in whatever order that is told; one that was erased does not come back.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 41
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
SELECT '018f0000-0000-7000-8000-000000000042' AS other \gset
SELECT attribution.create_tenant(name => 'other', tenant_id => :'other') IS NOT NULL AS tenant_made;
CREATE FUNCTION pg_temp.visit(key text, journey text, at text, source text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
SELECT (pg_temp.order_event(key, body => key) - 'conversion' - 'states') || jsonb_build_object('touchpoints', jsonb_build_array(
    jsonb_build_object('occurred_at', at, 'journey_id', journey, 'signals', jsonb_build_object('source', source, 'medium', 'cpc'))))
$$;
CREATE FUNCTION pg_temp.sale(key text, journey text, minor bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
SELECT jsonb_set(pg_temp.order_event(key, minor, money => 'order:' || key, body => key, signals => '{}'),
                 '{conversion,journey_id}', to_jsonb(journey))
$$;
\set ECHO all
SELECT status FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.visit('v-1', 'journey-a1', '2026-10-01T08:00:00Z', 'google'), pg_temp.visit('v-2', 'journey-b2', '2026-10-02T08:00:00Z', 'facebook'),
    pg_temp.visit('v-3', 'journey-c3', '2026-12-01T08:00:00Z', 'google'), pg_temp.sale('s-1', 'journey-c3', 1000), pg_temp.sale('s-2', 'journey-d4', 500)));
SELECT status FROM attribution.ingest_event(:'t', (jsonb_set(pg_temp.order_event('r-1', 300, money => 'refund:1', kind => 'refund'),
    '{states,0,parent}', '"order:s-1"') - 'conversion') || '{"notice": {"occurred_at": "2026-11-03T12:00:00Z"}}');
SELECT status FROM attribution.ingest_events(:'other', jsonb_build_array(pg_temp.visit('v-1', 'journey-a1', '2026-10-01T08:00:00Z', 'google')));

-- Transitive, in any order, again and again. The least id names them.
SET ROLE attribution_admin;
SELECT attribution.link_journeys(:'t', 'journey-c3', 'journey-b2');
SELECT attribution.link_journeys(:'t', 'journey-b2', 'journey-a1');
SELECT attribution.link_journeys(:'t', 'journey-a1', 'journey-c3', 'journey-b2', 'journey-a1');
SELECT attribution.link_journeys(:'t', 'journey-d4', 'journey-d4');
SELECT journey_id, canonical_id FROM attribution.journey_links WHERE tenant_id = :'t' ORDER BY 1;
SELECT attribution.link_journeys(:'t', 'journey-e5', 'journey-f6');
SELECT attribution.link_journeys(:'t', 'journey-f6', 'journey-c3');
SELECT count(*), count(DISTINCT canonical_id) FROM attribution.journey_links WHERE tenant_id = :'t';
-- Not of another tenant.
SELECT attribution.link_journeys(:'other', 'journey-a1', 'journey-z9');
SELECT count(DISTINCT canonical_id) FROM attribution.journey_links WHERE tenant_id = :'t';

SELECT attribution.link_journeys(:'t', 'short', 'journey-b2');
SELECT attribution.link_journeys(:'t', 'journey-b2', VARIADIC ARRAY['journey-a1', NULL]);
SELECT attribution.link_journeys(:'t', 'journey-b2', 'jon@example.com');
SELECT attribution.link_journeys(:'t', 'journey-b2', '555-123-4567');
SELECT attribution.link_journeys('018f0000-0000-7000-8000-0000000000ff', 'journey-b2', 'journey-a1');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT attribution.link_journeys(:'t', 'journey-b2', 'journey-a1');
ROLLBACK;
RESET ROLE;

-- As an analyst of the tenant, with the query of docs/sql_api.md. A refund goes with its sale.
BEGIN;
SELECT attribution.set_tenant(:'t');
SET LOCAL ROLE attribution_analyst;
SELECT journey_id, event_type, channel, count(*) FROM attribution.journeys GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT coalesce(visit.channel, 'unknown') AS channel, l.currency, sum(l.amount_minor)::bigint AS amount_minor
  FROM attribution.revenue_ledger AS l
  LEFT JOIN LATERAL (
       SELECT j.journey_id, j.occurred_at
         FROM attribution.revenue_ledger AS s
         JOIN attribution.attribution_events AS e ON e.tenant_id = s.tenant_id AND e.event_id = s.event_id
         JOIN attribution.journeys AS j ON j.tenant_id = e.tenant_id AND j.source = e.source AND j.external_id = e.external_id
        WHERE s.tenant_id = l.tenant_id AND s.money_key = coalesce(l.parent_money_key, l.money_key)
          AND s.kind = 'capture' AND s.step = 1 AND j.event_type = 'conversion'
        ORDER BY j.occurred_at, j.event_id LIMIT 1) AS sale ON true
  LEFT JOIN LATERAL (
       SELECT v.channel FROM attribution.journeys AS v
        WHERE v.tenant_id = l.tenant_id AND v.journey_id = sale.journey_id
          AND v.event_type = 'touchpoint' AND v.occurred_at <= sale.occurred_at
        ORDER BY v.channel IN ('direct', 'unknown'), v.occurred_at DESC, v.event_id DESC LIMIT 1) AS visit ON true
 WHERE l.tenant_id = attribution.current_tenant()
 GROUP BY 1, 2 ORDER BY 1, 2;
ROLLBACK;

-- A dead letter that waits with its event.
SELECT status FROM attribution.ingest_events(:'t', jsonb_build_array(
    jsonb_build_object('version', 1, 'delivery', pg_temp.order_event('d-1') -> 'delivery', 'rejected', jsonb_build_object(
        'code', 'RA006', 'detail', 'waits', 'event', pg_temp.visit('d-1', 'journey-b2', '2026-10-03T08:00:00Z', 'google')))));
-- Linked journeys are erased as one; those of others stay, and so do the events.
SET ROLE attribution_admin;
SELECT attribution.erase_journey(:'t', 'journey-b2');
SELECT attribution.erase_journey(:'t', 'journey-b2');
SELECT attribution.erase_journey(:'t', 'journey-never-seen');
SELECT attribution.erase_journey(:'t', NULL);
SELECT attribution.erase_journey('018f0000-0000-7000-8000-0000000000ff', 'journey-b2');
SELECT count(*) FROM attribution.journey_links WHERE tenant_id = :'t';
SELECT tenant_id = :'t' AS own, journey_id FROM attribution.event_journeys WHERE tenant_id IN (:'t', :'other') ORDER BY 1, 2;
SELECT count(*) AS events FROM attribution.attribution_events WHERE tenant_id = :'t';
SELECT count(*) AS erased, count(*) FILTER (WHERE journey_hash = sha256(convert_to(:'t' || ' journey-b2', 'UTF8'))) AS this_one
  FROM attribution.erased_journeys WHERE tenant_id = :'t';
SELECT payload #> '{event,touchpoints,0}' AS kept FROM attribution.dead_events WHERE tenant_id = :'t';
RESET ROLE;
DELETE FROM attribution.erased_journeys;

-- Nothing brings it back: later deliveries, repeats, links, replays.
SELECT status FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.visit('v-1', 'journey-a1', '2026-10-01T08:00:00Z', 'google'), pg_temp.visit('v-9', 'journey-a1', '2026-10-09T08:00:00Z', 'google'),
    pg_temp.sale('s-9', 'journey-b2', 700), pg_temp.visit('v-10', 'journey-g7', '2026-10-09T08:00:00Z', 'google')));
SELECT status FROM attribution.ingest_batch(ARRAY[:'t', :'other']::uuid[], jsonb_build_array(
    pg_temp.visit('v-11', 'journey-c3', '2026-10-09T08:00:00Z', 'google'), pg_temp.visit('v-11', 'journey-c3', '2026-10-09T08:00:00Z', 'google')));
SELECT status FROM attribution.replay_dead_events(:'t');
SET ROLE attribution_admin;
SELECT attribution.link_journeys(:'t', 'journey-a1', 'journey-b2');
SELECT attribution.link_journeys(:'t', 'journey-a1', 'journey-g7');
SELECT count(*) FROM attribution.journey_links WHERE tenant_id = :'t';
SELECT tenant_id = :'t' AS own, journey_id FROM attribution.event_journeys WHERE tenant_id IN (:'t', :'other') ORDER BY 1, 2;
RESET ROLE;
