-- Revenue entry by entry, as the export service writes it and people query it; and the parts that a model makes of it.

-- Channel by the rule of realtime_revenue: that of the sale which the entry belongs to, by the best known of the events that
-- tell of it. Most entries are the first capture of a sale themselves, whose own event is then the sale's: their sale is not
-- looked up. Every look-up is a probe of a key, so rows come at once in the order of bucket_start, however many there are.
CREATE VIEW attribution.revenue_entries WITH (security_invoker = true) AS
SELECT l.tenant_id,
       l.bucket_start,
       l.entry_id,
       l.event_id,
       own.source,
       sold.external_id AS order_id,
       l.money_key,
       l.sale_key,
       l.kind,
       l.step,
       l.occurred_at,
       (l.bucket_start AT TIME ZONE (SELECT t.time_zone FROM attribution.tenants AS t
                                      WHERE t.tenant_id = attribution.current_tenant()))::date AS local_day,
       l.booked_at,
       CASE WHEN told.channel IS NULL THEN sold.channel ELSE told.channel END AS channel,
       l.currency,
       l.amount_minor,
       attribution.decimal_amount(l.amount_minor, l.currency) AS amount,
       l.tax_minor,
       l.shipping_minor
  FROM attribution.revenue_ledger AS l
 CROSS JOIN LATERAL (
       SELECT v.source, v.external_id, v.channel
         FROM attribution.attribution_events AS v
        WHERE v.tenant_id = l.tenant_id AND v.event_id = l.event_id
        LIMIT 1) AS own
 CROSS JOIN LATERAL (SELECT l.kind = 'capture' AND l.step = 1 AND l.parent_money_key IS NULL AS is_sale) AS entry
  LEFT JOIN LATERAL (
       SELECT v.event_id, v.source, v.external_id, v.channel
         FROM attribution.revenue_ledger AS s
         JOIN attribution.attribution_events AS v ON v.tenant_id = s.tenant_id AND v.event_id = s.event_id
        WHERE s.tenant_id = l.tenant_id AND s.money_key = l.sale_key AND s.kind = 'capture' AND s.step = 1
          AND NOT entry.is_sale
        LIMIT 1) AS sale ON true
 CROSS JOIN LATERAL (
       SELECT CASE WHEN sale.event_id IS NULL THEN own.source ELSE sale.source END AS source,
              CASE WHEN sale.event_id IS NULL THEN own.external_id ELSE sale.external_id END AS external_id,
              CASE WHEN sale.event_id IS NULL THEN own.channel ELSE sale.channel END AS channel) AS sold
  LEFT JOIN LATERAL (
       SELECT c.channel
         FROM attribution.attribution_events AS c
        WHERE c.tenant_id = l.tenant_id AND c.external_id = sold.external_id AND c.source = sold.source
          AND c.event_type = 'conversion' AND NOT c.evidence
        ORDER BY CASE c.channel WHEN 'unknown' THEN 2 WHEN 'direct' THEN 1 ELSE 0 END, c.occurred_at, c.channel COLLATE "C"
        LIMIT 1) AS told ON entry.is_sale OR sale.event_id IS NOT NULL
 WHERE l.tenant_id = attribution.current_tenant();

COMMENT ON VIEW attribution.revenue_entries IS 'The ledger of the current tenant, entry by entry, with source, order, local day and channel';
COMMENT ON COLUMN attribution.revenue_entries.source IS 'Who told of the entry';
COMMENT ON COLUMN attribution.revenue_entries.order_id IS 'What the source calls the order or payment that the entry belongs to';
COMMENT ON COLUMN attribution.revenue_entries.sale_key IS 'Money key of the sale that the entry belongs to';
COMMENT ON COLUMN attribution.revenue_entries.local_day IS 'Day in the tenant''s time zone, as in realtime_revenue';
COMMENT ON COLUMN attribution.revenue_entries.channel IS 'Channel of the sale''s own event (no model), as in realtime_revenue';
COMMENT ON COLUMN attribution.revenue_entries.amount IS 'amount_minor as a decimal number of the currency';

CREATE VIEW attribution.revenue_allocations WITH (security_invoker = true) AS
SELECT r.*,
       a.model,
       a.revision,
       a.channel AS allocated_channel,
       a.campaign AS allocated_campaign,
       a.amount_minor AS allocated_minor,
       attribution.decimal_amount(a.amount_minor, a.currency) AS allocated
  FROM attribution.revenue_entries AS r
  JOIN attribution.current_allocations AS a ON a.tenant_id = r.tenant_id AND a.entry_id = r.entry_id;

COMMENT ON VIEW attribution.revenue_allocations IS 'revenue_entries divided by each model: one row for each current part; what no model has divided yet is not in it';
COMMENT ON COLUMN attribution.revenue_allocations.allocated_channel IS 'Channel that the model credits; the entry''s own is in channel';
COMMENT ON COLUMN attribution.revenue_allocations.allocated_minor IS 'The part, in minor units: adds up to amount_minor over the rows of an entry and model';
COMMENT ON COLUMN attribution.revenue_allocations.allocated IS 'allocated_minor as a decimal number of the currency';

GRANT SELECT ON attribution.revenue_entries, attribution.revenue_allocations
    TO attribution_analyst, attribution_admin, attribution_svc_export;
-- What the views read, 0018 has granted. A filter by a channel that does not exist is an error, not an empty file.
GRANT SELECT ON attribution.channel_taxonomy TO attribution_svc_export;
