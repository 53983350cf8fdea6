-- Events in: the contract is docs/event_contract.md.

-- The rows of a call, as the statements of ingest_events() take them.
CREATE TYPE attribution_internal.event_row AS (
    tenant_id      uuid,
    event_id       uuid,
    source         text,
    delivery_key   text,
    item_no        smallint,
    event_type     text,
    digest         bytea,
    topic          text,
    endpoint_id    text,
    correlation_id uuid,
    external_id    text,
    order_ref      text,
    evidence       boolean,
    occurred_at    timestamptz,
    channel        text,
    channel_rule   text,
    payload        jsonb
);
COMMENT ON TYPE attribution_internal.event_row IS 'A row for attribution_events';

-- money_no numbers the distinct (tenant_id, money_key, kind) of a call in their order, state_no all states, the newest first.
CREATE TYPE attribution_internal.state_row AS (
    tenant_id        uuid,
    event_id         uuid,
    entry_id         uuid,
    money_no         integer,
    state_no         integer,
    money_key        text,
    kind             text,
    currency         char(3),
    cumulative_minor bigint,
    version_at       timestamptz,
    occurred_at      timestamptz,
    tax_minor        bigint,
    shipping_minor   bigint,
    parent_money_key text
);
COMMENT ON TYPE attribution_internal.state_row IS 'A money state to compare with money_states';

CREATE TYPE attribution_internal.dead_row AS (
    tenant_id      uuid,
    dead_id        uuid,
    source         text,
    delivery_key   text,
    digest         bytea,
    code           text,
    detail         text,
    topic          text,
    endpoint_id    text,
    correlation_id uuid,
    body_length    bigint,
    payload        jsonb,
    attempts       integer
);
COMMENT ON TYPE attribution_internal.dead_row IS 'A row for dead_events';

CREATE TYPE attribution_internal.part_row AS (
    tenant_id        uuid,
    parent_money_key text,
    kind             text,
    money_key        text,
    occurred_at      timestamptz,
    gross_minor      bigint
);
COMMENT ON TYPE attribution_internal.part_row IS 'A part of a total, for money_parts';

-- told_minor is NULL when only parts of the total are told.
CREATE TYPE attribution_internal.total_row AS (
    tenant_id   uuid,
    event_id    uuid,
    entry_id    uuid,
    money_key   text,
    kind        text,
    told_minor  bigint,
    version_at  timestamptz,
    occurred_at timestamptz
);
COMMENT ON TYPE attribution_internal.total_row IS 'A total to settle with its parts';

CREATE TYPE attribution_internal.journey_row AS (
    tenant_id  uuid,
    event_id   uuid,
    journey_id text,
    touched_at timestamptz,
    channel    text,
    campaign   text
);
COMMENT ON TYPE attribution_internal.journey_row IS 'A row for event_journeys; touched_at, channel and campaign are of touchpoints';

CREATE TYPE attribution_internal.transaction_row AS (
    tenant_id       uuid,
    event_id        uuid,
    transaction_ref text
);
COMMENT ON TYPE attribution_internal.transaction_row IS 'A row for event_transactions';

CREATE TYPE attribution_internal.ignored_row AS (
    tenant_id  uuid,
    source     text,
    topic      text,
    reason     text,
    deliveries bigint
);
COMMENT ON TYPE attribution_internal.ignored_row IS 'A count to add to ignored_deliveries';

CREATE TYPE attribution_internal.transmission_row AS (
    tenant_id       uuid,
    source          text,
    transmission_id text,
    digest          bytea
);
COMMENT ON TYPE attribution_internal.transmission_row IS 'A row for delivery_transmissions';

ALTER TYPE attribution_internal.event_row OWNER TO attribution_owner;
ALTER TYPE attribution_internal.state_row OWNER TO attribution_owner;
ALTER TYPE attribution_internal.dead_row OWNER TO attribution_owner;
ALTER TYPE attribution_internal.part_row OWNER TO attribution_owner;
ALTER TYPE attribution_internal.total_row OWNER TO attribution_owner;
ALTER TYPE attribution_internal.journey_row OWNER TO attribution_owner;
ALTER TYPE attribution_internal.transaction_row OWNER TO attribution_owner;
ALTER TYPE attribution_internal.ignored_row OWNER TO attribution_owner;
ALTER TYPE attribution_internal.transmission_row OWNER TO attribution_owner;

CREATE FUNCTION attribution_internal.same_currency(booked char(3), stated char(3)) RETURNS char(3)
    LANGUAGE c VOLATILE STRICT
    AS 'MODULE_PATHNAME', 'attribution_same_currency';
COMMENT ON FUNCTION attribution_internal.same_currency(char, char) IS
    'The booked currency; a serialization failure when the other one differs';

-- Not STRICT: a NULL must be an error, not a silent nothing.
CREATE FUNCTION attribution.ingest_events(tenant_id uuid, events jsonb)
    RETURNS TABLE (item integer, status text, event_id uuid, code text, detail text, booked integer)
    LANGUAGE c VOLATILE SECURITY DEFINER ROWS 64 SET search_path = pg_catalog, pg_temp
    AS 'MODULE_PATHNAME', 'attribution_ingest_events';
COMMENT ON FUNCTION attribution.ingest_events(uuid, jsonb) IS
    'Stores an array of events and books the difference of the money states they carry; one row for each, in order';
GRANT EXECUTE ON FUNCTION attribution.ingest_events(uuid, jsonb) TO attribution_svc_ingestion, attribution_admin;

-- For services that gather what many tenants send: one call, one statement, one commit.
CREATE FUNCTION attribution.ingest_batch(tenant_ids uuid[], events jsonb)
    RETURNS TABLE (item integer, status text, event_id uuid, code text, detail text, booked integer)
    LANGUAGE c VOLATILE SECURITY DEFINER ROWS 64 SET search_path = pg_catalog, pg_temp
    AS 'MODULE_PATHNAME', 'attribution_ingest_batch';
COMMENT ON FUNCTION attribution.ingest_batch(uuid[], jsonb) IS
    'As ingest_events(), for events of many tenants: tenant_ids names the tenant of each; one that is not active fails the whole call';
GRANT EXECUTE ON FUNCTION attribution.ingest_batch(uuid[], jsonb) TO attribution_svc_ingestion, attribution_admin;

CREATE FUNCTION attribution.ingest_event(tenant_id uuid, event jsonb)
    RETURNS TABLE (status text, event_id uuid, code text, detail text, booked integer)
    LANGUAGE c VOLATILE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp
    AS 'MODULE_PATHNAME', 'attribution_ingest_event';
COMMENT ON FUNCTION attribution.ingest_event(uuid, jsonb) IS
    'Stores one event and books the difference of the money states it carries';
GRANT EXECUTE ON FUNCTION attribution.ingest_event(uuid, jsonb) TO attribution_svc_ingestion, attribution_admin;
