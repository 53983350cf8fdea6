-- What keeps allocations current: what ingestion leaves to be done, and the facts that models read, kept apart from events
-- because they are small and events are not.

-- By what all entries of a sale are found. A column, not an expression, for row security's sake (see bucket_start).
ALTER TABLE attribution.revenue_ledger
    ADD COLUMN sale_key text NOT NULL GENERATED ALWAYS AS (coalesce(parent_money_key, money_key)) STORED;
CREATE INDEX revenue_ledger_sale ON attribution.revenue_ledger (tenant_id, sale_key);

-- No key, so nobody waits: whoever ingests appends, in the transaction of what is ingested. A row says that a sale, or those
-- of an order or of some journeys, may have to be divided anew. reason is why sets that exist by then are superseded.
CREATE TABLE attribution.allocation_queue (
    tenant_id   uuid NOT NULL,
    reason      text NOT NULL,
    sale_key    text,
    external_id text,
    journey_ids text[]
);
CREATE INDEX allocation_queue_tenant ON attribution.allocation_queue (tenant_id);
COMMENT ON TABLE attribution.allocation_queue IS 'What was ingested and is not yet divided; allocate_pending() takes it';

-- Most journeys never become a sale, so their touches stay as they came; those of a sale are moved into journey_touches.
CREATE TABLE attribution.unpacked_touches (
    tenant_id  uuid NOT NULL,
    journey_id text NOT NULL,
    touched_at timestamptz NOT NULL,
    channel    text NOT NULL,
    campaign   text
);
CREATE INDEX unpacked_touches_journey ON attribution.unpacked_touches (tenant_id, journey_id);
COMMENT ON TABLE attribution.unpacked_touches IS 'The touchpoints of journeys, until there is a sale that they led to';

-- The row is also the lock: one transaction at a time divides a tenant's revenue.
CREATE TABLE attribution.allocation_progress (
    tenant_id    uuid NOT NULL PRIMARY KEY,
    allocated_at timestamptz NOT NULL DEFAULT '-infinity'
);
COMMENT ON TABLE attribution.allocation_progress IS 'When the revenue of a tenant was last brought up to date';

-- channel and campaign are the sale's own, for a sale without touches. entries are those of the ledger, in the order in which they are divided, and
-- first_at and last_at the times of the first and the last of them. No index but the key: each would be a random page for each sale
-- of a day. Who looks for the sales of an order or a journey finds them by events and ledger (extension/src/sale_finder.hpp).
CREATE TABLE attribution.sales (
    tenant_id    uuid NOT NULL,
    sale_key     text NOT NULL,
    source       text NOT NULL,
    external_id  text,
    journey_id   text,
    converted_at timestamptz NOT NULL,
    channel      text NOT NULL,
    campaign     text NOT NULL,
    first_at     timestamptz NOT NULL,
    last_at      timestamptz NOT NULL,
    entries      attribution_internal.sale_entry[] NOT NULL,
    PRIMARY KEY (tenant_id, sale_key)
);
COMMENT ON TABLE attribution.sales IS 'What models must know of each sale of the ledger; made from events, and made again when they change';

-- touches: core/credit/packed_touches.hpp.
CREATE TABLE attribution.journey_touches (
    tenant_id  uuid NOT NULL,
    journey_id text NOT NULL,
    touches    bytea NOT NULL,
    PRIMARY KEY (tenant_id, journey_id)
);
ALTER TABLE attribution.journey_touches ALTER COLUMN touches SET STORAGE EXTERNAL;
COMMENT ON TABLE attribution.journey_touches IS 'The touchpoints of each journey of a sale in one row, packed: what models read instead of events';

ALTER TABLE attribution.allocation_queue    ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.unpacked_touches    ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.allocation_progress ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.sales               ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.journey_touches     ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON attribution.allocation_queue    USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.unpacked_touches    USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.allocation_progress USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.sales               USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.journey_touches     USING (tenant_id = attribution.current_tenant());
CREATE POLICY admin_rows  ON attribution.allocation_queue    TO attribution_admin USING (true);
CREATE POLICY admin_rows  ON attribution.unpacked_touches    TO attribution_admin USING (true);
CREATE POLICY admin_rows  ON attribution.allocation_progress TO attribution_admin, attribution_maintainer USING (true);
CREATE POLICY admin_rows  ON attribution.sales               TO attribution_admin USING (true);
CREATE POLICY admin_rows  ON attribution.journey_touches     TO attribution_admin USING (true);
-- As in 0012, for ingestion.
CREATE POLICY ingested_rows ON attribution.allocation_queue TO attribution_owner
    USING (attribution_internal.is_entered_tenant(tenant_id));
CREATE POLICY ingested_rows ON attribution.unpacked_touches TO attribution_owner
    USING (attribution_internal.is_entered_tenant(tenant_id));
-- By it the tenants are found that have something waiting.
CREATE POLICY lookup_rows ON attribution.allocation_queue FOR SELECT TO attribution_lookup USING (true);

CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.allocation_queue
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.unpacked_touches
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.sales
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.journey_touches
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();

GRANT SELECT ON attribution.allocation_queue TO attribution_lookup;
GRANT SELECT ON attribution.allocation_queue, attribution.unpacked_touches, attribution.allocation_progress, attribution.sales, attribution.journey_touches
    TO attribution_admin;
GRANT SELECT ON attribution.allocation_progress TO attribution_analyst, attribution_maintainer, attribution_svc_attribution;

-- What was ingested before there was a queue, of all tenants: the owner is bound by row security like everybody.
ALTER TABLE attribution.tenants             NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.allocation_progress NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.revenue_ledger     NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.attribution_events NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.event_journeys     NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.allocation_queue   NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.unpacked_touches   NO FORCE ROW LEVEL SECURITY;
INSERT INTO attribution.allocation_progress (tenant_id) SELECT t.tenant_id FROM attribution.tenants AS t;
INSERT INTO attribution.allocation_queue (tenant_id, reason, sale_key)
SELECT DISTINCT e.tenant_id, 'late_sale', e.sale_key FROM attribution.revenue_ledger AS e;
INSERT INTO attribution.unpacked_touches (tenant_id, journey_id, touched_at, channel, campaign)
SELECT e.tenant_id, j.journey_id, e.occurred_at, e.channel, e.payload -> 'signals' ->> 'campaign'
  FROM attribution.event_journeys AS j
  JOIN attribution.attribution_events AS e ON e.tenant_id = j.tenant_id AND e.event_id = j.event_id
 WHERE e.event_type = 'touchpoint';
ALTER TABLE attribution.tenants             FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.allocation_progress FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.revenue_ledger     FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.attribution_events FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.event_journeys     FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.allocation_queue   FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.unpacked_touches   FORCE ROW LEVEL SECURITY;
