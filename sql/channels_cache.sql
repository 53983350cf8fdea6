-- Rules of a tenant come before the built-in ones, hold for that tenant only, and count from the next command on;
-- what is rolled back never counted.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 16
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\set ECHO all
\set ask 'SELECT attribution.normalize_channel(''google'', ''cpc'')'
SELECT attribution.set_tenant(:'t'); :ask;
BEGIN;
SELECT attribution.set_tenant(:'t');
:ask;
INSERT INTO attribution.channel_rules (tenant_id, rule_name, priority, channel, source_like) VALUES (:'t', 'ours', 1, 'affiliates', '{goo*}');
:ask;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.order_event('c-1'));
SAVEPOINT s;
UPDATE attribution.channel_rules SET channel = 'email' WHERE tenant_id = :'t';
:ask;
ROLLBACK TO s;
:ask;
SELECT attribution.set_tenant('018f0000-0000-7000-8000-000000000010');
:ask;
COMMIT;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.order_event('c-2'));
BEGIN;
DELETE FROM attribution.channel_rules WHERE tenant_id = :'t';
SELECT status FROM attribution.ingest_event(:'t', pg_temp.order_event('c-3'));
ROLLBACK;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.order_event('c-4'));
SELECT delivery_key, channel, channel_rule FROM attribution.attribution_events WHERE tenant_id = :'t' ORDER BY 1;
-- Sites count at once, too.
BEGIN;
SELECT attribution.normalize_channel(referrer_host => 'forum.example.net');
INSERT INTO attribution.channel_sources VALUES ('forum.example.net', 'social');
SELECT attribution.normalize_channel(referrer_host => 'forum.example.net');
ROLLBACK;
SELECT attribution.normalize_channel(referrer_host => 'forum.example.net');
-- The tables go and come back under other OIDs, in one session.
\set home :DBNAME
CREATE DATABASE regress_channels TEMPLATE template0;
\c regress_channels
CREATE EXTENSION pg_attribution;
:ask;
SELECT count(*) > 0 AS migrated FROM attribution.migrate();
:ask;
SELECT attribution.uninstall(database_name => 'regress_channels');
:ask;
DROP EXTENSION pg_attribution;
CREATE EXTENSION pg_attribution;
SELECT count(*) > 0 AS migrated FROM attribution.migrate();
:ask;
\c :home
DROP DATABASE regress_channels;
DELETE FROM attribution.channel_rules WHERE tenant_id = :'t';
