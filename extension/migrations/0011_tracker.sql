-- Visits from the browser: keys that may stand in a page, journeys that are one, and journeys that were erased.

-- rate_limit: touchpoints a minute.
ALTER TABLE attribution.api_keys
    ADD COLUMN kind            text NOT NULL DEFAULT 'secret' CHECK (kind IN ('secret', 'publishable')),
    ADD COLUMN allowed_origins text[],
    ADD COLUMN rate_limit      integer CHECK (rate_limit BETWEEN 1 AND 1000000),
    ADD CONSTRAINT api_keys_publishable CHECK (
        CASE kind WHEN 'publishable' THEN cardinality(allowed_origins) > 0 AND rate_limit IS NOT NULL
                  ELSE allowed_origins IS NULL AND rate_limit IS NULL END);
COMMENT ON TABLE attribution.api_keys IS 'SHA-256 of each API key, its tenant, when it was revoked, and of a publishable one whence and how often it may be used';

-- Only journeys that were linked have a row. All that are one have the same canonical_id, the least of their ids.
CREATE TABLE attribution.journey_links (
    tenant_id    uuid NOT NULL,
    journey_id   text NOT NULL,
    canonical_id text NOT NULL,
    PRIMARY KEY (tenant_id, journey_id)
);
CREATE INDEX journey_links_canonical ON attribution.journey_links (tenant_id, canonical_id);
COMMENT ON TABLE attribution.journey_links IS 'Which journeys are one: canonical_id names all of them';

-- Both the log of erasures and what keeps an erased journey from coming back: so rows stay.
CREATE TABLE attribution.erased_journeys (
    tenant_id    uuid NOT NULL,
    journey_hash attribution.sha256 NOT NULL,
    erased_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, journey_hash)
);
COMMENT ON TABLE attribution.erased_journeys IS 'SHA-256 of each journey that was erased, and when; ingestion no longer keeps such a journey; append-only';

ALTER TABLE attribution.journey_links   ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.erased_journeys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON attribution.journey_links   USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.erased_journeys USING (tenant_id = attribution.current_tenant());
CREATE POLICY admin_rows  ON attribution.journey_links   TO attribution_admin USING (true);
CREATE POLICY admin_rows  ON attribution.erased_journeys TO attribution_admin USING (true);
-- As in 0012, for ingestion.
CREATE POLICY ingested_rows ON attribution.erased_journeys FOR SELECT TO attribution_owner
    USING (attribution_internal.is_entered_tenant(tenant_id));

CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.journey_links
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.erased_journeys
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attribution.erased_journeys
    FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.refuse_change();

-- Each join is a probe of a primary key.
CREATE VIEW attribution.journeys WITH (security_invoker = true) AS
SELECT j.tenant_id,
       CASE WHEN l.canonical_id IS NULL THEN j.journey_id ELSE l.canonical_id END AS journey_id,
       j.event_id, e.event_type, e.source, e.external_id, e.order_ref, e.evidence, e.occurred_at, e.channel
  FROM attribution.event_journeys AS j
  JOIN attribution.attribution_events AS e ON e.tenant_id = j.tenant_id AND e.event_id = j.event_id
  LEFT JOIN attribution.journey_links AS l ON l.tenant_id = j.tenant_id AND l.journey_id = j.journey_id
 WHERE j.tenant_id = attribution.current_tenant();
COMMENT ON VIEW attribution.journeys IS 'Events of the current tenant that belong to a journey; journeys that are linked are one';

GRANT SELECT ON attribution.journey_links, attribution.erased_journeys TO attribution_admin;
-- The view reads with its reader's rights.
GRANT SELECT ON attribution.journeys TO attribution_analyst, attribution_admin;
GRANT SELECT ON attribution.event_journeys, attribution.journey_links TO attribution_analyst;
