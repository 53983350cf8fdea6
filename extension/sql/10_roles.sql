-- The roles. They belong to the cluster, so a second database finds them; DROP EXTENSION leaves them.

-- One installation at a time in the whole cluster: two would create the same role.
LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;

DO $$
DECLARE
    wanted CONSTANT text[] := ARRAY[
        'attribution_owner', 'attribution_lookup', 'attribution_analyst', 'attribution_admin',
        'attribution_maintainer', 'attribution_server', 'attribution_svc_ingestion', 'attribution_svc_attribution',
        'attribution_svc_auth', 'attribution_svc_reconciliation', 'attribution_svc_export'];
    role_name text;
    attributes record;
BEGIN
    FOREACH role_name IN ARRAY wanted LOOP
        SELECT r.rolcanlogin, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolreplication,
               EXISTS (SELECT FROM pg_catalog.pg_auth_members AS m WHERE m.roleid = r.oid) AS has_members
          INTO attributes
          FROM pg_catalog.pg_roles AS r WHERE r.rolname = role_name;
        IF NOT FOUND THEN
            EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN NOINHERIT', role_name);
        ELSIF attributes.rolcanlogin OR attributes.rolsuper OR attributes.rolbypassrls
              OR attributes.rolcreaterole OR attributes.rolreplication THEN
            RAISE EXCEPTION 'role "%" exists with LOGIN, SUPERUSER, BYPASSRLS, CREATEROLE or REPLICATION', role_name
                USING ERRCODE = 'duplicate_object',
                      DETAIL = 'pg_attribution needs this name for a role without these attributes.',
                      HINT = pg_catalog.format(
                          'Rename that role, or: ALTER ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION.',
                          role_name);
        ELSIF attributes.has_members AND role_name IN ('attribution_owner', 'attribution_lookup') THEN
            RAISE EXCEPTION 'role "%" exists and has members', role_name
                USING ERRCODE = 'duplicate_object',
                      DETAIL = 'Its members would own the tables of every tenant.',
                      HINT = 'Rename that role, or revoke it from its members.';
        END IF;
    END LOOP;
END
$$;

-- The server works as one service at a time: it may switch to each of these roles, but has none of their rights
-- by itself, since it does not inherit.
GRANT attribution_svc_ingestion, attribution_svc_attribution, attribution_svc_auth,
      attribution_svc_reconciliation, attribution_svc_export TO attribution_server;
