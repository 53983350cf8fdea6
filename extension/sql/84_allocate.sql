-- Dividing the ledger: what ingestion has queued, and all of a model anew.

CREATE FUNCTION attribution_internal.pending_tenants() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
-- One probe of the index for each tenant, however long the queue.
WITH RECURSIVE pending AS (
    SELECT (SELECT q.tenant_id FROM attribution.allocation_queue AS q ORDER BY q.tenant_id LIMIT 1) AS tenant_id
     UNION ALL
    SELECT (SELECT q.tenant_id FROM attribution.allocation_queue AS q
             WHERE q.tenant_id > p.tenant_id ORDER BY q.tenant_id LIMIT 1)
      FROM pending AS p WHERE p.tenant_id IS NOT NULL
)
SELECT p.tenant_id FROM pending AS p WHERE p.tenant_id IS NOT NULL
$$;
COMMENT ON FUNCTION attribution_internal.pending_tenants() IS 'Which tenants have something waiting in allocation_queue';
GRANT EXECUTE ON FUNCTION attribution_internal.pending_tenants() TO attribution_owner;

CREATE FUNCTION attribution_internal.pack_touches(touched_at timestamptz[], channels text[], campaigns text[]) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'attribution_pack_touches';
COMMENT ON FUNCTION attribution_internal.pack_touches(timestamptz[], text[], text[]) IS
    'The touches of a journey in one value, as journey_touches keeps them';

CREATE FUNCTION attribution_internal.join_touches(packed bytea, more bytea) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'attribution_join_touches';
COMMENT ON FUNCTION attribution_internal.join_touches(bytea, bytea) IS 'The touches of both; the newest of them when there are too many';

-- The lock of a tenant's division, which an erasure takes too, waited for or not. What is read afterwards is from after the lock.
CREATE FUNCTION attribution_internal.enter_division(tenant_id uuid, wait boolean) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'revenue is divided in transactions of isolation level READ COMMITTED'
            USING ERRCODE = 'invalid_transaction_state', HINT = 'BEGIN ISOLATION LEVEL READ COMMITTED.';
    END IF;
    PERFORM attribution.set_tenant(tenant_id);
    -- create_tenant() makes the row; a tenant may have been made without it.
    INSERT INTO attribution.allocation_progress (tenant_id)
    SELECT t.tenant_id FROM attribution.tenants AS t
     WHERE t.tenant_id = enter_division.tenant_id
       AND NOT EXISTS (SELECT FROM attribution.allocation_progress AS p WHERE p.tenant_id = t.tenant_id)
    ON CONFLICT DO NOTHING;
    IF wait THEN
        PERFORM FROM attribution.allocation_progress AS p WHERE p.tenant_id = enter_division.tenant_id FOR UPDATE;
    ELSE
        PERFORM FROM attribution.allocation_progress AS p WHERE p.tenant_id = enter_division.tenant_id FOR UPDATE SKIP LOCKED;
    END IF;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION attribution_internal.enter_division(uuid, boolean) IS
    'Sets the tenant, and makes the transaction the only one that divides its revenue; false when another one does and wait is false';

-- Of events with the same time the one with the lesser key counts, so the order of arrival does not. Of channels the best known
-- counts, as in realtime_revenue.
CREATE FUNCTION attribution_internal.refresh_sales(tenant_id uuid, sale_keys text[]) RETURNS void
    LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
INSERT INTO attribution.sales AS s (
    tenant_id, sale_key, source, external_id, journey_id, converted_at, channel, campaign, first_at, last_at, entries)
