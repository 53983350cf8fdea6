-- Secrets of endpoints: rotated, retired, and put under another master key. As the administrator, not as a superuser.
SET client_min_messages = warning;
SELECT attribution.create_tenant(name => 'secrets', tenant_id => '018f0000-0000-7000-8000-000000000030') IS NOT NULL AS made;
SELECT attribution.create_webhook_endpoint('018f0000-0000-7000-8000-000000000030', 'stripe', 'acct_30', '\x01',
                                           endpoint_id => 'whe_' || repeat('30', 16));
RESET client_min_messages;
\set t '018f0000-0000-7000-8000-000000000030'
\set other '018f0000-0000-7000-8000-0000000000ff'
SELECT 'whe_' || repeat('30', 16) AS e \gset
CREATE VIEW pg_temp.secrets AS SELECT is_current, secret_ciphertext FROM attribution.list_webhook_secrets() WHERE tenant_id = :'t';
GRANT SELECT ON pg_temp.secrets TO attribution_admin;
SET ROLE attribution_admin;
TABLE pg_temp.secrets;
-- Two at a time; of a third the first is gone. Nothing happens to another tenant's endpoint.
SELECT attribution.rotate_webhook_secret(:'t', :'e', '\x02');
TABLE pg_temp.secrets;
SELECT secret_ciphertext, previous_secret_ciphertext FROM attribution.webhook_endpoints WHERE endpoint_id = :'e';
SELECT attribution.rotate_webhook_secret(:'t', :'e', '\x03');
SELECT attribution.rotate_webhook_secret(:'other', :'e', '\x04');
SELECT attribution.rotate_webhook_secret(:'t', 'whe_none', '\x04');
SELECT attribution.rotate_webhook_secret(:'t', :'e', '');
TABLE pg_temp.secrets;
-- Another master key: each is replaced while it is what was read, not after it was rotated.
SELECT attribution.replace_webhook_secret(:'e', '\x03', '\x33'), attribution.replace_webhook_secret(:'e', '\x02', '\x22');
SELECT attribution.replace_webhook_secret(:'e', '\x03', '\x99'), attribution.replace_webhook_secret('whe_none', '\x33', '\x99');
TABLE pg_temp.secrets;
-- The previous one is dropped, once.
SELECT attribution.retire_webhook_secret(:'other', :'e'), attribution.retire_webhook_secret(:'t', :'e');
SELECT attribution.retire_webhook_secret(:'t', :'e');
SELECT attribution.replace_webhook_secret(:'e', '\x22', '\x99');
TABLE pg_temp.secrets;
-- The services read secrets by endpoint, and change none.
SET ROLE attribution_svc_ingestion;
SELECT attribution.list_webhook_secrets();
SELECT attribution.rotate_webhook_secret(:'t', :'e', '\x05');
SELECT attribution.replace_webhook_secret(:'e', '\x33', '\x05');
RESET ROLE;
