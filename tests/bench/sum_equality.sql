-- Sets to insert, tables to insert them into, and a trigger in PL/pgSQL to compare with.
-- psql variables: sets (their number; each has five parts)

CREATE SCHEMA bench;
\set tenant '018f0000-0000-7000-8000-000000000001'
SELECT attribution.create_tenant(name => 'bench', tenant_id => :'tenant') IS NOT NULL AS tenant_made,
       attribution.define_model(:'tenant', 'position_based', 'position_based') AS model;

INSERT INTO attribution.revenue_ledger
    (tenant_id, entry_id, money_key, kind, step, amount_minor, currency, event_id, occurred_at)
SELECT :'tenant', attribution_internal.uuid_v7(), 'shopify:order:' || 820982911946154508 + n, 'capture', 1,
       2000 + n * 7919 % 40000, 'EUR', attribution_internal.uuid_v7(), '2026-11-01 00:00+00'::timestamptz + n * interval '1 minute'
  FROM generate_series(1, :sets) AS n;

CREATE TABLE bench.staged (n integer PRIMARY KEY, LIKE attribution.attribution_allocations);
INSERT INTO bench.staged
SELECT row_number() OVER (ORDER BY l.entry_id, p.place), l.tenant_id, l.entry_id, 'position_based', 1, p.channel, '',
       (attribution.split_amount(l.amount_minor, '{0.4,0.1,0.1,0.1,0.3}'))[p.place], l.currency
  FROM attribution.revenue_ledger AS l,
       unnest('{paid_search,email,organic_social,direct,affiliates}'::text[]) WITH ORDINALITY AS p (channel, place);
SELECT count(*) AS parts FROM bench.staged;

-- The same table without the trigger, and with another one, which has headers of its own.
CREATE TABLE bench.none (LIKE attribution.attribution_allocations INCLUDING ALL);
CREATE TABLE bench.plpgsql (LIKE attribution.attribution_allocations INCLUDING ALL);
CREATE TABLE bench.plpgsql_sets (LIKE attribution.allocation_sets INCLUDING ALL);
-- Everything else is the same.
DO $$
DECLARE
    copied text;
BEGIN
    FOREACH copied IN ARRAY ARRAY['bench.none', 'bench.plpgsql'] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', copied);
        EXECUTE format('CREATE POLICY tenant_rows ON %s USING (tenant_id = attribution.current_tenant())', copied);
        EXECUTE format('CREATE TRIGGER guard_pii BEFORE INSERT OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii()', copied);
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION attribution_internal.refuse_change(''x'')', copied);
    END LOOP;
END
$$;

-- The same questions in as few statements as they take: the models with their locks, the headers, and one for all that
-- can be wrong.
CREATE FUNCTION bench.make_sets() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    PERFORM FROM attribution.attribution_models AS m
      JOIN (SELECT DISTINCT p.tenant_id, p.model FROM parts AS p) AS used ON m.tenant_id = used.tenant_id AND m.name = used.model
     ORDER BY m.tenant_id, m.name FOR KEY SHARE OF m;
    INSERT INTO bench.plpgsql_sets
    SELECT p.tenant_id, p.entry_id, p.model, p.revision, sum(p.amount_minor), min(p.currency), 'manual', clock_timestamp()
      FROM parts AS p
     GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4;
    SELECT s.* INTO wrong
      FROM (SELECT p.tenant_id, p.entry_id, p.model, p.revision, sum(p.amount_minor) AS amount_minor,
                   min(p.currency) AS currency, max(p.currency) AS last_currency, min(sign(p.amount_minor)) AS least_sign,
                   max(sign(p.amount_minor)) AS greatest_sign
              FROM parts AS p GROUP BY 1, 2, 3, 4) AS s
      LEFT JOIN LATERAL (SELECT m.name FROM attribution.attribution_models AS m
                          WHERE m.tenant_id = s.tenant_id AND m.name = s.model LIMIT 1) AS m ON true
      LEFT JOIN LATERAL (SELECT l.amount_minor, l.currency FROM attribution.revenue_ledger AS l
                          WHERE l.tenant_id = s.tenant_id AND l.entry_id = s.entry_id LIMIT 1) AS l ON true
      LEFT JOIN LATERAL (SELECT o.revision FROM bench.plpgsql_sets AS o
                          WHERE o.tenant_id = s.tenant_id AND o.entry_id = s.entry_id AND o.model = s.model
                            AND o.revision <> s.revision ORDER BY o.revision DESC LIMIT 1) AS o ON true
     WHERE m.name IS NULL OR l.amount_minor IS DISTINCT FROM s.amount_minor OR l.currency IS DISTINCT FROM s.currency
        OR s.last_currency <> s.currency OR sign(l.amount_minor) NOT IN (s.least_sign, s.greatest_sign) OR s.least_sign * s.greatest_sign < 0
        OR s.revision <> coalesce(o.revision, 0) + 1
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the allocations of a set are not its ledger entry' USING ERRCODE = 'RA002', DETAIL = wrong::text;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER make_sets AFTER INSERT ON bench.plpgsql REFERENCING NEW TABLE AS parts
    FOR EACH STATEMENT EXECUTE FUNCTION bench.make_sets();

-- One procedure for each table: an INSERT for each batch, all in one transaction.
DO $$
DECLARE
    target record;
BEGIN
    FOR target IN SELECT * FROM (VALUES ('none', 'bench.none'), ('cpp', 'attribution.attribution_allocations'),
                                        ('plpgsql', 'bench.plpgsql')) AS t (name, table_name)
    LOOP
        EXECUTE format($procedure$
            CREATE PROCEDURE bench.insert_%s(size integer) LANGUAGE plpgsql AS $body$
            DECLARE
                rows CONSTANT integer := (SELECT max(n) FROM bench.staged);
                first integer := 1;
            BEGIN
                WHILE first <= rows LOOP
                    INSERT INTO %s
                    SELECT s.tenant_id, s.entry_id, s.model, s.revision, s.channel, s.campaign, s.amount_minor, s.currency
                      FROM bench.staged AS s WHERE s.n >= first AND s.n < first + size;
                    first := first + size;
                END LOOP;
            END
            $body$ $procedure$, target.name, target.table_name);
    END LOOP;
END
$$;

-- Both triggers do look.
DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['attribution.attribution_allocations', 'bench.plpgsql'] LOOP
        BEGIN
            EXECUTE format('INSERT INTO %s SELECT s.tenant_id, s.entry_id, s.model, s.revision, s.channel, s.campaign,
                                                  s.amount_minor + (s.n / 5 = 1)::int, s.currency
                              FROM bench.staged AS s WHERE s.n <= 10', guarded);
            RAISE EXCEPTION 'the trigger of % let a wrong sum pass', guarded;
        EXCEPTION WHEN SQLSTATE 'RA002' THEN
            NULL;
        END;
    END LOOP;
END
$$;
VACUUM (ANALYZE, FREEZE) bench.staged, attribution.revenue_ledger;
