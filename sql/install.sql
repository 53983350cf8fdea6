-- CREATE EXTENSION and migrate(), twice, in this database and in a second one; DROP EXTENSION refused while the
-- tables exist; after uninstall() it leaves nothing.
CREATE EXTENSION pg_attribution;
SELECT count(*) > 0 AS made_tables FROM attribution.migrate();
SELECT * FROM attribution.migrate();
SELECT count(*) = (SELECT count(*) FROM attribution_internal.migrations()) AS all_recorded
  FROM attribution.schema_migrations;

-- A second database of the same cluster finds the roles. What its catalogues hold is compared at the end.
CREATE DATABASE regress_second TEMPLATE template0;
\c regress_second
\set catalogues 'SELECT jsonb_object_agg(catalogue, md5(lines)) FROM (SELECT catalogue, string_agg(line, chr(10) ORDER BY line) AS lines FROM (SELECT ''pg_namespace'' AS catalogue, n::text AS line FROM pg_namespace AS n WHERE nspname !~ ''^pg_(toast_)?temp_'' UNION ALL SELECT ''pg_class'', oid || relname || relowner || coalesce(relacl::text, '''') FROM pg_class UNION ALL SELECT ''pg_proc'', p::text FROM pg_proc AS p UNION ALL SELECT ''pg_type'', oid || typname FROM pg_type UNION ALL SELECT ''pg_trigger'', t::text FROM pg_trigger AS t UNION ALL SELECT ''pg_policy'', p::text FROM pg_policy AS p UNION ALL SELECT ''pg_constraint'', c::text FROM pg_constraint AS c UNION ALL SELECT ''pg_rewrite'', oid::text FROM pg_rewrite UNION ALL SELECT ''pg_attrdef'', oid::text FROM pg_attrdef UNION ALL SELECT ''pg_depend'', d::text FROM pg_depend AS d UNION ALL SELECT ''pg_shdepend'', d::text FROM pg_shdepend AS d WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) UNION ALL SELECT ''pg_description'', d::text FROM pg_description AS d UNION ALL SELECT ''pg_init_privs'', i::text FROM pg_init_privs AS i UNION ALL SELECT ''pg_default_acl'', a::text FROM pg_default_acl AS a UNION ALL SELECT ''pg_extension'', e::text FROM pg_extension AS e UNION ALL SELECT ''pg_db_role_setting'', s::text FROM pg_db_role_setting AS s WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) UNION ALL SELECT ''pg_statistic_ext'', s::text FROM pg_statistic_ext AS s UNION ALL SELECT ''pg_event_trigger'', e::text FROM pg_event_trigger AS e) AS lines GROUP BY catalogue) AS catalogues'
SELECT (:catalogues) AS before \gset
CREATE EXTENSION pg_attribution;
SELECT count(*) > 0 AS made_tables FROM attribution.migrate();
SELECT * FROM attribution.migrate();
SELECT attribution.create_tenant(name => 'second', tenant_id => '018f0000-0000-7000-8000-0000000000cc');
CREATE ROLE regress_install_login LOGIN;
SELECT attribution.grant_tenant_access('regress_install_login', '018f0000-0000-7000-8000-0000000000cc');
SELECT * FROM attribution_internal.tenant_bindings();

\set VERBOSITY sqlstate
DROP EXTENSION pg_attribution;
\set VERBOSITY default
-- Not by accident, and not what others built on it.
SELECT attribution.uninstall(database_name => 'another');
CREATE VIEW public.built_on_it AS SELECT count(*) FROM attribution.revenue_ledger;
SELECT attribution.uninstall(database_name => 'regress_second');
SELECT count(*) FROM attribution.tenants;
DROP VIEW public.built_on_it;
-- The catalogues do differ while it is installed: the comparison sees it.
SELECT array_agg(key ORDER BY key) AS differ
  FROM jsonb_each_text(:'before') AS b JOIN jsonb_each_text((:catalogues)) AS a USING (key) WHERE a.value <> b.value;

SELECT attribution.uninstall(database_name => 'regress_second');
SELECT pg_has_role('regress_install_login', 'attribution_analyst', 'MEMBER') AS still_analyst;
DROP EXTENSION pg_attribution;
SELECT array_agg(key ORDER BY key) AS differ
  FROM jsonb_each_text(:'before') AS b FULL JOIN jsonb_each_text((:catalogues)) AS a USING (key)
 WHERE a.value IS DISTINCT FROM b.value;

-- Only superusers set up and take down.
CREATE EXTENSION pg_attribution;
SET ROLE regress_install_login;
SELECT attribution.migrate();
RESET ROLE;
GRANT USAGE ON SCHEMA attribution, attribution_internal TO regress_install_login;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA attribution, attribution_internal TO regress_install_login;
SET ROLE regress_install_login;
SELECT attribution.migrate();
SELECT attribution.uninstall('regress_second');
RESET ROLE;
DROP EXTENSION pg_attribution;

-- A role of the same name that could get round row security is refused.
ALTER ROLE attribution_svc_export BYPASSRLS;
CREATE EXTENSION pg_attribution;
ALTER ROLE attribution_svc_export NOBYPASSRLS LOGIN;
CREATE EXTENSION pg_attribution;
ALTER ROLE attribution_svc_export NOLOGIN CREATEROLE;
CREATE EXTENSION pg_attribution;
ALTER ROLE attribution_svc_export NOCREATEROLE;
-- Nor one through which somebody would own the tables.
CREATE ROLE regress_install_member;
GRANT attribution_owner TO regress_install_member;
CREATE EXTENSION pg_attribution;
DROP ROLE regress_install_member;

\c contrib_regression
DROP DATABASE regress_second;
DROP ROLE regress_install_login;
