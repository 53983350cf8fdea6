-- What ingestion leaves for people to look at. The views run with the reader's rights, and show the current tenant.

CREATE VIEW attribution.dead_letters WITH (security_invoker = true) AS
SELECT d.tenant_id, d.dead_id, d.source, d.delivery_key, d.topic, d.endpoint_id, d.code, d.detail, d.body_length,
       d.attempts, d.status, d.replayable, d.event_id, d.received_at, d.last_seen_at
  FROM attribution.dead_events AS d
 WHERE d.tenant_id = attribution.current_tenant();
COMMENT ON VIEW attribution.dead_letters IS 'What could not be ingested, and what became of it; without payloads';

-- Evidence tells again of a visit that the shop has told of.
CREATE VIEW attribution.unmapped_signals WITH (security_invoker = true) AS
SELECT e.tenant_id,
       e.payload #>> '{signals,source}' AS source,
       e.payload #>> '{signals,medium}' AS medium,
       e.payload #>> '{signals,campaign}' AS campaign,
       e.payload #>> '{signals,referrer_host}' AS referrer_host,
       e.payload #>> '{signals,click_id}' AS click_id,
       count(*) AS visits,
       min(e.occurred_at) AS first_seen_at,
       max(e.occurred_at) AS last_seen_at
  FROM attribution.attribution_events AS e
 WHERE e.tenant_id = attribution.current_tenant() AND e.channel = 'unknown' AND e.event_type <> 'notice'
   AND NOT e.evidence
 GROUP BY 1, 2, 3, 4, 5, 6;
COMMENT ON VIEW attribution.unmapped_signals IS 'Visits that no channel rule knows, counted by their signals as they came';

-- An evidence event and the first event of the same order by which somebody else booked. Each probe is one of an index.
CREATE VIEW attribution.evidence WITH (security_invoker = true) AS
SELECT e.tenant_id, e.event_id, e.source, e.topic, e.event_type, e.external_id, e.order_ref, e.occurred_at, e.received_at,
       e.payload ->> 'kind' AS kind,
       CASE WHEN e.payload ->> 'amount_minor' ~ '^-?[0-9]{1,18}$'
            THEN (e.payload ->> 'amount_minor')::bigint END AS amount_minor,
       e.payload ->> 'currency' AS currency,
       b.event_id IS NOT NULL AS linked,
       b.event_id AS booked_event_id,
       b.source AS booked_source
  FROM attribution.attribution_events AS e
  LEFT JOIN LATERAL (
       SELECT by_order.event_id, by_order.source
         FROM ((SELECT x.event_id, x.source FROM attribution.attribution_events AS x
                 WHERE x.tenant_id = e.tenant_id AND x.external_id = e.order_ref
                   AND x.event_type = 'conversion' AND NOT x.evidence AND x.source <> e.source
                 ORDER BY x.event_id LIMIT 1)
               UNION ALL
               (SELECT r.event_id, r.source FROM attribution.attribution_events AS r
                 WHERE r.tenant_id = e.tenant_id AND r.order_ref = e.order_ref
                   AND r.event_type = 'conversion' AND NOT r.evidence AND r.source <> e.source
                 ORDER BY r.event_id LIMIT 1)) AS by_order
        ORDER BY by_order.event_id LIMIT 1) AS b ON true
 WHERE e.tenant_id = attribution.current_tenant() AND e.evidence;
COMMENT ON VIEW attribution.evidence IS 'What a provider that does not book tells of sales, linked with the booking by the order it names';

GRANT SELECT (tenant_id, dead_id, source, delivery_key, topic, endpoint_id, code, detail, body_length, attempts, status,
              replayable, event_id, received_at, last_seen_at)
    ON attribution.dead_events TO attribution_analyst, attribution_svc_ingestion;
GRANT SELECT ON attribution.dead_letters TO attribution_analyst, attribution_admin, attribution_svc_ingestion;
GRANT SELECT ON attribution.unmapped_signals, attribution.evidence
    TO attribution_analyst, attribution_admin, attribution_svc_attribution;
