-- ingest_batch() stores for many tenants in one statement. While it runs, and in nothing else, the functions of
-- attribution_owner see the rows of the tenants that the call names, beside those of the current tenant.

CREATE POLICY ingested_rows ON attribution.tenants FOR SELECT TO attribution_owner
    USING (attribution_internal.is_entered_tenant(tenant_id));
CREATE POLICY ingested_rows ON attribution.channel_rules FOR SELECT TO attribution_owner
    USING (attribution_internal.is_entered_tenant(tenant_id));
CREATE POLICY ingested_rows ON attribution.attribution_events TO attribution_owner
    USING (attribution_internal.is_entered_tenant(tenant_id));
CREATE POLICY ingested_rows ON attribution.dead_events TO attribution_owner
    USING (attribution_internal.is_entered_tenant(tenant_id));
CREATE POLICY ingested_rows ON attribution.money_states TO attribution_owner
    USING (attribution_internal.is_entered_tenant(tenant_id));
CREATE POLICY ingested_rows ON attribution.revenue_ledger TO attribution_owner
    USING (attribution_internal.is_entered_tenant(tenant_id));
CREATE POLICY ingested_rows ON attribution.money_parts TO attribution_owner
    USING (attribution_internal.is_entered_tenant(tenant_id));
CREATE POLICY ingested_rows ON attribution.event_journeys TO attribution_owner
    USING (attribution_internal.is_entered_tenant(tenant_id));
CREATE POLICY ingested_rows ON attribution.ignored_deliveries TO attribution_owner
    USING (attribution_internal.is_entered_tenant(tenant_id));
