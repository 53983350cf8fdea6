-- A sale that a shop books and a payment provider tells of: linked by the id of the payment, also where the provider names
-- no order.

CREATE TABLE attribution.event_transactions (
    tenant_id       uuid NOT NULL,
    event_id        uuid NOT NULL,
    transaction_ref text NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
);
CREATE INDEX event_transactions_ref ON attribution.event_transactions (tenant_id, transaction_ref);
COMMENT ON TABLE attribution.event_transactions IS 'The payment provider''s id of the payment that an event tells of, when it is not the event''s external id';

ALTER TABLE attribution.event_transactions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows   ON attribution.event_transactions USING (tenant_id = attribution.current_tenant());
CREATE POLICY admin_rows    ON attribution.event_transactions TO attribution_admin USING (true);
CREATE POLICY ingested_rows ON attribution.event_transactions TO attribution_owner
    USING (attribution_internal.is_entered_tenant(tenant_id));
CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON attribution.event_transactions
    FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();

-- An evidence event and the first event by which somebody else booked its sale. A sale's own source tells of it in several
-- events with one external id, of which any may name the payment's other id. Each sub-select is one probe of an index; a
-- sale has far fewer events than the limit. Only of payment providers is the external id that of a payment. An order number
-- that two stores have names neither.
DROP VIEW attribution.evidence;
CREATE VIEW attribution.evidence WITH (security_invoker = true) AS
SELECT e.tenant_id, e.event_id, e.source, e.topic, e.event_type, e.external_id, e.order_ref, e.occurred_at, e.received_at,
       e.payload ->> 'kind' AS kind,
       CASE WHEN e.payload ->> 'amount_minor' ~ '^-?[0-9]{1,18}$'
            THEN (e.payload ->> 'amount_minor')::bigint END AS amount_minor,
       e.payload ->> 'currency' AS currency,
       b.event_id IS NOT NULL AS linked,
       b.event_id AS booked_event_id,
       b.source AS booked_source,
       b.linked_by
  FROM attribution.attribution_events AS e
 -- A refund or dispute often names the payment only, which another event of the same sale has told the order of.
 CROSS JOIN LATERAL (
       SELECT CASE WHEN e.order_ref IS NOT NULL THEN e.order_ref
                   ELSE (SELECT s.order_ref FROM attribution.attribution_events AS s
                          WHERE s.tenant_id = e.tenant_id AND s.external_id = e.external_id AND s.source = e.source
                            AND s.order_ref IS NOT NULL ORDER BY s.event_id LIMIT 1) END AS order_ref
       OFFSET 0) AS sale  -- OFFSET: looked up once, not wherever it is used
  LEFT JOIN LATERAL (
       SELECT k.event_id, k.source, k.linked_by
         FROM ((WITH known AS MATERIALIZED (
                    SELECT t.transaction_ref
                      FROM (SELECT s.event_id FROM attribution.attribution_events AS s
                             WHERE s.tenant_id = e.tenant_id AND s.external_id = e.external_id AND s.source = e.source
                             LIMIT 100) AS told
                     CROSS JOIN LATERAL (
                           SELECT o.transaction_ref FROM attribution.event_transactions AS o
                            WHERE o.tenant_id = e.tenant_id AND o.event_id = told.event_id LIMIT 1) AS t)
                SELECT c.event_id, c.source, 'transaction' AS linked_by
                  FROM (-- Told by the event that books, or by another of its sale.
                        SELECT m.source, m.external_id
                          FROM (SELECT e.external_id AS transaction_ref WHERE e.source IN ('stripe', 'paypal')
                                UNION SELECT known.transaction_ref FROM known) AS w
                         CROSS JOIN LATERAL (
                               SELECT q.event_id FROM attribution.event_transactions AS q
                                WHERE q.tenant_id = e.tenant_id AND q.transaction_ref = w.transaction_ref LIMIT 100) AS r
                         CROSS JOIN LATERAL (
                               SELECT p.source, p.external_id FROM attribution.attribution_events AS p
                                WHERE p.tenant_id = e.tenant_id AND p.event_id = r.event_id LIMIT 1) AS m
                        UNION
                        -- Or the booked sale itself is known by the payment's id.
                        SELECT x.source, x.external_id
                          FROM known
                         CROSS JOIN LATERAL (
                               SELECT x.source, x.external_id FROM attribution.attribution_events AS x
                                WHERE x.tenant_id = e.tenant_id AND x.external_id = known.transaction_ref
                                  AND x.source IN ('stripe', 'paypal')
                                LIMIT 100) AS x) AS known_sale
                 CROSS JOIN LATERAL (
                       SELECT x.event_id, x.source FROM attribution.attribution_events AS x
                        WHERE x.tenant_id = e.tenant_id AND x.external_id = known_sale.external_id AND x.source = known_sale.source
                          AND x.event_type = 'conversion' AND NOT x.evidence AND x.source <> e.source
                        ORDER BY x.event_id LIMIT 1) AS c
                 ORDER BY c.event_id LIMIT 1)
               UNION ALL
               (SELECT f.event_id, f.source, 'order' AS linked_by
                  FROM ((SELECT x.event_id, x.source FROM attribution.attribution_events AS x
                          WHERE x.tenant_id = e.tenant_id AND x.external_id = sale.order_ref
                            AND x.event_type = 'conversion' AND NOT x.evidence AND x.source <> e.source
                          ORDER BY x.event_id LIMIT 1)
                        UNION ALL
                        (SELECT r.event_id, r.source
                           FROM (SELECT y.event_id, y.source, y.external_id FROM attribution.attribution_events AS y
                                  WHERE y.tenant_id = e.tenant_id AND y.order_ref = sale.order_ref
                                    AND y.event_type = 'conversion' AND NOT y.evidence AND y.source <> e.source
                                  ORDER BY y.event_id LIMIT 1) AS r
                          WHERE NOT EXISTS (
                                SELECT FROM attribution.attribution_events AS z
                                 WHERE z.tenant_id = e.tenant_id AND z.order_ref = sale.order_ref AND z.source = r.source
                                   AND z.event_type = 'conversion' AND NOT z.evidence
                                   AND z.external_id <> r.external_id))) AS f
                 ORDER BY f.event_id LIMIT 1)) AS k
        ORDER BY k.linked_by DESC LIMIT 1) AS b ON true
 WHERE e.tenant_id = attribution.current_tenant() AND e.evidence;
COMMENT ON VIEW attribution.evidence IS 'What a provider that does not book tells of sales, linked with the booking by the payment''s id or the order it names';

GRANT SELECT ON attribution.event_transactions, attribution.evidence
    TO attribution_analyst, attribution_admin, attribution_svc_attribution;