SELECT refresh_sales.tenant_id, key.sale_key, booked.source, booked.external_id, told.journey_id,
       least(booked.occurred_at, told.converted_at), coalesce(told.channel, 'unknown'), coalesce(told.campaign, ''),
       ledger.first_at, ledger.last_at, ledger.entries
  FROM (SELECT DISTINCT k FROM unnest(refresh_sales.sale_keys) AS k) AS key (sale_key)
 CROSS JOIN LATERAL (
       SELECT min(e.occurred_at) AS first_at, max(e.occurred_at) AS last_at,
              array_agg(ROW(e.entry_id, e.amount_minor, e.occurred_at, e.money_key, e.kind, e.currency)::attribution_internal.sale_entry
                        ORDER BY e.occurred_at, e.kind COLLATE "C", e.money_key COLLATE "C", e.entry_id) AS entries
         FROM attribution.revenue_ledger AS e
        WHERE e.tenant_id = refresh_sales.tenant_id AND e.sale_key = key.sale_key) AS ledger
 CROSS JOIN LATERAL (  -- the entry that began it: captured money, or what came back of a sale that is not known
       SELECT e.event_id, e.occurred_at, v.source, v.external_id
         FROM attribution.revenue_ledger AS e
         JOIN attribution.attribution_events AS v ON v.tenant_id = e.tenant_id AND v.event_id = e.event_id
        WHERE e.tenant_id = refresh_sales.tenant_id AND e.sale_key = key.sale_key
        ORDER BY e.kind <> 'capture', e.kind <> 'adjustment', e.amount_minor < 0, e.occurred_at, v.source, v.delivery_key
        LIMIT 1) AS booked
 CROSS JOIN LATERAL (
       SELECT min(m.occurred_at) FILTER (WHERE NOT m.evidence) AS converted_at,
              (array_agg(m.journey_id ORDER BY m.occurred_at, m.source, m.delivery_key)
                  FILTER (WHERE m.journey_id IS NOT NULL))[1] AS journey_id,
              (array_agg(m.channel ORDER BY m.channel = 'direct', m.evidence, m.occurred_at, m.source, m.delivery_key)
                  FILTER (WHERE m.channel <> 'unknown'))[1] AS channel,
              (array_agg(m.campaign ORDER BY m.channel = 'direct', m.evidence, m.occurred_at, m.source, m.delivery_key)
                  FILTER (WHERE m.channel <> 'unknown'))[1] AS campaign
         FROM (SELECT o.occurred_at, o.source, o.delivery_key, o.evidence, o.channel, j.journey_id,
                      coalesce(o.payload -> 'signals' ->> 'campaign', '') AS campaign
                 FROM (SELECT x.* FROM attribution.attribution_events AS x
                        WHERE x.tenant_id = refresh_sales.tenant_id AND x.external_id = booked.external_id
                          AND x.source = booked.source AND x.event_type = 'conversion' AND NOT x.evidence
                       UNION ALL
                       SELECT y.* FROM attribution.attribution_events AS y
                        WHERE y.tenant_id = refresh_sales.tenant_id AND y.order_ref = booked.external_id
                          AND y.event_type = 'conversion' AND y.evidence) AS o
                 LEFT JOIN attribution.event_journeys AS j
                   ON j.tenant_id = refresh_sales.tenant_id AND j.event_id = o.event_id) AS m) AS told
ON CONFLICT ON CONSTRAINT sales_pkey DO UPDATE
   SET source = excluded.source, external_id = excluded.external_id, journey_id = excluded.journey_id,
       converted_at = excluded.converted_at, channel = excluded.channel, campaign = excluded.campaign,
       first_at = excluded.first_at, last_at = excluded.last_at, entries = excluded.entries
$$;
COMMENT ON FUNCTION attribution_internal.refresh_sales(uuid, text[]) IS 'Makes the rows of sales anew from the events of these sales';

CREATE FUNCTION attribution_internal.divide_sales(
    tenant_id uuid, models text[], reason text, sale_keys text[] DEFAULT NULL,
    "from" timestamptz DEFAULT '-infinity', "to" timestamptz DEFAULT 'infinity',
    OUT sales bigint, OUT sets bigint)
    LANGUAGE c VOLATILE
    AS 'MODULE_PATHNAME', 'attribution_divide_sales';
COMMENT ON FUNCTION attribution_internal.divide_sales(uuid, text[], text, text[], timestamptz, timestamptz) IS
    'Divides all entries of these sales, or of those with an entry in a time, by models; makes new sets where they differ from the current ones';

-- What the sales' journeys, and those that are one with them, have of touches goes into their rows of journey_touches.
CREATE FUNCTION attribution_internal.pack_journeys(tenant_id uuid, sale_keys text[]) RETURNS void
    LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
WITH of_sales AS (
    SELECT s.journey_id FROM attribution.sales AS s
     WHERE s.tenant_id = pack_journeys.tenant_id AND s.sale_key = ANY (pack_journeys.sale_keys) AND s.journey_id IS NOT NULL
), journeys AS (
    SELECT o.journey_id FROM of_sales AS o
    UNION
    SELECT other.journey_id
      FROM of_sales AS o
      JOIN attribution.journey_links AS mine ON mine.tenant_id = pack_journeys.tenant_id AND mine.journey_id = o.journey_id
      JOIN attribution.journey_links AS other
        ON other.tenant_id = pack_journeys.tenant_id AND other.canonical_id = mine.canonical_id
), taken AS (
    -- An array, not a join: probes of the index, however much there is besides.
    DELETE FROM attribution.unpacked_touches AS u
     WHERE u.tenant_id = pack_journeys.tenant_id AND u.journey_id = ANY (ARRAY(SELECT j.journey_id FROM journeys AS j))
    RETURNING u.journey_id, u.touched_at, u.channel, u.campaign
)
INSERT INTO attribution.journey_touches AS p (tenant_id, journey_id, touches)
SELECT pack_journeys.tenant_id, t.journey_id,
       attribution_internal.pack_touches(array_agg(t.touched_at), array_agg(t.channel), array_agg(coalesce(t.campaign, '')))
  FROM (SELECT u.*, row_number() OVER (PARTITION BY u.journey_id
                                       ORDER BY u.touched_at DESC, u.channel COLLATE "C" DESC, coalesce(u.campaign, '') COLLATE "C" DESC) AS place
          FROM taken AS u) AS t
 WHERE t.place <= 1000  -- more are not kept: core/credit/packed_touches.hpp
 GROUP BY t.journey_id
