-- How long superseded divisions are kept, and when that was last seen to.

ALTER TABLE attribution.tenants
    ADD COLUMN keep_superseded_for interval DEFAULT '1 year' CHECK (keep_superseded_for BETWEEN interval '0' AND interval '1000 years');
COMMENT ON COLUMN attribution.tenants.keep_superseded_for IS 'How long superseded allocations are kept before maintain() deletes them; NULL: for ever';
ALTER TABLE attribution.allocation_progress ADD COLUMN pruned_at timestamptz NOT NULL DEFAULT '-infinity';

CREATE POLICY lookup_rows ON attribution.allocation_progress FOR SELECT TO attribution_lookup USING (true);
GRANT SELECT ON attribution.allocation_progress TO attribution_lookup;
GRANT UPDATE (keep_superseded_for) ON attribution.tenants TO attribution_admin;
