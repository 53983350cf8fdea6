-- Ad spend in.

-- Of a refused row only code, detail and hint.
CREATE TYPE attribution_internal.spend_row AS (
    day         date,
    channel     text,
    campaign    text,
    currency    char(3),
    spend_minor bigint,
    impressions bigint,
    clicks      bigint,
    code        text,
    detail      text,
    hint        text
);
COMMENT ON TYPE attribution_internal.spend_row IS 'A row for channel_spend, or why it is refused';
ALTER TYPE attribution_internal.spend_row OWNER TO attribution_owner;

CREATE FUNCTION attribution_internal.read_spend(told jsonb) RETURNS attribution_internal.spend_row
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'attribution_read_spend';
COMMENT ON FUNCTION attribution_internal.read_spend(jsonb) IS
    'One told row of ad spend with its types, or why it is refused; knows nothing of channels';

-- One statement: rows are inserted, and those that are there already locked, in the order of their keys, so that two
-- calls never wait for each other. What has the same key twice is refused whole: which of them counts, or whether they
-- should be added up, would be a guess.
CREATE FUNCTION attribution_internal.store_spend(tenant_id uuid, rows jsonb)
    RETURNS TABLE (item integer, status text, code text, detail text, hint text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
BEGIN
    PERFORM attribution_internal.enter_active_tenant(store_spend.tenant_id);
    RETURN QUERY
    WITH told AS MATERIALIZED (
        SELECT (e.place - 1)::integer AS item, r.*
          FROM jsonb_array_elements(store_spend.rows) WITH ORDINALITY AS e (element, place)
         CROSS JOIN LATERAL attribution_internal.read_spend(e.element) AS r
    ), repeated AS (
        SELECT t.day, t.channel, t.campaign, t.currency
          FROM told AS t WHERE t.code IS NULL GROUP BY 1, 2, 3, 4 HAVING count(*) > 1
    ), judged AS MATERIALIZED (
        SELECT t.item, t.day, t.channel, t.campaign, t.currency, t.spend_minor, t.impressions, t.clicks,
               coalesce(t.code, v.code) AS code, coalesce(t.detail, v.detail) AS detail, coalesce(t.hint, v.hint) AS hint
          FROM told AS t
          LEFT JOIN attribution.channel_taxonomy AS c ON c.channel = t.channel
          LEFT JOIN repeated AS r ON r.day = t.day AND r.channel = t.channel AND r.campaign = t.campaign AND r.currency = t.currency
          LEFT JOIN (VALUES
               ('unknown', 'RA011', 'Member "channel" is none of the channels that there are.', 'attribution.channel_taxonomy lists them.'),
               ('repeated', 'RA012', 'Several rows of the call have the same day, channel, campaign and currency.',
                'Add them up, or give each a campaign of its own.')) AS v (why, code, detail, hint)
            ON v.why = CASE WHEN t.code IS NOT NULL THEN NULL WHEN c.channel IS NULL THEN 'unknown'
                            WHEN r.day IS NOT NULL THEN 'repeated' END
    ), stored AS (
        INSERT INTO attribution.channel_spend AS s
               (tenant_id, day, channel, campaign, currency, spend_minor, impressions, clicks)
        SELECT store_spend.tenant_id, j.day, j.channel, j.campaign, j.currency, j.spend_minor, j.impressions, j.clicks
          FROM judged AS j WHERE j.code IS NULL
         ORDER BY j.day, j.channel COLLATE "C", j.campaign COLLATE "C", j.currency COLLATE "C"
            ON CONFLICT (tenant_id, day, channel, campaign, currency) DO UPDATE
           SET spend_minor = excluded.spend_minor, impressions = excluded.impressions, clicks = excluded.clicks,
               restatements = s.restatements + 1, updated_at = clock_timestamp()
         WHERE (s.spend_minor, s.impressions, s.clicks)
               IS DISTINCT FROM (excluded.spend_minor, excluded.impressions, excluded.clicks)
        RETURNING day, channel, campaign, currency, restatements
    )
    SELECT j.item,
           CASE WHEN j.code IS NOT NULL THEN 'refused' WHEN s.restatements IS NULL THEN 'unchanged'
                WHEN s.restatements = 0 THEN 'created' ELSE 'changed' END,
           j.code, j.detail, j.hint
      FROM judged AS j LEFT JOIN stored AS s USING (day, channel, campaign, currency)
     ORDER BY j.item;
END
$$;
COMMENT ON FUNCTION attribution_internal.store_spend(uuid, jsonb) IS 'record_spend() for any number of rows';

CREATE FUNCTION attribution.record_spend(tenant_id uuid, rows jsonb)
    RETURNS TABLE (item integer, status text, code text, detail text, hint text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF rows IS NULL OR jsonb_typeof(rows) <> 'array' OR jsonb_array_length(rows) > 10000 THEN
        RAISE EXCEPTION 'not a list of ad spend'
            USING ERRCODE = 'RA012', DETAIL = 'rows must be an array of at most 10000 elements.',
                  HINT = 'See record_spend in docs/sql_api.md; import_spend() takes files of any length.';
    END IF;
    RETURN QUERY SELECT * FROM attribution_internal.store_spend(record_spend.tenant_id, record_spend.rows);
END
$$;
COMMENT ON FUNCTION attribution.record_spend(uuid, jsonb) IS
    'Stores what advertising cost, one row for each day, channel, campaign and currency; a later call replaces the numbers of its rows';

-- Not SECURITY DEFINER: the table is the caller's, and is read with the caller's rights. All rows in one call of
-- store_spend(), so that their keys are locked in order and a key that comes twice is seen.
CREATE FUNCTION attribution.import_spend(tenant_id uuid, source regclass)
    RETURNS TABLE (line bigint, status text, code text, detail text, hint text)
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
DECLARE
    wrong text;
    lines bigint[];
    elements jsonb;
BEGIN
    SELECT string_agg(format('%s must be %s', coalesce(a.attname, k.name), coalesce(k.type, 'left out')), ', ' ORDER BY k.place, a.attnum)
      INTO wrong
      FROM (VALUES (1, 'line', 'integer or bigint', true), (2, 'day', 'text', true), (3, 'channel', 'text', true),
                   (4, 'campaign', 'text', false), (5, 'currency', 'text', true), (6, 'spend', 'text', true),
                   (7, 'impressions', 'text', false), (8, 'clicks', 'text', false)) AS k (place, name, type, required)
      FULL JOIN (SELECT * FROM pg_attribute WHERE attrelid = source AND attnum > 0 AND NOT attisdropped) AS a
             ON a.attname::text = k.name
     WHERE CASE WHEN a.attname IS NULL THEN k.required
                WHEN k.name = 'line' THEN NOT a.atttypid IN ('integer'::regtype, 'bigint'::regtype)
                ELSE k.name IS NULL OR a.atttypid <> 'text'::regtype END;
    IF source IS NULL OR wrong IS NOT NULL THEN
        RAISE EXCEPTION 'not a table of ad spend'
            USING ERRCODE = 'RA012', DETAIL = coalesce('Columns: ' || wrong || '.', 'source is NULL.'),
                  HINT = 'See import_spend in docs/sql_api.md.';
    END IF;
    EXECUTE format('SELECT array_agg(t.line ORDER BY t.line), jsonb_agg(to_jsonb(t) - ''line'' ORDER BY t.line) FROM %s AS t', source)
       INTO lines, elements;
    RETURN QUERY
    SELECT lines[s.item + 1], s.status, s.code, s.detail, s.hint
      FROM attribution_internal.store_spend(import_spend.tenant_id, coalesce(elements, '[]')) AS s;
END
$$;
COMMENT ON FUNCTION attribution.import_spend(uuid, regclass) IS
    'Stores ad spend from a table of the caller''s, such as a temporary one that \copy filled from a CSV file; answers by line';

GRANT EXECUTE ON FUNCTION attribution.record_spend(uuid, jsonb) TO attribution_svc_attribution, attribution_admin;
GRANT EXECUTE ON FUNCTION attribution.import_spend(uuid, regclass), attribution_internal.store_spend(uuid, jsonb)
    TO attribution_admin;
