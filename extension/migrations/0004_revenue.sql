-- Money: what is known of each money key (the lock under which it is booked), and the append-only ledger.

CREATE TABLE attribution.money_states (
    tenant_id           uuid NOT NULL,
    money_key           text NOT NULL,
    kind                attribution.money_kind NOT NULL,
    currency            attribution.currency_code NOT NULL,
    cumulative_minor    bigint NOT NULL,
    previous_minor      bigint NOT NULL,
    -- Booked so far, and with the last step: entries carry differences of tax and shipping as they do of amounts.
    tax_minor           bigint,
    tax_step_minor      bigint,
    shipping_minor      bigint,
    shipping_step_minor bigint,
    version_at          timestamptz NOT NULL,
    step                integer NOT NULL,
    -- Of a total only: what was told as of version_at (-infinity while only parts of it are told), and when that
    -- moved. cumulative_minor is what of it is booked under this key.
    told_minor          bigint,
    occurred_at         timestamptz,
    PRIMARY KEY (tenant_id, money_key, kind)
);

CREATE TABLE attribution.revenue_ledger (
    tenant_id        uuid NOT NULL,
    entry_id         uuid NOT NULL,
    money_key        text NOT NULL,
    kind             attribution.money_kind NOT NULL,
    step             attribution.entry_step NOT NULL,
    amount_minor     attribution.entry_amount NOT NULL,
    currency         attribution.currency_code NOT NULL,
    tax_minor        bigint,
    shipping_minor   bigint,
    parent_money_key text,
    event_id         uuid NOT NULL,
    occurred_at      timestamptz NOT NULL,
    -- The grain of reports. A column, not an expression: row security lets only plain columns reach an index.
    bucket_start     timestamptz NOT NULL
                     GENERATED ALWAYS AS (date_bin('15 minutes', occurred_at, '2000-01-01 00:00:00+00')) STORED,
    booked_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, entry_id),
    CONSTRAINT revenue_ledger_step UNIQUE (tenant_id, money_key, kind, step)
);
CREATE INDEX revenue_ledger_bucket ON attribution.revenue_ledger (tenant_id, bucket_start);

ALTER TABLE attribution.money_states   ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attribution.revenue_ledger ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON attribution.money_states   USING (tenant_id = attribution.current_tenant());
CREATE POLICY tenant_rows ON attribution.revenue_ledger USING (tenant_id = attribution.current_tenant());
CREATE POLICY admin_rows  ON attribution.money_states   TO attribution_admin USING (true);
CREATE POLICY admin_rows  ON attribution.revenue_ledger TO attribution_admin, attribution_maintainer USING (true);

CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.money_states
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.revenue_ledger
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attribution.revenue_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.refuse_change();

COMMENT ON TABLE attribution.money_states IS 'What is known and booked of each money key and kind; the lock under which it is booked';
COMMENT ON TABLE attribution.revenue_ledger IS 'Signed entries in minor units; append-only';

GRANT SELECT ON attribution.money_states TO attribution_admin;
GRANT SELECT ON attribution.revenue_ledger
    TO attribution_analyst, attribution_admin, attribution_maintainer, attribution_svc_attribution,
       attribution_svc_reconciliation, attribution_svc_export;
