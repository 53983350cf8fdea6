-- Revenue as people and services read it. The view runs with the reader's rights, so row security of the
-- tables below it decides what is seen.

-- The channel of an entry is that of the sale it belongs to: a refund's own event carries no signals.
CREATE VIEW attribution.realtime_revenue WITH (security_invoker = true) AS
SELECT l.tenant_id,
       l.bucket_start,
       (l.bucket_start AT TIME ZONE t.time_zone)::date AS local_day,
       e.channel,
       l.currency,
       l.kind,
       count(*) AS entries,
       sum(l.amount_minor)::bigint AS amount_minor,
       sum(l.tax_minor)::bigint AS tax_minor,
       sum(l.shipping_minor)::bigint AS shipping_minor,
       max(l.booked_at) AS last_booked_at
  FROM attribution.revenue_ledger AS l
  JOIN attribution.tenants AS t ON t.tenant_id = l.tenant_id
  LEFT JOIN attribution.revenue_ledger AS sale
         ON sale.tenant_id = l.tenant_id
        AND sale.money_key = coalesce(l.parent_money_key, l.money_key)
        AND sale.kind = 'capture'
        AND sale.step = 1
  JOIN attribution.attribution_events AS e
    ON e.tenant_id = l.tenant_id
   AND e.event_id = coalesce(sale.event_id, l.event_id)
 WHERE l.tenant_id = attribution.current_tenant()
 GROUP BY 1, 2, 3, 4, 5, 6;

GRANT SELECT ON attribution.realtime_revenue TO attribution_analyst, attribution_svc_attribution,
    attribution_svc_reconciliation, attribution_admin;
-- The view reads with its reader's rights: who has it needs what it reads, and this service no more than that.
GRANT SELECT (tenant_id, time_zone) ON attribution.tenants TO attribution_svc_reconciliation;
GRANT SELECT (tenant_id, event_id, channel) ON attribution.attribution_events TO attribution_svc_reconciliation;
