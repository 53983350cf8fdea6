-- Rows to the cent by largest remainder, in the shape that was fastest for the models: whole parts first, then one unit more for
-- those with the largest remainders. psql variables: tenant, model, and weight, that of the touches of a channel.
INSERT INTO bench.allocations (tenant_id, entry_id, model, revision, channel, campaign, amount_minor, currency)
SELECT c.tenant_id, c.sale_id, :'model', 1, coalesce(t.channel, c.channel), '', coalesce(t.amount_minor, c.amount_minor), 'EUR'
  FROM bench.conversions AS c
  LEFT JOIN LATERAL (
       SELECT r.channel,
              (r.whole + (row_number() OVER (ORDER BY r.remainder DESC, r.channel) <= c.amount_minor - sum(r.whole) OVER ())::integer)::bigint AS amount_minor
         FROM (SELECT e.channel, floor(e.exact) AS whole, e.exact - floor(e.exact) AS remainder
                 FROM (SELECT d.channel, c.amount_minor * d.weight / sum(d.weight) OVER () AS exact
                         FROM (SELECT t.channel, :weight AS weight
                                 FROM bench.touchpoints AS t
                                WHERE t.tenant_id = c.tenant_id AND t.journey_id = c.journey_id
                                  AND t.touched_at BETWEEN c.converted_at - interval '30 days' AND c.converted_at
                                GROUP BY t.channel) AS d) AS e) AS r) AS t ON true
 WHERE c.tenant_id = :'tenant' AND coalesce(t.amount_minor, c.amount_minor) <> 0
