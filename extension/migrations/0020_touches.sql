-- The touches of a journey stand where its events do, and packed in its sales: models read one table, and what packs takes nothing
-- away. Before, they were moved from a table of their own (unpacked_touches) to another (journey_touches).

ALTER TABLE attribution.event_journeys
    ADD COLUMN touched_at timestamptz,
    ADD COLUMN channel    text,
    ADD COLUMN campaign   text;
COMMENT ON COLUMN attribution.event_journeys.touched_at IS 'Of a touchpoint its time, as channel and campaign: what models know of it';
ALTER TABLE attribution.sales ADD COLUMN touches bytea;
ALTER TABLE attribution.sales ALTER COLUMN touches SET STORAGE EXTERNAL;
COMMENT ON COLUMN attribution.sales.touches IS 'The touchpoints of its journey and of those that are one with it, packed: what models read instead of events';

-- Of all tenants, as in 0015.
ALTER TABLE attribution.attribution_events NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.event_journeys     NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.journey_links      NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.journey_touches    NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.sales              NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.allocation_queue   NO FORCE ROW LEVEL SECURITY;
DROP INDEX attribution.event_journeys_journey;
UPDATE attribution.event_journeys AS j
   SET touched_at = e.occurred_at, channel = e.channel, campaign = e.payload -> 'signals' ->> 'campaign'
  FROM attribution.attribution_events AS e
 WHERE e.tenant_id = j.tenant_id AND e.event_id = j.event_id AND e.event_type = 'touchpoint';
-- In the order in which touches are read: the newest first.
CREATE INDEX event_journeys_journey ON attribution.event_journeys (tenant_id, journey_id, touched_at DESC NULLS LAST);
UPDATE attribution.sales AS s SET touches = t.touches
  FROM attribution.journey_touches AS t WHERE t.tenant_id = s.tenant_id AND t.journey_id = s.journey_id;
-- Those of linked journeys are packed by who divides next.
INSERT INTO attribution.allocation_queue (tenant_id, reason, sale_key)
SELECT s.tenant_id, 'journey_link', s.sale_key
  FROM attribution.sales AS s
  JOIN attribution.journey_links AS l ON l.tenant_id = s.tenant_id AND l.journey_id = s.journey_id;
ALTER TABLE attribution.attribution_events FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.event_journeys     FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.journey_links      FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.sales              FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.allocation_queue   FORCE ROW LEVEL SECURITY;

DROP TABLE attribution.unpacked_touches, attribution.journey_touches;
