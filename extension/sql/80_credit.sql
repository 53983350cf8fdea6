-- Dividing money over channels.

CREATE FUNCTION attribution.split_amount(total bigint, weights double precision[]) RETURNS bigint[]
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'attribution_split_amount';
COMMENT ON FUNCTION attribution.split_amount(bigint, double precision[]) IS
    'Whole parts in proportion to the weights that add up to the total exactly: largest remainder, ties to the first';
GRANT EXECUTE ON FUNCTION attribution.split_amount(bigint, double precision[])
    TO attribution_analyst, attribution_admin, attribution_maintainer, attribution_svc_attribution;
