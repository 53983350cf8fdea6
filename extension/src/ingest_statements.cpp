#include "extension/src/ingest_statements.hpp"

namespace attribution::ingest {

// Everything new in one statement. Rows come sorted (events by delivery key, states by money key), and all of
// them are locked in that order, so two calls never wait for each other. Events whose money is booked in
// another currency are left out, and found by find_currencies afterwards.
constinit saved_statement store_events(R"sql(
WITH stored AS (
    INSERT INTO attribution.attribution_events (
        tenant_id, event_id, source, delivery_key, item_no, event_type, digest, topic, endpoint_id, correlation_id,
        external_id, order_ref, evidence, occurred_at, channel, channel_rule, payload)
    SELECT $1, e.event_id, e.source, e.delivery_key, e.item_no, e.event_type, e.digest, e.topic, e.endpoint_id,
           e.correlation_id, e.external_id, e.order_ref, e.evidence, e.occurred_at, e.channel, e.channel_rule,
           e.payload
      FROM unnest($2) AS e
     WHERE (SELECT t.status FROM attribution.tenants AS t WHERE t.tenant_id = $1) = 'active'
       AND e.event_id NOT IN (
           SELECT s.event_id
             FROM unnest($3) AS s
            CROSS JOIN LATERAL (
                  SELECT b.currency FROM attribution.money_states AS b
                   WHERE b.tenant_id = $1 AND b.money_key = s.money_key AND b.kind = s.kind LIMIT 1) AS m
            WHERE m.currency <> s.currency)
    ON CONFLICT (tenant_id, source, delivery_key, item_no) DO NOTHING
    RETURNING event_id
), newest AS (
    SELECT DISTINCT ON (s.money_no) s.*
      FROM unnest($3) AS s
     WHERE s.event_id IN (SELECT event_id FROM stored)
     ORDER BY s.money_no, s.state_no
), moved AS (
    INSERT INTO attribution.money_states AS m (
        tenant_id, money_key, kind, currency, cumulative_minor, previous_minor, tax_minor, tax_step_minor,
        shipping_minor, shipping_step_minor, version_at, step)
    SELECT $1, s.money_key, s.kind, s.currency, s.cumulative_minor, 0, s.tax_minor, s.tax_minor,
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
    RETURNING m.money_key, m.kind, m.step, m.cumulative_minor - m.previous_minor AS difference_minor,
              m.tax_step_minor, m.shipping_step_minor,
              CASE WHEN m.kind IN ('refund', 'chargeback') THEN -1 ELSE 1 END AS sign
), booked AS (
    INSERT INTO attribution.revenue_ledger (
        tenant_id, entry_id, money_key, kind, step, amount_minor, currency, tax_minor, shipping_minor,
        parent_money_key, event_id, occurred_at)
    SELECT $1, s.entry_id, m.money_key, m.kind, m.step,
           m.sign * m.difference_minor, s.currency, m.sign * m.tax_step_minor, m.sign * m.shipping_step_minor,
           s.parent_money_key, s.event_id, s.occurred_at
      FROM moved AS m
      JOIN newest AS s ON s.money_key = m.money_key AND s.kind = m.kind
     WHERE m.difference_minor <> 0
    RETURNING event_id
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
    SELECT $1, ($2).event_id, ($2).source, ($2).delivery_key, ($2).item_no, ($2).event_type, ($2).digest,
           ($2).topic, ($2).endpoint_id, ($2).correlation_id, ($2).external_id, ($2).order_ref, ($2).evidence,
           ($2).occurred_at, ($2).channel, ($2).channel_rule, ($2).payload
     WHERE (SELECT t.status FROM attribution.tenants AS t WHERE t.tenant_id = $1) = 'active'
       AND NOT EXISTS (SELECT FROM attribution.money_states AS m
                        WHERE m.tenant_id = $1 AND m.money_key = ($3).money_key AND m.kind = ($3).kind
                          AND m.currency <> ($3).currency)
    ON CONFLICT (tenant_id, source, delivery_key, item_no) DO NOTHING
    RETURNING event_id
), moved AS (
    INSERT INTO attribution.money_states AS m (
        tenant_id, money_key, kind, currency, cumulative_minor, previous_minor, tax_minor, tax_step_minor,
        shipping_minor, shipping_step_minor, version_at, step)
    SELECT $1, ($3).money_key, ($3).kind, ($3).currency, ($3).cumulative_minor, 0, ($3).tax_minor,
           ($3).tax_minor, ($3).shipping_minor, ($3).shipping_minor, ($3).version_at,
           CASE WHEN ($3).cumulative_minor <> 0 THEN 1 ELSE 0 END
      FROM stored
     WHERE ($3).money_key IS NOT NULL
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
    SELECT $1, ($3).entry_id, ($3).money_key, ($3).kind, m.step,
           m.sign * m.difference_minor, ($3).currency, m.sign * m.tax_step_minor,
           m.sign * m.shipping_step_minor, ($3).parent_money_key, ($3).event_id,
           ($3).occurred_at
      FROM moved AS m
     WHERE m.difference_minor <> 0
    RETURNING event_id
)
SELECT event_id, false AS is_entry FROM stored
UNION ALL
SELECT event_id, true FROM booked)sql");

constinit saved_statement store_touchpoints(R"sql(
INSERT INTO attribution.attribution_events (
    tenant_id, event_id, source, delivery_key, item_no, event_type, digest, topic, endpoint_id, correlation_id,
    external_id, order_ref, evidence, occurred_at, channel, channel_rule, payload)
SELECT $1, e.event_id, e.source, e.delivery_key, e.item_no, e.event_type, e.digest, e.topic, e.endpoint_id,
       e.correlation_id, e.external_id, e.order_ref, e.evidence, e.occurred_at, e.channel, e.channel_rule,
           e.payload
  FROM unnest($2) AS e)sql");

constinit saved_statement store_journeys(R"sql(
INSERT INTO attribution.event_journeys (tenant_id, event_id, journey_id)
SELECT $1, j.event_id, j.journey_id FROM unnest($2) AS j)sql");

constinit saved_statement add_ignored(R"sql(
INSERT INTO attribution.ignored_deliveries AS i (tenant_id, source, topic, reason, deliveries)
SELECT $1, e.source, coalesce(e.topic, ''), e.reason, e.deliveries FROM unnest($2) AS e
ON CONFLICT (tenant_id, source, topic, reason) DO UPDATE
   SET deliveries = i.deliveries + excluded.deliveries, last_seen_at = clock_timestamp())sql");

constinit saved_statement store_dead_letters(R"sql(
INSERT INTO attribution.dead_events AS d (
    tenant_id, dead_id, source, delivery_key, digest, code, detail, topic, endpoint_id, correlation_id,
    body_length, payload, attempts)
SELECT $1, e.dead_id, e.source, e.delivery_key, e.digest, e.code, e.detail, e.topic, e.endpoint_id,
       e.correlation_id, e.body_length, attribution.redact_pii(e.payload), e.attempts
  FROM unnest($2) AS e
ON CONFLICT (tenant_id, source, delivery_key, digest) DO UPDATE
   SET code = excluded.code, detail = excluded.detail, payload = coalesce(excluded.payload, attribution.redact_pii(d.payload)),
       attempts = d.attempts + excluded.attempts, last_seen_at = clock_timestamp()
RETURNING d.dead_id)sql");

constinit saved_statement find_events(R"sql(
SELECT k.position, e.event_id, e.digest
  FROM unnest($2, $3) WITH ORDINALITY AS k (source, delivery_key, position)
 CROSS JOIN LATERAL (
       SELECT v.event_id, v.digest FROM attribution.attribution_events AS v
        WHERE v.tenant_id = $1 AND v.source = k.source AND v.delivery_key = k.delivery_key AND v.item_no = 0
        LIMIT 1) AS e)sql");

constinit saved_statement find_currencies(R"sql(
SELECT k.position, m.currency
  FROM unnest($2, $3, $4) WITH ORDINALITY AS k (money_key, kind, currency, position)
 CROSS JOIN LATERAL (
       SELECT b.currency::text FROM attribution.money_states AS b
        WHERE b.tenant_id = $1 AND b.money_key = k.money_key AND b.kind = k.kind LIMIT 1) AS m
 WHERE m.currency <> k.currency)sql");

// What a part was at most, and when it was made, whatever order its states arrive in.
constinit saved_statement store_parts(R"sql(
INSERT INTO attribution.money_parts AS p (tenant_id, parent_money_key, kind, money_key, occurred_at, gross_minor)
SELECT $1, s.parent_money_key, s.kind, s.money_key, min(s.occurred_at), max(s.gross_minor)
  FROM unnest($2) AS s
 GROUP BY s.parent_money_key, s.kind, s.money_key
ON CONFLICT (tenant_id, parent_money_key, kind, money_key) DO UPDATE
   SET occurred_at = least(p.occurred_at, excluded.occurred_at),
       gross_minor = greatest(p.gross_minor, excluded.gross_minor)
 WHERE excluded.occurred_at < p.occurred_at OR excluded.gross_minor > p.gross_minor)sql");

// A total's row is written even when nothing changes in it: to a transaction with an older snapshot, which
// cannot see the part that came meanwhile, it must be a row that was concurrently updated (40001).
constinit saved_statement settle_totals(R"sql(
WITH told AS (
    SELECT f.event_id, f.entry_id, f.money_key, f.kind, m.currency, m.cumulative_minor,
           CASE WHEN n.newer THEN f.told_minor ELSE m.told_minor END AS told_minor,
           CASE WHEN n.newer THEN f.version_at ELSE m.version_at END AS version_at,
           CASE WHEN n.newer THEN f.occurred_at ELSE m.occurred_at END AS occurred_at
      FROM unnest($2) AS f
     CROSS JOIN LATERAL (
           SELECT b.* FROM attribution.money_states AS b
            WHERE b.tenant_id = $1 AND b.money_key = f.money_key AND b.kind = f.kind LIMIT 1) AS m
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
                   WHERE b.tenant_id = $1 AND b.money_key = p.money_key AND b.kind = p.kind LIMIT 1) AS s
            WHERE p.tenant_id = $1 AND p.parent_money_key = t.money_key AND p.kind = t.kind) AS c
), settled AS (
    INSERT INTO attribution.money_states AS m (
        tenant_id, money_key, kind, currency, cumulative_minor, previous_minor, version_at, step, told_minor,
        occurred_at)
    SELECT $1, t.money_key, t.kind, t.currency, t.target_minor, 0, t.version_at, 0, t.told_minor, t.occurred_at
      FROM target AS t
    ON CONFLICT (tenant_id, money_key, kind) DO UPDATE
       SET cumulative_minor = excluded.cumulative_minor,
           previous_minor = m.cumulative_minor,
           version_at = excluded.version_at,
           told_minor = excluded.told_minor,
           occurred_at = excluded.occurred_at,
           step = m.step + CASE WHEN m.cumulative_minor <> excluded.cumulative_minor THEN 1 ELSE 0 END
    RETURNING m.money_key, m.kind, m.currency, m.step, m.occurred_at,
              m.cumulative_minor - m.previous_minor AS difference_minor,
              CASE WHEN m.kind IN ('refund', 'chargeback') THEN -1 ELSE 1 END AS sign
)
INSERT INTO attribution.revenue_ledger (
    tenant_id, entry_id, money_key, kind, step, amount_minor, currency, event_id, occurred_at)
SELECT $1, t.entry_id, s.money_key, s.kind, s.step, s.sign * s.difference_minor, s.currency, t.event_id, s.occurred_at
  FROM settled AS s
  JOIN target AS t ON t.money_key = s.money_key AND t.kind = s.kind
 WHERE s.difference_minor <> 0
RETURNING event_id)sql");

constinit saved_statement find_tenant("SELECT status FROM attribution.tenants WHERE tenant_id = $1");

}  // namespace attribution::ingest
