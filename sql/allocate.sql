-- What ingestion leaves to be divided, and how allocations follow: late touchpoints, links, refunds, erasure, models.
\getenv abs_srcdir PG_ABS_SRCDIR
\set tenant 46
\set ECHO none
\i :abs_srcdir/sql/fixtures/ingest.sql
\i :abs_srcdir/sql/fixtures/allocate.sql
\set divide 'SELECT pg_temp.divide()'
\set ECHO all
SET attribution.tenant_id = :'t';
-- Without a model nothing is divided, but what was queued is known when there is one. 100.01 over three touches.
SELECT status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.visit('v-1', 'journey-a1', '2026-10-30T10:00:00Z', 'google', 'cpc', 'autumn'), pg_temp.visit('v-2', 'journey-a1', '2026-10-31T10:00:00Z', 'newsletter', 'email'),
    pg_temp.visit('v-3', 'journey-a1', '2026-10-31T11:00:00Z', 'google', 'cpc', 'winter'), pg_temp.sale('s-1', 'journey-a1', 10001)));
:divide;
SELECT count(*) FROM attribution.attribution_allocations WHERE tenant_id = :'t';
SELECT attribution.define_model(:'t', 'linear', 'linear');
:divide;
SELECT * FROM pg_temp.divided('linear');
-- Nothing is left, and nothing is divided twice.
SELECT attribution.allocate_pending(), (SELECT count(*) FROM attribution.allocation_queue WHERE tenant_id = :'t') AS waiting;
SELECT * FROM attribution.allocate_revenue(:'t', 'linear');

-- A visit that is told late makes a revision; one after the sale does not.
SELECT status FROM attribution.ingest_event(:'t', pg_temp.visit('v-4', 'journey-a1', '2026-10-29T10:00:00Z', 'facebook', 'paid_social'));
:divide;
SELECT * FROM pg_temp.divided('linear');
SELECT status FROM attribution.ingest_event(:'t', pg_temp.visit('v-5', 'journey-a1', '2026-11-01T12:00:01Z', 'bing', 'cpc'));
:divide;
SELECT max(revision) FROM pg_temp.divided('linear');

-- Refunds take what each channel still has; the last one takes all that is left.
SELECT status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.refund('r-1', 'order:s-1', 3333, '2026-11-02T12:00:00Z'), pg_temp.refund('r-2', 'order:s-1', 3333, '2026-11-03T12:00:00Z'),
    pg_temp.refund('r-3', 'order:s-1', 3335, '2026-11-04T12:00:00Z')));
:divide;
SELECT * FROM pg_temp.divided('linear');
SELECT channel, sum(amount_minor) FROM attribution.current_allocations WHERE model = 'linear' GROUP BY 1 ORDER BY 1;

-- A refund before its sale is nobody's; when the sale comes, it is divided anew.
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.refund('r-4', 'order:s-2', 500, '2026-11-02T12:00:00Z'));
:divide;
SELECT * FROM pg_temp.divided('linear') WHERE sale_key = 'order:s-2';
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.sale('s-2', 'journey-b2', 2000, signals => '{"source": "bing", "medium": "organic"}'));
:divide;
SELECT * FROM pg_temp.divided('linear') WHERE sale_key = 'order:s-2';

-- Journeys that turn out to be one.
SELECT attribution.link_journeys(:'t', 'journey-a1', 'journey-b2');
:divide;
SELECT * FROM pg_temp.divided('linear') WHERE sale_key = 'order:s-2';

-- More models, one by campaign; one that is not active is divided by hand. A model that is defined must be named.
SELECT attribution.define_model(:'t', 'last', 'last_touch'), attribution.define_model(:'t', 'campaigns', 'linear', '{"per": "campaign"}', false),
       attribution.define_model(:'t', 'nothing_counts', 'linear', '{"lookback_days": 0}');
:divide;
SELECT * FROM pg_temp.divided('last');
-- Of a sale without a touch that counts, its own channel has all.
SELECT * FROM pg_temp.divided('nothing_counts') WHERE kind = 'capture';
SELECT * FROM attribution.allocate_revenue(:'t', 'campaigns');
SELECT channel, campaign, sum(amount_minor) FROM attribution.current_allocations WHERE model = 'campaigns' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT * FROM attribution.allocate_revenue(:'t', 'never_defined');
SELECT * FROM attribution.allocate_revenue(:'t', NULL);

-- What a model would say, without writing: all time, and only what happened on one day.
SELECT channel, campaign, currency, revenue_minor, round(sales::numeric, 6) AS sales FROM attribution.attribute_channels('linear') ORDER BY 1;
SELECT channel, campaign, revenue_minor, round(sales::numeric, 6) AS sales FROM attribution.attribute_channels('campaigns', '2026-11-02 00:00+00', '2026-11-03 00:00+00') ORDER BY 1, 2;
SELECT model, channel, revenue_minor, round(sales::numeric, 6) AS sales FROM attribution.compare_models('{linear,last}') ORDER BY 1, 2;
SELECT * FROM attribution.compare_models('{linear,never_defined}');
SELECT * FROM attribution.compare_models('{linear,last,linear}');
SELECT count(*) FROM attribution.compare_models((SELECT array_agg('model' || n) FROM generate_series(1, 101) AS n));
SELECT * FROM attribution.channel_returns('never_defined');
-- Next to what they cost: display won nothing, and stays.
SELECT status FROM attribution.record_spend(:'t', '[{"day": "2026-11-01", "channel": "paid_search", "currency": "USD", "spend": "5.00"},
    {"day": "2026-11-01", "channel": "display", "currency": "USD", "spend": "2.50"}, {"day": "2026-11-30", "channel": "display", "currency": "EUR", "spend": "1.00"}]');
