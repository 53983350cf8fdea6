-- Every table that can hold free text stands under the guard, and the guard reads every such column.
-- All columns of a type that can carry text, also in an array or by way of a domain, in schema attribution.
CREATE TEMP VIEW text_columns AS
WITH RECURSIVE types (column_type, type, typtype, typbasetype, typelem) AS (
    SELECT oid, oid, typtype, typbasetype, typelem FROM pg_type
    UNION ALL
    SELECT t.column_type, b.oid, b.typtype, b.typbasetype, b.typelem
      FROM types AS t JOIN pg_type AS b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE nullif(t.typelem, 0) END
     WHERE t.typtype = 'd' OR t.type IN (SELECT typarray FROM pg_type))
SELECT DISTINCT c.relname AS table_name, a.attname AS column_name, format_type(t.type, NULL) AS type, a.atttypid = 'text'::regtype AS is_plain_text, c.oid AS table_id
  FROM pg_class AS c
  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN types AS t ON t.column_type = a.atttypid
  JOIN pg_type AS p ON p.oid = t.type
 WHERE c.relnamespace = 'attribution'::regnamespace AND c.relkind IN ('r', 'p') AND p.typtype = 'b'
   AND (p.typcategory = 'S' OR t.type IN ('json'::regtype, 'jsonb'::regtype, 'xml'::regtype, 'bytea'::regtype));
-- The view sees them: one of each form.
SELECT column_name, type FROM text_columns
 WHERE (table_name, column_name) IN (('attribution_events', 'payload'), ('revenue_ledger', 'currency'), ('channel_rules', 'source_like'));
CREATE TEMP TABLE exceptions (table_name text, reason text);
INSERT INTO exceptions VALUES
    ('schema_migrations', 'names of the migrations of the extension; only migrate() writes it'),
    ('revenue_rollup', 'sums by texts of guarded tables, which folding alone writes'), ('daily_revenue_rollup', 'as revenue_rollup'),
    ('allocation_rollup', 'as revenue_rollup'), ('daily_allocation_rollup', 'as revenue_rollup'),
    ('dirty_buckets', 'constants; triggers alone write it'), ('report_builds', 'constants'), ('report_changes', 'constants');
-- No table may be listed here: it can hold text and has no guard that fires for every insert and update.
SELECT DISTINCT table_name FROM text_columns AS t
 WHERE type <> 'bytea' AND table_name NOT IN (SELECT table_name FROM exceptions)
   AND NOT EXISTS (SELECT FROM pg_trigger
                    WHERE tgrelid = t.table_id AND tgfoid = 'attribution_internal.guard_pii'::regproc
                      AND tgenabled IN ('O', 'A') AND tgqual IS NULL AND tgattr = ''
                      AND tgtype = 1 | 2 | 4 | 16)  -- for each row, before, insert, update
 ORDER BY 1;
-- Nor any column here: the guard cannot read its type.
SELECT table_name, column_name, type FROM text_columns
 WHERE type NOT IN ('text', 'character varying', 'character', 'jsonb', 'bytea') ORDER BY 1, 2;
-- Bytes are digests and ciphertexts, whose lengths and makers are known.
SELECT table_name, column_name FROM text_columns WHERE type = 'bytea' ORDER BY 1, 2;
-- An exception without its table is a mistake.
SELECT table_name FROM exceptions WHERE table_name NOT IN (SELECT table_name FROM text_columns);
-- The test can fail.
BEGIN;
CREATE TABLE attribution.unguarded (id int, words text);
CREATE TABLE attribution.unread (words xml);
SELECT DISTINCT table_name FROM text_columns AS t
 WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = t.table_id AND tgfoid = 'attribution_internal.guard_pii'::regproc)
   AND table_name NOT IN (SELECT table_name FROM exceptions)
 ORDER BY 1;
ROLLBACK;
-- It acts on each of them: an address in a column of free text is refused.
DO $$
DECLARE
    guarded record;
    message text;
BEGIN
    FOR guarded IN
        SELECT table_name, min(column_name) FILTER (WHERE is_plain_text) AS column_name FROM text_columns
         WHERE table_name NOT IN (SELECT table_name FROM exceptions)
         GROUP BY table_name HAVING bool_or(is_plain_text) ORDER BY table_name
    LOOP
        BEGIN
            -- Before constraints and NOT NULL are looked at, the guard is.
            EXECUTE format('INSERT INTO attribution.%I (%I) VALUES (''jon@example.com'')', guarded.table_name, guarded.column_name);
            message := 'stored';
        EXCEPTION WHEN OTHERS THEN
            message := SQLSTATE;
        END;
        RAISE INFO '%: %', guarded.table_name, message;
    END LOOP;
END
$$;
