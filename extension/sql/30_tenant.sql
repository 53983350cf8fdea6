-- The tenant of a statement. Row security of every table compares with current_tenant().

CREATE FUNCTION attribution.current_tenant() RETURNS uuid
    LANGUAGE c STABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'attribution_current_tenant';
COMMENT ON FUNCTION attribution.current_tenant() IS
    'The tenant the session works for, or NULL: then no tenant''s rows are seen';
GRANT EXECUTE ON FUNCTION attribution.current_tenant()
    TO attribution_lookup, attribution_analyst, attribution_admin, attribution_maintainer, attribution_server,
       attribution_svc_ingestion, attribution_svc_attribution, attribution_svc_auth,
       attribution_svc_reconciliation, attribution_svc_export;

-- For the policies of attribution_owner only. Workers do not know the tenants of the call.
CREATE FUNCTION attribution_internal.is_entered_tenant(tenant_id uuid) RETURNS boolean
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED
    AS 'MODULE_PATHNAME', 'attribution_is_entered_tenant';
COMMENT ON FUNCTION attribution_internal.is_entered_tenant(uuid) IS
    'Whether the running call of ingest_batch() has events of this tenant';

-- For functions that work for one tenant after the other: the caller's transaction goes on with what it had.
CREATE FUNCTION attribution_internal.restore_tenant(tenant_id uuid) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE
    AS 'MODULE_PATHNAME', 'attribution_restore_tenant';
COMMENT ON FUNCTION attribution_internal.restore_tenant(uuid) IS 'As set_tenant(); with NULL there is no tenant any more';

-- Not STRICT: a NULL must be an error, not a silent nothing. Settings may not change in parallel workers.
CREATE FUNCTION attribution.set_tenant(tenant_id uuid) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE
    AS 'MODULE_PATHNAME', 'attribution_set_tenant';
COMMENT ON FUNCTION attribution.set_tenant(uuid) IS
    'Makes a tenant the current one until the transaction ends; another tenant than one''s own only for services and administrators';
GRANT EXECUTE ON FUNCTION attribution.set_tenant(uuid)
    TO attribution_analyst, attribution_admin, attribution_maintainer,
       attribution_svc_ingestion, attribution_svc_attribution, attribution_svc_auth,
       attribution_svc_reconciliation, attribution_svc_export;
