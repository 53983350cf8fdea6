-- Finding the tenant before there is one. These belong to attribution_lookup, which alone reads all rows of the
-- tables that they need, and nothing else. PL/pgSQL, since it keeps plans between calls.

CREATE FUNCTION attribution.resolve_endpoint(endpoint_id text)
    RETURNS TABLE (tenant_id uuid, provider text, account text, books_revenue boolean,
                   secret_ciphertext bytea, previous_secret_ciphertext bytea, signature text)
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN QUERY
    SELECT w.tenant_id, w.provider, w.account, w.books_revenue, w.secret_ciphertext, w.previous_secret_ciphertext,
           w.signature
      FROM attribution.webhook_endpoints AS w
      JOIN attribution.tenants AS t ON t.tenant_id = w.tenant_id
     WHERE w.endpoint_id = resolve_endpoint.endpoint_id AND w.status = 'active' AND t.status = 'active';
END
$$;
COMMENT ON FUNCTION attribution.resolve_endpoint(text) IS
    'The tenant, provider and encrypted secrets of an active webhook endpoint; no row when there is none';

-- Whoever asks for a tenant without a thought of publishable keys refuses them.
CREATE FUNCTION attribution.authenticate_api_key(key_id text, key_hash bytea) RETURNS uuid
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    key_kind text;
    key_tenant_id uuid;
BEGIN
    SELECT k.kind, k.tenant_id INTO key_kind, key_tenant_id
      FROM attribution.api_keys AS k
      JOIN attribution.tenants AS t ON t.tenant_id = k.tenant_id
     WHERE k.key_id = authenticate_api_key.key_id AND k.key_hash = authenticate_api_key.key_hash
       AND k.revoked_at IS NULL AND t.status = 'active';
    IF key_kind = 'publishable' THEN
        RAISE EXCEPTION 'the API key is publishable'
            USING ERRCODE = 'RA010', DETAIL = 'A publishable key can do nothing but send touchpoints.',
                  HINT = 'Use a secret API key: attributiond key create.';
    END IF;
    RETURN key_tenant_id;
END
$$;
COMMENT ON FUNCTION attribution.authenticate_api_key(text, bytea) IS
    'The tenant of a secret API key, given its id and the SHA-256 of its text; NULL when it is not valid';

CREATE FUNCTION attribution.authenticate_publishable_key(key_id text, key_hash bytea)
    RETURNS TABLE (tenant_id uuid, allowed_origins text[], rate_limit integer)
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN QUERY
    SELECT k.tenant_id, k.allowed_origins, k.rate_limit
      FROM attribution.api_keys AS k
      JOIN attribution.tenants AS t ON t.tenant_id = k.tenant_id
     WHERE k.key_id = authenticate_publishable_key.key_id AND k.key_hash = authenticate_publishable_key.key_hash
       AND k.kind = 'publishable' AND k.revoked_at IS NULL AND t.status = 'active';
END
$$;
COMMENT ON FUNCTION attribution.authenticate_publishable_key(text, bytea) IS
    'The tenant of a publishable API key, from which origins and how often a minute it may be used; no row when it is not valid';

GRANT EXECUTE ON FUNCTION attribution.resolve_endpoint(text), attribution.authenticate_publishable_key(text, bytea)
    TO attribution_svc_ingestion;
GRANT EXECUTE ON FUNCTION attribution.authenticate_api_key(text, bytea)
    TO attribution_svc_ingestion, attribution_svc_attribution, attribution_svc_auth,
       attribution_svc_reconciliation, attribution_svc_export;
