-- Ledger entries divided over channels: models, sets (the header of one split, and its lock) and their parts.

CREATE TABLE attribution.attribution_models (
    tenant_id  uuid NOT NULL REFERENCES attribution.tenants,
    name       text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'),
    rule       text NOT NULL,
    params     jsonb NOT NULL,
    active     boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, name)
);
COMMENT ON TABLE attribution.attribution_models IS 'By what the tenants divide revenue: a rule and its parameters under a name';

-- extension/src/allocation_*.cpp reads and writes both tables by the places of their columns: new ones go to the end.
-- Neither has a domain: what the trigger lets in equals the ledger entry.
CREATE TABLE attribution.allocation_sets (
    tenant_id    uuid NOT NULL,
    entry_id     uuid NOT NULL,
    model        text NOT NULL,
    revision     integer NOT NULL,
    amount_minor bigint NOT NULL,
    currency     char(3) NOT NULL,
    reason       text NOT NULL,
    made_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, entry_id, model, revision)
);
COMMENT ON TABLE attribution.allocation_sets IS 'One row for each division of a ledger entry, made by the trigger of attribution_allocations; the key is its lock';

CREATE TABLE attribution.attribution_allocations (
    tenant_id    uuid NOT NULL,
    entry_id     uuid NOT NULL,
    model        text NOT NULL,
    revision     integer NOT NULL,
    channel      text NOT NULL,
    campaign     text NOT NULL DEFAULT '',
    amount_minor bigint NOT NULL,
    currency     char(3) NOT NULL,
    PRIMARY KEY (tenant_id, entry_id, model, revision, channel, campaign)
);
COMMENT ON TABLE attribution.attribution_allocations IS 'The parts of ledger entries by model and channel; a set comes whole, adds up to its entry exactly, and never changes';

CREATE TABLE attribution.allocation_prunings (
    tenant_id   uuid NOT NULL,
    pruning_id  uuid NOT NULL,
    keep_for    interval NOT NULL,
    sets        bigint NOT NULL,
    allocations bigint NOT NULL,
    pruned_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, pruning_id)
);
COMMENT ON TABLE attribution.allocation_prunings IS 'What prune_allocations() deleted, and when';

-- LATERAL … LIMIT 1 is one probe of the key, whatever the statistics say. ONLY: a child made by inheritance is not checked.
CREATE VIEW attribution.current_allocations WITH (security_invoker = true) AS
SELECT a.tenant_id, a.entry_id, a.model, a.revision, a.channel, a.campaign, a.amount_minor, a.currency
  FROM ONLY attribution.attribution_allocations AS a
 CROSS JOIN LATERAL (
       SELECT s.revision FROM attribution.allocation_sets AS s
        WHERE s.tenant_id = a.tenant_id AND s.entry_id = a.entry_id AND s.model = a.model
        ORDER BY s.revision DESC LIMIT 1) AS newest
 WHERE a.tenant_id = attribution.current_tenant() AND a.revision = newest.revision;
COMMENT ON VIEW attribution.current_allocations IS 'The newest revision of each division: its parts add up to the ledger, by model and currency';

ALTER TABLE attribution.attribution_models      ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.allocation_sets         ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.attribution_allocations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.allocation_prunings     ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON attribution.attribution_models      USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.allocation_sets         USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.attribution_allocations USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.allocation_prunings     USING (tenant_id = attribution.current_tenant());
CREATE POLICY admin_rows  ON attribution.attribution_models      TO attribution_admin, attribution_maintainer USING (true);
CREATE POLICY admin_rows  ON attribution.allocation_sets         TO attribution_admin, attribution_maintainer USING (true);
CREATE POLICY admin_rows  ON attribution.attribution_allocations TO attribution_admin, attribution_maintainer USING (true);
CREATE POLICY admin_rows  ON attribution.allocation_prunings     TO attribution_admin, attribution_maintainer USING (true);

CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.attribution_models
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.allocation_sets
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.attribution_allocations
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attribution.attribution_allocations
    FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.refuse_change('Divide the entry anew, under the next revision; prune_allocations() deletes superseded ones.');
CREATE TRIGGER append_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON attribution.allocation_sets
    FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.refuse_change('Insert the parts into attribution_allocations: its trigger makes the set. prune_allocations() deletes superseded ones.');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attribution.allocation_prunings
    FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.refuse_change('What was pruned stays on record.');
CREATE TRIGGER make_sets AFTER INSERT ON attribution.attribution_allocations
    REFERENCING NEW TABLE AS parts FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.make_allocation_sets();

GRANT SELECT ON attribution.attribution_models TO attribution_analyst, attribution_admin, attribution_maintainer, attribution_svc_attribution;
GRANT SELECT ON attribution.allocation_sets, attribution.attribution_allocations, attribution.current_allocations
    TO attribution_analyst, attribution_admin, attribution_maintainer, attribution_svc_attribution, attribution_svc_export;
GRANT SELECT ON attribution.allocation_prunings TO attribution_admin, attribution_maintainer;
