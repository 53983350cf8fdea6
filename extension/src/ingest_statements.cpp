#include <algorithm>

#include "extension/src/ingest_statements.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

namespace attribution::ingest {

// Everything new in one statement. Rows come sorted (events by delivery key, states by money key), and all of
// them are locked in that order, so two calls never wait for each other. Events whose money is booked in
// another currency are left out, and found by find_currencies afterwards.
constinit saved_statement store_events(R"sql(
WITH stored AS (
    INSERT INTO attribution.attribution_events (
        tenant_id, event_id, source, delivery_key, item_no, event_type, digest, topic, endpoint_id, correlation_id,
        external_id, evidence, occurred_at, channel, channel_rule, payload)
    SELECT $1, e.event_id, e.source, e.delivery_key, e.item_no, e.event_type, e.digest, e.topic, e.endpoint_id,
           e.correlation_id, e.external_id, e.evidence, e.occurred_at, e.channel, e.channel_rule, e.payload
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
        external_id, evidence, occurred_at, channel, channel_rule, payload)
    SELECT $1, ($2).event_id, ($2).source, ($2).delivery_key, ($2).item_no, ($2).event_type, ($2).digest,
           ($2).topic, ($2).endpoint_id, ($2).correlation_id, ($2).external_id, ($2).evidence, ($2).occurred_at,
           ($2).channel, ($2).channel_rule, ($2).payload
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
    external_id, evidence, occurred_at, channel, channel_rule, payload)
SELECT $1, e.event_id, e.source, e.delivery_key, e.item_no, e.event_type, e.digest, e.topic, e.endpoint_id,
       e.correlation_id, e.external_id, e.evidence, e.occurred_at, e.channel, e.channel_rule, e.payload
  FROM unnest($2) AS e)sql");

constinit saved_statement store_dead_letters(R"sql(
INSERT INTO attribution.dead_events AS d (
    tenant_id, dead_id, source, delivery_key, digest, code, detail, topic, endpoint_id, correlation_id,
    body_length, payload, attempts)
SELECT $1, e.dead_id, e.source, e.delivery_key, e.digest, e.code, e.detail, e.topic, e.endpoint_id,
       e.correlation_id, e.body_length, e.payload, e.attempts
  FROM unnest($2) AS e
ON CONFLICT (tenant_id, source, delivery_key, digest, code) DO UPDATE
   SET attempts = d.attempts + excluded.attempts, last_seen_at = clock_timestamp()
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

constinit saved_statement find_tenant("SELECT status FROM attribution.tenants WHERE tenant_id = $1");

namespace {

// The plans are made once, maybe while a table is still empty: a scan of it, or of all rows of a tenant,
// would look cheap then, and stay in the plan when the table has grown. So look-ups by key are written as
// LATERAL ... LIMIT 1, which can only be a probe of the index, and what else is joined is as long as the
// call. Costs of disabled nodes would call for JIT.
int plan_for_keys() {
    const int level = NewGUCNestLevel();
    for (const char* setting :
         {"enable_seqscan", "enable_bitmapscan", "enable_nestloop", "enable_mergejoin", "jit"}) {
        (void)set_config_option(setting, "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    }
    return level;
}

}  // namespace

const CachedPlanSource* saved_statement::source() const {
    return static_cast<const CachedPlanSource*>(linitial(SPI_plan_get_plan_sources(plan_)));
}

int saved_statement::times_planned() const {
    return source()->generation;
}

bool saved_statement::has_plan() const {
    const CachedPlanSource* source = this->source();
    return source->is_valid && source->gplan != nullptr && source->gplan->is_valid;
}

void saved_statement::prepare(std::span<const Oid> types) {
    SPIPlanPtr made = SPI_prepare_cursor(sql_, static_cast<int>(types.size()), const_cast<Oid*>(types.data()),
                                         CURSOR_OPT_GENERIC_PLAN);
    if (made == nullptr || SPI_keepplan(made) != 0) {
        elog(ERROR, "could not prepare a statement: %s", SPI_result_code_string(SPI_result));
    }
    if (plan_ != nullptr) SPI_freeplan(plan_);
    plan_ = made;
    std::copy(types.begin(), types.end(), types_.begin());
}

void saved_statement::execute(std::span<const Oid> types, std::span<Datum> values, const char* nulls) {
    if (plan_ == nullptr || !std::equal(types.begin(), types.end(), types_.begin())) prepare(types);
    const int level = has_plan() ? 0 : plan_for_keys();
    const int before = times_planned();
    const int code = SPI_execute_plan(plan_, values.data(), nulls, false, 0);
    if (level != 0) AtEOXact_GUC(true, level);
    if (code < 0) elog(ERROR, "could not execute a statement: %s", SPI_result_code_string(code));
    // An invalidation that came with the locks had it planned again without our settings: not to be kept.
    if (level == 0 && times_planned() != before) prepare(types);
}

Datum result(std::uint64_t row, int column) {
    bool null = false;
    const Datum value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &null);
    if (null) elog(ERROR, "unexpected NULL in column %d of a result", column);
    return value;
}

}  // namespace attribution::ingest
