// What Stripe's own client library signs is accepted; every wrong variant is refused, one row each.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test, { after, before } from 'node:test';
import { request } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';
import { charge, chargeSucceeded, createEndpoint, deliver, event, headers, mac, now, sign, stripe, target } from './lib/stripe.mjs';

let stack;
let place;
let neighbour;
let shop;
before(async () => {
  stack = await Stack.start('stripe-client');
  const tenantId = await stack.createTenant('stripe');
  place = createEndpoint(stack, tenantId);
  neighbour = createEndpoint(stack, tenantId);
  shop = await stack.createShop();
});
after(() => stack?.remove());

async function storedRows() {
  return stack.value(`SELECT (SELECT count(*) FROM attribution.attribution_events)
      + (SELECT count(*) FROM attribution.dead_events) + (SELECT count(*) FROM attribution.revenue_ledger)`);
}

// name, (body) => Stripe-Signature
const accepted = [
  ['as the client signs', (b) => sign(place.secret, b)],
  ['four minutes ago', (b) => sign(place.secret, b, { timestamp: now() - 240 })],
  ['four minutes ahead', (b) => sign(place.secret, b, { timestamp: now() + 240 })],
  ['two v1, the second right', (b) => `${sign('whsec_other', b)},v1=${mac(place.secret, b)}`],
  ['two v1, the first right', (b) => `${sign(place.secret, b)},v1=${mac('whsec_other', b)}`],
  ['a v0 and an unknown scheme beside it', (b) => `${sign(place.secret, b)},v0=${'0'.repeat(64)},v9=x=y`],
  ['the time last', (b) => sign(place.secret, b).split(',').reverse().join(',')],
];

for (const [name, signature] of accepted) {
  test(`accepted: ${name}`, async () => {
    const body = chargeSucceeded();
    const header = signature(body);
    stripe.webhooks.constructEvent(body, header, place.secret);  // throws when the client would not take it
    const answer = await deliver(stack, place, body, { 'stripe-signature': header });
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.json.status, 'created');
  });
}

// name, status, (body) => {headers, target, method, body} over a good delivery; what the answer's detail says
const signature = (text) => ({ headers: { 'stripe-signature': text } });
const refused = [
  ['a wrong secret', 401, (b) => signature(sign('whsec_other', b)), /belong/],
  ['the secret of another endpoint', 401, (b) => signature(sign(neighbour.secret, b)), /belong/],
  ['an empty secret', 401, (b) => signature(`t=${now()},v1=${createHmac('sha256', '').update(`${now()}.${b}`).digest('hex')}`), /belong/],
  ['one byte of the body changed', 401, (b) => ({ body: b.replace('4999', '4998') }), /belong/],
  ['one byte of the signature changed', 401, (b) => signature(sign(place.secret, b).replace(/.$/, (c) => (c === '0' ? '1' : '0'))), /belong/],
  ['a time other than the signed one', 401, (b) => signature(sign(place.secret, b).replace(/t=(\d+)/, (_, t) => `t=${Number(t) - 1}`)), /belong/],
  ['upper-case hex', 401, (b) => signature(`t=${now()},v1=${mac(place.secret, b).toUpperCase()}`), /belong/],
  ['half a signature', 401, (b) => signature(sign(place.secret, b).slice(0, -32)), /belong/],
  ['base64 in place of hex', 401, (b) => signature(`t=${now()},v1=${Buffer.from(mac(place.secret, b), 'hex').toString('base64')}`), /belong/],
  ['no header', 401, () => signature(undefined), /missing/],
  ['an empty header', 401, () => signature(''), /missing or empty/],
  ['the header twice', 400, (b) => signature([sign(place.secret, b), sign(place.secret, b)]), /more than once/],
  ['v0 only', 401, (b) => signature(sign(place.secret, b, { scheme: 'v0' })), /form/],
  ['no v1', 401, () => signature(`t=${now()}`), /form/],
  ['no t', 401, (b) => signature(`v1=${mac(place.secret, b)}`), /form/],
  ['a t that is no number', 401, (b) => signature(`t=now,v1=${mac(place.secret, b, 'now')}`), /form/],
  ['a negative t', 401, (b) => signature(`t=-5,v1=${mac(place.secret, b, -5)}`), /form/],
  ['t twice', 401, (b) => signature(`t=${now()},${sign(place.secret, b)}`), /form/],
  ['no scheme at all', 401, (b) => signature(mac(place.secret, b)), /form/],
  ['301 seconds ago', 401, (b) => signature(sign(place.secret, b, { timestamp: now() - 301 })), /genuine, but/],
  ['310 seconds ahead', 401, (b) => signature(sign(place.secret, b, { timestamp: now() + 310 })), /genuine, but/],
  ['a year ago', 401, (b) => signature(sign(place.secret, b, { timestamp: now() - 31_536_000 })), /genuine, but/],
  ['Shopify\'s signature', 401, (b) => ({ headers: { 'stripe-signature': undefined, 'x-shopify-hmac-sha256': createHmac('sha256', place.secret).update(b).digest('base64') } }), /missing/],
  ['an unknown endpoint', 404, () => ({ target: target({ endpointId: `whe_${'0'.repeat(32)}` }) }), /no active Stripe endpoint/],
  ['an endpoint of another provider', 404, () => ({ target: target(shop) }), /no active Stripe endpoint/],
  ['a Stripe endpoint under Shopify\'s path', 404, () => ({ target: `/webhooks/shopify/orders/create?endpoint=${place.endpointId}`, headers: { 'x-shopify-hmac-sha256': 'x' } }), /no active Shopify endpoint/],
  ['no endpoint', 400, () => ({ target: '/webhooks/stripe/charge/succeeded' }), /endpoint is missing/],
  ['the parameter endpoint twice', 400, () => ({ target: `${target(place)}&endpoint=${place.endpointId}` }), /more than once/],
  ['a path that is no topic', 404, () => ({ target: target(place, '/charge.succeeded') }), /not a topic/],
  ['GET', 405, () => ({ method: 'GET', body: undefined, headers: { 'content-length': undefined } }), /method/],
];

