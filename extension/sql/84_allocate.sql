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

CREATE FUNCTION attribution_internal.told_sales(tenant_id uuid, sale_keys text[])
    RETURNS TABLE (sale_key text, source text, external_id text, journey_id text, converted_at timestamptz, channel text, campaign text,
                   first_at timestamptz, last_at timestamptz, entries attribution_internal.sale_entry[], touches bytea)
    LANGUAGE c VOLATILE STRICT
    AS 'MODULE_PATHNAME', 'attribution_told_sales';
COMMENT ON FUNCTION attribution_internal.told_sales(uuid, text[]) IS 'What ledger and events tell of these sales, as the table sales keeps it';

-- Whatever changed: nothing depends on what the rows were before. Of what is still being ingested there will be another row in
-- the queue.
CREATE FUNCTION attribution_internal.refresh_sales(tenant_id uuid, sale_keys text[]) RETURNS void
    LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
INSERT INTO attribution.sales (
    tenant_id, sale_key, source, external_id, journey_id, converted_at, channel, campaign, first_at, last_at, entries, touches)
SELECT refresh_sales.tenant_id, t.sale_key, t.source, t.external_id, t.journey_id, t.converted_at, t.channel, t.campaign, t.first_at,
       t.last_at, t.entries, t.touches
  FROM attribution_internal.told_sales(refresh_sales.tenant_id, refresh_sales.sale_keys) AS t
ON CONFLICT ON CONSTRAINT sales_pkey DO UPDATE
   SET source = excluded.source, external_id = excluded.external_id, journey_id = excluded.journey_id,
       converted_at = excluded.converted_at, channel = excluded.channel, campaign = excluded.campaign,
       first_at = excluded.first_at, last_at = excluded.last_at, entries = excluded.entries, touches = excluded.touches
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

-- Takes up to max_items rows of the queue, of a tenant whose division was entered, and says which sales they concern. One row
-- for each reason, at least one.
CREATE FUNCTION attribution_internal.take_pending(tenant_id uuid, max_items integer)
    RETURNS TABLE (items bigint, reason text, sale_keys text[])
    LANGUAGE c VOLATILE STRICT
    AS 'MODULE_PATHNAME', 'attribution_take_pending';
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
