-- Everything of pg_attribution that a dump must carry, one line per fact, independent of OIDs.
\pset format unaligned
\pset tuples_only on
SELECT 'extension', extname, extversion FROM pg_extension WHERE extname = 'pg_attribution';
SELECT 'relation', c.oid::regclass::text, c.relkind, c.relowner::regrole::text, c.relrowsecurity, c.relforcerowsecurity, c.reloptions
  FROM pg_class AS c WHERE c.relnamespace = 'attribution'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p', 'i', 'S') ORDER BY 2;
SELECT 'column', a.attrelid::regclass::text, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       a.attgenerated, pg_get_expr(d.adbin, d.adrelid), a.attacl
  FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE c.relnamespace = 'attribution'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p') AND a.attnum > 0 ORDER BY 2, 3;
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'attribution'::regnamespace ORDER BY 2, 3;
SELECT 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
  FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid WHERE c.relnamespace = 'attribution'::regnamespace ORDER BY 2;
SELECT 'policy', schemaname, tablename, policyname, permissive, roles, cmd, qual, with_check FROM pg_policies ORDER BY 2, 3, 4;
SELECT 'trigger', tgrelid::regclass::text, tgname, tgenabled, pg_get_triggerdef(t.oid)
  FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
 WHERE c.relnamespace = 'attribution'::regnamespace AND NOT tgisinternal ORDER BY 2, 3;
SELECT 'view', viewname, definition FROM pg_views WHERE schemaname = 'attribution' ORDER BY 2;
SELECT 'privilege', object, names.grantor, coalesce(nullif(names.grantee, '-'), 'PUBLIC') AS grantee, privilege_type, is_grantable
  FROM (SELECT c.oid::regclass::text, c.relkind, c.relacl, c.relowner FROM pg_class AS c
         WHERE c.relnamespace = 'attribution'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p')
        UNION ALL SELECT p.oid::regprocedure::text, 'f', p.proacl, p.proowner FROM pg_proc AS p
         WHERE p.pronamespace IN ('attribution'::regnamespace, 'attribution_internal'::regnamespace)
        UNION ALL SELECT n.nspname, 'n', n.nspacl, n.nspowner FROM pg_namespace AS n WHERE n.nspname LIKE 'attribution%'
       ) AS o (object, kind, acl, owner),
       LATERAL aclexplode(coalesce(acl, acldefault(CASE WHEN kind IN ('f', 'n') THEN kind::"char" ELSE 'r' END, owner))) AS e,
       LATERAL (SELECT e.grantor::regrole::text, e.grantee::regrole::text) AS names (grantor, grantee)
 ORDER BY 2, 4, 5;
SELECT 'function', p.oid::regprocedure::text, p.proowner::regrole::text, p.prosecdef, p.provolatile, p.proparallel, p.proisstrict,
       p.proconfig, md5(p.prosrc), obj_description(p.oid, 'pg_proc') IS NOT NULL
  FROM pg_proc AS p WHERE p.pronamespace IN ('attribution'::regnamespace, 'attribution_internal'::regnamespace) ORDER BY 2;
SELECT 'role', rolname, rolinherit, rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname LIKE 'attribution\_%' ORDER BY 2;
SELECT 'member', m.roleid::regrole::text, m.member::regrole::text FROM pg_auth_members AS m
 WHERE m.roleid::regrole::text LIKE 'attribution\_%' AND m.member::regrole::text LIKE 'attribution\_%' ORDER BY 2, 3;
-- The rows of every table and materialized view.
SELECT format('SELECT %L, count(*), md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '''')) FROM attribution.%I AS t;',
              'rows of ' || relname, relname)
  FROM pg_class WHERE relnamespace = 'attribution'::regnamespace AND relkind IN ('r', 'p', 'm') ORDER BY relname \gexec
