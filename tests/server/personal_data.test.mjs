// Personal data planted wherever a delivery can carry it: none of it may reach a dump, the WAL, the data files or a log,
// with PostgreSQL logging every statement and every parameter.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { request, sendRaw } from './lib/http.mjs';
import { captureCompleted, createEndpoint, event, relaySignature, target as paypalTarget } from './lib/paypal.mjs';
import { deliver, headers, order, target } from './lib/shopify.mjs';
import { Stack } from './lib/stack.mjs';
import * as woocommerce from './lib/woocommerce.mjs';

const address = {
  first_name: 'Zebulon', last_name: 'Quackenbush', name: 'Zebulon Quackenbush', address1: '17 Xylophone Alley',
  address2: 'Flat Wombat', city: 'Quuxville', zip: 'ZQ9 7XW', phone: '+1 555 0142 7788', company: 'Gribble and Daughters',
  latitude: 12.345678, longitude: 98.765432,
};
const planted = {
  email: 'zebulon.quackenbush@example.com', contact_email: 'zebulon.quackenbush@example.com', phone: '+15550142778',
  browser_ip: '203.0.113.77', client_details: { browser_ip: '203.0.113.77', user_agent: 'Gribblebrowser/1.0' },
  note: 'Leave it with Quackenbush in Xylophone Alley', tags: 'friend-of-zebulon', name: '#Zebulon1',
  note_attributes: [{ name: 'gift for', value: 'Zebulon Quackenbush' }, { name: 'utm_content', value: 'zebulon.quackenbush@example.com' }],
  landing_site: '/welcome/zebulon.quackenbush%40example.com?utm_source=newsletter&utm_medium=email&utm_campaign=%2B1%20555%200142%207788'
    + '&utm_content=zebulon.quackenbush%40example.com&utm_term=zebulon%2Equackenbush%2540example.com&email=zebulon%2Equackenbush%40example%2Ecom&gclid=Gribbleclick99',
  referring_site: 'https://mail.example.com/inbox/zebulon.quackenbush%40example.com?user=Quackenbush',
  billing_address: address, shipping_address: address,
  customer: { id: 115310627, ...address, email: 'zebulon.quackenbush@example.com', default_address: address },
  order_status_url: 'https://shop.example.com/1/orders/gribbletoken123/authenticate?key=gribblekey456',
  token: 'gribbletoken123', cart_token: 'gribblecart789', checkout_token: 'gribblecheckout000',
  payment_details: { credit_card_number: '•••• 4242', credit_card_name: 'Z Quackenbush' },
  line_items: [{ id: 1, title: 'Lamp', price: '388.00', quantity: 1, properties: [{ name: 'Engraving', value: 'For Zebulon' }] }],
};
// What is looked for, in any case of letters: no fragment occurs in what may be stored.
const fragments = ['zebulon', 'quackenbush', 'xylophone', 'wombat', 'quuxville', 'zq9 7xw', '0142 77', '0142%207', '5550142', 'gribble',
  '203.0.113.77', '12.345678', '98.765432'];

let stack;
let shop;
let orderId;
before(async () => {
  stack = await Stack.start('personal-data', { settings: ['log_statement=all', 'log_min_duration_statement=0',
    'log_parameter_max_length=-1', 'log_parameter_max_length_on_error=-1', 'log_connections=on', 'wal_level=logical', 'wal_keep_size=1GB', 'wal_compression=off'] });
  shop = await stack.createShop();
  orderId = 777_000_777_000_777_001n;
  const key = randomUUID();
  const body = order({ id: orderId, ...planted });
  const deliveries = [
    [body, { deliveryKey: key }],                                                    // created
    [body, { deliveryKey: key }],                                                    // duplicate
    [order({ id: orderId, ...planted, total_price: '1.00' }), { deliveryKey: key }],  // conflict
    [body.replace('"currency":"USD"', '"currency":"Zebulon"'), {}],                   // dead letter
    [body.replace(/"id":\d+/, '"id":"zebulon.quackenbush@example.com"'), {}],         // dead letter
    [body.slice(0, -5), {}],                                                          // dead letter: broken JSON
    [body.replace('"test":false', '"zebulon@example.com":1,"zebulon@example.com":2'), {}],  // dead letter: duplicate key
    [order({ ...planted }), { deliveryKey: 'zebulon.quackenbush@example.com', 'user-agent': 'Gribblebrowser/1.0',
      'x-shopify-topic': 'Zebulon Quackenbush', 'x-shopify-shop-domain': 'quackenbush.myshopify.com',
      'x-correlation-id': 'zebulon', traceparent: '00-zebulon', cookie: 'name=Quackenbush' }],
    [body, { 'x-shopify-hmac-sha256': 'Zebulon+Quackenbush==' }],                     // 401
  ];
  for (const [text, options] of deliveries) {
    const answer = await deliver(stack, shop, text, options);
    holdsNothing(answer, 200, 401);
  }
  await deliverByPayPal();
  await deliverByWooCommerce();
  await sendTouchpoints();
  await request(stack.url, 'POST', `${target(shop)}&email=zebulon.quackenbush%40example.com`, { body, headers: await headers(shop, body) });
  await request(stack.url, 'GET', '/customers/zebulon.quackenbush@example.com');
  await request(stack.url, 'GET', '/api/attribution/revenue/realtime?from=Quackenbush', { headers: { 'x-api-key': shop.apiKey } });
  await request(stack.url, 'GET', '/api/attribution/revenue/realtime', { headers: { authorization: 'Bearer Zebulon-Quackenbush' } });
  await sendRaw(stack.httpPort, 'GET /zebulon HTTP/1.1\r\nHost: quackenbush\r\nHost: zebulon\r\n\r\n');
  // Logs are complete, and what is in shared buffers is in the files, once both have stopped.
  assert.deepEqual(await stack.stopServer(), { code: 0, signal: null });
  await stack.sql('CHECKPOINT');
});
after(() => stack.remove());