SELECT * FROM attribution.channel_returns('linear');
SELECT * FROM attribution.channel_returns('linear', '2026-11-02', '2026-11-03');
SELECT model, sum(amount_minor) = (SELECT sum(amount_minor) FROM attribution.revenue_ledger WHERE tenant_id = :'t') AS balanced
  FROM attribution.current_allocations GROUP BY 1 ORDER BY 1;

-- Erasure takes the touches away; the money stays, with the sale's own channel.
SELECT attribution.erase_journey(:'t', 'journey-b2');
SELECT (SELECT count(*) FROM attribution.sales WHERE tenant_id = :'t' AND touches IS NOT NULL) AS touches,
       (SELECT count(*) FROM attribution.sales WHERE tenant_id = :'t' AND journey_id IS NOT NULL) AS sales;
:divide;
SELECT * FROM pg_temp.divided('linear');
SELECT model, sum(amount_minor) = (SELECT sum(amount_minor) FROM attribution.revenue_ledger WHERE tenant_id = :'t') AS balanced
  FROM attribution.current_allocations GROUP BY 1 ORDER BY 1;

-- A visit of an erased journey leaves nothing to be done.
SELECT status FROM attribution.ingest_event(:'t', pg_temp.visit('v-6', 'journey-a1', '2026-10-28T10:00:00Z', 'google', 'cpc'));
SELECT count(*) FROM attribution.allocation_queue WHERE tenant_id = :'t';

-- The journey of a sale that is told by another event of it, and the channel of one that has no journey.
SELECT status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.visit('v-7', 'journey-e5', '2026-10-30T10:00:00Z', 'google', 'cpc'), pg_temp.sale('s-3', NULL, 700),
    pg_temp.order_event('s-4', 900, money => 'order:s-4', body => 's-4', signals => '{"source": "newsletter", "medium": "email"}')));
:divide;
SELECT * FROM pg_temp.divided('last') WHERE sale_key IN ('order:s-3', 'order:s-4');
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.sale('s-3-again', 'journey-e5', 700, 'order:s-3', '2026-11-01T12:00:05Z'));
:divide;
SELECT * FROM pg_temp.divided('last') WHERE sale_key = 'order:s-3';

-- Superseded sets are kept for the tenant's time, and what was pruned is written down. Current ones stay.
SELECT count(*) > 0 AS superseded FROM attribution.allocation_sets AS s
 WHERE s.tenant_id = :'t' AND EXISTS (SELECT FROM attribution.allocation_sets AS n WHERE (n.tenant_id, n.entry_id, n.model) = (s.tenant_id, s.entry_id, s.model) AND n.revision > s.revision);
\set VERBOSITY terse
UPDATE attribution.tenants SET keep_superseded_for = '10000 years' WHERE tenant_id = :'t';
\set VERBOSITY default
SELECT pg_temp.maintain();
SELECT sets FROM attribution.allocation_prunings WHERE tenant_id = :'t';
SET ROLE attribution_admin;
UPDATE attribution.tenants SET keep_superseded_for = '0' WHERE tenant_id = :'t';
RESET ROLE;
SELECT pg_temp.maintain();
SELECT sets FROM attribution.allocation_prunings WHERE tenant_id = :'t';
UPDATE attribution.allocation_progress SET pruned_at = now() - interval '25 hours' WHERE tenant_id = :'t';
SELECT pg_temp.maintain();
SELECT sets, allocations FROM attribution.allocation_prunings WHERE tenant_id = :'t';
SELECT model, count(*) = (SELECT count(*) FROM attribution.revenue_ledger WHERE tenant_id = :'t') AS all_divided
  FROM attribution.allocation_sets WHERE tenant_id = :'t' AND model <> 'campaigns' GROUP BY 1 ORDER BY 1;

-- What is told of one time is divided in the same order whichever comes first: what a refund takes depends on those before it.
SELECT status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    pg_temp.visit('v-8', 'journey-f6', '2026-10-30T10:00:00Z', 'google', 'cpc'), pg_temp.visit('v-9', 'journey-f6', '2026-10-30T11:00:00Z', 'newsletter', 'email'),
    pg_temp.visit('v-10', 'journey-f6', '2026-10-30T10:30:00Z', 'facebook', 'paid_social'), pg_temp.sale('s-5', 'journey-f6', 101), pg_temp.sale('s-6', 'journey-f6', 101),
    pg_temp.refund('r-51', 'order:s-5', 1, '2026-11-02T12:00:00Z'), pg_temp.refund('r-52', 'order:s-5', 49, '2026-11-02T12:00:00Z'),
    pg_temp.refund('r-62', 'order:s-6', 49, '2026-11-02T12:00:00Z')));
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.refund('r-61', 'order:s-6', 1, '2026-11-02T12:00:00Z'));
:divide;
SELECT kind, entry, parts, array_agg(sale_key ORDER BY sale_key) FROM pg_temp.divided('linear') WHERE sale_key IN ('order:s-5', 'order:s-6') GROUP BY 1, 2, 3 ORDER BY 1, 2;

