-- attribution is for everybody who works with the product, attribution_internal for its own triggers and defaults.

CREATE SCHEMA attribution AUTHORIZATION attribution_owner;
CREATE SCHEMA attribution_internal AUTHORIZATION attribution_owner;
COMMENT ON SCHEMA attribution IS 'pg_attribution: revenue attribution and reconciliation';
COMMENT ON SCHEMA attribution_internal IS 'pg_attribution: what its tables need; not an interface';

GRANT USAGE ON SCHEMA attribution
    TO attribution_lookup, attribution_analyst, attribution_admin, attribution_maintainer, attribution_server,
       attribution_svc_ingestion, attribution_svc_attribution, attribution_svc_auth,
       attribution_svc_reconciliation, attribution_svc_export;
-- The administrator inserts channel rules, whose key is made by uuid_v7(); the maintainer folds.
GRANT USAGE ON SCHEMA attribution_internal TO attribution_admin, attribution_maintainer;

CREATE FUNCTION attribution_internal.uuid_v7() RETURNS uuid
    LANGUAGE c VOLATILE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'attribution_uuid_v7';
COMMENT ON FUNCTION attribution_internal.uuid_v7() IS
    'A new UUID version 7 (RFC 9562), greater than every one this backend made before';
GRANT EXECUTE ON FUNCTION attribution_internal.uuid_v7() TO attribution_admin;

CREATE FUNCTION attribution_internal.refuse_change() RETURNS trigger
    LANGUAGE c VOLATILE
    AS 'MODULE_PATHNAME', 'attribution_refuse_change';
COMMENT ON FUNCTION attribution_internal.refuse_change() IS
    'Statement trigger of append-only tables: refuses UPDATE, DELETE and TRUNCATE (RA003)';
