-- Models, and what keeps allocations right.

-- Sales that are not known by then are waiting in the queue themselves.
CREATE FUNCTION attribution_internal.queue_sales(tenant_id uuid) RETURNS void
    LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
INSERT INTO attribution.allocation_queue (tenant_id, reason, sale_key)
SELECT s.tenant_id, 'refit', s.sale_key FROM attribution.sales AS s
 WHERE s.tenant_id = queue_sales.tenant_id
$$;
COMMENT ON FUNCTION attribution_internal.queue_sales(uuid) IS 'Has all sales of a tenant divided';

-- The rule is looked at by who will use it: touch_credit(), here without touchpoints.
CREATE FUNCTION attribution.define_model(
    tenant_id uuid, name text, rule text, params jsonb DEFAULT '{}', active boolean DEFAULT true)
    RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    defined record;
BEGIN
    PERFORM attribution_internal.enter_active_tenant(define_model.tenant_id);
    IF num_nulls(name, rule, params, active) > 0 THEN
        RAISE EXCEPTION 'name, rule, params and active must not be null' USING ERRCODE = 'null_value_not_allowed',
              HINT = 'Leave params and active out for the usual ones.';
    END IF;
    IF name !~ '^[a-z0-9][a-z0-9_.-]{0,99}$' THEN
        RAISE EXCEPTION 'the name of the model is not usable' USING ERRCODE = 'invalid_parameter_value',
              DETAIL = 'It must be of lower-case letters, digits and _ . -, begin with a letter or digit, and have at most 100 of them.',
              HINT = 'Such as position_based or time_decay-14.';
    END IF;
    PERFORM attribution_internal.touch_credit(define_model.rule, '{}', now(), define_model.params, '{}', '{}');
    -- Before the model is looked for: who divides revenue has read which models there are.
    PERFORM attribution_internal.enter_division(define_model.tenant_id, wait => true);
    INSERT INTO attribution.attribution_models AS m (tenant_id, name, rule, params, active)
    VALUES (define_model.tenant_id, define_model.name, define_model.rule, define_model.params, define_model.active)
    ON CONFLICT ON CONSTRAINT attribution_models_pkey DO NOTHING;
    IF FOUND THEN
        IF active THEN
            PERFORM attribution_internal.queue_sales(define_model.tenant_id);
        END IF;
        RETURN 'created';
    END IF;
    -- Who makes sets of a model holds a lock on its row, which this one waits for.
    SELECT m.rule, m.params, m.active INTO STRICT defined FROM attribution.attribution_models AS m
     WHERE m.tenant_id = define_model.tenant_id AND m.name = define_model.name FOR UPDATE;
    IF (defined.rule, defined.params, defined.active) = (define_model.rule, define_model.params, define_model.active) THEN
        RETURN 'unchanged';
    END IF;
    IF (defined.rule, defined.params) <> (define_model.rule, define_model.params)
       AND EXISTS (SELECT FROM attribution.allocation_sets AS s
                    WHERE s.tenant_id = define_model.tenant_id AND s.model = define_model.name) THEN
        RAISE EXCEPTION 'model "%" is used: its rule and parameters do not change any more', name
            USING ERRCODE = 'object_in_use', DETAIL = 'Revenue was divided by it.',
                  HINT = 'Choose another name for the changed model. This one can be made inactive.';
    END IF;
    UPDATE attribution.attribution_models AS m
       SET rule = define_model.rule, params = define_model.params, active = define_model.active
     WHERE m.tenant_id = define_model.tenant_id AND m.name = define_model.name;
    IF active THEN
        PERFORM attribution_internal.queue_sales(define_model.tenant_id);
    END IF;
    RETURN 'changed';
END
$$;
COMMENT ON FUNCTION attribution.define_model(uuid, text, text, jsonb, boolean) IS
    'Makes an attribution model, or changes it while no revenue is divided by it (active always): created, changed or unchanged';
GRANT EXECUTE ON FUNCTION attribution.define_model(uuid, text, text, jsonb, boolean) TO attribution_admin;

CREATE FUNCTION attribution_internal.make_allocation_sets() RETURNS trigger
    LANGUAGE c VOLATILE
    AS 'MODULE_PATHNAME', 'attribution_make_allocation_sets';
COMMENT ON FUNCTION attribution_internal.make_allocation_sets() IS
    'AFTER INSERT statement trigger of attribution_allocations: each set equals its ledger entry (RA002) and gets its header';

CREATE FUNCTION attribution_internal.delete_superseded_sets(
    tenant_id uuid, superseded_before timestamptz, OUT sets bigint, OUT allocations bigint)
    LANGUAGE c VOLATILE STRICT
    AS 'MODULE_PATHNAME', 'attribution_delete_superseded_sets';
COMMENT ON FUNCTION attribution_internal.delete_superseded_sets(uuid, timestamptz) IS
    'Deletes the sets that had a newer revision at that time; for prune_allocations()';

CREATE FUNCTION attribution_internal.prune(tenant_id uuid, keep_for interval, OUT sets bigint, OUT allocations bigint)
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    SELECT d.sets, d.allocations INTO STRICT prune.sets, prune.allocations
      FROM attribution_internal.delete_superseded_sets(prune.tenant_id, clock_timestamp() - keep_for) AS d;
    IF prune.sets > 0 THEN
        INSERT INTO attribution.allocation_prunings (tenant_id, pruning_id, keep_for, sets, allocations)
        VALUES (prune.tenant_id, attribution_internal.uuid_v7(), prune.keep_for, prune.sets, prune.allocations);
    END IF;
END
$$;
COMMENT ON FUNCTION attribution_internal.prune(uuid, interval) IS 'prune_allocations() for a tenant that was entered';

CREATE FUNCTION attribution.prune_allocations(tenant_id uuid, keep_for interval, OUT sets bigint, OUT allocations bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM attribution_internal.enter_active_tenant(prune_allocations.tenant_id);
    IF keep_for IS NULL OR keep_for < interval '0' OR keep_for > interval '1000 years' THEN
        RAISE EXCEPTION 'keep_for must be a time of 0 to 1000 years' USING ERRCODE = 'invalid_parameter_value',
              HINT = 'Such as interval ''90 days'': what was superseded longer ago is deleted.';
    END IF;
    SELECT p.sets, p.allocations INTO STRICT prune_allocations.sets, prune_allocations.allocations
      FROM attribution_internal.prune(prune_allocations.tenant_id, keep_for) AS p;
END
$$;
COMMENT ON FUNCTION attribution.prune_allocations(uuid, interval) IS
    'Deletes the revisions of a tenant that were superseded longer ago than keep_for, never current ones, and writes down how many';
GRANT EXECUTE ON FUNCTION attribution.prune_allocations(uuid, interval) TO attribution_admin, attribution_maintainer;
