-- Canonical channels and the rules that map a visit's signals to them. Rules without a tenant are built in;
-- a tenant's own rules are tried before them.

CREATE TABLE attribution.channel_taxonomy (
    channel     text PRIMARY KEY CHECK (channel ~ '^[a-z][a-z0-9_]*$'),
    title       text NOT NULL,
    paid        boolean NOT NULL,
    description text NOT NULL
);

-- Sites by kind (search, social, shopping, video, …), as rules name them in source_category.
CREATE TABLE attribution.channel_sources (
    source   text PRIMARY KEY CHECK (source = lower(source) AND source <> ''),
    category text NOT NULL CHECK (category ~ '^[a-z][a-z0-9_]*$')
);

-- Every condition that is not NULL must hold; a *_like array holds globs (*, ?, [set]) of which one must match.
CREATE TABLE attribution.channel_rules (
    rule_id         uuid PRIMARY KEY DEFAULT attribution_internal.uuid_v7(),
    tenant_id       uuid REFERENCES attribution.tenants,
    rule_name       text NOT NULL CHECK (rule_name ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'),
    priority        integer NOT NULL,
    channel         text NOT NULL REFERENCES attribution.channel_taxonomy,
    source_category text,
    source_like     text[],
    medium_like     text[],
    campaign_like   text[],
    referrer_like   text[],
    click_id_in     text[],
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT channel_rules_name UNIQUE NULLS NOT DISTINCT (tenant_id, rule_name),
    CONSTRAINT channel_rules_some_condition CHECK (
        num_nonnulls(source_category, source_like, medium_like, campaign_like, referrer_like, click_id_in) > 0)
);

ALTER TABLE attribution.channel_rules ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows  ON attribution.channel_rules USING (tenant_id = attribution.current_tenant());
CREATE POLICY builtin_rows ON attribution.channel_rules FOR SELECT USING (tenant_id IS NULL);
-- Row security holds the owner too, who must be able to seed the built-in rules in migrations.
CREATE POLICY builtin_seed ON attribution.channel_rules TO attribution_owner USING (tenant_id IS NULL);
CREATE POLICY admin_rows   ON attribution.channel_rules TO attribution_admin USING (true);

CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.channel_taxonomy
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.channel_sources
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.channel_rules
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER invalidate_rule_cache AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON attribution.channel_rules
    FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.invalidate_channel_rules();
CREATE TRIGGER invalidate_rule_cache AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON attribution.channel_sources
    FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.invalidate_channel_rules();

COMMENT ON TABLE attribution.channel_taxonomy IS 'The channels that there are';
COMMENT ON TABLE attribution.channel_sources IS 'Sites by kind, as channel rules name them';
COMMENT ON TABLE attribution.channel_rules IS 'How the signals of a visit become a channel: built-in rules (no tenant) and the tenants'' own';

GRANT SELECT ON attribution.channel_taxonomy, attribution.channel_sources, attribution.channel_rules
    TO attribution_analyst, attribution_admin, attribution_svc_ingestion, attribution_svc_attribution;
GRANT INSERT, UPDATE, DELETE ON attribution.channel_taxonomy, attribution.channel_sources, attribution.channel_rules
    TO attribution_admin;
