// The two identities: a delivery is stored once however often it comes, money is booked once however it is told.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test, { after, before } from 'node:test';
import { deliver, order } from './lib/shopify.mjs';
import { Stack } from './lib/stack.mjs';

let stack;
let shop;
before(async () => {
  stack = await Stack.start('ingestion');
  shop = await stack.createShop();
});
after(() => stack.remove());

let orderId = 900_000_000_000_000_000n;
const nextOrderId = () => (orderId += 1n);

const eventsOf = (id) => stack.sql(
  'SELECT event_id, delivery_key, event_type, channel FROM attribution.attribution_events WHERE external_id = $1', [String(id)]);
const entriesOf = (id) => stack.sql(
  `SELECT kind, step, amount_minor::text AS amount, currency FROM attribution.revenue_ledger
    WHERE money_key = 'shopify:order:' || $1 ORDER BY step`, [String(id)]);

for (const times of [1, 2, 1000]) {
  test(`the same delivery ${times} times in parallel: one event, one entry, every answer names it`, async () => {
    const id = nextOrderId();
    const deliveryKey = randomUUID();
    const body = order({ id });
    const answers = await Promise.all(Array.from({ length: times }, () => deliver(stack, shop, body, { deliveryKey })));
    assert.deepEqual([...new Set(answers.map((a) => a.status))], [200]);
    const events = await eventsOf(id);
    assert.equal(events.length, 1);
    assert.equal(events[0].delivery_key, deliveryKey);
    assert.deepEqual([...new Set(answers.map((a) => a.json.event_id))], [events[0].event_id]);
    const count = (status) => answers.filter((a) => a.json.status === status).length;
    assert.equal(count('created'), 1);
    assert.equal(count('duplicate'), times - 1);
    assert.deepEqual(await entriesOf(id), [{ kind: 'capture', step: 1, amount: '38800', currency: 'USD' }]);
  });
}

for (const times of [2, 1000]) {
  test(`the same order under ${times} delivery keys in parallel: ${times} events, one entry`, async () => {
    const id = nextOrderId();
    const body = order({ id });
    const answers = await Promise.all(Array.from({ length: times }, () => deliver(stack, shop, body)));
    assert.deepEqual([...new Set(answers.map((a) => a.status))], [200]);
    assert.deepEqual([...new Set(answers.map((a) => a.json.status))], ['created']);
    const events = await eventsOf(id);
    assert.deepEqual(new Set(events.map((e) => e.event_id)), new Set(answers.map((a) => a.json.event_id)));
    assert.equal(events.length, times);
    assert.deepEqual(await entriesOf(id), [{ kind: 'capture', step: 1, amount: '38800', currency: 'USD' }]);
  });
}

const unpaid = { financial_status: 'pending', total_outstanding: '388.00', updated_at: '2026-11-20T10:00:01-05:00' };
const paid = { financial_status: 'paid', total_outstanding: '0.00', updated_at: '2026-11-20T10:05:00-05:00' };
const paidAgain = { ...paid, updated_at: '2026-11-20T11:00:00-05:00' };
for (const [name, states] of [
  ['unpaid, paid, paid again', [unpaid, paid, paidAgain]],
  ['paid again, paid, unpaid (the reverse order)', [paidAgain, paid, unpaid]],
  ['paid, unpaid in the same second', [paid, { ...unpaid, updated_at: paid.updated_at }]],
  ['unpaid, paid in the same second', [{ ...unpaid, updated_at: paid.updated_at }, paid]],
]) {
  test(`one order first to last ${name}: ${states.length} events, one entry`, async () => {
    const id = nextOrderId();
    for (const state of states) {
      assert.equal((await deliver(stack, shop, order({ id, ...state }))).json.status, 'created');
    }
    assert.equal((await eventsOf(id)).length, states.length);
    assert.deepEqual(await entriesOf(id), [{ kind: 'capture', step: 1, amount: '38800', currency: 'USD' }]);
  });
}

test('partially paid, then paid: two entries that add up', async () => {
  const id = nextOrderId();
  await deliver(stack, shop, order({ id, financial_status: 'partially_paid', total_outstanding: '288.00' }));
  await deliver(stack, shop, order({ id, ...paid }));
  assert.deepEqual((await entriesOf(id)).map((e) => e.amount), ['10000', '28800']);
});

