-- Secrets of webhook endpoints: a new one from the provider (rotate, later retire the old one), and all of them under a
-- new master key (list and replace). SQL sees ciphertext only. These work with the rights of their caller: the
-- administrator may change the secrets' columns.

CREATE FUNCTION attribution.rotate_webhook_secret(tenant_id uuid, endpoint_id text, secret_ciphertext bytea)
    RETURNS boolean
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    UPDATE attribution.webhook_endpoints AS w
       SET previous_secret_ciphertext = w.secret_ciphertext,
           secret_ciphertext = rotate_webhook_secret.secret_ciphertext
     WHERE w.tenant_id = rotate_webhook_secret.tenant_id AND w.endpoint_id = rotate_webhook_secret.endpoint_id;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION attribution.rotate_webhook_secret(uuid, text, bytea) IS
    'Gives an endpoint a new encrypted secret; the current one becomes the previous, with which signatures stay valid. False when there is no such endpoint';

CREATE FUNCTION attribution.retire_webhook_secret(tenant_id uuid, endpoint_id text) RETURNS boolean
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    UPDATE attribution.webhook_endpoints AS w
       SET previous_secret_ciphertext = NULL
     WHERE w.tenant_id = retire_webhook_secret.tenant_id AND w.endpoint_id = retire_webhook_secret.endpoint_id
       AND w.previous_secret_ciphertext IS NOT NULL;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION attribution.retire_webhook_secret(uuid, text) IS
    'Drops an endpoint''s previous secret; false when there is none';

CREATE FUNCTION attribution.list_webhook_secrets()
    RETURNS TABLE (tenant_id uuid, endpoint_id text, is_current boolean, secret_ciphertext bytea)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT w.tenant_id, w.endpoint_id, s.is_current, s.secret_ciphertext
      FROM attribution.webhook_endpoints AS w
     CROSS JOIN LATERAL (VALUES (true, w.secret_ciphertext), (false, w.previous_secret_ciphertext))
                     AS s (is_current, secret_ciphertext)
     WHERE s.secret_ciphertext IS NOT NULL
     ORDER BY w.endpoint_id, s.is_current DESC
$$;
COMMENT ON FUNCTION attribution.list_webhook_secrets() IS
    'Every encrypted secret of every tenant, current and previous, one row each; for encryption under a new master key';

-- Compare and set: a secret that was rotated meanwhile is not overwritten.
CREATE FUNCTION attribution.replace_webhook_secret(endpoint_id text, old_ciphertext bytea, new_ciphertext bytea)
    RETURNS boolean
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    UPDATE attribution.webhook_endpoints AS w
       SET secret_ciphertext = CASE WHEN w.secret_ciphertext = old_ciphertext
                                    THEN new_ciphertext ELSE w.secret_ciphertext END,
           previous_secret_ciphertext = CASE WHEN w.previous_secret_ciphertext = old_ciphertext
                                             THEN new_ciphertext ELSE w.previous_secret_ciphertext END
     WHERE w.endpoint_id = replace_webhook_secret.endpoint_id
       AND old_ciphertext IN (w.secret_ciphertext, w.previous_secret_ciphertext);
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION attribution.replace_webhook_secret(text, bytea, bytea) IS
    'Puts another ciphertext in the place of an endpoint''s current or previous one, if that is still the old one; false when it is not';

GRANT EXECUTE ON FUNCTION
    attribution.rotate_webhook_secret(uuid, text, bytea),
    attribution.retire_webhook_secret(uuid, text),
    attribution.list_webhook_secrets(),
    attribution.replace_webhook_secret(text, bytea, bytea) TO attribution_admin;
