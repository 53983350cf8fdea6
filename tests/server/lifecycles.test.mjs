// Whole lives of orders, delivery by delivery: what an accountant would write is what the ledger has, and what
// docs/booking.md shows.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import test, { after, before } from 'node:test';
import { lifeTables, livesText, page, sections } from './lib/lives/page.mjs';
import { makePlaces, send } from './lib/lives/places.mjs';
import { Stack } from './lib/stack.mjs';

let stack;
let places;
before(async () => {
  stack = await Stack.start('lifecycles', { settings: ['fsync=off'] });
  places = await makePlaces(stack);
});
after(() => stack?.remove());

const lives = Object.values(sections).flat();

const entriesOf = (eventId) => stack.sql(`SELECT money_key, kind::text, step, amount_minor::int, currency::text, tax_minor::int, shipping_minor::int
    FROM attribution.revenue_ledger WHERE event_id = $1 ORDER BY booked_at, money_key`, [eventId]);

// Only what the life states: tax and shipping are not looked at everywhere.
const expectedRows = (life, { entries }) => entries.map(({ key, kind, step, minor, tax, shipping }) => ({ money_key: key, kind, step,
  amount_minor: minor, currency: life.currency, ...(tax === undefined ? {} : { tax_minor: tax, shipping_minor: shipping }) }));

function comparable(rows, withFacts) {
  return rows.map(({ tax_minor, shipping_minor, ...row }) => (withFacts ? { ...row, tax_minor, shipping_minor } : row))
    .sort((a, b) => `${a.money_key} ${a.kind} ${a.step}`.localeCompare(`${b.money_key} ${b.kind} ${b.step}`));
}

async function checkDelivery(life, delivery, no) {
  const where = `${life.title}: delivery ${no}, ${delivery.topic}`;
  const answer = await send(stack, places, { ...delivery, anyTopic: delivery.status === 'ignored' });
  assert.equal(answer.status, 200, `${where}: ${answer.body}`);
  assert.equal(answer.json.status, delivery.status === 'ignored' ? 'ignored' : 'created', `${where}: ${answer.body}`);
  if (delivery.status === 'ignored') return;
  const expected = expectedRows(life, delivery);
  const withFacts = delivery.entries.some(({ tax }) => tax !== undefined);
  assert.deepEqual(comparable(await entriesOf(answer.json.event_id), withFacts), comparable(expected, withFacts), where);
  const evidence = await stack.value('SELECT evidence FROM attribution.attribution_events WHERE event_id = $1', [answer.json.event_id]);
  assert.equal(evidence, delivery.status === 'evidence', `${where}: evidence`);
}

for (const [section, itsLives] of Object.entries(sections)) {
  for (const life of itsLives) {
    test(`${section}: ${life.title}`, async () => {
      for (const [i, delivery] of life.deliveries.entries()) await checkDelivery(life, delivery, i + 1);
    });
  }
}

test('nothing else is in the ledger, and every delivery is somewhere', async () => {
  const all = lives.flatMap((life) => life.deliveries);
  const entries = all.flatMap((delivery) => delivery.entries);
  assert.equal(await stack.value('SELECT count(*)::int FROM attribution.revenue_ledger'), entries.length);
  const ignored = all.filter(({ status }) => status === 'ignored');
  assert.equal(await stack.value('SELECT sum(deliveries)::int FROM attribution.ignored_deliveries'), ignored.length);
  assert.equal(await stack.value('SELECT count(DISTINCT (source, delivery_key))::int FROM attribution.attribution_events'), all.length - ignored.length);
  assert.deepEqual(await stack.sql('SELECT code, detail FROM attribution.dead_events'), []);
});

test('why deliveries were only counted', async () => {
  const rows = await stack.sql('SELECT source, topic, reason, deliveries::int FROM attribution.ignored_deliveries ORDER BY source, topic, reason');
  assert.deepEqual(rows, [
    { source: 'paypal', topic: 'billing.subscription.created', reason: 'unknown_topic', deliveries: 1 },
    { source: 'paypal', topic: 'payment.capture.completed', reason: 'test_mode', deliveries: 1 },
    { source: 'shopify', topic: 'fulfillments/create', reason: 'unknown_topic', deliveries: 1 },
    { source: 'shopify', topic: 'orders/create', reason: 'test_mode', deliveries: 1 },
    { source: 'stripe', topic: 'charge.succeeded', reason: 'test_mode', deliveries: 1 },
    { source: 'stripe', topic: 'customer.updated', reason: 'unknown_topic', deliveries: 1 },
    { source: 'stripe', topic: 'payment_intent.amount_capturable_updated', reason: 'unknown_topic', deliveries: 1 },
    { source: 'stripe', topic: 'payment_intent.canceled', reason: 'unknown_topic', deliveries: 1 },
    { source: 'woocommerce', topic: 'product.updated', reason: 'unknown_topic', deliveries: 1 },
  ]);
});

// Neither provider copies what names the order to the refunds: the sale tells it for them.
test('evidence stands beside the order that it names', async () => {
  const results = await stack.pool.query(`BEGIN; SELECT attribution.set_tenant('${places.tenants.shop}');
    SELECT e.topic, e.amount_minor::int, e.currency, e.linked, b.external_id AS order_id
      FROM attribution.evidence AS e LEFT JOIN attribution.attribution_events AS b ON b.event_id = e.booked_event_id
     ORDER BY e.topic; COMMIT`);
  const [orderId, paypalOrderId] = sections['A shop and its payment provider']
    .filter(({ deliveries }) => deliveries[1].provider === 'shopify').map(({ deliveries }) => JSON.parse(deliveries[1].body).id.toString());
  assert.deepEqual(results[2].rows, [
    { topic: 'charge.refunded', amount_minor: 1500, currency: 'EUR', linked: true, order_id: orderId },
    { topic: 'charge.succeeded', amount_minor: 4999, currency: 'EUR', linked: true, order_id: orderId },
    { topic: 'payment.capture.completed', amount_minor: 4999, currency: 'EUR', linked: true, order_id: paypalOrderId },
    { topic: 'payment.capture.refunded', amount_minor: 1500, currency: 'EUR', linked: true, order_id: paypalOrderId },
    { topic: 'payment_intent.succeeded', amount_minor: 4999, currency: 'EUR', linked: true, order_id: orderId },
    { topic: 'refund.created', amount_minor: 1500, currency: 'EUR', linked: true, order_id: orderId },
  ]);
});

test('evidence stands beside the order that names its payment', async () => {
  const results = await stack.pool.query(`BEGIN; SELECT attribution.set_tenant('${places.tenants.store}');
    SELECT e.topic, e.linked_by, b.external_id AS order_id
      FROM attribution.evidence AS e LEFT JOIN attribution.attribution_events AS b ON b.event_id = e.booked_event_id
     ORDER BY e.topic; COMMIT`);
  const order_id = sections['A shop and its payment provider'][1].deliveries[3].entries[0].key;
  assert.deepEqual(results[2].rows, ['charge.succeeded', 'payment_intent.succeeded', 'refund.created']
    .map((topic) => ({ topic, linked_by: 'transaction', order_id })));
});

test('docs/booking.md shows these lives', () => {
  const [shown] = fs.readFileSync(page, 'utf8').match(lifeTables) ?? [];
  assert.equal(shown, livesText(), 'write them anew: node tests/server/lib/lives/page.mjs');
});