ON CONFLICT ON CONSTRAINT journey_touches_pkey DO UPDATE
   SET touches = attribution_internal.join_touches(p.touches, excluded.touches)
$$;
COMMENT ON FUNCTION attribution_internal.pack_journeys(uuid, text[]) IS 'Moves the touches of these sales from unpacked_touches to journey_touches';

-- Takes up to max_items rows of the queue, of a tenant whose division was entered, and says which sales they concern. One row
-- for each reason, at least one.
CREATE FUNCTION attribution_internal.take_pending(tenant_id uuid, max_items integer)
    RETURNS TABLE (items bigint, reason text, sale_keys text[])
    LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
WITH batch AS (
    DELETE FROM attribution.allocation_queue AS q
     WHERE q.tenant_id = take_pending.tenant_id
       AND q.ctid = ANY (ARRAY(SELECT n.ctid FROM attribution.allocation_queue AS n
                                WHERE n.tenant_id = take_pending.tenant_id LIMIT take_pending.max_items))
    RETURNING q.*
), touched AS (
    SELECT DISTINCT id AS journey_id, b.reason FROM batch AS b CROSS JOIN LATERAL unnest(b.journey_ids) AS id
), concerned AS (
    SELECT found.sale_key, min(found.reason) AS reason
      FROM (SELECT b.sale_key, b.reason FROM batch AS b WHERE b.sale_key IS NOT NULL
            UNION ALL
            SELECT s.sale_key, o.reason
              FROM (SELECT DISTINCT b.external_id, b.reason FROM batch AS b WHERE b.external_id IS NOT NULL) AS o
              JOIN attribution.sales AS s ON s.tenant_id = take_pending.tenant_id AND s.external_id = o.external_id
            UNION ALL
            SELECT s.sale_key, t.reason
              FROM touched AS t
              JOIN attribution.sales AS s ON s.tenant_id = take_pending.tenant_id AND s.journey_id = t.journey_id
            UNION ALL
            SELECT s.sale_key, t.reason
              FROM touched AS t
              JOIN attribution.journey_links AS mine ON mine.tenant_id = take_pending.tenant_id AND mine.journey_id = t.journey_id
              JOIN attribution.journey_links AS other
                ON other.tenant_id = take_pending.tenant_id AND other.canonical_id = mine.canonical_id
              JOIN attribution.sales AS s
                ON s.tenant_id = take_pending.tenant_id AND s.journey_id = other.journey_id) AS found
     GROUP BY found.sale_key
)
SELECT taken.items, k.reason, k.sale_keys
  FROM (SELECT count(*) AS items FROM batch) AS taken
  LEFT JOIN (SELECT c.reason, array_agg(c.sale_key ORDER BY c.sale_key) AS sale_keys
               FROM concerned AS c GROUP BY c.reason) AS k ON true
$$;
COMMENT ON FUNCTION attribution_internal.take_pending(uuid, integer) IS 'Takes up to so many rows of a tenant from allocation_queue: how many, and the sales that they concern, by reason';

CREATE FUNCTION attribution_internal.divide_pending(tenant_id uuid, max_items integer) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    models CONSTANT text[] := ARRAY(SELECT m.name FROM attribution.attribution_models AS m
                                     WHERE m.tenant_id = divide_pending.tenant_id AND m.active ORDER BY m.name);
    items bigint := 0;
    concerned record;
BEGIN
    FOR concerned IN SELECT * FROM attribution_internal.take_pending(tenant_id, max_items) LOOP
        items := concerned.items;
        CONTINUE WHEN concerned.sale_keys IS NULL;
        PERFORM attribution_internal.refresh_sales(tenant_id, concerned.sale_keys);
        PERFORM attribution_internal.pack_journeys(tenant_id, concerned.sale_keys);
        PERFORM attribution_internal.divide_sales(tenant_id, models, concerned.reason, concerned.sale_keys);
    END LOOP;
    UPDATE attribution.allocation_progress AS p SET allocated_at = clock_timestamp() WHERE p.tenant_id = divide_pending.tenant_id;
    RETURN items;