// name, changes, ledger amounts, currency
for (const [name, changes, amounts] of [
  ['pending', unpaid, []],
  ['authorized', { financial_status: 'authorized', total_outstanding: '388.00' }, []],
  ['voided', { financial_status: 'voided', total_outstanding: '388.00' }, []],
  ['free of charge', { total_price: '0.00' }, []],
  ['in yen, without decimals', { currency: 'JPY', total_price: '38800' }, ['38800']],
  ['in dinars, three decimals', { currency: 'KWD', total_price: '388.005' }, ['388005']],
  ['larger than a double holds exactly', { total_price: '90071992547409.93' }, ['9007199254740993']],
]) {
  test(`an order ${name}: one event, entries ${JSON.stringify(amounts)}`, async () => {
    const id = nextOrderId();
    const answer = await deliver(stack, shop, order({ id, ...changes }));
    assert.equal(answer.json.status, 'created', answer.body);
    assert.equal(await stack.value('SELECT count(*)::int FROM attribution.attribution_events WHERE event_id = $1', [answer.json.event_id]), 1);
    assert.deepEqual((await entriesOf(id)).map((e) => e.amount), amounts);
  });
}

test('a test order is counted and not stored', async () => {
  const id = nextOrderId();
  const counted = () => stack.value("SELECT coalesce(sum(deliveries), 0)::int FROM attribution.ignored_deliveries WHERE tenant_id = $1 AND reason = 'test_mode'", [shop.tenantId]);
  const before = await counted();
  const answer = await deliver(stack, shop, order({ id, test: true }));
  assert.deepEqual([answer.json.status, answer.json.event_id], ['ignored', null]);
  assert.equal(await counted(), before + 1);
  assert.deepEqual([await eventsOf(id), await entriesOf(id)], [[], []]);
});

test('the same delivery key with another body is a conflict; the first stays', async () => {
  const id = nextOrderId();
  const deliveryKey = randomUUID();
  const first = await deliver(stack, shop, order({ id }), { deliveryKey });
  const second = await deliver(stack, shop, order({ id, total_price: '500.00' }), { deliveryKey });
  assert.equal(second.status, 200);
  assert.equal(second.json.status, 'conflict');
  assert.equal(second.json.event_id, first.json.event_id);
  assert.deepEqual((await entriesOf(id)).map((e) => e.amount), ['38800']);
  assert.equal(await stack.value("SELECT count(*)::int FROM attribution.dead_events WHERE code = 'RA004' AND delivery_key = $1", [deliveryKey]), 1);
});

test('without a delivery key the digest of the body takes its place', async () => {
  const id = nextOrderId();
  const body = order({ id });
  const answers = [];
  for (let i = 0; i < 2; i += 1) answers.push(await deliver(stack, shop, body, { deliveryKey: undefined, 'x-shopify-webhook-id': undefined }));
  assert.deepEqual(answers.map((a) => a.json.status), ['created', 'duplicate']);
  const [event] = await stack.sql("SELECT delivery_key, encode(digest, 'hex') AS digest FROM attribution.attribution_events WHERE event_id = $1", [answers[0].json.event_id]);
  assert.equal(event.delivery_key, event.digest);
});

test('one order id at two tenants is two sales', async () => {
  const other = await stack.createShop('other');
  const id = nextOrderId();
  const deliveryKey = randomUUID();
  const answers = [await deliver(stack, shop, order({ id }), { deliveryKey }), await deliver(stack, other, order({ id }), { deliveryKey })];
  assert.deepEqual(answers.map((a) => a.json.status), ['created', 'created']);
  const tenants = await stack.sql('SELECT DISTINCT tenant_id FROM attribution.revenue_ledger WHERE money_key = $1', [`shopify:order:${id}`]);
  assert.equal(tenants.length, 2);
});

for (const [channel, changes] of [
  ['paid_search', { landing_site: '/?utm_source=google&utm_medium=cpc', referring_site: null }],
  ['organic_search', { landing_site: '/', referring_site: 'https://www.google.com/' }],
  ['email', { landing_site: '/?utm_source=newsletter&utm_medium=email', referring_site: null }],
  ['referral', { landing_site: '/', referring_site: 'https://coffee.example.net/forum' }],
  ['affiliates', { landing_site: '/?utm_source=blog&utm_medium=affiliate', referring_site: null }],
  ['direct', { landing_site: '/', referring_site: null }],
]) {
  test(`channel ${channel} from ${JSON.stringify(changes)}`, async () => {
    const id = nextOrderId();
    await deliver(stack, shop, order({ id, ...changes }));
    assert.deepEqual((await eventsOf(id)).map((e) => e.channel), [channel]);
  });
}
