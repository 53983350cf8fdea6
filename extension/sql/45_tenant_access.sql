-- Binding logins of people and BI tools to one tenant: ALTER ROLE … IN DATABASE … SET attribution.tenant_id.

CREATE FUNCTION attribution_internal.tenant_bindings() RETURNS TABLE (role_name name, tenant_id uuid)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT r.rolname, substr(setting, length('attribution.tenant_id=') + 1)::uuid
      FROM pg_db_role_setting AS s
      JOIN pg_database AS d ON d.oid = s.setdatabase AND d.datname = current_database()
      JOIN pg_roles AS r ON r.oid = s.setrole
     CROSS JOIN unnest(s.setconfig) AS setting
     WHERE setting LIKE 'attribution.tenant\_id=_%'
$$;
COMMENT ON FUNCTION attribution_internal.tenant_bindings() IS 'The logins of this database that are bound to a tenant';

CREATE FUNCTION attribution_internal.check_bindable(role_name name) RETURNS void
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    reason text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = role_name) THEN
        RAISE EXCEPTION 'role "%" does not exist', role_name
            USING ERRCODE = 'undefined_object', HINT = format('Create it first: CREATE ROLE %I LOGIN.', role_name);
    END IF;
    SELECT CASE
               WHEN r.rolsuper OR r.rolbypassrls THEN 'row security does not hold it'
               WHEN r.rolcreaterole THEN 'with CREATEROLE it can give itself the rights of other roles'
               WHEN r.rolreplication THEN 'with REPLICATION it can copy the whole cluster'
               WHEN r.rolname LIKE 'attribution\_%' AND NOT r.rolcanlogin THEN 'it is a role of pg_attribution'
           END
      INTO reason FROM pg_roles AS r WHERE r.rolname = role_name;
    IF reason IS NULL THEN
        SELECT format('it is a member of "%s", which is not bound to one tenant', r.rolname) INTO reason
          FROM pg_roles AS r
         WHERE pg_has_role(role_name, r.oid, 'MEMBER')
           AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication
                OR r.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
                OR (r.rolname LIKE 'attribution\_%' AND r.rolname <> 'attribution_analyst' AND NOT r.rolcanlogin))
         ORDER BY r.rolname LIMIT 1;
    END IF;
    IF reason IS NULL THEN
        SELECT format('it and "%s", which is bound to a tenant too, are members of each other', b.role_name) INTO reason
          FROM attribution_internal.tenant_bindings() AS b
         WHERE b.role_name <> check_bindable.role_name
           AND (pg_has_role(check_bindable.role_name, b.role_name, 'MEMBER')
                OR pg_has_role(b.role_name, check_bindable.role_name, 'MEMBER'))
         ORDER BY b.role_name LIMIT 1;
    END IF;
    IF reason IS NOT NULL THEN
        RAISE EXCEPTION 'role "%" cannot be bound to a tenant', role_name
            USING ERRCODE = 'invalid_grant_operation', DETAIL = format('The reason: %s.', reason),
                  HINT = 'Give each tenant''s people a login of their own: CREATE ROLE … LOGIN.';
    END IF;
END
$$;
COMMENT ON FUNCTION attribution_internal.check_bindable(name) IS
    'Refuses roles that a tenant binding would not hold: superusers, services, members of other bound logins';

CREATE FUNCTION attribution.grant_tenant_access(role_name name, tenant_id uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    bound uuid;
BEGIN
    PERFORM attribution_internal.require_superuser('attribution.grant_tenant_access()');
    IF role_name IS NULL OR tenant_id IS NULL THEN
        RAISE EXCEPTION 'role_name and tenant_id must not be null' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    PERFORM attribution_internal.check_bindable(role_name);
    IF NOT EXISTS (SELECT FROM attribution.tenants AS t WHERE t.tenant_id = grant_tenant_access.tenant_id) THEN
        RAISE EXCEPTION 'tenant % does not exist', tenant_id
            USING ERRCODE = 'RA009', HINT = 'See attribution.tenants, or make it: SELECT attribution.create_tenant(…).';
    END IF;
    SELECT b.tenant_id INTO bound FROM attribution_internal.tenant_bindings() AS b
     WHERE b.role_name = grant_tenant_access.role_name;
    IF bound <> tenant_id THEN
        RAISE EXCEPTION 'role "%" is bound to another tenant', role_name
            USING ERRCODE = 'object_in_use', DETAIL = format('It sees tenant %s.', bound),
                  HINT = format('First: SELECT attribution.revoke_tenant_access(%L).', role_name);
    END IF;
    IF NOT pg_has_role(role_name, 'attribution_analyst', 'MEMBER') THEN
        EXECUTE format('GRANT attribution_analyst TO %I', role_name);
    END IF;
    EXECUTE format('ALTER ROLE %I IN DATABASE %I SET attribution.tenant_id = %L',
                   role_name, current_database(), tenant_id);
END
$$;
COMMENT ON FUNCTION attribution.grant_tenant_access(name, uuid) IS
    'Makes a login an analyst who sees one tenant in this database, from its next connection on; superusers only';

CREATE FUNCTION attribution.revoke_tenant_access(role_name name) RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM attribution_internal.require_superuser('attribution.revoke_tenant_access()');
    EXECUTE format('ALTER ROLE %I IN DATABASE %I RESET attribution.tenant_id', role_name, current_database());
    -- Membership belongs to the cluster: another database may still need it.
    IF NOT EXISTS (SELECT FROM pg_db_role_setting AS s CROSS JOIN unnest(s.setconfig) AS setting
                    WHERE s.setrole = (SELECT r.oid FROM pg_roles AS r WHERE r.rolname = role_name)
                      AND setting LIKE 'attribution.tenant\_id=_%') THEN
        EXECUTE format('REVOKE attribution_analyst FROM %I', role_name);
    END IF;
END
$$;
COMMENT ON FUNCTION attribution.revoke_tenant_access(name) IS
    'Takes a login''s tenant in this database away, from its next connection on; superusers only';
