-- What arrived: deliveries and touchpoints as events without personal data, and what could not be ingested.

CREATE TABLE attribution.attribution_events (
    tenant_id      uuid NOT NULL,
    event_id       uuid NOT NULL,
    source         text NOT NULL,
    delivery_key   text NOT NULL,
    item_no        attribution.item_number NOT NULL,
    event_type     attribution.event_type NOT NULL,
    digest         attribution.sha256 NOT NULL,
    topic          text,
    endpoint_id    text,
    correlation_id uuid,
    external_id    text,
    order_ref      text,
    evidence       boolean NOT NULL,
    occurred_at    timestamptz NOT NULL,
    received_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    channel        text NOT NULL,
    channel_rule   text,
    payload        jsonb NOT NULL,
    PRIMARY KEY (tenant_id, event_id),
    CONSTRAINT attribution_events_delivery UNIQUE (tenant_id, source, delivery_key, item_no)
);

-- By these evidence finds the shop's booking.
CREATE INDEX attribution_events_external_id ON attribution.attribution_events (tenant_id, external_id);
CREATE INDEX attribution_events_order_ref ON attribution.attribution_events (tenant_id, order_ref) WHERE order_ref IS NOT NULL;

-- payload is {"event": …}, which replay_dead_events() tries again, or {"facts": …}, or NULL; event_id what it became.
CREATE TABLE attribution.dead_events (
    tenant_id      uuid NOT NULL,
    dead_id        uuid NOT NULL,
    source         text NOT NULL,
    delivery_key   text NOT NULL,
    digest         attribution.sha256 NOT NULL,
    code           text NOT NULL CHECK (code ~ '^[0-9A-Z]{5}$'),
    detail         text NOT NULL,
    topic          text,
    endpoint_id    text,
    correlation_id uuid,
    body_length    bigint,
    payload        jsonb,
    replayable     boolean NOT NULL GENERATED ALWAYS AS (payload IS NOT NULL AND payload ? 'event') STORED,
    event_id       uuid,
    attempts       integer NOT NULL DEFAULT 1,
    status         text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'replayed', 'discarded')),
    received_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, dead_id),
    CONSTRAINT dead_events_delivery UNIQUE (tenant_id, source, delivery_key, digest)
);

ALTER TABLE attribution.attribution_events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.dead_events        ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON attribution.attribution_events USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.dead_events        USING (tenant_id = attribution.current_tenant());
CREATE POLICY admin_rows  ON attribution.attribution_events TO attribution_admin, attribution_maintainer USING (true);
CREATE POLICY admin_rows  ON attribution.dead_events        TO attribution_admin USING (true);

CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.attribution_events
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.dead_events
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attribution.attribution_events
    FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.refuse_change();

COMMENT ON TABLE attribution.attribution_events IS 'Deliveries and touchpoints, free of personal data; append-only';
COMMENT ON TABLE attribution.dead_events IS 'What could not be ingested, and why; replay_dead_events() tries it again';

GRANT SELECT ON attribution.attribution_events
    TO attribution_analyst, attribution_admin, attribution_maintainer, attribution_svc_attribution;
GRANT SELECT ON attribution.dead_events TO attribution_admin;