END
$$;
COMMENT ON FUNCTION attribution_internal.divide_pending(uuid, integer) IS
    'Takes up to so many rows of a tenant from allocation_queue and divides what they concern by the active models; returns how many rows';

CREATE FUNCTION attribution.allocate_pending(max_items integer DEFAULT 10000) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off
    AS $$
DECLARE
    before CONSTANT uuid := attribution.current_tenant();
    pending uuid;
    items bigint := 0;
BEGIN
    IF max_items IS NULL OR max_items < 1 THEN
        RAISE EXCEPTION 'max_items must be 1 or more' USING ERRCODE = 'invalid_parameter_value',
              HINT = 'Leave it out for the usual number.';
    END IF;
    -- In any order, so that several workers seldom meet, and no tenant waits for one that never ends.
    FOR pending IN SELECT p FROM attribution_internal.pending_tenants() AS p ORDER BY random() LOOP
        CONTINUE WHEN NOT attribution_internal.enter_division(pending, wait => false);
        items := attribution_internal.divide_pending(pending, max_items);
        EXIT WHEN items > 0;
    END LOOP;
    PERFORM attribution_internal.restore_tenant(before);
    RETURN items;
END
$$;
COMMENT ON FUNCTION attribution.allocate_pending(integer) IS
    'Divides what was ingested since, for one tenant that waits and by its active models; returns how many things it looked at, 0 when nothing is left that others are not at';

CREATE FUNCTION attribution.allocate_revenue(
    tenant_id uuid, model text, "from" timestamptz DEFAULT '-infinity', "to" timestamptz DEFAULT 'infinity',
    OUT sales bigint, OUT sets bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off
    AS $$
BEGIN
    IF num_nulls(allocate_revenue.tenant_id, allocate_revenue.model, allocate_revenue."from", allocate_revenue."to") > 0 THEN
        RAISE EXCEPTION 'tenant_id, model, from and to must not be null' USING ERRCODE = 'null_value_not_allowed',
              HINT = 'Leave from and to out for all revenue.';
    END IF;
    PERFORM attribution_internal.enter_active_tenant(allocate_revenue.tenant_id);
    PERFORM attribution_internal.enter_division(allocate_revenue.tenant_id, wait => true);
    -- What is pending by now, not what ingestion adds meanwhile.
    FOR batch IN 0 .. (SELECT count(*) / 10000 FROM attribution.allocation_queue AS q WHERE q.tenant_id = allocate_revenue.tenant_id) LOOP
        PERFORM attribution_internal.divide_pending(allocate_revenue.tenant_id, 10000);
    END LOOP;
    SELECT d.sales, d.sets INTO STRICT allocate_revenue.sales, allocate_revenue.sets
      FROM attribution_internal.divide_sales(allocate_revenue.tenant_id, ARRAY[allocate_revenue.model], 'refit',
                                             NULL, allocate_revenue."from", allocate_revenue."to") AS d;
END
$$;
COMMENT ON FUNCTION attribution.allocate_revenue(uuid, text, timestamptz, timestamptz) IS
    'Divides all sales whose entries reach into a time (to excluded) by a model, active or not: how many sales, and how many sets had to be made';

CREATE FUNCTION attribution.compare_models(
    models text[], "from" timestamptz DEFAULT '-infinity', "to" timestamptz DEFAULT 'infinity')
    RETURNS TABLE (model text, channel text, campaign text, currency char(3), revenue_minor bigint, sales double precision)
    LANGUAGE c VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off
    AS 'MODULE_PATHNAME', 'attribution_compare_models';
COMMENT ON FUNCTION attribution.compare_models(text[], timestamptz, timestamptz) IS
    'What each of these models credits to each channel of the current tenant for the entries of a time (to excluded), in one pass and without writing anything; sales are shares of sales';

CREATE FUNCTION attribution.attribute_channels(
    model text, "from" timestamptz DEFAULT '-infinity', "to" timestamptz DEFAULT 'infinity')
    RETURNS TABLE (channel text, campaign text, currency char(3), revenue_minor bigint, sales double precision)
    LANGUAGE sql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
    AS $$
SELECT c.channel, c.campaign, c.currency, c.revenue_minor, c.sales
  FROM attribution.compare_models(ARRAY[attribute_channels.model], attribute_channels."from", attribute_channels."to") AS c
$$;
COMMENT ON FUNCTION attribution.attribute_channels(text, timestamptz, timestamptz) IS 'compare_models() for one model';

-- Both sides are listed under one another, not joined, as in return_on_ad_spend. 30 decimals make rounding to 4 exact.
CREATE FUNCTION attribution.channel_returns(model text, "from" date DEFAULT '-infinity', "to" date DEFAULT 'infinity')
    RETURNS TABLE (channel text, currency char(3), revenue_minor bigint, revenue_share numeric, sales numeric,
                   spend_minor bigint, spend_share numeric, roas numeric, cpa_minor numeric)
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM attribution.attribution_models AS m
                    WHERE m.tenant_id = attribution.current_tenant() AND m.name = channel_returns.model) THEN
        RAISE EXCEPTION 'the model is not defined' USING ERRCODE = 'undefined_object',
              DETAIL = 'The current tenant has no model of this name.', HINT = 'See attribution.attribution_models.';
    END IF;
    RETURN QUERY
