-- What each rule model credits to four visits, of which the second is direct: worked examples by hand.
CREATE FUNCTION pg_temp.credit(model text, params jsonb DEFAULT '{}', touches integer DEFAULT 4) RETURNS numeric[] LANGUAGE sql AS $$
SELECT array_agg(round(c::numeric, 4) ORDER BY n)
  FROM unnest(attribution.touch_credit(
           model, (ARRAY['2026-11-01 00:00+00', '2026-11-08 00:00+00', '2026-11-08 12:00+00', '2026-11-15 00:00+00']::timestamptz[])[:touches],
           '2026-11-15 06:00+00', params, (ARRAY['paid_search', 'direct', 'email', 'direct'])[:touches])) WITH ORDINALITY AS c (c, n) $$;
SET extra_float_digits = 0;
SELECT model, pg_temp.credit(model) AS four, pg_temp.credit(model, touches => 3) AS three, pg_temp.credit(model, touches => 2) AS two,
       pg_temp.credit(model, touches => 1) AS one, attribution.touch_credit(model, '{}', now()) AS none
  FROM unnest(ARRAY['first_touch', 'last_touch', 'last_non_direct', 'linear', 'position_based', 'w_shaped', 'time_decay', 'custom']) AS model;
-- Parameters.
SELECT pg_temp.credit('position_based', '{"first": 0.5, "last": 0.3}') AS half_first, pg_temp.credit('custom', '{"first": 3, "middle": 1, "last": 2}') AS custom,
       pg_temp.credit('w_shaped', '{"first": 0.2, "middle": 0.2, "last": 0.2}') AS w, pg_temp.credit('time_decay', '{"half_life_days": 3.5}') AS decay;
SELECT pg_temp.credit('linear', '{"lookback_days": 7}') AS week, pg_temp.credit('linear', '{"lookback_days": 0}') AS nothing,
       pg_temp.credit('linear', '{"count": "not_direct"}') AS not_direct, pg_temp.credit('linear', '{"count": "paid"}') AS paid,
       attribution.touch_credit('linear', ARRAY[now() - interval '2 days', now() - interval '1 day', now() - interval '1 hour', now() + interval '1 hour'],
           now(), '{"collapse_repeats": true}', '{email,email,direct,email}') AS collapsed_and_not_after;
-- The order of the touches does not matter, and times that tie are in the order given.
SELECT attribution.touch_credit('first_touch', ARRAY['2026-11-02', '2026-11-01', '2026-11-01']::timestamptz[], '2026-11-03') AS first,
       attribution.touch_credit('last_touch', ARRAY['2026-11-02', '2026-11-02', '2026-11-01']::timestamptz[], '2026-11-03') AS last;
-- The credit divides money exactly.
SELECT attribution.split_amount(5999, attribution.touch_credit('time_decay', ARRAY['2026-11-01', '2026-11-08', '2026-11-15']::timestamptz[], '2026-11-15')) AS parts;
-- What is not usable is named.
SELECT attribution.touch_credit('lucky', '{}', now());
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.credit('linear', '{"halflife": 3}');
SELECT pg_temp.credit('time_decay', '{"half_life_days": 0}');
SELECT pg_temp.credit('time_decay', '{"half_life_days": "7"}');
SELECT pg_temp.credit('linear', '{"lookback_days": -5}');
SELECT pg_temp.credit('custom', '{"first": 1e308, "middle": 1e308, "last": 1e308}');
SELECT pg_temp.credit('position_based', '{"first": 0.7, "last": 0.7}');
SELECT pg_temp.credit('position_based', '{"first": -0.1}');
SELECT pg_temp.credit('custom', '{"first": 0, "last": 0}');
SELECT pg_temp.credit('linear', '{"first": 0.5}');
SELECT pg_temp.credit('position_based', '{"middle": 0.2}');
SELECT pg_temp.credit('linear', '{"count": "some"}');
SELECT pg_temp.credit('linear', '[]');
SELECT attribution.touch_credit('linear', ARRAY[now(), NULL], now());
SELECT attribution.touch_credit('linear', ARRAY[now(), now()], now(), '{}', '{email}');
