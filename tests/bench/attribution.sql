-- The same data every time: journeys of touches, and the sales that they led to. For SQL two plain tables with the best types
-- that there are for it, for ours what ingestion and allocate_pending() leave.
-- psql variables: touchpoints (their number)

\set tenant '018f0000-0000-7000-8000-000000000001'
SELECT attribution.create_tenant(name => 'bench', tenant_id => :'tenant') IS NOT NULL AS tenant_made;
-- Before there are sales: later, making an active model would queue all of them.
SELECT attribution.define_model(:'tenant', m.rule, m.rule, '{"lookback_days": 30}', active => m.rule = 'time_decay')
  FROM unnest('{first_touch,last_touch,linear,position_based,time_decay}'::text[]) AS m (rule);

CREATE SCHEMA bench;
-- From 0 to below 1, by a number and what it is for.
CREATE FUNCTION bench.uniform(n bigint, use bigint) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT (hashint8extended(n, use) & 9007199254740991) / 9007199254740992.0::double precision $$;
-- In order of time, as UUIDv7 are.
CREATE FUNCTION bench.id(at timestamptz, n bigint) RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT (lpad(to_hex((date_part('epoch', at) * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid $$;
-- Those first in the list are visited more often.
CREATE FUNCTION bench.channel(n bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT ('{paid_search,direct,organic_search,email,paid_social,referral,display,organic_social,affiliates,paid_shopping,sms,audio}'::text[])
       [1 + floor(12 * bench.uniform(n, 5) ^ 1.5)::integer] $$;
CREATE FUNCTION bench.campaign(channel text, at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN channel LIKE 'paid%' THEN ('{autumn,brand,winter}'::text[])[1 + date_part('epoch', at)::bigint % 3] ELSE '' END $$;

CREATE TABLE bench.journeys (
    n          bigint NOT NULL,
    journey_id uuid NOT NULL,
    begins_at  timestamptz NOT NULL,
    days       double precision NOT NULL,
    touches    bigint NOT NULL,
    last_touch bigint NOT NULL
);
CREATE TABLE bench.touchpoints (
    tenant_id  uuid NOT NULL,
    journey_id uuid NOT NULL,
    touched_at timestamptz NOT NULL,
    channel    text NOT NULL
);
CREATE TABLE bench.conversions (
    tenant_id    uuid NOT NULL,
    entry_id     uuid NOT NULL,
    journey_id   uuid NOT NULL,
    converted_at timestamptz NOT NULL,
    amount_minor bigint NOT NULL,
    channel      text NOT NULL,
    PRIMARY KEY (tenant_id, entry_id)
);

-- One journey for 50 touches. How many touches each has is lognormal (sigma 1.2: half have 28 or fewer, one in a hundred more than
-- 300), and scaled, so that all are as many as were asked for; at most 1,000, which is what is kept of one.
-- Journeys last 20 days on average and 60 at most, and lie in 90 days.
CREATE FUNCTION bench.make_journeys(after_n bigint, after_touch bigint, touchpoints bigint, "from" timestamptz)
    RETURNS SETOF bench.journeys LANGUAGE sql STABLE AS $$
WITH sized AS (
    SELECT n, least(900, exp(3.19 + 1.2 * sqrt(-2 * ln(1 - bench.uniform(n, 1))) * cos(2 * pi() * bench.uniform(n, 2)))) AS size,
           least(60, 2 - 20 * ln(1 - bench.uniform(n, 3))) AS days
      FROM generate_series(after_n + 1, after_n + touchpoints / 50) AS n
), summed AS (
    SELECT n, days, round(sum(size) OVER (ORDER BY n) * touchpoints / sum(size) OVER ())::bigint AS sum_of_touches FROM sized
)
SELECT n, md5('journey ' || n)::uuid, "from" + (90 - days) * bench.uniform(n, 4) * interval '1 day', days,
       least(1000, sum_of_touches - coalesce(lag(sum_of_touches) OVER (ORDER BY n), 0)), after_touch + sum_of_touches
  FROM summed $$;
CREATE FUNCTION bench.make_touchpoints(after_n bigint) RETURNS SETOF bench.touchpoints LANGUAGE sql STABLE AS $$
SELECT '018f0000-0000-7000-8000-000000000001'::uuid, j.journey_id,
       j.begins_at + j.days * bench.uniform(t, 6) * interval '1 day' AS touched_at, bench.channel(t)
  FROM bench.journeys AS j
 CROSS JOIN generate_series(j.last_touch - j.touches + 1, j.last_touch) AS t
 WHERE j.n > after_n
 ORDER BY touched_at $$;
-- Nine of ten journeys lead to a sale in their last third; one in nine of these to another one at the end.
CREATE FUNCTION bench.make_conversions(after_n bigint) RETURNS SETOF bench.conversions LANGUAGE sql STABLE AS $$
SELECT '018f0000-0000-7000-8000-000000000001'::uuid, bench.id(s.converted_at, 2 * j.n + s.number), j.journey_id, s.converted_at,
       500 - (4000 * ln(1 - bench.uniform(2 * j.n + s.number, 8)))::bigint, 'unknown'
  FROM bench.journeys AS j
 CROSS JOIN LATERAL (
       SELECT 0, j.begins_at + j.days * (0.67 + 0.33 * bench.uniform(j.n, 7)) * interval '1 day' WHERE j.n % 10 <> 0
        UNION ALL
       SELECT 1, j.begins_at + j.days * interval '1 day' WHERE j.n % 10 = 1) AS s (number, converted_at)
 WHERE j.n > after_n
 ORDER BY s.converted_at $$;

INSERT INTO bench.journeys SELECT * FROM bench.make_journeys(0, 0, :touchpoints, '2026-08-01 00:00+00');
ANALYZE bench.journeys;
INSERT INTO bench.touchpoints SELECT * FROM bench.make_touchpoints(0);
INSERT INTO bench.conversions SELECT * FROM bench.make_conversions(0);
-- attribution_models.sql tells why in this order.
CREATE INDEX touchpoints_covering ON bench.touchpoints (tenant_id, journey_id, channel, touched_at);
-- For what SQL divides: the same columns and key, no trigger.
CREATE TABLE bench.allocations (LIKE attribution.attribution_allocations INCLUDING ALL);
VACUUM (ANALYZE, FREEZE) bench.touchpoints, bench.conversions;

-- What ingest_events() stores of a conversion, from which refresh_sales() makes its sale.
CREATE FUNCTION bench.store_conversions(conversions bench.conversions[]) RETURNS void LANGUAGE sql AS $$
INSERT INTO attribution.attribution_events (
    tenant_id, event_id, source, delivery_key, item_no, event_type, digest, topic, external_id, evidence, occurred_at, channel, payload)
SELECT c.tenant_id, c.entry_id, 'bench', c.entry_id::text, 0, 'conversion', sha256(c.entry_id::text::bytea), 'orders/create',
       c.entry_id::text, false, c.converted_at, c.channel, '{"signals": {}}'
  FROM unnest(conversions) AS c;
INSERT INTO attribution.event_journeys (tenant_id, event_id, journey_id)
SELECT c.tenant_id, c.entry_id, c.journey_id::text FROM unnest(conversions) AS c;
INSERT INTO attribution.revenue_ledger (tenant_id, entry_id, money_key, kind, step, amount_minor, currency, event_id, occurred_at)
SELECT c.tenant_id, c.entry_id, 'order:' || c.entry_id, 'capture', 1, c.amount_minor, 'EUR', c.entry_id, c.converted_at
  FROM unnest(conversions) AS c;
$$;
-- The same of journeys in the time after the others, and what ingestion queues of their touches and sales.
CREATE FUNCTION bench.arrive(touchpoints bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    known bench.journeys;
    arrived bench.conversions[];
BEGIN
    SELECT j.* INTO STRICT known FROM bench.journeys AS j ORDER BY j.n DESC LIMIT 1;
    INSERT INTO bench.journeys SELECT * FROM bench.make_journeys(known.n, known.last_touch, touchpoints, '2026-10-30 00:00+00');
    arrived := ARRAY(SELECT c FROM bench.make_conversions(known.n) AS c);
    INSERT INTO bench.conversions SELECT * FROM unnest(arrived);
    PERFORM bench.store_conversions(arrived);
    WITH made AS (
        INSERT INTO bench.touchpoints SELECT * FROM bench.make_touchpoints(known.n) RETURNING *
    )
    INSERT INTO attribution.allocation_queue (tenant_id, reason, journey_id, touched_at, channel, campaign)
    SELECT m.tenant_id, 'late_touchpoint', m.journey_id::text, m.touched_at, m.channel, bench.campaign(m.channel, m.touched_at) FROM made AS m;
    INSERT INTO attribution.allocation_queue (tenant_id, reason, sale_key, external_id)
    SELECT c.tenant_id, 'late_sale', 'order:' || c.entry_id, c.entry_id::text FROM unnest(arrived) AS c;
END
$$;

SELECT bench.store_conversions(ARRAY(SELECT c FROM bench.conversions AS c ORDER BY c.converted_at));
INSERT INTO attribution.sales (tenant_id, sale_key, source, external_id, journey_id, converted_at, channel, campaign)
SELECT c.tenant_id, 'order:' || c.entry_id, 'bench', c.entry_id::text, c.journey_id::text, c.converted_at, c.channel, ''
  FROM bench.conversions AS c ORDER BY c.converted_at;
-- As journeys begin, which is not the order of their ids.
INSERT INTO attribution.journey_touches (tenant_id, journey_id, touches)
SELECT t.tenant_id, t.journey_id::text,
       attribution_internal.pack_touches(array_agg(t.touched_at), array_agg(t.channel), array_agg(bench.campaign(t.channel, t.touched_at)))
  FROM bench.touchpoints AS t
 GROUP BY t.tenant_id, t.journey_id
 ORDER BY min(t.touched_at);
VACUUM (ANALYZE, FREEZE) attribution.attribution_events, attribution.event_journeys, attribution.revenue_ledger,
    attribution.sales, attribution.journey_touches;
