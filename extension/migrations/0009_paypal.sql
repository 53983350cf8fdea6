-- Who signs what comes to an endpoint, and which body came under which transmission id.

ALTER TABLE attribution.webhook_endpoints
    ADD COLUMN signature text NOT NULL DEFAULT 'provider' CHECK (signature IN ('provider', 'hmac'));
COMMENT ON COLUMN attribution.webhook_endpoints.signature IS
    'provider: its own signature; hmac: a relay signs with X-Attribution-Signature, and the provider''s is not taken';

CREATE TABLE attribution.delivery_transmissions (
    tenant_id       uuid NOT NULL,
    source          text NOT NULL,
    transmission_id text NOT NULL,
    digest          attribution.sha256 NOT NULL,
    received_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, source, transmission_id)
);
COMMENT ON TABLE attribution.delivery_transmissions IS
    'The first body under each transmission id, where a provider sends one body only under each; append-only';

ALTER TABLE attribution.delivery_transmissions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON attribution.delivery_transmissions USING (tenant_id = attribution.current_tenant());
CREATE POLICY admin_rows ON attribution.delivery_transmissions TO attribution_admin USING (true);
CREATE POLICY ingested_rows ON attribution.delivery_transmissions TO attribution_owner
    USING (attribution_internal.is_entered_tenant(tenant_id));
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.delivery_transmissions
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attribution.delivery_transmissions
    FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.refuse_change();
GRANT SELECT ON attribution.delivery_transmissions TO attribution_admin;
