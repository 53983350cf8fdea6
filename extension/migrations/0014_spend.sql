-- What advertising cost, as ad networks and agencies tell it, and what it brought.

-- campaign is '' when the spend is told for the channel as a whole. restatements counts how often the numbers changed
-- since they were first told.
CREATE TABLE attribution.channel_spend (
    tenant_id    uuid NOT NULL,
    day          date NOT NULL,
    channel      text NOT NULL,
    campaign     text NOT NULL,
    currency     attribution.currency_code NOT NULL,
    spend_minor  bigint NOT NULL CHECK (spend_minor >= 0),
    impressions  bigint CHECK (impressions >= 0),
    clicks       bigint CHECK (clicks >= 0),
    restatements integer NOT NULL DEFAULT 0,
    updated_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, day, channel, campaign, currency)
);

ALTER TABLE attribution.channel_spend ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON attribution.channel_spend USING (tenant_id = attribution.current_tenant());
CREATE POLICY admin_rows  ON attribution.channel_spend TO attribution_admin USING (true);

CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.channel_spend
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();

COMMENT ON TABLE attribution.channel_spend IS 'What advertising cost by day, channel, campaign and currency, as told last; record_spend() and import_spend() write it';
COMMENT ON COLUMN attribution.channel_spend.day IS 'The day as the ad account counts it; reports take it for the tenant''s local day';
COMMENT ON COLUMN attribution.channel_spend.restatements IS 'How often the numbers changed since they were first told';

-- Both sides are listed under one another, not joined: a channel with spend and no revenue stays, and so does one with
-- revenue and no spend. Only money of one currency meets. 30 decimals make rounding to 4 exact: no ratio of two amounts
-- is nearer to a half than that without being one.
CREATE VIEW attribution.return_on_ad_spend WITH (security_invoker = true) AS
SELECT d.tenant_id, d.local_day, d.channel, d.currency,
       sum(d.revenue_minor)::bigint AS revenue_minor,
       sum(d.sales)::bigint AS sales,
       sum(d.spend_minor)::bigint AS spend_minor,
       sum(d.impressions)::bigint AS impressions,
       sum(d.clicks)::bigint AS clicks,
       round(sum(d.revenue_minor)::numeric(60, 30) / nullif(sum(d.spend_minor), 0), 4) AS roas,
       round(nullif(sum(d.spend_minor), 0)::numeric(60, 30) / nullif(sum(d.sales), 0), 4) AS cpa_minor
  FROM (SELECT r.tenant_id, r.local_day, r.channel, r.currency, r.amount_minor AS revenue_minor, r.sales,
               0::bigint AS spend_minor, NULL::bigint AS impressions, NULL::bigint AS clicks
          FROM attribution.realtime_revenue AS r
         UNION ALL
        SELECT s.tenant_id, s.day AS local_day, s.channel, s.currency, 0 AS revenue_minor, 0 AS sales, s.spend_minor, s.impressions, s.clicks
          FROM attribution.channel_spend AS s) AS d
 WHERE d.tenant_id = attribution.current_tenant()
 GROUP BY 1, 2, 3, 4;

COMMENT ON VIEW attribution.return_on_ad_spend IS 'What each channel brought and cost by day and currency: revenue by the channel of the sale''s own event (no model), spend, ROAS and CPA';
COMMENT ON COLUMN attribution.return_on_ad_spend.revenue_minor IS 'As in realtime_revenue: by the channel of the sale''s own event, refunds deducted when they happened';
COMMENT ON COLUMN attribution.return_on_ad_spend.roas IS 'Revenue per unit of spend, rounded to 4 places; NULL without spend';
COMMENT ON COLUMN attribution.return_on_ad_spend.cpa_minor IS 'Spend per sale in minor units, rounded to 4 places; NULL without spend or without a sale';

GRANT SELECT ON attribution.channel_spend, attribution.return_on_ad_spend
    TO attribution_analyst, attribution_admin, attribution_svc_attribution;