-- A refund that failed, and is dated before its sale, is not what began the sale.
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.refund('r-7', 'order:s-7', 500, '2026-10-31T12:00:00Z'));
SELECT status, booked FROM attribution.ingest_event(:'t', jsonb_set(pg_temp.refund('r-7', 'order:s-7', 0, '2026-10-31T12:00:01Z'), '{delivery,key}', '"r-7-failed"'));
SELECT status, booked FROM attribution.ingest_event(:'t', pg_temp.sale('s-7', 'journey-f6', 500));
:divide;
SELECT * FROM pg_temp.divided('last') WHERE sale_key = 'order:s-7';

-- A sale counts when it was made, its entries when they were booked. What only went back is no sale.
SELECT status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(
    jsonb_set(pg_temp.sale('s-late', NULL, 400, version => '2027-02-02T12:00:00Z', signals => '{"source": "bing", "medium": "organic"}'),
              '{states,0,occurred_at}', '"2027-02-02T12:00:00Z"') || '{"conversion": {"external_id": "order:s-late", "occurred_at": "2027-01-31T12:00:00Z",
              "signals": {"source": "bing", "medium": "organic"}}}',
    pg_temp.refund('r-lone', 'order:s-never', 100, '2027-01-30T12:00:00Z')));
:divide;
SELECT channel, revenue_minor, sales FROM attribution.attribute_channels('last', '2027-01-01 00:00+00', '2027-02-01 00:00+00') ORDER BY 1;
SELECT channel, revenue_minor, sales FROM attribution.attribute_channels('last', '2027-02-01 00:00+00', '2027-03-01 00:00+00') ORDER BY 1;

-- Who had no tenant has none afterwards.
BEGIN;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.sale('s-more', NULL, 100));
SET LOCAL attribution.tenant_id = '';
SELECT attribution.maintain() > 0 AS divided, attribution.current_tenant() IS NULL AS none;
ROLLBACK;

-- Settings and roles.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT attribution.allocate_pending();
SELECT * FROM attribution.allocate_revenue(:'t', 'linear');
ROLLBACK;
SELECT attribution.allocate_pending(0);
SET ROLE attribution_analyst;
SELECT attribution.allocate_pending();
SELECT count(*) > 0 AS reads FROM attribution.attribute_channels('linear');
RESET ROLE;

-- Of a journey the newest 1,000 touches are kept: those that are gone are not among them. email is older than display.
SELECT status FROM attribution.ingest_event(:'t', pg_temp.sale('s-long', 'journey-long', 1000, 'order:s-long'));
INSERT INTO attribution.event_journeys (tenant_id, event_id, journey_id, touched_at, channel)
SELECT :'t', gen_random_uuid(), 'journey-long', '2026-10-01 00:00+00'::timestamptz + n * interval '1 minute', CASE WHEN n <= 100 THEN 'email' ELSE 'display' END
  FROM generate_series(1, 1100) AS n;
:divide;
SELECT * FROM pg_temp.divided('linear') WHERE sale_key = 'order:s-long';
DELETE FROM attribution.event_journeys WHERE tenant_id = :'t' AND journey_id = 'journey-long' AND touched_at > '2026-10-01 17:30+00';
INSERT INTO attribution.allocation_queue (tenant_id, reason, journey_ids) VALUES (:'t', 'late_touchpoint', '{journey-long}');
:divide;
SELECT * FROM pg_temp.divided('linear') WHERE sale_key = 'order:s-long';

-- A journey that only evidence of the order tells is the sale's as well: its late touches count, and it is erased like any.
SELECT status, booked FROM attribution.ingest_events(:'t', jsonb_build_array(pg_temp.sale('s-told', NULL, 600),
    jsonb_set(jsonb_set(pg_temp.order_event('pi-told', money => 'pi:told', books => false, body => 'pi-told', signals => '{}'),
                        '{conversion,order_ref}', pg_temp.sale('s-told', NULL, 600) #> '{conversion,external_id}'), '{conversion,journey_id}', '"journey-told"')));
:divide;
SELECT status FROM attribution.ingest_event(:'t', pg_temp.visit('v-told', 'journey-told', '2026-10-29T10:00:00Z', 'newsletter', 'email'));
:divide;
SELECT * FROM pg_temp.divided('linear') WHERE sale_key = 'order:s-told';
SELECT attribution.erase_journey(:'t', 'journey-told');
SELECT journey_id IS NULL AND touches IS NULL AS erased FROM attribution.sales WHERE tenant_id = :'t' AND sale_key = 'order:s-told';
:divide;
SELECT * FROM pg_temp.divided('linear') WHERE sale_key = 'order:s-told';
