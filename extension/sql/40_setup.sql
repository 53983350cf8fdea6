-- Setting up and taking down. These run with the rights of the superuser who calls them.

CREATE FUNCTION attribution_internal.migrations() RETURNS TABLE (version integer, name text, script text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $migrations$
SELECT * FROM (VALUES
--@migrations
) AS migration (version, name, script)
$migrations$;
COMMENT ON FUNCTION attribution_internal.migrations() IS
    'The numbered scripts that make and change the tables, as attribution.migrate() runs them';

-- Tables must belong to attribution_owner, also when a superuser migrates. Unlike SET ROLE this ends with the call,
-- whatever happens in it. Nobody but superusers and the owner may execute it.
CREATE FUNCTION attribution_internal.execute_as_owner(script text) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    EXECUTE script;
END
$$;
COMMENT ON FUNCTION attribution_internal.execute_as_owner(text) IS
    'Runs a migration''s script as attribution_owner; for attribution.migrate()';

CREATE FUNCTION attribution_internal.require_superuser(what text) RETURNS void
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF NOT (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user) THEN
        RAISE EXCEPTION '% is for superusers', what
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('It was called by "%s".', current_user),
                  HINT = 'Connect as a superuser: it creates objects for attribution_owner and changes other roles.';
    END IF;
END
$$;
COMMENT ON FUNCTION attribution_internal.require_superuser(text) IS 'Refuses everybody but superusers, with a hint';

CREATE FUNCTION attribution.migrate() RETURNS TABLE (version integer, name text)
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    migration record;
BEGIN
    PERFORM attribution_internal.require_superuser('attribution.migrate()');
    -- Two at once would both find the same migration missing. The lock is of this database.
    PERFORM pg_advisory_xact_lock(hashtextextended('attribution.migrate', 0));
    IF to_regclass('attribution.schema_migrations') IS NULL THEN
        PERFORM attribution_internal.execute_as_owner($script$
            CREATE TABLE attribution.schema_migrations (
                version    integer PRIMARY KEY,
                name       text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            );
            COMMENT ON TABLE attribution.schema_migrations IS 'Which migrations made the tables of this database';
            GRANT SELECT ON attribution.schema_migrations TO attribution_admin;
        $script$);
    END IF;
    FOR migration IN SELECT m.version, m.name, m.script FROM attribution_internal.migrations() AS m ORDER BY 1 LOOP
        CONTINUE WHEN EXISTS (SELECT FROM attribution.schema_migrations AS done WHERE done.version = migration.version);
        PERFORM attribution_internal.execute_as_owner(migration.script);
        INSERT INTO attribution.schema_migrations (version, name) VALUES (migration.version, migration.name);
        version := migration.version;
        name := migration.name;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION attribution.migrate() IS
    'Makes or changes the tables: runs the migrations that this database lacks and returns them; superusers only';

CREATE FUNCTION attribution.uninstall(database_name text) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    binding record;
    kind record;
    names text;
BEGIN
    PERFORM attribution_internal.require_superuser('attribution.uninstall()');
    IF database_name <> current_database() THEN
        RAISE EXCEPTION 'this is database "%", not "%"', current_database(), database_name
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = 'uninstall() deletes all data of pg_attribution, so it wants the database''s name.',
                  HINT = 'Connect to the database whose data shall be deleted and name it.';
    END IF;
    FOR binding IN SELECT b.role_name FROM attribution_internal.tenant_bindings() AS b LOOP
        PERFORM attribution.revoke_tenant_access(role_name => binding.role_name);
    END LOOP;
    -- Without CASCADE: what others built on these tables is theirs to drop first.
    FOR kind IN SELECT * FROM (VALUES ('MATERIALIZED VIEW', 'm'), ('VIEW', 'v'), ('TABLE', 'r'), ('TABLE', 'p'))
                           AS k (word, relkind)
    LOOP
        SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ' ORDER BY c.relname) INTO names
          FROM pg_class AS c
          JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('attribution', 'attribution_internal')
           AND c.relkind = kind.relkind::"char"
           AND c.relowner = 'attribution_owner'::regrole
           AND NOT c.relispartition
           AND NOT EXISTS (SELECT FROM pg_depend AS d
                            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e');
        IF names IS NOT NULL THEN
            EXECUTE format('DROP %s %s', kind.word, names);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION attribution.uninstall(text) IS
    'Deletes all tables with their data and all tenant bindings of this database, so that DROP EXTENSION works; superusers only';
