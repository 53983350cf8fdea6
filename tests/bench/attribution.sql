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
    sale_id      uuid NOT NULL,
    journey_id   uuid NOT NULL,
    converted_at timestamptz NOT NULL,
    amount_minor bigint NOT NULL,
    channel      text NOT NULL,
    PRIMARY KEY (tenant_id, sale_id)
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
SELECT '018f0000-0000-7000-8000-000000000001'::uuid, md5('sale ' || 2 * j.n + s.number)::uuid, j.journey_id, s.converted_at,
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

-- By what channels are known.
CREATE TABLE bench.signals (channel text PRIMARY KEY, source text NOT NULL, medium text NOT NULL);
INSERT INTO bench.signals VALUES
    ('paid_search', 'google', 'cpc'), ('direct', '(direct)', '(none)'), ('organic_search', 'google', 'organic'), ('email', 'newsletter', 'email'),
    ('paid_social', 'facebook', 'paid_social'), ('referral', 'example.org', 'referral'), ('display', 'banner', 'display'),
    ('organic_social', 'facebook', 'social'), ('affiliates', 'partner', 'affiliate'), ('paid_shopping', 'amazon', 'cpc'), ('sms', 'push', 'sms'),
    ('audio', 'radio', 'audio');
-- A thousand deliveries at a time.
CREATE FUNCTION bench.ingest(events jsonb[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR begin_at IN 1 .. cardinality(events) BY 1000 LOOP
        IF EXISTS (SELECT FROM attribution.ingest_events('018f0000-0000-7000-8000-000000000001', to_jsonb(events[begin_at : begin_at + 999])) AS e
                    WHERE e.status <> 'created') THEN
            RAISE EXCEPTION 'not all events were stored';
        END IF;
    END LOOP;
END
$$;
CREATE FUNCTION bench.delivery(key text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
SELECT jsonb_build_object('version', 1, 'delivery', jsonb_build_object('source', 'bench', 'key', key, 'digest', encode(sha256(key::bytea), 'hex'))) $$;
CREATE FUNCTION bench.sale_event(c bench.conversions) RETURNS jsonb LANGUAGE sql STABLE AS $$
SELECT bench.delivery('sale:' || c.sale_id) || jsonb_build_object(
    'conversion', jsonb_build_object('external_id', c.sale_id, 'occurred_at', c.converted_at, 'journey_id', c.journey_id),
    'states', jsonb_build_array(jsonb_build_object('money_key', 'sale:' || c.sale_id, 'kind', 'capture', 'cumulative_minor', c.amount_minor,
                                                   'currency', 'EUR', 'version_at', c.converted_at, 'occurred_at', c.converted_at))) $$;
CREATE FUNCTION bench.touch_event(t bench.touchpoints) RETURNS jsonb LANGUAGE sql STABLE AS $$
SELECT bench.delivery('touch:' || md5(t::text)) || jsonb_build_object('touchpoints', jsonb_build_array(jsonb_build_object(
           'occurred_at', t.touched_at, 'journey_id', t.journey_id,
           'signals', jsonb_build_object('source', s.source, 'medium', s.medium, 'campaign', bench.campaign(t.channel, t.touched_at)))))
  FROM bench.signals AS s WHERE s.channel = t.channel $$;

-- Ten million touches are not ingested one by one: they are put where ingestion leaves what models read of them.
INSERT INTO attribution.event_journeys (tenant_id, event_id, journey_id, touched_at, channel, campaign)
SELECT t.tenant_id, attribution_internal.uuid_v7(), t.journey_id::text, t.touched_at, t.channel, nullif(bench.campaign(t.channel, t.touched_at), '')
  FROM bench.touchpoints AS t
 ORDER BY t.touched_at;
VACUUM ANALYZE;
SELECT bench.ingest(ARRAY(SELECT bench.sale_event(c) FROM bench.conversions AS c ORDER BY c.converted_at));
VACUUM ANALYZE;
DO $$ BEGIN WHILE attribution.allocate_pending() > 0 LOOP COMMIT; END LOOP; END $$;
VACUUM (ANALYZE, FREEZE);

-- What comes in afterwards, in the time after the others: all of it ingested, none of it divided.
CREATE FUNCTION bench.arrive(touchpoints bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    known bench.journeys;
BEGIN
    SELECT j.* INTO STRICT known FROM bench.journeys AS j ORDER BY j.n DESC LIMIT 1;
    INSERT INTO bench.journeys SELECT * FROM bench.make_journeys(known.n, known.last_touch, touchpoints, '2026-10-30 00:00+00');
    INSERT INTO bench.touchpoints SELECT * FROM bench.make_touchpoints(known.n);
    INSERT INTO bench.conversions SELECT * FROM bench.make_conversions(known.n);
    PERFORM bench.ingest(ARRAY(SELECT bench.touch_event(t) FROM bench.make_touchpoints(known.n) AS t)
                         || ARRAY(SELECT bench.sale_event(c) FROM bench.make_conversions(known.n) AS c));
END
$$;
