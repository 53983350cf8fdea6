-- What stands beside events and money: parts of totals, journeys, and deliveries that are only counted.

-- A part is booked as any money is (money_states); this is what its total must know of it besides.
CREATE TABLE attribution.money_parts (
    tenant_id        uuid NOT NULL,
    parent_money_key text NOT NULL,
    kind             attribution.money_kind NOT NULL,
    money_key        text NOT NULL,
    occurred_at      timestamptz NOT NULL,
    gross_minor      bigint NOT NULL,
    PRIMARY KEY (tenant_id, parent_money_key, kind, money_key)
);
COMMENT ON TABLE attribution.money_parts IS 'The parts of each total: when a part was made, and how much it was at most';

-- Apart from events, which are append-only: the link between a person's journey and the events can be erased.
CREATE TABLE attribution.event_journeys (
    tenant_id  uuid NOT NULL,
    event_id   uuid NOT NULL,
    journey_id text NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
);
CREATE INDEX event_journeys_journey ON attribution.event_journeys (tenant_id, journey_id);
COMMENT ON TABLE attribution.event_journeys IS 'The journey, an opaque pseudonym, that an event belongs to';

CREATE TABLE attribution.ignored_deliveries (
    tenant_id     uuid NOT NULL,
    source        text NOT NULL,
    topic         text NOT NULL,
    reason        text NOT NULL CHECK (reason IN ('unknown_topic', 'test_mode')),
    deliveries    bigint NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, source, topic, reason)
);
COMMENT ON TABLE attribution.ignored_deliveries IS 'How many deliveries were acknowledged and not stored, by source, topic and reason';

ALTER TABLE attribution.money_parts        ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.event_journeys     ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.ignored_deliveries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON attribution.money_parts        USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.event_journeys     USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.ignored_deliveries USING (tenant_id = attribution.current_tenant());
CREATE POLICY admin_rows  ON attribution.money_parts        TO attribution_admin USING (true);
CREATE POLICY admin_rows  ON attribution.event_journeys     TO attribution_admin USING (true);
CREATE POLICY admin_rows  ON attribution.ignored_deliveries TO attribution_admin USING (true);

CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.money_parts
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.event_journeys
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.ignored_deliveries
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();

GRANT SELECT ON attribution.money_parts, attribution.event_journeys TO attribution_admin;
GRANT SELECT ON attribution.ignored_deliveries TO attribution_analyst, attribution_admin, attribution_svc_ingestion;
