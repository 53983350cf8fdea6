// Deliveries as WooCommerce sends them, over HTTP/1.0, and its unsigned ping; every wrong variant is refused, one row each.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import test, { after, before } from 'node:test';
import { holdToContract } from './lib/contracts.mjs';
import { request, sendRaw } from './lib/http.mjs';
import { Stack, eventually } from './lib/stack.mjs';
import { createEndpoint, deliver, headers, order, sign, target } from './lib/woocommerce.mjs';

let stack;
let place;
let neighbour;
let shop;
before(async () => {
  stack = await Stack.start('woocommerce-client');
  const tenantId = await stack.createTenant('woocommerce');
  place = createEndpoint(stack, tenantId);
  neighbour = createEndpoint(stack, tenantId, { account: 'https://shop.example.com/de/' });
  shop = await stack.createShop();
});
after(() => stack?.remove());

async function storedRows() {
  return stack.value(`SELECT (SELECT count(*) FROM attribution.attribution_events)
      + (SELECT count(*) FROM attribution.dead_events) + (SELECT count(*) FROM attribution.revenue_ledger)
      + (SELECT coalesce(sum(deliveries), 0) FROM attribution.ignored_deliveries)`);
}

test('a delivery as WooCommerce sends it: a request line of HTTP/1.0, closed after the answer', async () => {
  const body = order();
  const lines = Object.entries(headers(place, body)).map(([name, value]) => `${name}: ${value}`);
  const { answers, closed } = await sendRaw(stack.httpPort, [`POST ${target(place)} HTTP/1.0`, 'Host: localhost', 'Connection: close',
    'Accept-Encoding: deflate, gzip', 'Accept: */*', 'User-Agent: WooCommerce/10.3.5 Hookshot (WordPress/6.8)', ...lines, '', body].join('\r\n'), { quiet: 3000 });
  assert.deepEqual(answers.map((a) => a.status), [200]);
  assert.equal(holdToContract('POST', target(place), answers[0]).status, 'created');
  assert.ok(closed);
});

test('two orders within a second, under one X-WC-Webhook-Delivery-ID: both are stored, and a repeat is not', async () => {
  const bodies = [order(), order()];
  const answers = [];
  for (const body of [...bodies, bodies[0]]) answers.push((await deliver(stack, place, body)).json);
  assert.deepEqual(answers.map(({ status }) => status), ['created', 'created', 'duplicate']);
  assert.equal(answers[2].event_id, answers[0].event_id);
});

test('orders of the same number in two stores of one tenant are two sales', async () => {
  for (const body of [order({ id: 5 }), '{"id":6}']) {
    const path = body.length < 20 ? '/order/deleted' : '/order/created';
    for (const store of [place, neighbour]) {
      const answer = await request(stack.url, 'POST', target(store, path), { body, headers: headers(store, body) });
      assert.equal(answer.json.status, 'created');
    }
  }
  const keys = await stack.sql('SELECT money_key FROM attribution.revenue_ledger WHERE money_key ~ $1 ORDER BY 1', [':5$']);
  assert.deepEqual(keys.map((row) => row.money_key), ['woocommerce:shop.example.com/de:order:5', 'woocommerce:shop.example.com:order:5']);
});

for (const [name, stored, signedWith] of [
  ['as WordPress stores it', 'a&amp;b&lt;&#039;&quot;', 'a&b<\'"'],
  ['as WordPress\'s form shows it', 'a&b<\'"', 'a&b<\'"'],
]) {
  test(`a secret with special characters, given ${name}`, async () => {
    const special = createEndpoint(stack, place.tenantId, { secret: stored });
    const body = order();
    assert.equal((await deliver(stack, special, body, { 'x-wc-webhook-signature': sign(signedWith, body) })).json.status, 'created');
    assert.equal((await deliver(stack, special, body, { 'x-wc-webhook-signature': sign(`${signedWith} `, body) })).status, 401);
  });
}

test('an endpoint without a secret, or with an account that is no store, is not made', () => {
  for (const [changes, said] of [[{ secret: '' }, /holds no secret/], [{ account: 'My shop' }, /URL of its store/], [{ account: 'https://192.0.2.7/' }, /URL of its store/]]) {
    assert.throws(() => createEndpoint(stack, place.tenantId, changes), (error) => said.test(error.stderr ?? error.message));
  }
});

