-- Dead letters: tried again, or put away.

-- One replay of a tenant at a time, by a lock of the tenant's row: locks on the letters would be held before those of events and
-- money, which ingestion takes first. That a letter failed again is written down by ingest_events() itself: a letter is
-- found by source, delivery key and digest, so the element gets those of its letter. Payloads are redacted again: what was
-- kept when the rules for personal data were fewer would be refused now.
CREATE FUNCTION attribution.replay_dead_events(
    tenant_id uuid, dead_ids uuid[] DEFAULT NULL, max_events integer DEFAULT 1000)
    RETURNS TABLE (dead_id uuid, status text, event_id uuid, code text, detail text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 64 SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
DECLARE
    letters uuid[];
    elements jsonb;
    found_item record;
BEGIN
    IF max_events IS NULL OR max_events NOT BETWEEN 1 AND 10000 THEN
        RAISE EXCEPTION 'max_events must be between 1 and 10000' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM attribution_internal.enter_active_tenant(replay_dead_events.tenant_id);
    PERFORM FROM attribution.tenants AS t WHERE t.tenant_id = replay_dead_events.tenant_id FOR NO KEY UPDATE;
    -- Those that were tried least come first, so that hopeless ones do not keep others waiting.
    SELECT coalesce(array_agg(d.dead_id ORDER BY d.place), '{}'),
           coalesce(jsonb_agg(
               attribution.redact_pii(d.payload -> 'event') || jsonb_build_object('delivery',
                   coalesce(d.payload #> '{event,delivery}', '{}') || jsonb_build_object(
                       'source', d.source, 'key', d.delivery_key, 'digest', encode(d.digest, 'hex')))
               ORDER BY d.place), '[]')
      INTO letters, elements
      FROM (SELECT o.*, row_number() OVER (ORDER BY o.attempts, o.received_at, o.dead_id) AS place
              FROM attribution.dead_events AS o
             WHERE o.tenant_id = replay_dead_events.tenant_id AND o.status = 'open' AND o.replayable
               AND (dead_ids IS NULL OR o.dead_id = ANY (dead_ids))
             ORDER BY place LIMIT max_events) AS d;
    FOR found_item IN SELECT * FROM attribution.ingest_events(replay_dead_events.tenant_id, elements) LOOP
        dead_id := letters[found_item.item + 1];
        IF found_item.status IN ('created', 'duplicate', 'ignored') THEN
            UPDATE attribution.dead_events AS d
               SET status = 'replayed', event_id = found_item.event_id, attempts = d.attempts + 1,
                   payload = attribution.redact_pii(d.payload), last_seen_at = clock_timestamp()
             WHERE d.tenant_id = replay_dead_events.tenant_id AND d.dead_id = letters[found_item.item + 1];
            status := 'replayed';
            event_id := found_item.event_id;
        ELSE
            status := 'dead_lettered';
            event_id := NULL;
        END IF;
        code := found_item.code;
        detail := found_item.detail;
        RETURN NEXT;
    END LOOP;
    RETURN QUERY
    SELECT d.dead_id, CASE d.status WHEN 'open' THEN 'not_replayable' ELSE d.status END, d.event_id,
           CASE d.status WHEN 'open' THEN d.code END,
           CASE d.status WHEN 'open' THEN
               'Nothing is kept that could be tried again: have the provider send the delivery again, or discard the letter.' END
      FROM attribution.dead_events AS d
     WHERE d.tenant_id = replay_dead_events.tenant_id AND NOT d.dead_id = ANY (letters)
       AND CASE WHEN dead_ids IS NULL THEN d.status = 'open' AND NOT d.replayable
                ELSE d.dead_id = ANY (dead_ids) AND NOT (d.status = 'open' AND d.replayable) END
     ORDER BY d.received_at, d.dead_id LIMIT max_events;
END
$$;
COMMENT ON FUNCTION attribution.replay_dead_events(uuid, uuid[], integer) IS
    'Tries dead letters again, the named or all open ones: replayed, dead_lettered (it failed again) or not_replayable; again it changes nothing more';

CREATE FUNCTION attribution.discard_dead_events(tenant_id uuid, dead_ids uuid[]) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    discarded integer;
BEGIN
    PERFORM attribution_internal.enter_active_tenant(discard_dead_events.tenant_id);
    UPDATE attribution.dead_events AS d
       SET status = 'discarded', payload = attribution.redact_pii(d.payload)
     WHERE d.tenant_id = discard_dead_events.tenant_id AND d.dead_id = ANY (dead_ids) AND d.status = 'open';
    GET DIAGNOSTICS discarded = ROW_COUNT;
    RETURN discarded;
END
$$;
COMMENT ON FUNCTION attribution.discard_dead_events(uuid, uuid[]) IS
    'Puts open dead letters away, so that nobody tries them again; returns how many';

GRANT EXECUTE ON FUNCTION
    attribution.replay_dead_events(uuid, uuid[], integer),
    attribution.discard_dead_events(uuid, uuid[]) TO attribution_svc_ingestion, attribution_admin;
