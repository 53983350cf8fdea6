-- Who owns what, who may do what. The role table itself is compared with docs/security.md by tests/security_table.
-- Nothing of the product belongs to a superuser, except the setup functions, which work with their caller's rights. What works for all tenants belongs to
-- attribution_maintainer, who may read them, and what is needed before a tenant is known to attribution_lookup.
SELECT 'table or view' AS what, c.oid::regclass::text AS object, c.relowner::regrole AS owner
  FROM pg_class AS c
 WHERE c.relnamespace IN ('attribution'::regnamespace, 'attribution_internal'::regnamespace)
   AND c.relowner <> 'attribution_owner'::regrole
UNION ALL
SELECT CASE WHEN p.prosecdef THEN 'definer function' ELSE 'function' END, p.oid::regprocedure::text,
       CASE WHEN r.rolsuper THEN 'superuser' ELSE r.rolname END::regrole
  FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner
 WHERE p.pronamespace IN ('attribution'::regnamespace, 'attribution_internal'::regnamespace)
   AND r.rolname <> 'attribution_owner' AND NOT r.rolsuper
 ORDER BY 1, 2;
SELECT p.oid::regprocedure AS function_of_a_superuser, p.prosecdef AS definer
  FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner
 WHERE p.pronamespace IN ('attribution'::regnamespace, 'attribution_internal'::regnamespace) AND r.rolsuper
 ORDER BY p.proname;
SELECT rolname FROM pg_roles
 WHERE rolname LIKE 'attribution\_%' AND (rolsuper OR rolbypassrls OR rolcanlogin OR rolcreaterole OR rolcreatedb);

-- PUBLIC may do nothing.
SELECT object, privilege FROM (
    SELECT p.oid::regprocedure::text, a.privilege_type, a.grantee
      FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
     WHERE p.pronamespace IN ('attribution'::regnamespace, 'attribution_internal'::regnamespace)
    UNION ALL
    SELECT c.oid::regclass::text, a.privilege_type, a.grantee
      FROM pg_class AS c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS a
     WHERE c.relnamespace IN ('attribution'::regnamespace, 'attribution_internal'::regnamespace) AND c.relkind <> 'i'
    UNION ALL
    SELECT n.nspname, a.privilege_type, a.grantee
      FROM pg_namespace AS n, aclexplode(n.nspacl) AS a WHERE n.nspname LIKE 'attribution%') AS granted (object, privilege, grantee)
 WHERE grantee = 0;

-- Every function, table and view says what it is, and definer functions and those of superusers pin their search_path.
SELECT p.oid::regprocedure AS without_comment FROM pg_proc AS p
 WHERE p.pronamespace IN ('attribution'::regnamespace, 'attribution_internal'::regnamespace)
   AND obj_description(p.oid, 'pg_proc') IS NULL;
SELECT c.oid::regclass AS without_comment FROM pg_class AS c
 WHERE c.relnamespace = 'attribution'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
   AND obj_description(c.oid, 'pg_class') IS NULL;
SELECT c.oid::regclass AS text_without_guard FROM pg_class AS c
 WHERE c.relname IN ('attribution_events', 'dead_events', 'event_journeys', 'event_transactions', 'ignored_deliveries') AND NOT EXISTS (
    SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname = 'guard_pii' AND t.tgenabled = 'O');
SELECT p.oid::regprocedure AS search_path_open FROM pg_proc AS p
  JOIN pg_language AS l ON l.oid = p.prolang
 WHERE p.pronamespace IN ('attribution'::regnamespace, 'attribution_internal'::regnamespace)
   AND (p.prosecdef OR l.lanname <> 'c')
   AND NOT coalesce(p.proconfig, '{}') @> '{"search_path=pg_catalog, pg_temp"}';

-- Row security, forced, on every table that holds tenant rows.
SELECT c.oid::regclass AS not_forced FROM pg_class AS c
 WHERE c.relnamespace = 'attribution'::regnamespace AND c.relkind IN ('r', 'p')
   AND EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
   AND NOT (c.relrowsecurity AND c.relforcerowsecurity);
SELECT c.oid::regclass AS not_security_invoker FROM pg_class AS c
 WHERE c.relnamespace = 'attribution'::regnamespace AND c.relkind = 'v'
   AND NOT coalesce(c.reloptions, '{}') @> '{security_invoker=true}';

-- The checks above do find what they look for.
BEGIN;
CREATE FUNCTION attribution.forgotten() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
CREATE TABLE attribution.forgotten (tenant_id uuid);
SELECT p.oid::regprocedure AS found FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner
 WHERE p.pronamespace = 'attribution'::regnamespace AND r.rolsuper AND p.prosecdef;
