-- Keys that may stand in a page: what they need, and that every other look-up refuses them.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 43
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
\set hash '\\x' 0000000000000000000000000000000000000000000000000000000000000043
SET ROLE attribution_admin;
SELECT attribution.create_api_key(:'t', '0000000000000430', :'hash', 'dashboard');
SELECT attribution.create_api_key(:'t', '0000000000000431', :'hash', 'shop', kind => 'publishable',
    allowed_origins => '{https://shop.example,http://localhost:8080}', rate_limit => 120);
SELECT attribution.create_api_key(:'t', '0000000000000432', :'hash', kind => 'publishable', allowed_origins => '{https://shop.example}');
SELECT key_id, kind, allowed_origins, rate_limit FROM attribution.api_keys WHERE tenant_id = :'t' ORDER BY 1;
-- Only origins as browsers write them, and only for publishable keys.
SELECT o.origin, o.works FROM unnest('{https://shop.example,https://shop.example:8443,http://localhost}'::text[]) AS s (origin)
 CROSS JOIN LATERAL (SELECT s.origin, attribution.create_api_key(:'t', substr(encode(sha256(s.origin::bytea), 'hex'), 1, 16), :'hash',
                                 kind => 'publishable', allowed_origins => ARRAY[s.origin]) IS NOT NULL AS works) AS o;
SELECT attribution.create_api_key(:'t', '0000000000000433', :'hash', kind => 'publishable', allowed_origins => '{https://shop.example/}');
SELECT attribution.create_api_key(:'t', '0000000000000433', :'hash', kind => 'publishable', allowed_origins => '{https://Shop.example}');
SELECT attribution.create_api_key(:'t', '0000000000000433', :'hash', kind => 'publishable', allowed_origins => '{https://shop.example:443}');
SELECT attribution.create_api_key(:'t', '0000000000000433', :'hash', kind => 'publishable', allowed_origins => '{*}');
SELECT attribution.create_api_key(:'t', '0000000000000433', :'hash', kind => 'publishable', allowed_origins => '{https://shop.example,NULL}');
SELECT attribution.create_api_key(:'t', '0000000000000433', :'hash', kind => 'publishable');
SELECT attribution.create_api_key(:'t', '0000000000000433', :'hash', kind => 'publishable', allowed_origins => '{}');
SELECT attribution.create_api_key(:'t', '0000000000000433', :'hash', allowed_origins => '{https://shop.example}');
SELECT attribution.create_api_key(:'t', '0000000000000433', :'hash', rate_limit => 5);
SELECT attribution.create_api_key(:'t', '0000000000000433', :'hash', kind => NULL);
\set VERBOSITY terse
SELECT attribution.create_api_key(:'t', '0000000000000433', :'hash', kind => 'public');
SELECT attribution.create_api_key(:'t', '0000000000000433', :'hash', kind => 'publishable', allowed_origins => '{https://shop.example}', rate_limit => 0);
SELECT attribution.create_api_key(:'t', '0000000000000433', :'hash', kind => 'publishable', allowed_origins => '{http://192.168.1.10:8080}');
\set VERBOSITY default
RESET ROLE;

SET ROLE attribution_svc_ingestion;
SELECT attribution.authenticate_api_key('0000000000000430', :'hash') = :'t' AS secret;
SELECT attribution.authenticate_api_key('0000000000000431', :'hash');
SELECT attribution.authenticate_api_key('0000000000000431', '\x00') IS NULL AS unknown;
SELECT tenant_id = :'t' AS own, allowed_origins, rate_limit FROM attribution.authenticate_publishable_key('0000000000000431', :'hash');
SELECT * FROM attribution.authenticate_publishable_key('0000000000000430', :'hash');
SELECT * FROM attribution.authenticate_publishable_key('0000000000000431', '\x00');
RESET ROLE;
SELECT attribution.revoke_api_key(:'t', '0000000000000431');
SELECT attribution.authenticate_api_key('0000000000000431', :'hash') IS NULL AS unknown;
SELECT * FROM attribution.authenticate_publishable_key('0000000000000431', :'hash');
UPDATE attribution.tenants SET status = 'suspended' WHERE tenant_id = :'t';
SELECT * FROM attribution.authenticate_publishable_key('0000000000000432', :'hash');
UPDATE attribution.tenants SET status = 'active' WHERE tenant_id = :'t';
-- Reports have no access to it.
SET ROLE attribution_svc_attribution;
SELECT * FROM attribution.authenticate_publishable_key('0000000000000432', :'hash');
RESET ROLE;
