-- :module is the path of the test module.
CREATE EXTENSION pg_attribution;
SELECT count(*) FROM attribution.migrate();
CREATE SCHEMA faults;
CREATE FUNCTION faults.raise(kind text, statement text DEFAULT '') RETURNS void LANGUAGE c STRICT AS :'module', 'faults_raise';
CREATE FUNCTION faults.live() RETURNS integer LANGUAGE c STRICT AS :'module', 'faults_live';
CREATE FUNCTION faults.arm(succeed integer, stay_failed boolean) RETURNS void LANGUAGE c STRICT AS :'module', 'faults_arm';
CREATE FUNCTION faults.disarm() RETURNS boolean LANGUAGE c STRICT AS :'module', 'faults_disarm';
CREATE FUNCTION faults.outstanding() RETURNS bigint LANGUAGE c STRICT AS :'module', 'faults_outstanding';
-- Used, not allocated: a leak would hide for long in the large blocks that contexts take.
CREATE FUNCTION faults.context_bytes() RETURNS bigint LANGUAGE sql
    AS 'SELECT sum(used_bytes)::bigint FROM pg_backend_memory_contexts';
CREATE TABLE faults.checked (n integer PRIMARY KEY CONSTRAINT n_is_small CHECK (n < 10));
INSERT INTO faults.checked VALUES (1);

CREATE FUNCTION faults.ok(passed boolean, name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE INFO '% %', CASE WHEN passed THEN 'ok' ELSE 'not ok' END, name;
END
$$;

-- Runs a statement and always undoes it. Returns 'done', or the error's SQLSTATE.
CREATE FUNCTION faults.outcome(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RAISE EXCEPTION SQLSTATE 'DONE0';
EXCEPTION WHEN SQLSTATE 'DONE0' THEN RETURN 'done';
    WHEN query_canceled OR assert_failure OR OTHERS THEN RETURN SQLSTATE;
END
$$;

-- Lets the n-th allocation fail for n = 1, 2, … until none is left to fail. `expected` is the outcome without a
-- failure. `prepare` runs before each, for example to empty a cache.
CREATE FUNCTION faults.sweep(name text, statement text, expected text DEFAULT 'done', prepare text DEFAULT 'SELECT 1')
    RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    stay_failed boolean;
    succeed integer;
    outcome text;
    failed boolean;
    baseline bigint;
    wrong text;
    swept text := '';
BEGIN
    -- What lasts between calls (plans, caches) is made now.
    FOR warm IN 1 .. 2 LOOP
        EXECUTE prepare;
        outcome := faults.outcome(statement);
    END LOOP;
    IF outcome <> expected THEN
        wrong := format('without a failure it gives %s, not %s', outcome, expected);
    END IF;
    baseline := faults.outstanding();
    FOREACH stay_failed IN ARRAY ARRAY[false, true] LOOP
        succeed := 0;
        WHILE wrong IS NULL LOOP
            EXECUTE prepare;
            PERFORM faults.arm(succeed, stay_failed);
            outcome := faults.outcome(statement);
            failed := faults.disarm();
            IF outcome <> (CASE WHEN failed THEN '53200' ELSE expected END) THEN
                wrong := format('allocation %s: outcome %s', succeed + 1, outcome);
            ELSIF faults.outstanding() > baseline THEN
                wrong := format('allocation %s: %s objects leaked', succeed + 1, faults.outstanding() - baseline);
            END IF;
            EXIT WHEN NOT failed;
            succeed := succeed + 1;
        END LOOP;
        swept := swept || format('%s%s', CASE WHEN stay_failed THEN ' + ' ELSE '' END, succeed);
    END LOOP;
    EXECUTE prepare;
    outcome := faults.outcome(statement);
    IF wrong IS NULL AND (faults.outstanding() <> baseline OR outcome <> expected) THEN
        wrong := format('afterwards: %s, %s objects more than before', outcome, faults.outstanding() - baseline);
    END IF;
    PERFORM faults.ok(wrong IS NULL, format('bad_alloc in %s: %s failing allocations%s', name, swept, ' - ' || wrong));
END
$$;

-- Calls a statement `calls` times; the memory of the backend must not grow with the calls.
CREATE FUNCTION faults.flat(name text, statement text, expected text DEFAULT 'done', calls integer DEFAULT 100000)
    RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    context_bytes bigint;
    outstanding bigint;
    outcome text;
BEGIN
    FOR i IN 1 .. 1000 LOOP outcome := faults.outcome(statement); END LOOP;
    context_bytes := faults.context_bytes();
    outstanding := faults.outstanding();
    FOR i IN 1 .. calls LOOP outcome := faults.outcome(statement); END LOOP;
    context_bytes := faults.context_bytes() - context_bytes;
    outstanding := faults.outstanding() - outstanding;
    -- PostgreSQL's own caches grow now and then by some blocks. What leaks in each call leaks at least 24 bytes.
    PERFORM faults.ok(outcome = expected AND outstanding = 0 AND context_bytes <= greatest(calls * 4, 262144),
        format('memory is flat over %s calls of %s: %s bytes, %s C++ objects more, outcome %s',
               calls, name, context_bytes, outstanding, outcome));
END
$$;
