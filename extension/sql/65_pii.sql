-- Personal data: what is found, what is left when it is taken out, and the trigger that refuses it.

CREATE FUNCTION attribution.find_pii(document jsonb) RETURNS TABLE (path text, kind text)
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 10
    AS 'MODULE_PATHNAME', 'attribution_find_pii';
COMMENT ON FUNCTION attribution.find_pii(jsonb) IS
    'Where a document holds personal data: JSON path and kind (email, phone, card, iban, ip, ssn, personal_key), never the value';
GRANT EXECUTE ON FUNCTION attribution.find_pii(jsonb)
    TO attribution_analyst, attribution_admin, attribution_svc_ingestion, attribution_svc_attribution,
       attribution_svc_auth, attribution_svc_reconciliation, attribution_svc_export;

CREATE FUNCTION attribution.redact_pii(document jsonb) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'attribution_redact_pii';
COMMENT ON FUNCTION attribution.redact_pii(jsonb) IS
    'The document without personal data: findings in texts are replaced, members named like personal data left out';
GRANT EXECUTE ON FUNCTION attribution.redact_pii(jsonb)
    TO attribution_analyst, attribution_admin, attribution_svc_ingestion, attribution_svc_attribution,
       attribution_svc_auth, attribution_svc_reconciliation, attribution_svc_export;

CREATE FUNCTION attribution_internal.guard_pii() RETURNS trigger
    LANGUAGE c VOLATILE
    AS 'MODULE_PATHNAME', 'attribution_guard_pii';
COMMENT ON FUNCTION attribution_internal.guard_pii() IS
    'BEFORE ROW trigger: refuses a row whose text or jsonb columns hold personal data (RA001)';
