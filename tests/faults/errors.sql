-- Each kind of error raised below live C++ objects arrives whole, PL/pgSQL can catch it, the destructors run.
CREATE FUNCTION faults.caught(kind text, expected text, statement text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    baseline CONSTANT bigint := faults.outstanding();
    state text;
    message text;
    detail text;
    hint text;
    scheme text;
    relation text;
    constrained text;
    found text;
BEGIN
    BEGIN
        PERFORM faults.raise(kind, statement);
    EXCEPTION WHEN query_canceled OR OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
            hint = PG_EXCEPTION_HINT, scheme = SCHEMA_NAME, relation = TABLE_NAME, constrained = CONSTRAINT_NAME;
    END;
    found := concat_ws('|', state, message, detail, hint, scheme, relation, constrained);
    PERFORM faults.ok(found = expected AND faults.live() = 0 AND faults.outstanding() = baseline,
                      format('%s below live objects: %s%s', kind, left(found, 150),
                             CASE WHEN found <> expected THEN ', expected ' || expected
                                  WHEN faults.live() <> 0 THEN ', destructors did not run'
                                  WHEN faults.outstanding() <> baseline THEN ', memory leaked' END));
END
$$;
SELECT faults.caught('postgres', '23505|message of the error|detail of the error|hint of the error|some_schema|some_table|some_constraint');
SELECT faults.caught('sql', '23514|new row for relation "checked" violates check constraint "n_is_small"|Failing row contains (10).||faults|checked|n_is_small', 'INSERT INTO faults.checked VALUES (10)');
SELECT faults.caught('sql', '23505|duplicate key value violates unique constraint "checked_pkey"|Key (n)=(1) already exists.||faults|checked|checked_pkey', 'INSERT INTO faults.checked VALUES (1)');
SELECT faults.caught('sql', 'RA005|message|detail of it|hint at it|||', 'SELECT faults.raise(''product'')');
SELECT faults.caught('exception', 'XX000|message of the exception|||||');
SELECT faults.caught('foreign', 'XX000|unexpected exception in pg_attribution|||||');
SELECT faults.caught('product', 'RA005|message|detail of it|hint at it|||');
SELECT faults.caught('bad_alloc', '53200|out of memory|Failed in a function of pg_attribution.||||');
SELECT faults.caught('long', 'RA007|' || repeat('x', 511) || '|' || repeat('y', 2047) || '||||');
SET statement_timeout = '200ms';
SELECT faults.caught('wait', '57014|canceling statement due to statement timeout|||||');
SELECT faults.caught('loop', '57014|canceling statement due to statement timeout|||||');
RESET statement_timeout;
SELECT faults.ok((SELECT count(*) FROM faults.checked) = 1 AND faults.live() = 0, 'the backend lives on');
