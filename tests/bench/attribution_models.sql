-- Five models for each channel in one pass, in SQL. Floating point: an exact way would take longer. psql variable: tenant.
--
-- What was tried on 10 million touchpoints, the fastest kept:
--   windows (row_number, count, sum) over all touches of all sales                          3 times as long
--   the same windows in a LATERAL subquery for each sale, no sort but by the index            2.1 times
--   GROUP BY sale and channel for all sales, then windows over what is left                 1.2 times
--   the latter in a LATERAL subquery for each sale                                          1.1 times
--   that with an index in the order of the groups: by channel before time                     this one
--   arrays and unnest instead of its windows                                                1.1 times
-- A merge or hash join instead of the nested loop doubled the time, JIT made no difference. PostgreSQL 15 runs neither windows nor
-- subqueries that depend on an outer row in parallel workers; what it does run there was slower in all. A touch's weight needs no
-- difference of times, which would be an interval: only proportions matter, so that all weights may count from one fixed time.
SELECT p.channel,
       coalesce(sum(p.amount_minor) FILTER (WHERE p.first_at IS NOT DISTINCT FROM p.first_of_all), 0) AS first_touch,
       coalesce(sum(p.amount_minor) FILTER (WHERE p.last_at IS NOT DISTINCT FROM p.last_of_all), 0) AS last_touch,
       sum(p.amount_minor * p.touches / p.touches_of_all) AS linear,
       sum(p.amount_minor * CASE WHEN p.touches_of_all <= 2 THEN p.touches / p.touches_of_all
                                 ELSE 0.4::double precision * p.is_first + 0.4::double precision * p.is_last
                                      + 0.2::double precision * (p.touches - p.is_first - p.is_last) / (p.touches_of_all - 2) END) AS position_based,
       sum(p.amount_minor * p.weight / p.weight_of_all) AS time_decay
  FROM (SELECT c.amount_minor, coalesce(t.channel, c.channel) AS channel, t.first_at, t.last_at, t.first_of_all, t.last_of_all,
               (t.first_at = t.first_of_all)::integer AS is_first, (t.last_at = t.last_of_all)::integer AS is_last,
               coalesce(t.touches, 1) AS touches, coalesce(t.touches_of_all, 1) AS touches_of_all,
               coalesce(t.weight, 1) AS weight, coalesce(t.weight_of_all, 1) AS weight_of_all
          FROM bench.conversions AS c
          LEFT JOIN LATERAL (
               SELECT d.channel, d.first_at, d.last_at, d.touches, d.weight, min(d.first_at) OVER () AS first_of_all,
                      max(d.last_at) OVER () AS last_of_all, sum(d.touches) OVER () AS touches_of_all, sum(d.weight) OVER () AS weight_of_all
                 FROM (SELECT t.channel, min(t.touched_at) AS first_at, max(t.touched_at) AS last_at, count(*)::double precision AS touches,
                              sum(exp(ln(2) / 604800 * (date_part('epoch', t.touched_at) - 1790000000))) AS weight
                         FROM bench.touchpoints AS t
                        WHERE t.tenant_id = c.tenant_id AND t.journey_id = c.journey_id
                          AND t.touched_at BETWEEN c.converted_at - interval '30 days' AND c.converted_at
                        GROUP BY t.channel) AS d) AS t ON true
         WHERE c.tenant_id = :'tenant') AS p
 GROUP BY p.channel
