-- Tenants, their webhook endpoints and API keys: made by administrators. Each function sets the tenant until the
-- transaction ends, since row security holds the owner of these functions too.

-- pg_timezone_names reads every file of the time zone database, which takes a tenth of a second; the default is spared
-- it. AT TIME ZONE would be quicker, but takes a misspelt Europe/Berlin2 as an offset of two hours.
CREATE FUNCTION attribution_internal.require_time_zone(time_zone text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF time_zone IS NULL OR (time_zone <> 'UTC' AND NOT EXISTS (
        SELECT FROM pg_timezone_names AS z WHERE z.name = require_time_zone.time_zone)) THEN
        RAISE EXCEPTION 'the time zone is unknown'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is %s.', coalesce(quote_literal(time_zone), 'null')),
                  HINT = 'Give a full name such as Europe/Berlin: SELECT name FROM pg_timezone_names.';
    END IF;
END
$$;
COMMENT ON FUNCTION attribution_internal.require_time_zone(text) IS 'Raises an error unless there is a time zone of this name';
-- For rebuild_days().
GRANT EXECUTE ON FUNCTION attribution_internal.require_time_zone(text) TO attribution_maintainer;

CREATE FUNCTION attribution.create_tenant(
    name text, reporting_currency text DEFAULT 'USD', time_zone text DEFAULT 'UTC', tenant_id uuid DEFAULT NULL)
    RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    new_id CONSTANT uuid := coalesce(tenant_id, attribution_internal.uuid_v7());
BEGIN
    IF coalesce(name, '') = '' THEN
        RAISE EXCEPTION 'a tenant needs a name'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT attribution.create_tenant(name => ''…'').';
    END IF;
    IF reporting_currency IS NULL OR reporting_currency !~ '^[A-Z]{3}$' THEN
        RAISE EXCEPTION 'the reporting currency is not a currency code'
            USING ERRCODE = 'RA006', DETAIL = format('It is %s.', coalesce(quote_literal(reporting_currency), 'null')),
                  HINT = 'Give its three capital letters (ISO 4217), such as USD.';
    END IF;
    PERFORM attribution_internal.require_time_zone(create_tenant.time_zone);
    PERFORM attribution.set_tenant(new_id);
    INSERT INTO attribution.tenants AS t (tenant_id, name, reporting_currency, time_zone)
    VALUES (new_id, create_tenant.name, create_tenant.reporting_currency, create_tenant.time_zone);
    INSERT INTO attribution.allocation_progress (tenant_id) VALUES (new_id);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION attribution.create_tenant(text, text, text, uuid) IS
    'Makes a tenant and returns its id; sets it as the tenant of the transaction';

CREATE FUNCTION attribution_internal.enter_active_tenant(tenant_id uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM attribution.set_tenant(tenant_id);
    IF NOT EXISTS (SELECT FROM attribution.tenants AS t
                    WHERE t.tenant_id = enter_active_tenant.tenant_id AND t.status = 'active') THEN
        RAISE EXCEPTION 'tenant % is unknown or not active', tenant_id
            USING ERRCODE = 'RA009', HINT = 'See attribution.tenants, or make it: SELECT attribution.create_tenant(…).';
    END IF;
END
$$;
COMMENT ON FUNCTION attribution_internal.enter_active_tenant(uuid) IS
    'set_tenant() that also refuses tenants which are unknown or not active (RA009)';

-- One sale must be booked once: a shop platform books it, and a payment provider beside one gives evidence only.
CREATE FUNCTION attribution.create_webhook_endpoint(
    tenant_id uuid, provider text, account text, secret_ciphertext bytea,
    books_revenue boolean DEFAULT NULL, endpoint_id text DEFAULT NULL, signature text DEFAULT 'provider')
    RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    shop_platforms CONSTANT text[] := ARRAY['shopify', 'woocommerce'];
    new_id CONSTANT text := coalesce(endpoint_id, 'whe_' || replace(gen_random_uuid()::text, '-', ''));
    is_shop CONSTANT boolean := provider = ANY (shop_platforms);
    books boolean := books_revenue;
BEGIN
    PERFORM attribution_internal.enter_active_tenant(tenant_id);
    -- Two at once must see each other's endpoint before they decide who books.
    PERFORM FROM attribution.tenants AS t WHERE t.tenant_id = create_webhook_endpoint.tenant_id FOR NO KEY UPDATE;
    IF books IS NULL THEN
        books := is_shop OR NOT EXISTS (
            SELECT FROM attribution.webhook_endpoints AS other
             WHERE other.tenant_id = create_webhook_endpoint.tenant_id
               AND other.provider = ANY (shop_platforms) AND other.status = 'active');
    END IF;
    INSERT INTO attribution.webhook_endpoints
        (endpoint_id, tenant_id, provider, account, books_revenue, secret_ciphertext, signature)
    VALUES (new_id, create_webhook_endpoint.tenant_id, create_webhook_endpoint.provider,
            create_webhook_endpoint.account, books, create_webhook_endpoint.secret_ciphertext,
            create_webhook_endpoint.signature);
    IF books AND EXISTS (
        SELECT FROM attribution.webhook_endpoints AS other
         WHERE other.tenant_id = create_webhook_endpoint.tenant_id AND other.books_revenue
           AND other.status = 'active' AND (other.provider = ANY (shop_platforms)) <> is_shop) THEN
        RAISE WARNING 'a shop platform and a payment provider of this tenant both book revenue'
            USING DETAIL = 'A sale that both report is counted twice.',
                  HINT = 'Set books_revenue of the payment provider''s endpoint to false, unless their sales are distinct.';
    END IF;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION attribution.create_webhook_endpoint(uuid, text, text, bytea, boolean, text, text) IS
    'Makes the endpoint that a provider''s webhooks name, with its encrypted secret, and returns its public id';

CREATE FUNCTION attribution.create_api_key(
    tenant_id uuid, key_id text, key_hash bytea, name text DEFAULT NULL, kind text DEFAULT 'secret',
    allowed_origins text[] DEFAULT NULL, rate_limit integer DEFAULT NULL)
    RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    usual_rate_limit CONSTANT integer := 6000;
    is_publishable CONSTANT boolean := kind = 'publishable';
BEGIN
    IF is_publishable IS NULL OR (NOT is_publishable AND (allowed_origins IS NOT NULL OR rate_limit IS NOT NULL)) THEN
        RAISE EXCEPTION 'only a publishable key has origins and a rate limit'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Set kind to ''publishable'', or leave them out.';
    END IF;
    IF is_publishable AND (coalesce(cardinality(allowed_origins), 0) = 0 OR EXISTS (
        SELECT FROM unnest(allowed_origins) AS o (origin)
         WHERE o.origin IS NULL OR o.origin !~ '^https?://[a-z0-9-]+([.][a-z0-9-]+)*(:[1-9][0-9]{0,4})?$'
            OR o.origin ~ '^(http://.*:80|https://.*:443)$')) THEN
        RAISE EXCEPTION 'a publishable key needs origins as browsers write them'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'An origin is scheme, host in small letters, and the port unless it is the usual one.',
                  HINT = 'Such as https://shop.example, without a path or a slash at the end.';
    END IF;
    PERFORM attribution_internal.enter_active_tenant(tenant_id);
    INSERT INTO attribution.api_keys (key_id, tenant_id, key_hash, name, kind, allowed_origins, rate_limit)
    VALUES (create_api_key.key_id, create_api_key.tenant_id, create_api_key.key_hash, create_api_key.name, create_api_key.kind,
            create_api_key.allowed_origins,
            CASE WHEN is_publishable THEN coalesce(create_api_key.rate_limit, usual_rate_limit) END);
    RETURN key_id;
END
$$;
COMMENT ON FUNCTION attribution.create_api_key(uuid, text, bytea, text, text, text[], integer) IS
    'Stores the SHA-256 of an API key, which the server made, under its public key id; a publishable one can only send touchpoints from its origins';

CREATE FUNCTION attribution.revoke_api_key(tenant_id uuid, key_id text) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM attribution.set_tenant(tenant_id);
    UPDATE attribution.api_keys AS k SET revoked_at = now()
     WHERE k.tenant_id = revoke_api_key.tenant_id AND k.key_id = revoke_api_key.key_id AND k.revoked_at IS NULL;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION attribution.revoke_api_key(uuid, text) IS
    'Ends an API key at once; false when there is no such key or it was revoked before';

GRANT EXECUTE ON FUNCTION
    attribution.create_tenant(text, text, text, uuid),
    attribution.create_webhook_endpoint(uuid, text, text, bytea, boolean, text, text),
    attribution.create_api_key(uuid, text, bytea, text, text, text[], integer),
    attribution.revoke_api_key(uuid, text) TO attribution_admin;