// By a relay: what a body may hold does not depend on who signs it.
async function deliverByPayPal() {
  const place = createEndpoint(stack, shop.tenantId, { args: ['--signature', 'hmac', '--books-revenue', 'true'] });
  const person = { custom_id: 'utm_content=zebulon.quackenbush%40example.com|zebulon.quackenbush@example.com', invoice_id: 'Zebulon Quackenbush',
    custom: 'zebulon.quackenbush@example.com', invoice_number: '+15550142778', payer: { email_address: 'zebulon.quackenbush@example.com', ...address },
    shipping: { name: { full_name: 'Zebulon Quackenbush' }, address }, note_to_payer: 'To Quackenbush' };
  const dispute = { dispute_id: 'PP-D-1', create_time: '2026-11-20T10:00:00Z', dispute_amount: { currency_code: 'USD', value: '1.00' }, status: 'Zebulon',
    reason: 'QUACKENBUSH', messages: [{ content: 'I am Zebulon Quackenbush' }], disputed_transactions: [{ custom: 'zebulon@example.com', buyer: address }] };
  const good = captureCompleted(person);
  for (const body of [good, good.slice(0, -5), captureCompleted({ ...person, id: 'zebulon@example.com' }), captureCompleted({ ...person, status: 'ZEBULON' }),
    captureCompleted({ ...person, amount: { currency_code: 'ZEBULON', value: '1.00' } }), captureCompleted({ ...person, amount: { currency_code: 'USD', value: 'Zebulon' } }),
    event('CUSTOMER.DISPUTE.CREATED', dispute, { resourceType: 'dispute', summary: 'Zebulon Quackenbush' }), event('ZEBULON.QUACKENBUSH@EXAMPLE.COM', person)]) {
    holdsNothing(await request(stack.url, 'POST', paypalTarget(place), { body,
      headers: { 'content-length': String(Buffer.byteLength(body)), 'x-attribution-signature': relaySignature(place.secret, body) } }), 200);
  }
}

// An unusable status, number or meta value is refused or left out; a ping is nothing.
async function deliverByWooCommerce() {
  const place = woocommerce.createEndpoint(stack, shop.tenantId);
  const meta = (key, value) => ({ id: 1, key, value });
  const person = {
    billing: { ...address, email: 'zebulon.quackenbush@example.com' }, shipping: address, customer_ip_address: '203.0.113.77',
    customer_user_agent: 'Gribblebrowser/1.0', customer_note: 'For Quackenbush', order_key: 'wc_order_gribbletoken123',
    payment_url: 'https://shop.example.com/?key=gribblekey456', payment_method_title: 'Card of Zebulon', number: 'Zebulon-1',
    transaction_id: 'zebulon.quackenbush@example.com', line_items: [{ id: 1, name: 'Lamp', meta_data: [meta('Engraving', 'For Zebulon')] }],
    refunds: [{ id: 1, reason: 'Quackenbush moved to Xylophone Alley', total: '-1.00' }],
    meta_data: [meta('_wc_order_attribution_utm_source', 'zebulon.quackenbush@example.com'), meta('_wc_order_attribution_utm_campaign', '+1 555 0142 7788'),
      meta('_wc_order_attribution_referrer', 'https://mail.example.com/zebulon.quackenbush%40example.com?user=Quackenbush'),
      meta('_wc_order_attribution_session_entry', 'https://shop.example.com/?email=zebulon@example.com'), meta('_wc_order_attribution_user_agent', 'Gribblebrowser/1.0'),
      meta('_wc_order_attribution_source_type', 'zebulon'), meta('_attribution_journey_id', 'zebulon.quackenbush@example.com'), meta('_billing_vat', { of: 'Zebulon' })],
  };
  const bodies = [woocommerce.order(person), woocommerce.order(person).slice(0, -5), woocommerce.order({ ...person, id: 'zebulon@example.com' }),
    woocommerce.order({ ...person, status: 'Zebulon Quackenbush' }), woocommerce.order({ ...person, currency: 'Zebulon' }), woocommerce.order({ ...person, total: 'Zebulon' })];
  for (const body of bodies) holdsNothing(await woocommerce.deliver(stack, place, body, { 'user-agent': 'Gribblebrowser/1.0' }), 200);
  const ping = 'webhook_id=zebulon.quackenbush%40example.com';
  holdsNothing(await request(stack.url, 'POST', woocommerce.target(place, ''),
    { body: ping, headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(ping.length) } }), 200, 400, 401);
}