WITH tenant AS (
    SELECT t.tenant_id, t.time_zone FROM attribution.tenants AS t WHERE t.tenant_id = attribution.current_tenant()
), told AS (
    SELECT a.channel, a.currency, a.amount_minor AS revenue_minor,
           CASE WHEN l.kind = 'capture' AND l.step = 1 THEN a.amount_minor::numeric(60, 30) / l.amount_minor ELSE 0 END AS sales,
           0::bigint AS spend_minor
      FROM tenant AS t
      JOIN attribution.revenue_ledger AS l
        ON l.tenant_id = t.tenant_id
       AND l.occurred_at >= channel_returns."from"::timestamp AT TIME ZONE t.time_zone
       AND l.occurred_at < channel_returns."to"::timestamp AT TIME ZONE t.time_zone
      JOIN attribution.current_allocations AS a
        ON a.tenant_id = l.tenant_id AND a.entry_id = l.entry_id AND a.model = channel_returns.model
     UNION ALL
    SELECT s.channel, s.currency, 0, 0, s.spend_minor
      FROM tenant AS t
      JOIN attribution.channel_spend AS s
        ON s.tenant_id = t.tenant_id AND s.day >= channel_returns."from" AND s.day < channel_returns."to"
), summed AS (
    SELECT d.channel, d.currency, sum(d.revenue_minor) AS revenue_minor, sum(d.sales) AS sales, sum(d.spend_minor) AS spend_minor
      FROM told AS d
     GROUP BY d.channel, d.currency
), shared AS (
    SELECT s.*, sum(s.revenue_minor) OVER (PARTITION BY s.currency) AS all_revenue, sum(s.spend_minor) OVER (PARTITION BY s.currency) AS all_spend
      FROM summed AS s
)
SELECT s.channel, s.currency, s.revenue_minor::bigint,
       CASE WHEN s.all_revenue > 0 THEN round(s.revenue_minor::numeric(60, 30) / s.all_revenue, 4) END,
       round(s.sales, 4), s.spend_minor::bigint,
       CASE WHEN s.all_spend > 0 THEN round(s.spend_minor::numeric(60, 30) / s.all_spend, 4) END,
       round(s.revenue_minor::numeric(60, 30) / nullif(s.spend_minor, 0), 4),
       round(nullif(s.spend_minor, 0)::numeric(60, 30) / nullif(s.sales, 0), 4)
  FROM shared AS s
 ORDER BY s.currency, s.revenue_minor DESC, s.channel COLLATE "C";
END
$$;
COMMENT ON FUNCTION attribution.channel_returns(text, date, date) IS
    'Revenue by the current allocations of a model, next to what each channel cost: shares, ROAS and CPA by channel and currency, on the tenant''s days (to excluded)';
GRANT EXECUTE ON FUNCTION attribution.channel_returns(text, date, date)
    TO attribution_analyst, attribution_admin, attribution_svc_attribution;

GRANT EXECUTE ON FUNCTION attribution.allocate_pending(integer)
    TO attribution_admin, attribution_maintainer, attribution_svc_attribution;
GRANT EXECUTE ON FUNCTION attribution.allocate_revenue(uuid, text, timestamptz, timestamptz)
    TO attribution_admin, attribution_maintainer, attribution_svc_attribution;
GRANT EXECUTE ON FUNCTION attribution.compare_models(text[], timestamptz, timestamptz), attribution.attribute_channels(text, timestamptz, timestamptz)
    TO attribution_analyst, attribution_admin, attribution_maintainer, attribution_svc_attribution;
