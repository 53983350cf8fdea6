-- Channel rules at work. Not for parallel plans: rules are loaded with a snapshot of their own, the newest, and
-- PostgreSQL allows none in parallel mode.

CREATE FUNCTION attribution.normalize_channel(
    source text DEFAULT NULL, medium text DEFAULT NULL, campaign text DEFAULT NULL, referrer_host text DEFAULT NULL,
    click_id text DEFAULT NULL)
    RETURNS text
    LANGUAGE c STABLE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS 'MODULE_PATHNAME', 'attribution_normalize_channel';
COMMENT ON FUNCTION attribution.normalize_channel(text, text, text, text, text) IS
    'The channel of a visit by its signals: the current tenant''s rules first, then the built-in ones, else unknown';
GRANT EXECUTE ON FUNCTION attribution.normalize_channel(text, text, text, text, text)
    TO attribution_analyst, attribution_admin, attribution_svc_ingestion, attribution_svc_attribution,
       attribution_svc_auth, attribution_svc_reconciliation, attribution_svc_export;

CREATE FUNCTION attribution_internal.invalidate_channel_rules() RETURNS trigger
    LANGUAGE c VOLATILE
    AS 'MODULE_PATHNAME', 'attribution_invalidate_channel_rules';
COMMENT ON FUNCTION attribution_internal.invalidate_channel_rules() IS
    'Statement trigger of the rule tables: every backend compiles its rules anew';