// What a page can send: by an author who did not think of it, or by somebody with the page's key.
async function sendTouchpoints() {
  const origin = 'https://shop.example.com';
  const key = stack.admin(['key', 'create', '--tenant', shop.tenantId, '--name', 'page', '--publishable', '--origin', origin, '--rate-limit', '1000']);
  const visit = { id: 'v1-abcdefgh', journey_id: 'j1-abcdefghabcdefgh', referrer: 'mail.example.com',
    url: 'https://shop.example.com/welcome/zebulon.quackenbush%40example.com?utm_source=newsletter&utm_content=zebulon.quackenbush%40example.com&email=zebulon@example.com&gclid=Gribbleclick99' };
  const visits = [visit, { ...visit, id: 'zebulon@example.com' }, { ...visit, id: 'v2-abcdefgh', journey_id: 'zebulon.quackenbush@example.com' },
    { ...visit, id: 'v3-abcdefgh', referrer: 'https://203.0.113.77/?user=Quackenbush' }, { ...visit, id: 'v4-abcdefgh', url: 'Zebulon' },
    { ...visit, id: 'v5-abcdefgh', name: 'Zebulon Quackenbush' }];
  for (const one of visits) {
    const body = JSON.stringify(one);
    holdsNothing(await request(stack.url, 'POST', `/api/ingest/touchpoints?key=${key}`, { body,
      headers: { origin, 'content-type': 'text/plain', 'content-length': String(body.length), 'user-agent': 'Gribblebrowser/1.0', 'x-forwarded-for': '203.0.113.77' } }), 200, ...(one === visit ? [] : [422]));
  }
}

function holdsNothing(answer, ...statuses) {
  assert.ok(statuses.includes(answer.status), answer.body);
  for (const fragment of fragments) assert.ok(!answer.body.toLowerCase().includes(fragment), `the answer has ${fragment}`);
}

function assertClean(where, text, control) {
  const lower = text.toLowerCase();
  assert.ok(lower.includes(control), `${where} does not have ${control}: nothing was searched`);
  for (const fragment of fragments) {
    const at = lower.indexOf(fragment);
    assert.equal(at, -1, `${where} has "${fragment}": …${text.slice(Math.max(0, at - 80), at + 80)}…`);
  }
}

const run = (program, args) => execFileSync(path.join(stack.cluster.bin, program), args,
  { encoding: 'latin1', maxBuffer: 1 << 30, ...stack.cluster.owner(), cwd: '/' });
const connection = () => ['-h', stack.cluster.socket, '-p', String(stack.cluster.port), '-U', 'postgres'];

test('the dump of the database', () => {
  assertClean('pg_dump', run('pg_dump', [...connection(), '--inserts', 'attribution']), String(orderId));
});

test('the text of pg_waldump', () => {
  const directory = path.join(stack.cluster.data, 'pg_wal');
  const segments = fs.readdirSync(directory).filter((name) => /^[0-9A-F]{24}$/.test(name)).sort();
  const end = run('psql', [...connection(), '-d', 'attribution', '-Atc', 'SELECT pg_current_wal_lsn()']).trim();
  const text = run('pg_waldump', ['-b', '-p', directory, '-e', end, segments[0]]);
  assertClean('pg_waldump', text, 'heap');
});

for (const directory of ['pg_wal', 'base']) {
  test(`the bytes of the files in ${directory}`, () => {
    const files = fs.readdirSync(path.join(stack.cluster.data, directory), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
    const holdsOrder = files.map((file) => {
      const text = fs.readFileSync(file, 'latin1').toLowerCase();
      for (const fragment of fragments.filter((f) => /[a-z]{5}/.test(f))) assert.ok(!text.includes(fragment), `${file} has ${fragment}`);
      return text.includes(String(orderId));
    });
    assert.ok(holdsOrder.includes(true), 'no file has the order: nothing was searched');
  });
}

test('the log of PostgreSQL', () => {
  assertClean('the log', fs.readFileSync(stack.cluster.log, 'latin1'), String(orderId));
});

test('the log of the server', () => {
  assertClean('the log', fs.readFileSync(stack.serverLog, 'latin1'), '/webhooks/shopify/orders/create');
});
