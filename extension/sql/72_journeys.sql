-- Journeys: linked, when two turn out to be one person's, and erased.

-- With the tenant, so that the same pseudonym of two tenants cannot be compared.
CREATE FUNCTION attribution_internal.journey_hash(tenant_id uuid, journey_id text) RETURNS bytea
    LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT sha256(convert_to(tenant_id::text || ' ' || journey_id, 'UTF8')) $$;
COMMENT ON FUNCTION attribution_internal.journey_hash(uuid, text) IS 'By what an erased journey is known';

-- One that links or erases at a time, by a lock of the table: an advisory lock anybody could take, and keep.
-- A snapshot from before the lock would not show what others have stored until then.
CREATE FUNCTION attribution_internal.enter_journeys(tenant_id uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'journeys are changed in transactions of isolation level READ COMMITTED'
            USING ERRCODE = 'invalid_transaction_state', HINT = 'BEGIN ISOLATION LEVEL READ COMMITTED.';
    END IF;
    PERFORM attribution.set_tenant(tenant_id);
    IF NOT EXISTS (SELECT FROM attribution.tenants AS t WHERE t.tenant_id = enter_journeys.tenant_id) THEN
        RAISE EXCEPTION 'tenant % does not exist', tenant_id USING ERRCODE = 'RA009', HINT = 'See attribution.tenants.';
    END IF;
    LOCK TABLE attribution.journey_links IN SHARE ROW EXCLUSIVE MODE;
END
$$;
COMMENT ON FUNCTION attribution_internal.enter_journeys(uuid) IS
    'Sets the tenant, and makes the transaction the only one that changes its journeys';

CREATE FUNCTION attribution.link_journeys(tenant_id uuid, journey_id text, VARIADIC other_journey_ids text[]) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    ids text[] := other_journey_ids || journey_id;
    canonical text;
BEGIN
    IF ids IS NULL OR EXISTS (SELECT FROM unnest(ids) AS id
                               WHERE id IS NULL OR id !~ '^[A-Za-z0-9][A-Za-z0-9._:/#-]{7,199}$') THEN
        RAISE EXCEPTION 'a journey id is not usable'
            USING ERRCODE = 'RA007', DETAIL = 'It is NULL, too short, too long, or has other characters than an id may have.',
                  HINT = 'Ids are 8 to 200 of A-Z a-z 0-9 . _ : / # -, beginning with a letter or digit.';
    END IF;
    PERFORM attribution_internal.enter_journeys(tenant_id);
    -- Those that were not erased, and all that they are one with by now.
    SELECT array_agg(DISTINCT one.id) INTO ids
      FROM (SELECT given.id FROM unnest(ids) AS given (id)
             WHERE NOT EXISTS (SELECT FROM attribution.erased_journeys AS x
                                WHERE x.tenant_id = link_journeys.tenant_id
                                  AND x.journey_hash = attribution_internal.journey_hash(link_journeys.tenant_id, given.id))) AS known
     CROSS JOIN LATERAL (
           SELECT known.id
           UNION
           SELECT other.journey_id
             FROM attribution.journey_links AS mine
             JOIN attribution.journey_links AS other
               ON other.tenant_id = mine.tenant_id AND other.canonical_id = mine.canonical_id
            WHERE mine.tenant_id = link_journeys.tenant_id AND mine.journey_id = known.id) AS one;
    SELECT min(id COLLATE "C") INTO canonical FROM unnest(ids) AS id;
    IF cardinality(ids) > 1 THEN
        INSERT INTO attribution.journey_links AS l (tenant_id, journey_id, canonical_id)
        SELECT link_journeys.tenant_id, id, canonical FROM unnest(ids) AS id
        ON CONFLICT ON CONSTRAINT journey_links_pkey DO UPDATE
           SET canonical_id = excluded.canonical_id WHERE l.canonical_id <> excluded.canonical_id;
        INSERT INTO attribution.allocation_queue (tenant_id, reason, journey_ids)
        VALUES (link_journeys.tenant_id, 'journey_link', ARRAY[canonical]);
    END IF;
    RETURN canonical;
END
$$;
COMMENT ON FUNCTION attribution.link_journeys(uuid, text, text[]) IS
    'Makes journeys one, together with all that were linked with them before; returns the id that names them from now on';

CREATE FUNCTION attribution_internal.sales_of_journey(tenant_id uuid, journey_id text) RETURNS text[]
    LANGUAGE c VOLATILE STRICT
    AS 'MODULE_PATHNAME', 'attribution_sales_of_journey';
COMMENT ON FUNCTION attribution_internal.sales_of_journey(uuid, text) IS
    'Keys of the sales of whose orders an event of this journey, or of one that is one with it, tells';

-- Linked journeys are one, so they are erased as one.
CREATE FUNCTION attribution.erase_journey(tenant_id uuid, journey_id text) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    ids text[];
    sale_keys text[];
    events integer;
BEGIN
    IF journey_id IS NULL THEN
        RAISE EXCEPTION 'journey_id must not be null' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    -- Who divides this tenant's revenue is waited for first: ingestion waits behind whoever waits for the table.
    PERFORM attribution_internal.enter_division(tenant_id, wait => true);
    PERFORM attribution_internal.enter_journeys(tenant_id);
    -- Ingestion locks the table for what it stores: nothing is stored beside the erasure, and what was is seen.
    LOCK TABLE attribution.event_journeys IN SHARE ROW EXCLUSIVE MODE;
    SELECT array_agg(other.journey_id) || erase_journey.journey_id INTO ids
      FROM attribution.journey_links AS mine
      JOIN attribution.journey_links AS other
        ON other.tenant_id = mine.tenant_id AND other.canonical_id = mine.canonical_id
     WHERE mine.tenant_id = erase_journey.tenant_id AND mine.journey_id = erase_journey.journey_id;
    -- Before event_journeys and the links are emptied: only they lead from a journey to its sales.
    sale_keys := attribution_internal.sales_of_journey(tenant_id, journey_id);
    INSERT INTO attribution.erased_journeys (tenant_id, journey_hash)
    SELECT DISTINCT erase_journey.tenant_id, attribution_internal.journey_hash(erase_journey.tenant_id, id) FROM unnest(ids) AS id
    ON CONFLICT DO NOTHING;
    DELETE FROM attribution.journey_links AS l
     WHERE l.tenant_id = erase_journey.tenant_id AND l.journey_id = ANY (ids);
    DELETE FROM attribution.event_journeys AS j
     WHERE j.tenant_id = erase_journey.tenant_id AND j.journey_id = ANY (ids);
    GET DIAGNOSTICS events = ROW_COUNT;
    -- The sales stay, and are divided without it.
    WITH erased AS (
        UPDATE attribution.sales AS s SET journey_id = NULL, touches = NULL
         WHERE s.tenant_id = erase_journey.tenant_id AND s.sale_key = ANY (sale_keys) AND s.journey_id = ANY (ids)
        RETURNING s.sale_key
    )
    INSERT INTO attribution.allocation_queue (tenant_id, reason, sale_key)
    SELECT erase_journey.tenant_id, 'journey_erasure', e.sale_key FROM erased AS e;
    -- Pseudonyms only; that something was to be looked at may stay.
    UPDATE attribution.allocation_queue AS q
       SET journey_ids = ARRAY(SELECT id FROM unnest(q.journey_ids) AS id WHERE NOT id = ANY (ids))
     WHERE q.tenant_id = erase_journey.tenant_id AND q.journey_ids && ids;
    PERFORM attribution_internal.erase_from_dead_events(erase_journey.tenant_id, id) FROM unnest(ids) AS id;
    RETURN events;
END
$$;
COMMENT ON FUNCTION attribution.erase_journey(uuid, text) IS
    'Takes a journey, with all that are linked with it, from its events for good; returns from how many';

-- A letter keeps its event as it came, to try it again. In jsonb's own text a member looks like this and nothing else does:
-- quotation marks inside a value have a backslash before them.
CREATE FUNCTION attribution_internal.erase_from_dead_events(tenant_id uuid, journey_id text) RETURNS void
    LANGUAGE sql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
    AS $$
    UPDATE attribution.dead_events AS d
       SET payload = replace(d.payload::text, member.text, '"journey_id": null')::jsonb
      FROM (SELECT '"journey_id": ' || to_json(erase_from_dead_events.journey_id)::text) AS member (text)
     WHERE d.tenant_id = erase_from_dead_events.tenant_id AND strpos(d.payload::text, member.text) > 0
$$;
COMMENT ON FUNCTION attribution_internal.erase_from_dead_events(uuid, text) IS 'Takes a journey out of what dead letters keep';

GRANT EXECUTE ON FUNCTION
    attribution.link_journeys(uuid, text, text[]),
    attribution.erase_journey(uuid, text) TO attribution_admin;
