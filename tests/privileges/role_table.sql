-- The role table of docs/security.md as the catalogue has it: one Markdown row per role. A table with a list of
-- columns in parentheses is granted for these columns only.
\pset format unaligned
\pset tuples_only on
WITH roles AS (
    SELECT oid, rolname FROM pg_roles WHERE rolname LIKE 'attribution\_%' AND NOT rolcanlogin
), table_grants AS (
    SELECT g.grantee, c.relname::text, g.privilege_type
      FROM pg_class AS c, aclexplode(c.relacl) AS g
     WHERE c.relnamespace = 'attribution'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND g.grantee <> c.relowner
), column_grants AS (
    SELECT g.grantee, format('%s (%s)', c.relname, string_agg(a.attname, ', ' ORDER BY a.attnum)) AS relname,
           g.privilege_type
      FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid, aclexplode(a.attacl) AS g
     WHERE c.relnamespace = 'attribution'::regnamespace
     GROUP BY g.grantee, c.relname, g.privilege_type
), grants AS (
    SELECT * FROM table_grants UNION ALL SELECT * FROM column_grants
), changes AS (
    SELECT grantee, relname,
           string_agg(lower(privilege_type), ', ' ORDER BY position(privilege_type IN 'INSERT UPDATE DELETE')) AS what
      FROM grants WHERE privilege_type <> 'SELECT' GROUP BY grantee, relname
), functions AS (
    SELECT g.grantee, p.proname
      FROM pg_proc AS p, aclexplode(p.proacl) AS g
     WHERE p.pronamespace IN ('attribution'::regnamespace, 'attribution_internal'::regnamespace)
       AND g.grantee <> p.proowner
)
SELECT format('| %s | %s | %s | %s |', rolname,
              coalesce((SELECT string_agg(relname, ', ' ORDER BY relname) FROM grants
                         WHERE grantee = roles.oid AND privilege_type = 'SELECT'), '–'),
              coalesce((SELECT string_agg(format('%s: %s', relname, what), '; ' ORDER BY relname) FROM changes
                         WHERE grantee = roles.oid), '–'),
              coalesce((SELECT string_agg(DISTINCT proname::text, ', ') FROM functions WHERE grantee = roles.oid), '–'))
  FROM roles ORDER BY rolname COLLATE "C";
