#include "extension/src/ingest_statements.hpp"

namespace attribution::ingest {

// Everything new in one statement, of all tenants of the call. Rows come sorted (events by tenant and
// delivery key, states by tenant and money key), and all of them are locked in that order, so two calls never
// wait for each other. Events whose money is booked in another currency are left out, and found by
// find_currencies afterwards.
constinit saved_statement store_events(R"sql(
WITH stored AS (
    INSERT INTO attribution.attribution_events (
        tenant_id, event_id, source, delivery_key, item_no, event_type, digest, topic, endpoint_id, correlation_id,
        external_id, order_ref, evidence, occurred_at, channel, channel_rule, payload)
    SELECT e.tenant_id, e.event_id, e.source, e.delivery_key, e.item_no, e.event_type, e.digest, e.topic, e.endpoint_id,
           e.correlation_id, e.external_id, e.order_ref, e.evidence, e.occurred_at, e.channel, e.channel_rule,
           e.payload
      FROM unnest($1) AS e
     WHERE (SELECT t.status FROM attribution.tenants AS t WHERE t.tenant_id = e.tenant_id) = 'active'
       AND e.event_id NOT IN (
           SELECT s.event_id
             FROM unnest($2) AS s
            CROSS JOIN LATERAL (
                  SELECT b.currency FROM attribution.money_states AS b
                   WHERE b.tenant_id = s.tenant_id AND b.money_key = s.money_key AND b.kind = s.kind LIMIT 1) AS m
            WHERE m.currency <> s.currency)
    ON CONFLICT (tenant_id, source, delivery_key, item_no) DO NOTHING
    RETURNING event_id
), newest AS (
    SELECT DISTINCT ON (s.money_no) s.*
      FROM unnest($2) AS s
     WHERE s.event_id IN (SELECT event_id FROM stored)
     ORDER BY s.money_no, s.state_no
), moved AS (
    INSERT INTO attribution.money_states AS m (
        tenant_id, money_key, kind, currency, cumulative_minor, previous_minor, tax_minor, tax_step_minor,
        shipping_minor, shipping_step_minor, version_at, step)
    SELECT s.tenant_id, s.money_key, s.kind, s.currency, s.cumulative_minor, 0, s.tax_minor, s.tax_minor,
           s.shipping_minor, s.shipping_minor, s.version_at,
           CASE WHEN s.cumulative_minor <> 0 THEN 1 ELSE 0 END
      FROM newest AS s
    ON CONFLICT (tenant_id, money_key, kind) DO UPDATE
       SET currency = attribution_internal.same_currency(m.currency, excluded.currency),
           cumulative_minor = excluded.cumulative_minor,
           previous_minor = m.cumulative_minor,
           tax_minor = CASE WHEN m.cumulative_minor <> excluded.cumulative_minor AND excluded.tax_minor IS NOT NULL
                            THEN excluded.tax_minor ELSE m.tax_minor END,
           tax_step_minor = excluded.tax_minor - coalesce(m.tax_minor, 0),
           shipping_minor = CASE WHEN m.cumulative_minor <> excluded.cumulative_minor
                                      AND excluded.shipping_minor IS NOT NULL
                                 THEN excluded.shipping_minor ELSE m.shipping_minor END,
           shipping_step_minor = excluded.shipping_minor - coalesce(m.shipping_minor, 0),
           version_at = excluded.version_at,
           step = m.step + CASE WHEN m.cumulative_minor <> excluded.cumulative_minor THEN 1 ELSE 0 END
     WHERE (m.version_at, m.cumulative_minor) < (excluded.version_at, excluded.cumulative_minor)
        OR m.currency <> excluded.currency
    RETURNING m.tenant_id, m.money_key, m.kind, m.step, m.cumulative_minor - m.previous_minor AS difference_minor,
              m.tax_step_minor, m.shipping_step_minor,
              CASE WHEN m.kind IN ('refund', 'chargeback') THEN -1 ELSE 1 END AS sign
), booked AS (
    INSERT INTO attribution.revenue_ledger (
        tenant_id, entry_id, money_key, kind, step, amount_minor, currency, tax_minor, shipping_minor,
        parent_money_key, event_id, occurred_at)
    SELECT m.tenant_id, s.entry_id, m.money_key, m.kind, m.step,
           m.sign * m.difference_minor, s.currency, m.sign * m.tax_step_minor, m.sign * m.shipping_step_minor,
           s.parent_money_key, s.event_id, s.occurred_at
      FROM moved AS m
      JOIN newest AS s ON s.tenant_id = m.tenant_id AND s.money_key = m.money_key AND s.kind = m.kind
     WHERE m.difference_minor <> 0
    RETURNING event_id
), queued AS (
    INSERT INTO attribution.allocation_queue (tenant_id, reason, sale_key, external_id)
    SELECT s.tenant_id, 'late_sale',
           CASE WHEN s.parent_money_key IS NULL THEN s.money_key ELSE s.parent_money_key END, NULL
      FROM unnest($2) AS s
     WHERE s.event_id IN (SELECT event_id FROM stored)
     UNION ALL
    SELECT e.tenant_id, 'late_sale', NULL, CASE WHEN e.evidence THEN e.order_ref ELSE e.external_id END
      FROM unnest($1) AS e
     WHERE e.event_type = 'conversion' AND e.event_id IN (SELECT event_id FROM stored)
)
SELECT event_id, false AS is_entry FROM stored
UNION ALL
SELECT event_id, true FROM booked)sql");

// The same for one event with at most one state, the usual call of the server for a tenant: no sets, no
// sorting, no joins, so that starting the statement costs half.
constinit saved_statement store_event(R"sql(
WITH stored AS (
    INSERT INTO attribution.attribution_events (
        tenant_id, event_id, source, delivery_key, item_no, event_type, digest, topic, endpoint_id, correlation_id,
        external_id, order_ref, evidence, occurred_at, channel, channel_rule, payload)
    SELECT ($1).tenant_id, ($1).event_id, ($1).source, ($1).delivery_key, ($1).item_no, ($1).event_type, ($1).digest,
           ($1).topic, ($1).endpoint_id, ($1).correlation_id, ($1).external_id, ($1).order_ref, ($1).evidence,
           ($1).occurred_at, ($1).channel, ($1).channel_rule, ($1).payload
     WHERE (SELECT t.status FROM attribution.tenants AS t WHERE t.tenant_id = ($1).tenant_id) = 'active'
       AND NOT EXISTS (SELECT FROM attribution.money_states AS m
                        WHERE m.tenant_id = ($1).tenant_id AND m.money_key = ($2).money_key AND m.kind = ($2).kind
                          AND m.currency <> ($2).currency)
    ON CONFLICT (tenant_id, source, delivery_key, item_no) DO NOTHING
    RETURNING event_id
), moved AS (
    INSERT INTO attribution.money_states AS m (
        tenant_id, money_key, kind, currency, cumulative_minor, previous_minor, tax_minor, tax_step_minor,
        shipping_minor, shipping_step_minor, version_at, step)
    SELECT ($1).tenant_id, ($2).money_key, ($2).kind, ($2).currency, ($2).cumulative_minor, 0, ($2).tax_minor,
           ($2).tax_minor, ($2).shipping_minor, ($2).shipping_minor, ($2).version_at,
           CASE WHEN ($2).cumulative_minor <> 0 THEN 1 ELSE 0 END
      FROM stored
     WHERE ($2).money_key IS NOT NULL
    ON CONFLICT (tenant_id, money_key, kind) DO UPDATE
       SET currency = attribution_internal.same_currency(m.currency, excluded.currency),
           cumulative_minor = excluded.cumulative_minor,
           previous_minor = m.cumulative_minor,
           tax_minor = CASE WHEN m.cumulative_minor <> excluded.cumulative_minor AND excluded.tax_minor IS NOT NULL
                            THEN excluded.tax_minor ELSE m.tax_minor END,
           tax_step_minor = excluded.tax_minor - coalesce(m.tax_minor, 0),
           shipping_minor = CASE WHEN m.cumulative_minor <> excluded.cumulative_minor
                                      AND excluded.shipping_minor IS NOT NULL
                                 THEN excluded.shipping_minor ELSE m.shipping_minor END,
           shipping_step_minor = excluded.shipping_minor - coalesce(m.shipping_minor, 0),
           version_at = excluded.version_at,
           step = m.step + CASE WHEN m.cumulative_minor <> excluded.cumulative_minor THEN 1 ELSE 0 END
     WHERE (m.version_at, m.cumulative_minor) < (excluded.version_at, excluded.cumulative_minor)
        OR m.currency <> excluded.currency
    RETURNING m.step, m.cumulative_minor - m.previous_minor AS difference_minor, m.tax_step_minor,
              m.shipping_step_minor, CASE WHEN m.kind IN ('refund', 'chargeback') THEN -1 ELSE 1 END AS sign
), booked AS (
    INSERT INTO attribution.revenue_ledger (
        tenant_id, entry_id, money_key, kind, step, amount_minor, currency, tax_minor, shipping_minor,
        parent_money_key, event_id, occurred_at)
    SELECT ($1).tenant_id, ($2).entry_id, ($2).money_key, ($2).kind, m.step,
           m.sign * m.difference_minor, ($2).currency, m.sign * m.tax_step_minor,
           m.sign * m.shipping_step_minor, ($2).parent_money_key, ($2).event_id,
           ($2).occurred_at
      FROM moved AS m
     WHERE m.difference_minor <> 0
    RETURNING event_id
), queued AS (
    INSERT INTO attribution.allocation_queue (tenant_id, reason, sale_key, external_id)
    SELECT ($1).tenant_id, 'late_sale',
           CASE WHEN ($2).parent_money_key IS NULL THEN ($2).money_key ELSE ($2).parent_money_key END,
           CASE WHEN ($1).event_type <> 'conversion' THEN NULL
                WHEN ($1).evidence THEN ($1).order_ref ELSE ($1).external_id END
      FROM stored
     WHERE ($1).event_type = 'conversion' OR ($2).money_key IS NOT NULL
)
SELECT event_id, false AS is_entry FROM stored
UNION ALL
SELECT event_id, true FROM booked)sql");

constinit saved_statement store_touchpoints(R"sql(
INSERT INTO attribution.attribution_events (
    tenant_id, event_id, source, delivery_key, item_no, event_type, digest, topic, endpoint_id, correlation_id,
    external_id, order_ref, evidence, occurred_at, channel, channel_rule, payload)
SELECT e.tenant_id, e.event_id, e.source, e.delivery_key, e.item_no, e.event_type, e.digest, e.topic, e.endpoint_id,
       e.correlation_id, e.external_id, e.order_ref, e.evidence, e.occurred_at, e.channel, e.channel_rule,
       e.payload
  FROM unnest($1) AS e)sql");

// What an erased journey would have been joined with goes nowhere.
constinit saved_statement store_journeys(R"sql(
WITH joined AS (
    INSERT INTO attribution.event_journeys (tenant_id, event_id, journey_id, touched_at, channel, campaign)
    SELECT j.tenant_id, j.event_id, j.journey_id, j.touched_at, j.channel, j.campaign
      FROM unnest($1) AS j
     WHERE (SELECT x.erased_at FROM attribution.erased_journeys AS x
             WHERE x.tenant_id = j.tenant_id
               AND x.journey_hash = attribution_internal.journey_hash(j.tenant_id, j.journey_id) LIMIT 1) IS NULL
    RETURNING tenant_id, journey_id, touched_at
)
INSERT INTO attribution.allocation_queue (tenant_id, reason, journey_ids)
SELECT n.tenant_id, 'late_touchpoint', array_agg(n.journey_id)
  FROM (SELECT t.tenant_id, t.journey_id, row_number() OVER (PARTITION BY t.tenant_id) AS place
          FROM (SELECT DISTINCT j.tenant_id, j.journey_id FROM joined AS j WHERE j.touched_at IS NOT NULL) AS t) AS n
 GROUP BY n.tenant_id, n.place / 100)sql");

constinit saved_statement store_transactions(R"sql(
INSERT INTO attribution.event_transactions (tenant_id, event_id, transaction_ref)
SELECT t.tenant_id, t.event_id, t.transaction_ref FROM unnest($1) AS t)sql");

constinit saved_statement add_ignored(R"sql(
INSERT INTO attribution.ignored_deliveries AS i (tenant_id, source, topic, reason, deliveries)
SELECT e.tenant_id, e.source, coalesce(e.topic, ''), e.reason, e.deliveries FROM unnest($1) AS e
ON CONFLICT (tenant_id, source, topic, reason) DO UPDATE
   SET deliveries = i.deliveries + excluded.deliveries, last_seen_at = clock_timestamp())sql");

constinit saved_statement store_dead_letters(R"sql(
INSERT INTO attribution.dead_events AS d (
    tenant_id, dead_id, source, delivery_key, digest, code, detail, topic, endpoint_id, correlation_id,
    body_length, payload, attempts)
SELECT e.tenant_id, e.dead_id, e.source, e.delivery_key, e.digest, e.code, e.detail, e.topic, e.endpoint_id,
       e.correlation_id, e.body_length, attribution.redact_pii(e.payload), e.attempts
  FROM unnest($1) AS e
ON CONFLICT (tenant_id, source, delivery_key, digest) DO UPDATE
   SET code = excluded.code, detail = excluded.detail, payload = coalesce(excluded.payload, attribution.redact_pii(d.payload)),
       attempts = d.attempts + excluded.attempts, last_seen_at = clock_timestamp()
RETURNING d.dead_id)sql");

constinit saved_statement claim_transmissions(R"sql(
INSERT INTO attribution.delivery_transmissions (tenant_id, source, transmission_id, digest)
SELECT t.tenant_id, t.source, t.transmission_id, t.digest FROM unnest($1) AS t
ON CONFLICT (tenant_id, source, transmission_id) DO NOTHING)sql");

constinit saved_statement find_transmissions(R"sql(
SELECT k.position, t.digest
  FROM unnest($1) WITH ORDINALITY AS k (tenant_id, source, transmission_id, digest, position)
 CROSS JOIN LATERAL (
       SELECT d.digest FROM attribution.delivery_transmissions AS d
        WHERE d.tenant_id = k.tenant_id AND d.source = k.source AND d.transmission_id = k.transmission_id LIMIT 1) AS t)sql");

constinit saved_statement find_events(R"sql(
SELECT k.position, e.event_id, e.digest
  FROM unnest($1, $2, $3) WITH ORDINALITY AS k (tenant_id, source, delivery_key, position)
 CROSS JOIN LATERAL (
       SELECT v.event_id, v.digest FROM attribution.attribution_events AS v
        WHERE v.tenant_id = k.tenant_id AND v.source = k.source AND v.delivery_key = k.delivery_key AND v.item_no = 0
        LIMIT 1) AS e)sql");

constinit saved_statement find_currencies(R"sql(
SELECT k.position, m.currency
  FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS k (tenant_id, money_key, kind, currency, position)
 CROSS JOIN LATERAL (
       SELECT b.currency::text FROM attribution.money_states AS b
        WHERE b.tenant_id = k.tenant_id AND b.money_key = k.money_key AND b.kind = k.kind LIMIT 1) AS m
 WHERE m.currency <> k.currency)sql");

// What a part was at most, and when it was made, whatever order its states arrive in.
constinit saved_statement store_parts(R"sql(
INSERT INTO attribution.money_parts AS p (tenant_id, parent_money_key, kind, money_key, occurred_at, gross_minor)
SELECT s.tenant_id, s.parent_money_key, s.kind, s.money_key, min(s.occurred_at), max(s.gross_minor)
  FROM unnest($1) AS s
 GROUP BY s.tenant_id, s.parent_money_key, s.kind, s.money_key
ON CONFLICT (tenant_id, parent_money_key, kind, money_key) DO UPDATE
   SET occurred_at = least(p.occurred_at, excluded.occurred_at),
       gross_minor = greatest(p.gross_minor, excluded.gross_minor)
 WHERE excluded.occurred_at < p.occurred_at OR excluded.gross_minor > p.gross_minor)sql");

// A total's row is written even when nothing changes in it: to a transaction with an older snapshot, which
// cannot see the part that came meanwhile, it must be a row that was concurrently updated (40001).
constinit saved_statement settle_totals(R"sql(
WITH told AS (
    SELECT f.tenant_id, f.event_id, f.entry_id, f.money_key, f.kind, m.currency, m.cumulative_minor,
           CASE WHEN n.newer THEN f.told_minor ELSE m.told_minor END AS told_minor,
           CASE WHEN n.newer THEN f.version_at ELSE m.version_at END AS version_at,
           CASE WHEN n.newer THEN f.occurred_at ELSE m.occurred_at END AS occurred_at
      FROM unnest($1) AS f
     CROSS JOIN LATERAL (
           SELECT b.* FROM attribution.money_states AS b
            WHERE b.tenant_id = f.tenant_id AND b.money_key = f.money_key AND b.kind = f.kind LIMIT 1) AS m
     CROSS JOIN LATERAL (
           SELECT f.told_minor IS NOT NULL
                  AND (m.told_minor IS NULL OR (m.version_at, m.told_minor) < (f.version_at, f.told_minor))) AS n (newer)
), target AS (
    SELECT t.*,
           CASE WHEN t.told_minor IS NULL THEN t.cumulative_minor
                ELSE greatest(0, t.told_minor - coalesce(c.minor, 0))::bigint END AS target_minor
      FROM told AS t
     CROSS JOIN LATERAL (
           SELECT sum(CASE WHEN p.occurred_at > t.version_at THEN 0
                           WHEN s.version_at <= t.version_at THEN s.cumulative_minor
                           ELSE p.gross_minor END) AS minor
             FROM attribution.money_parts AS p
            CROSS JOIN LATERAL (
                  SELECT b.version_at, b.cumulative_minor FROM attribution.money_states AS b
                   WHERE b.tenant_id = p.tenant_id AND b.money_key = p.money_key AND b.kind = p.kind LIMIT 1) AS s
            WHERE p.tenant_id = t.tenant_id AND p.parent_money_key = t.money_key AND p.kind = t.kind) AS c
), settled AS (
    INSERT INTO attribution.money_states AS m (
        tenant_id, money_key, kind, currency, cumulative_minor, previous_minor, version_at, step, told_minor,
        occurred_at)
    SELECT t.tenant_id, t.money_key, t.kind, t.currency, t.target_minor, 0, t.version_at, 0, t.told_minor, t.occurred_at
      FROM target AS t
    ON CONFLICT (tenant_id, money_key, kind) DO UPDATE
       SET cumulative_minor = excluded.cumulative_minor,
           previous_minor = m.cumulative_minor,
           version_at = excluded.version_at,
           told_minor = excluded.told_minor,
           occurred_at = excluded.occurred_at,
           step = m.step + CASE WHEN m.cumulative_minor <> excluded.cumulative_minor THEN 1 ELSE 0 END
    RETURNING m.tenant_id, m.money_key, m.kind, m.currency, m.step, m.occurred_at,
              m.cumulative_minor - m.previous_minor AS difference_minor,
              CASE WHEN m.kind IN ('refund', 'chargeback') THEN -1 ELSE 1 END AS sign
)
INSERT INTO attribution.revenue_ledger (
    tenant_id, entry_id, money_key, kind, step, amount_minor, currency, event_id, occurred_at)
SELECT s.tenant_id, t.entry_id, s.money_key, s.kind, s.step, s.sign * s.difference_minor, s.currency, t.event_id, s.occurred_at
  FROM settled AS s
  JOIN target AS t ON t.tenant_id = s.tenant_id AND t.money_key = s.money_key AND t.kind = s.kind
 WHERE s.difference_minor <> 0
RETURNING event_id)sql");

constinit saved_statement count_active_tenants(R"sql(
SELECT count(*)
  FROM unnest($1) AS k (tenant_id)
 CROSS JOIN LATERAL (
       SELECT t.status FROM attribution.tenants AS t WHERE t.tenant_id = k.tenant_id LIMIT 1) AS t
 WHERE t.status = 'active')sql");

}  // namespace attribution::ingest
