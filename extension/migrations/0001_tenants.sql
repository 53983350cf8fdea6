-- Tenants, and by what a tenant is found before a statement has one: endpoint id and API key.

CREATE TABLE attribution.tenants (
    tenant_id          uuid PRIMARY KEY DEFAULT attribution_internal.uuid_v7(),
    name               text NOT NULL CHECK (name <> ''),
    status             text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    reporting_currency attribution.currency_code NOT NULL,
    time_zone          text NOT NULL,
    created_at         timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE attribution.api_keys (
    key_id     text PRIMARY KEY CHECK (key_id ~ '^[0-9a-f]{16}$'),
    tenant_id  uuid NOT NULL REFERENCES attribution.tenants,
    key_hash   attribution.sha256 NOT NULL,
    name       text,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
CREATE INDEX api_keys_tenant ON attribution.api_keys (tenant_id);

CREATE TABLE attribution.webhook_endpoints (
    endpoint_id                text PRIMARY KEY CHECK (endpoint_id ~ '^whe_[0-9a-f]{32}$'),
    tenant_id                  uuid NOT NULL REFERENCES attribution.tenants,
    provider                   text NOT NULL CHECK (provider IN ('shopify', 'stripe', 'paypal', 'woocommerce')),
    account                    text NOT NULL CHECK (account <> ''),
    books_revenue              boolean NOT NULL,
    status                     text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    secret_ciphertext          bytea NOT NULL CHECK (octet_length(secret_ciphertext) > 0),
    previous_secret_ciphertext bytea,
    created_at                 timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhook_endpoints_tenant ON attribution.webhook_endpoints (tenant_id);

ALTER TABLE attribution.tenants           ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.api_keys          ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.webhook_endpoints ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_rows ON attribution.tenants           USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.api_keys          USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.webhook_endpoints USING (tenant_id = attribution.current_tenant());
CREATE POLICY admin_rows  ON attribution.tenants           TO attribution_admin, attribution_maintainer USING (true);
CREATE POLICY admin_rows  ON attribution.api_keys          TO attribution_admin USING (true);
CREATE POLICY admin_rows  ON attribution.webhook_endpoints TO attribution_admin USING (true);
CREATE POLICY lookup_rows ON attribution.tenants           FOR SELECT TO attribution_lookup USING (true);
CREATE POLICY lookup_rows ON attribution.api_keys          FOR SELECT TO attribution_lookup USING (true);
CREATE POLICY lookup_rows ON attribution.webhook_endpoints FOR SELECT TO attribution_lookup USING (true);

CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.tenants
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.api_keys
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.webhook_endpoints
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();

COMMENT ON TABLE attribution.tenants IS 'Whose events and revenue these are';
COMMENT ON TABLE attribution.api_keys IS 'SHA-256 of each API key, its tenant, and when it was revoked';
COMMENT ON TABLE attribution.webhook_endpoints IS 'Where providers send webhooks: tenant, provider, who books revenue, encrypted secrets';

GRANT SELECT ON attribution.tenants, attribution.api_keys, attribution.webhook_endpoints
    TO attribution_lookup, attribution_admin;
GRANT UPDATE (name, status, reporting_currency, time_zone) ON attribution.tenants TO attribution_admin;
GRANT UPDATE (account, books_revenue, status, secret_ciphertext, previous_secret_ciphertext)
    ON attribution.webhook_endpoints TO attribution_admin;
GRANT SELECT ON attribution.tenants
    TO attribution_analyst, attribution_maintainer, attribution_svc_attribution, attribution_svc_auth;
GRANT SELECT ON attribution.webhook_endpoints TO attribution_svc_ingestion;