for (const [name, status, spoil, detail] of refused) {
  test(`refused: ${name} → ${status}, nothing stored`, async () => {
    const before = await storedRows();
    const body = chargeSucceeded();
    const change = spoil(body);
    const answer = await request(stack.url, change.method ?? 'POST', change.target ?? target(place),
      { body: 'body' in change ? change.body : body, headers: headers(place, body, change.headers) });
    assert.equal(answer.status, status, answer.body);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.match(answer.json.detail, detail);
    if (status === 401) assert.ok(answer.json.hint, 'there is no hint');
    assert.equal(await storedRows(), before, 'something was stored');
  });
}

test('an old genuine signature is told to be old, with the reasons there are', async () => {
  const body = chargeSucceeded();
  const answer = await deliver(stack, place, body, { 'stripe-signature': sign(place.secret, body, { timestamp: now() - 400 }) });
  assert.match(answer.json.hint, /clock/);
  assert.match(answer.json.hint, /played back/);
});

test('any path of Stripe takes any event; the signed type is the topic', async () => {
  for (const path of ['', '/charge/succeeded', '/refund/created', '/customer/created']) {
    const body = chargeSucceeded();
    const answer = await request(stack.url, 'POST', target(place, path), { body, headers: headers(place, body) });
    assert.equal(answer.json.status, 'created', path);
    assert.equal(await stack.value('SELECT topic FROM attribution.attribution_events WHERE event_id = $1', [answer.json.event_id]), 'charge.succeeded');
    const again = await request(stack.url, 'POST', target(place), { body, headers: headers(place, body) });
    assert.equal(again.json.event_id, answer.json.event_id, 'the same event, whatever path it comes by');
  }
});

for (const [name, makeBody, topic, reason] of [
  ['an event that is not booked', () => event('customer.created', { id: 'cus_1', object: 'customer', email: 'jane.roe@example.com' }), 'customer.created', 'unknown_topic'],
  ['an event of the test mode', () => event('charge.succeeded', charge({ livemode: false }), { livemode: false }), 'charge.succeeded', 'test_mode'],
]) {
  test(`${name}: acknowledged and counted, nothing stored`, async () => {
    const before = await storedRows();
    const answer = await deliver(stack, place, makeBody());
    assert.equal(answer.status, 200);
    assert.equal(answer.json.status, 'ignored');
    assert.equal(answer.json.event_id, null);
    assert.equal(await storedRows(), before, 'something was stored');
    assert.equal(await stack.value(`SELECT deliveries::int FROM attribution.ignored_deliveries
        WHERE tenant_id = $1 AND topic = $2 AND reason::text = $3`, [place.tenantId, topic, reason]), 1);
  });
}

test('what is signed but is no event is kept as a dead letter', async () => {
  for (const body of ['not json', '{"id":"evt_1"}', event('charge.succeeded', { id: 'cus_1', object: 'customer' })]) {
    const answer = await deliver(stack, place, body);
    assert.equal(answer.status, 200);
    assert.equal(answer.json.status, 'dead_lettered');
  }
});
