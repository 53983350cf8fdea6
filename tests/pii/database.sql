-- Asks the database for the verdicts that the detectors gave outside of it: `corpus` is what pii_corpus --sql prints.
\set ON_ERROR_STOP on
\set corpus `cat "$CORPUS"`
CREATE TEMP TABLE bodies AS
SELECT position, body FROM jsonb_array_elements(:'corpus') WITH ORDINALITY AS one(body, position);

-- find_pii() on whole bodies: the same places and kinds.
SELECT CASE WHEN count(*) FILTER (WHERE found IS DISTINCT FROM expected) = 0 THEN 'ok' ELSE 'not ok' END
       || format(' - find_pii: %s bodies, %s findings, %s bodies with other ones', count(*), sum(jsonb_array_length(expected)),
                 count(*) FILTER (WHERE found IS DISTINCT FROM expected))
  FROM (SELECT (SELECT coalesce(jsonb_agg(jsonb_build_array(path, kind) ORDER BY path COLLATE "C", kind COLLATE "C"), '[]')
                  FROM attribution.find_pii(body->'payload')) AS found,
               (SELECT coalesce(jsonb_agg(f ORDER BY (f->>0) COLLATE "C", (f->>1) COLLATE "C"), '[]')
                  FROM jsonb_array_elements(body->'found') AS f) AS expected
          FROM bodies) AS compared;

-- The guard, value by value: refused or stored.
CREATE TEMP TABLE guarded (document jsonb);
CREATE TRIGGER guard BEFORE INSERT ON guarded FOR EACH ROW EXECUTE FUNCTION attribution_internal.guard_pii();
CREATE FUNCTION pg_temp.is_refused(document jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO guarded VALUES (document);
  RETURN false;
EXCEPTION WHEN SQLSTATE 'RA001' THEN
  RETURN true;
END $$;
SELECT CASE WHEN count(*) FILTER (WHERE refused <> expected) = 0 AND bool_or(expected) AND NOT bool_and(expected) THEN 'ok' ELSE 'not ok' END
       || format(' - guard: %s values, %s refused, %s otherwise than outside', count(*), count(*) FILTER (WHERE refused),
                 count(*) FILTER (WHERE refused <> expected))
  FROM (SELECT pg_temp.is_refused(jsonb_build_object(v->>'holder', v->'text')) AS refused, (v->>'found')::boolean AS expected
          FROM bodies, jsonb_array_elements(body->'values') AS v) AS compared;
