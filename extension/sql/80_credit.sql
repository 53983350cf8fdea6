-- Dividing money over channels.

CREATE FUNCTION attribution.split_amount(total bigint, weights double precision[]) RETURNS bigint[]
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'attribution_split_amount';
COMMENT ON FUNCTION attribution.split_amount(bigint, double precision[]) IS
    'Whole parts in proportion to the weights that add up to the total exactly: largest remainder, ties to the first';
GRANT EXECUTE ON FUNCTION attribution.split_amount(bigint, double precision[])
    TO attribution_analyst, attribution_admin, attribution_maintainer, attribution_svc_attribution;

CREATE FUNCTION attribution_internal.touch_credit(
    model text, touched_at timestamptz[], converted_at timestamptz, params jsonb, channels text[], paid boolean[])
    RETURNS double precision[]
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'attribution_touch_credit';
COMMENT ON FUNCTION attribution_internal.touch_credit(text, timestamptz[], timestamptz, jsonb, text[], boolean[]) IS
    'As attribution.touch_credit(), told which channels are paid';

CREATE FUNCTION attribution.touch_credit(
    model text, touched_at timestamptz[], converted_at timestamptz, params jsonb DEFAULT '{}', channels text[] DEFAULT '{}')
    RETURNS double precision[]
    LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
SELECT attribution_internal.touch_credit(model, touched_at, converted_at, params, channels, ARRAY(
    SELECT coalesce(t.paid, false)
      FROM unnest(channels) WITH ORDINALITY AS c (channel, place)
      LEFT JOIN attribution.channel_taxonomy AS t ON t.channel = c.channel
     ORDER BY c.place))
$$;
COMMENT ON FUNCTION attribution.touch_credit(text, timestamptz[], timestamptz, jsonb, text[]) IS
    'How much of a conversion a rule model credits to each touchpoint: shares that add up to 1, or zeros when no touchpoint counts';
GRANT EXECUTE ON FUNCTION attribution.touch_credit(text, timestamptz[], timestamptz, jsonb, text[])
    TO attribution_analyst, attribution_admin, attribution_maintainer, attribution_svc_attribution;