SELECT c.oid::regclass AS found FROM pg_class AS c
 WHERE c.relnamespace = 'attribution'::regnamespace AND c.relowner <> 'attribution_owner'::regrole;
ROLLBACK;

-- The server works as one service at a time and has no right of its own.
\getenv abs_srcdir PG_ABS_SRCDIR
\set ECHO none
\i :abs_srcdir/sql/fixtures/two_tenants.sql
\set ECHO all
\c - regress_server
SELECT attribution.authenticate_api_key('aaaaaaaaaaaaaaaa', sha256('key of a'));
SELECT attribution.set_tenant('018f0000-0000-7000-8000-00000000000a');
BEGIN;
SET LOCAL ROLE attribution_svc_ingestion;
SELECT attribution.authenticate_api_key('aaaaaaaaaaaaaaaa', sha256('key of a'));
SELECT attribution.authenticate_api_key('aaaaaaaaaaaaaaaa', sha256('another key'));
SELECT tenant_id, provider, account, books_revenue FROM attribution.resolve_endpoint('whe_' || repeat('b', 32));
SELECT * FROM attribution.resolve_endpoint('whe_' || repeat('c', 32));
SELECT attribution.set_tenant('018f0000-0000-7000-8000-00000000000b');
SELECT tenant_id, account FROM attribution.webhook_endpoints;
SAVEPOINT before;
INSERT INTO attribution.dead_events (tenant_id, dead_id, source, delivery_key, digest, code, detail)
VALUES ('018f0000-0000-7000-8000-00000000000b', attribution.current_tenant(), 's', 'k', sha256(''), 'RA007', 'd');
ROLLBACK TO before;
SELECT count(*) FROM attribution.attribution_events;
COMMIT;
SELECT attribution.current_tenant();

-- The administrator makes tenants, endpoints and keys and sees everything; a suspended tenant is not found.
\c - regress_admin
SELECT name FROM attribution.tenants WHERE name LIKE 'tenant _' ORDER BY name;
BEGIN;
SELECT attribution.create_tenant(name => 'c', reporting_currency => 'euro');
ROLLBACK;
BEGIN;
SELECT attribution.create_tenant(name => 'c', time_zone => 'Mars/Olympus');
ROLLBACK;
SELECT attribution.create_api_key('018f0000-0000-7000-8000-0000000000ff', repeat('f', 16), sha256(''));
BEGIN;
SELECT attribution.create_tenant(name => 'c', tenant_id => '018f0000-0000-7000-8000-00000000000c');
-- A payment provider beside a shop platform gives evidence; alone it books.
SELECT attribution.create_webhook_endpoint('018f0000-0000-7000-8000-00000000000c', 'stripe', 'acct_1', '\x01',
                                           endpoint_id => 'whe_' || repeat('1', 32));
SELECT attribution.create_webhook_endpoint('018f0000-0000-7000-8000-00000000000c', 'shopify', 'c.myshopify.com', '\x01',
                                           endpoint_id => 'whe_' || repeat('2', 32));
SELECT attribution.create_webhook_endpoint('018f0000-0000-7000-8000-00000000000c', 'paypal', 'c', '\x01',
                                           endpoint_id => 'whe_' || repeat('3', 32));
SELECT provider, books_revenue FROM attribution.webhook_endpoints
 WHERE tenant_id = '018f0000-0000-7000-8000-00000000000c' ORDER BY endpoint_id;
SELECT attribution.create_webhook_endpoint('018f0000-0000-7000-8000-00000000000c', 'paypal', 'c', '\x01') ~ '^whe_[0-9a-f]{32}$' AS made;
SELECT attribution.create_api_key('018f0000-0000-7000-8000-00000000000c', repeat('c', 16), sha256('key of c'));
SELECT attribution.revoke_api_key('018f0000-0000-7000-8000-00000000000c', repeat('c', 16));
SELECT attribution.revoke_api_key('018f0000-0000-7000-8000-00000000000c', repeat('c', 16));
UPDATE attribution.tenants SET status = 'suspended' WHERE tenant_id = '018f0000-0000-7000-8000-00000000000c';
SELECT attribution.create_api_key('018f0000-0000-7000-8000-00000000000c', repeat('d', 16), sha256(''));
ROLLBACK;
SELECT attribution.resolve_endpoint('whe_' || repeat('b', 32));
-- Everybody may take any advisory lock, and keep it: nothing waits for one but migrate(), which is for superusers.
SELECT p.proname FROM pg_catalog.pg_proc AS p
 WHERE p.pronamespace IN ('attribution'::regnamespace, 'attribution_internal'::regnamespace) AND p.prosrc ~ 'pg_advisory';
