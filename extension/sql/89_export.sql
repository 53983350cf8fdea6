-- How exports write times and texts.

CREATE FUNCTION attribution.rfc3339(moment timestamptz) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'attribution_rfc3339';
COMMENT ON FUNCTION attribution.rfc3339(timestamptz) IS
    'A time in UTC as RFC 3339 has it, whatever the session''s time zone and DateStyle are';
GRANT EXECUTE ON FUNCTION attribution.rfc3339(timestamptz)
    TO attribution_analyst, attribution_admin, attribution_svc_export;

CREATE FUNCTION attribution.neutralize_formula(value text) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'attribution_neutralize_formula';
COMMENT ON FUNCTION attribution.neutralize_formula(text) IS
    'A text for a spreadsheet: an apostrophe before what would be taken for a formula';
GRANT EXECUTE ON FUNCTION attribution.neutralize_formula(text)
    TO attribution_analyst, attribution_admin, attribution_svc_export;