// name, status, (body) => {headers, target, method, body} over a good delivery; what the answer's detail says
const signature = (text) => ({ headers: { 'x-wc-webhook-signature': text } });
const ping = (changes) => ({ body: 'webhook_id=5', headers: { ...unsigned, 'content-length': '12', ...changes } });
const unsigned = Object.fromEntries(Object.keys(headers({ secret: 'x', account: 'x' }, '')).filter((name) => name.startsWith('x-wc-')).map((name) => [name, undefined]));
const refused = [
  ['a wrong secret', 401, (b) => signature(sign('other', b)), /belong/],
  ['the secret of another endpoint', 401, (b) => signature(sign(neighbour.secret, b)), /belong/],
  ['an empty secret', 401, (b) => signature(sign('', b)), /belong/],
  ['one byte of the body changed', 401, (b) => ({ body: b.replace('29.35', '29.34') }), /belong/],
  ['hex in place of base64', 401, (b) => signature(Buffer.from(sign(place.secret, b), 'base64').toString('hex')), /belong/],
  ['no padding', 401, (b) => signature(sign(place.secret, b).replace(/=+$/, '')), /belong/],
  ['no header', 401, () => signature(undefined), /missing/],
  ['an empty header', 401, () => signature(''), /missing or empty/],
  ['the header twice', 400, (b) => signature([sign(place.secret, b), sign(place.secret, b)]), /more than once/],
  ['a ping with more in it', 401, () => ({ ...ping({ 'content-length': '16' }), body: 'webhook_id=5&a=1' }), /missing/],
  ['a ping whose number is none', 401, () => ({ ...ping({ 'content-length': '12' }), body: 'webhook_id=x' }), /missing/],
  ['a ping with a header of WooCommerce', 401, () => ping({ 'x-wc-webhook-topic': 'order.created' }), /missing/],
  ['an unsigned order', 401, (b) => ({ headers: unsigned, body: b }), /missing/],
  ['a ping to an unknown endpoint', 404, () => ({ ...ping(), target: target({ endpointId: `whe_${'0'.repeat(32)}` }) }), /no active WooCommerce endpoint/],
  ['a ping to an endpoint of another provider', 404, () => ({ ...ping(), target: target(shop) }), /no active WooCommerce endpoint/],
  ['a ping to a path that is no topic', 404, () => ({ ...ping(), target: target(place, '/order.created') }), /not a topic/],
  ['a ping to Shopify', 401, () => ({ ...ping(), target: `/webhooks/shopify/orders/create?endpoint=${shop.endpointId}` }), /missing/],
  ['an unknown endpoint', 404, () => ({ target: target({ endpointId: `whe_${'0'.repeat(32)}` }) }), /no active WooCommerce endpoint/],
  ['no topic on the bare path', 400, () => ({ target: target(place, ''), headers: { 'x-wc-webhook-topic': undefined } }), /X-WC-Webhook-Topic/],
  ['GET', 405, () => ({ method: 'GET', body: undefined, headers: { 'content-length': undefined } }), /method/],
];

for (const [name, status, spoil, detail] of refused) {
  test(`refused: ${name} → ${status}, nothing stored`, async () => {
    const before = await storedRows();
    const body = order();
    const change = spoil(body);
    const answer = await request(stack.url, change.method ?? 'POST', change.target ?? target(place),
      { body: 'body' in change ? change.body : body, headers: headers(place, body, change.headers) });
    assert.equal(answer.status, status, answer.body);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.match(answer.json.detail, detail);
    assert.equal(await storedRows(), before, 'something was stored');
  });
}

for (const path of ['', '/order/created', '/order/updated']) {
  for (const version of ['1.0', '1.1']) {
    test(`the ping of a webhook that is saved, to "${path}" over HTTP/${version}: 200, and stored nowhere`, async () => {
      const before = await storedRows();
      const { answers } = await sendRaw(stack.httpPort, [`POST ${target(place, path)} HTTP/${version}`, 'Host: localhost', 'Connection: close',
        'User-Agent: WooCommerce/10.3.5 Hookshot (WordPress/6.8)', 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: 12', '',
        'webhook_id=5'].join('\r\n'), { quiet: 3000 });
      assert.deepEqual(answers.map((a) => a.status), [200]);
      assert.equal(holdToContract('POST', target(place, path), answers[0]).status, 'ignored');
      assert.equal(await storedRows(), before, 'something was stored');
    });
  }
}

test('what cannot be a ping is refused by its head, and what may be one only for an endpoint that is there', async () => {
  for (const [endpointId, length, status] of [[place.endpointId, 1000, 401], [`whe_${'0'.repeat(32)}`, 12, 404]]) {
    const { answers } = await sendRaw(stack.httpPort, [`POST ${target({ endpointId })} HTTP/1.1`, 'Host: localhost', `Content-Length: ${length}`, '', ''].join('\r\n'), { quiet: 1500 });
    assert.deepEqual(answers.map((a) => a.status), [status]);
  }
});

test('the bare path takes the topic that the header names', async () => {
  for (const [topic, body, status] of [['order.updated', order(), 'created'], ['order.deleted', '{"id":99}', 'created'], ['product.updated', '{"id":1}', 'ignored']]) {
    const answer = await request(stack.url, 'POST', target(place, ''), { body, headers: headers(place, body, { 'x-wc-webhook-topic': topic }) });
    assert.equal(answer.json.status, status, topic);
    if (status === 'created') assert.equal(await stack.value('SELECT topic FROM attribution.attribution_events WHERE event_id = $1', [answer.json.event_id]), topic);
  }
});

test('another store than the endpoint\'s is logged and no reason to refuse', async () => {
  const lines = () => fs.readFileSync(stack.serverLog, 'utf8').split('\n').filter((line) => line.includes('"other_account"'));
  const same = await deliver(stack, place, order(), { 'x-wc-webhook-source': 'http://SHOP.example.com' });
  const other = await deliver(stack, place, order(), { 'x-wc-webhook-source': 'https://jane.example.com/' });
  assert.deepEqual([same.json.status, other.json.status], ['created', 'created']);
  await eventually('it is logged', () => lines().some((line) => line.includes(other.json.correlation_id)));
  assert.ok(!lines().some((line) => line.includes(same.json.correlation_id)));
});

test('what is signed but is no order is kept as a dead letter', async () => {
  for (const body of ['not json', '{"id":1}', '{"code":"woocommerce_rest_cannot_view","data":{"status":401}}', order({ total: '1.005' })]) {
    const answer = await deliver(stack, place, body);
    assert.equal(answer.status, 200);
    assert.equal(answer.json.status, 'dead_lettered');
  }
});
