-- What has to be done again and again, by a worker or by hand.

CREATE FUNCTION attribution_internal.tenants_to_prune() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
SELECT p.tenant_id
  FROM attribution.allocation_progress AS p
  JOIN attribution.tenants AS t ON t.tenant_id = p.tenant_id
 WHERE t.keep_superseded_for IS NOT NULL AND p.pruned_at < clock_timestamp() - interval '1 day'
$$;
COMMENT ON FUNCTION attribution_internal.tenants_to_prune() IS 'Whose superseded allocations were not looked through for a day';
GRANT EXECUTE ON FUNCTION attribution_internal.tenants_to_prune() TO attribution_owner;

CREATE FUNCTION attribution_internal.prune_by_policy() RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    before CONSTANT uuid := attribution.current_tenant();
    due uuid;
BEGIN
    FOR due IN SELECT t FROM attribution_internal.tenants_to_prune() AS t ORDER BY random() LOOP
        CONTINUE WHEN NOT attribution_internal.enter_division(due, wait => false);
        UPDATE attribution.allocation_progress AS p SET pruned_at = clock_timestamp() WHERE p.tenant_id = due;
        PERFORM attribution_internal.prune(due, (SELECT t.keep_superseded_for FROM attribution.tenants AS t WHERE t.tenant_id = due));
        EXIT;
    END LOOP;
    PERFORM attribution_internal.restore_tenant(before);
END
$$;
COMMENT ON FUNCTION attribution_internal.prune_by_policy() IS 'Deletes superseded allocations of one tenant for whom that is due, as its keep_superseded_for says';

CREATE FUNCTION attribution.maintain(max_items integer DEFAULT 10000) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    items CONSTANT bigint := attribution.allocate_pending(max_items);
BEGIN
    IF items = 0 THEN
        PERFORM attribution_internal.prune_by_policy();
    END IF;
    RETURN items;
END
$$;
COMMENT ON FUNCTION attribution.maintain(integer) IS
    'One piece of all that keeps reports current, for one tenant: allocate_pending(), and when nothing is pending, once a day, pruning; 0 when nothing is pending';
GRANT EXECUTE ON FUNCTION attribution.maintain(integer) TO attribution_admin, attribution_maintainer;
