-- Nothing is missing and nothing too much, and SQL says the same. The table by_sql is there. psql
-- variables: tenant, models, model (by which all is divided).
SET attribution.tenant_id = :'tenant';
SET bench.model = :'model';
CREATE TEMPORARY TABLE told AS
SELECT c.model, c.channel, c.revenue_minor, (to_jsonb(s) ->> c.model)::double precision AS by_sql
  FROM attribution.compare_models(:'models') AS c FULL JOIN by_sql AS s USING (channel);

DO $$
DECLARE
    divided_by CONSTANT text := current_setting('bench.model');
    wrong record;
BEGIN
    -- A unit that is left over goes to one channel or another, so those that come first in ties have a bit more of it.
    SELECT t.* INTO wrong
      FROM told AS t
     WHERE abs(t.revenue_minor - t.by_sql) <= CASE WHEN t.model IN ('first_touch', 'last_touch') THEN 0
                                                   ELSE 20 + 0.1 * (SELECT count(*) FROM bench.conversions) END IS NOT TRUE
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'compare_models() and SQL differ: %', wrong;
    END IF;
    SELECT t.model, sum(t.revenue_minor) INTO wrong
      FROM told AS t
     GROUP BY t.model HAVING sum(t.revenue_minor) <> (SELECT sum(l.amount_minor) FROM attribution.revenue_ledger AS l);
    IF FOUND THEN
        RAISE EXCEPTION 'revenue by a model is not the ledger: %', wrong;
    END IF;
    SELECT * INTO wrong
      FROM (SELECT a.channel, sum(a.amount_minor) AS revenue_minor
              FROM attribution.current_allocations AS a WHERE a.model = divided_by GROUP BY a.channel) AS a
      FULL JOIN (SELECT t.channel, t.revenue_minor FROM told AS t WHERE t.model = divided_by) AS t USING (channel)
     WHERE a.revenue_minor IS DISTINCT FROM t.revenue_minor
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'current allocations are not what compare_models() told: %', wrong;
    END IF;
    IF EXISTS (SELECT FROM attribution.allocation_queue) THEN
        RAISE EXCEPTION 'something is left in the queue';
    END IF;
END
$$;
