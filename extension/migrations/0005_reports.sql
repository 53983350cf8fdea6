-- Revenue as people and services read it. The view runs with the reader's rights, so row security of the
-- tables below it decides what is seen.

-- The channel of an entry is that of the sale it belongs to: a refund's own event carries no signals. Several events may
-- tell of one sale (charge, payment intent, checkout session), and not all of them carry signals either: the best known
-- channel counts, whichever event arrived first.
-- LATERAL … LIMIT 1 keeps the cost to that of the entries asked for: probes of the keys, whatever the statistics say. CASE
-- and not COALESCE, which row security does not trust with a condition of an index.
CREATE VIEW attribution.realtime_revenue WITH (security_invoker = true) AS
SELECT l.tenant_id,
       l.bucket_start,
       (l.bucket_start AT TIME ZONE t.time_zone)::date AS local_day,
       coalesce(told.channel, e.channel) AS channel,
       l.currency,
       l.kind,
       count(*) AS entries,
       count(*) FILTER (WHERE l.kind = 'capture' AND l.step = 1) AS sales,
       sum(l.amount_minor)::bigint AS amount_minor,
       sum(l.tax_minor)::bigint AS tax_minor,
       sum(l.shipping_minor)::bigint AS shipping_minor,
       max(l.booked_at) AS last_booked_at
  FROM attribution.revenue_ledger AS l
  JOIN attribution.tenants AS t ON t.tenant_id = l.tenant_id
  LEFT JOIN LATERAL (
       SELECT s.event_id
         FROM attribution.revenue_ledger AS s
        WHERE s.tenant_id = l.tenant_id
          AND s.money_key = CASE WHEN l.parent_money_key IS NULL THEN l.money_key ELSE l.parent_money_key END
          AND s.kind = 'capture'
          AND s.step = 1
        LIMIT 1) AS sale ON true
 CROSS JOIN LATERAL (
       SELECT v.channel, v.source, v.external_id
         FROM attribution.attribution_events AS v
        WHERE v.tenant_id = l.tenant_id
          AND v.event_id = CASE WHEN sale.event_id IS NULL THEN l.event_id ELSE sale.event_id END
        LIMIT 1) AS e
  LEFT JOIN LATERAL (
       SELECT c.channel
         FROM attribution.attribution_events AS c
        WHERE c.tenant_id = l.tenant_id AND c.external_id = e.external_id AND c.source = e.source
          AND c.event_type = 'conversion' AND NOT c.evidence
        ORDER BY CASE c.channel WHEN 'unknown' THEN 2 WHEN 'direct' THEN 1 ELSE 0 END, c.occurred_at, c.event_id
        LIMIT 1) AS told ON sale.event_id IS NOT NULL
 WHERE l.tenant_id = attribution.current_tenant()
 GROUP BY 1, 2, 3, 4, 5, 6;

COMMENT ON VIEW attribution.realtime_revenue IS 'Revenue of the current tenant by quarter of an hour, channel, currency and kind of entry';

GRANT SELECT ON attribution.realtime_revenue TO attribution_analyst, attribution_svc_attribution,
    attribution_svc_reconciliation, attribution_admin;
-- The view reads with its reader's rights: who has it needs what it reads, and this service no more than that.
GRANT SELECT (tenant_id, time_zone) ON attribution.tenants TO attribution_svc_reconciliation;
GRANT SELECT (tenant_id, event_id, source, external_id, event_type, evidence, occurred_at, channel) ON attribution.attribution_events TO attribution_svc_reconciliation;
