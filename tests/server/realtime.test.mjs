// Health and realtime revenue: who may read, what is answered, ranges, tenants apart.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test, { after, before } from 'node:test';
import { request } from './lib/http.mjs';
import { deliver, order } from './lib/shopify.mjs';
import { Stack } from './lib/stack.mjs';

const path = '/api/attribution/revenue/realtime';
let stack;
let berlin;
let empty;
before(async () => {
  stack = await Stack.start('realtime');
  berlin = await stack.createShop('berlin', { timeZone: 'Europe/Berlin' });
  empty = await stack.createShop('empty');
  // 2026-03-29 has 23 hours in Berlin; 22:30Z of the day before is 23:30 there.
  const orders = [
    ['2026-03-28T22:30:00Z', 'USD', '100.00', '/?utm_source=google&utm_medium=cpc'],
    ['2026-03-28T23:00:00Z', 'USD', '10.00', '/?utm_source=google&utm_medium=cpc'],
    ['2026-03-29T21:59:59Z', 'USD', '1.00', '/?utm_source=news&utm_medium=email'],
    ['2026-03-29T22:00:00Z', 'JPY', '500', '/?utm_source=google&utm_medium=cpc'],
  ];
  for (const [at, currency, total, landing] of orders) {
    const answer = await deliver(stack, berlin, order({ processed_at: at, created_at: at, updated_at: at, currency,
      total_price: total, total_shipping_price_set: undefined, landing_site: landing, referring_site: null }));
    assert.equal(answer.json.status, 'created', answer.body);
  }
});
after(() => stack.remove());

const read = (query, key = berlin.apiKey) => request(stack.url, 'GET', path + query, { headers: { authorization: `Bearer ${key}` } });
const sums = (list) => Object.fromEntries(list.map((s) => [[s.channel, s.currency].filter(Boolean).join(' '), s.amount]));

// name, headers
for (const [name, headers] of [
  ['no key', () => ({})],
  ['an empty bearer token', () => ({ authorization: 'Bearer ' })],
  ['another scheme', () => ({ authorization: `Basic ${berlin.apiKey}` })],
  ['a key of another shape', () => ({ 'x-api-key': 'secret' })],
  ['an unknown key', () => ({ 'x-api-key': `pga_${'0'.repeat(16)}_${'A'.repeat(43)}` })],
  ['a key whose secret is wrong by one character', () => ({ 'x-api-key': berlin.apiKey.slice(0, -1) + (berlin.apiKey.endsWith('A') ? 'B' : 'A') })],
  ['a key with something after it', () => ({ 'x-api-key': `${berlin.apiKey}x` })],
]) {
  test(`realtime with ${name} → 401`, async () => {
    const answer = await request(stack.url, 'GET', path, { headers: headers() });
    assert.equal(answer.status, 401);
  });
}

test('the key is taken as bearer token and as X-API-Key', async () => {
  for (const headers of [{ authorization: `Bearer ${berlin.apiKey}` }, { authorization: `bearer ${berlin.apiKey}` }, { 'x-api-key': berlin.apiKey }]) {
    assert.equal((await request(stack.url, 'GET', path, { headers })).status, 200);
  }
});

test('a revoked key → 401', async () => {
  const key = stack.admin(['key', 'create', '--tenant', berlin.tenantId]);
  assert.equal((await read('', key)).status, 200);
  const keyId = key.split('_')[1];
  assert.equal(await stack.value('SELECT attribution.revoke_api_key(tenant_id => $1, key_id => $2)', [berlin.tenantId, keyId]), true);
  assert.equal((await read('', key)).status, 401);
});

// query, channels, totals
for (const [query, channels, totals] of [
  ['?from=2026-03-29&to=2026-03-30', { 'paid_search USD': '10.00', 'email USD': '1.00' }, { USD: '11.00' }],
  ['?from=2026-03-28&to=2026-03-29', { 'paid_search USD': '100.00' }, { USD: '100.00' }],
  ['?from=2026-03-30&to=2026-03-31', { 'paid_search JPY': '500' }, { JPY: '500' }],
  ['?from=2026-03-28&to=2026-03-31', { 'paid_search USD': '110.00', 'email USD': '1.00', 'paid_search JPY': '500' }, { USD: '111.00', JPY: '500' }],
  ['?from=2026-03-28T22:30:00Z&to=2026-03-28T22:30:01Z', { 'paid_search USD': '100.00' }, { USD: '100.00' }],
  ['?from=2026-03-28T22:30:01Z&to=2026-03-28T23:00:00Z', {}, {}],
  ['?from=2026-03-29T00:00:00%2B01:00&to=2026-03-29T23:45:00%2B02:00', { 'paid_search USD': '10.00' }, { USD: '10.00' }],
  ['?to=2026-03-28T23:15:00Z', { 'paid_search USD': '10.00' }, { USD: '10.00' }],
  ['?from=2026-03-30', { 'paid_search JPY': '500' }, { JPY: '500' }],
  ['', {}, {}],
]) {
  test(`realtime${query}`, async () => {
    const answer = await read(query);
    assert.equal(answer.status, 200, answer.body);
    assert.deepEqual(sums(answer.json.channels), channels);
    assert.deepEqual(sums(answer.json.total_revenue), totals);
    assert.equal(answer.json.tenant_id, berlin.tenantId);
    assert.equal(answer.json.time_zone, 'Europe/Berlin');
  });
}

test('freshness is null without entries, else a small number', async () => {
  assert.equal((await read('')).json.data_freshness_seconds, null);
  const { json } = await read('?from=2026-03-28');
  assert.ok(json.data_freshness_seconds >= 0 && json.data_freshness_seconds < 600, String(json.data_freshness_seconds));
});

// Of the days 28 to 30 of March, in Berlin: what was compared last, of which source, currency and days, with how many discrepancies.
const compare = (source, from, to, { currency = null, discrepancies = 0, status = 'completed', at = new Date() } = {}) => stack.sql(
  `INSERT INTO attribution.reconciliation_runs (tenant_id, run_id, source, from_day, to_day, status, currency, discrepancies, finished_at)
   VALUES ($1, gen_random_uuid(), $2, $3, $4, $5, $6, $7, $8)`, [berlin.tenantId, source, from, to, status, currency, discrepancies, at]);
const verified = async (query = '?from=2026-03-28&to=2026-03-31') => (await read(query)).json.verified;

test('verified: every day with entries was compared, and the newest comparison found no difference', async () => {
  assert.equal(await verified(), false, 'nothing was compared');
  const { etag } = (await read('?from=2026-03-28&to=2026-03-31')).headers;
  await compare('shopify', '2026-03-28', '2026-03-29');
  assert.equal(await verified(), false, 'the 30th was not compared');
  assert.equal(await verified('?from=2026-03-28&to=2026-03-30'), true);
  assert.equal(await verified('?from=2026-03-28&to=2026-03-30T12:00:00%2B02:00'), false, 'the 30th has begun, with an entry');
  await compare('stripe', '2026-03-30', '2026-03-30');
  assert.equal(await verified(), false, 'another source');
  await compare('shopify', '2026-03-30', '2026-03-30', { currency: 'USD' });
  assert.equal(await verified(), false, 'another currency');
  await compare('shopify', '2026-03-30', '2026-03-30', { currency: 'JPY' });
  assert.equal(await verified(), true);
  assert.notEqual((await read('?from=2026-03-28&to=2026-03-31')).headers.etag, etag);
  await compare('shopify', '2026-03-01', '2026-03-31', { discrepancies: 1, at: new Date(Date.now() - 60_000) });
  assert.equal(await verified(), true, 'an older comparison');
  await compare('shopify', '2026-03-28', '2026-03-28', { status: 'running', at: null });
  assert.equal(await verified(), true, 'one that still runs');
  await compare('shopify', '2026-03-29', '2026-03-29', { discrepancies: 1, at: new Date(Date.now() + 60_000) });
  assert.equal(await verified(), false, 'a newer one found a difference');
  assert.equal(await verified('?from=2026-03-28&to=2026-03-29'), true);
  assert.equal(await verified('?from=2026-03-20&to=2026-03-28'), false, 'no entries');
  assert.equal((await read('?from=2026-03-28&to=2026-03-29', empty.apiKey)).json.verified, false);
});

for (const query of ['?from=yesterday', '?from=2026-13-01', '?from=2026-02-30', '?to=2026-03-29T00:00:00', '?from=infinity',
  '?from=2026-03-30&to=2026-03-29', '?from=2026-03-29&from=2026-03-30', '?from=', '?from=2026-03-29%27--']) {
  test(`realtime${query} → 400`, async () => {
    const answer = await read(query);
    assert.equal(answer.status, 400, answer.body);
  });
}

// channels of the captures, which is where they are added up: in the database, or in the server
for (const [name, mediums] of [['in one channel', ['cpc', 'cpc']], ['of two channels', ['cpc', 'email']]]) {
  test(`a sum ${name} beyond 64 bits → 500 that says so`, async () => {
    const rich = await stack.createShop(`rich-${mediums[1]}`);
    // 1,100 times the largest amount there is
    const events = Array.from({ length: 1100 }, (_, i) => ({
      version: 1, delivery: { source: 'shop', key: `d${i}`, digest: String(i).padStart(64, '0') },
      conversion: { external_id: `o${i}`, occurred_at: '2026-03-29T10:00:00Z', signals: { source: 'google', medium: mediums[i % 2] } },
      states: [{ money_key: `shop:order:${i}`, kind: 'capture', cumulative_minor: 9e15, currency: 'USD',
        version_at: '2026-03-29T10:00:00Z', occurred_at: '2026-03-29T10:00:00Z' }] }));
    const [row] = await stack.sql('SELECT sum(booked)::int AS booked FROM attribution.ingest_events(tenant_id => $1, events => $2)',
      [rich.tenantId, JSON.stringify(events)]);
    assert.equal(row.booked, 1100);
    const answer = await read('?from=2026-03-29&to=2026-03-30', rich.apiKey);
    assert.equal(answer.status, 500, answer.body);
    assert.match(answer.json.detail, /larger than a 64-bit number/);
  });
}

test('endpoint create prints what the database warns of', async () => {
  const tenantId = await stack.createTenant('twice');
  const create = (provider, books) => spawnSync(stack.binary, ['endpoint', 'create', '--tenant', tenantId, '--provider', provider,
    '--account', `${provider}.example`, '--secret-file', '-', '--books-revenue', books, '--secret-key-file', stack.keyFile,
    '--database', stack.cluster.conninfo('postgres')], { input: 'a-secret-of-sixteen', encoding: 'utf8', ...stack.cluster.owner(), cwd: '/' });
  assert.equal(create('shopify', 'true').stderr, '');
  const second = create('stripe', 'true');
  assert.match(second.stdout, /^whe_/);
  assert.match(second.stderr, /^warning: .*both book revenue\ndetail: .*\nhint: .*\n$/);
});

test('a tenant sees nothing of another one', async () => {
  const { json } = await read('?from=2026-03-01', empty.apiKey);
  assert.equal(json.tenant_id, empty.tenantId);
  assert.deepEqual([json.channels, json.total_revenue], [[], []]);
});

for (const [method, target, status, allow] of [
  ['POST', path, 405, 'GET'], ['DELETE', '/api/health', 405, 'GET'], ['GET', '/webhooks/shopify/orders/create', 405, 'POST'],
  ['GET', '/', 404], ['GET', '/api', 404], ['GET', '/api/health/', 404], ['GET', '/api/../etc/passwd', 404],
]) {
  test(`${method} ${target} → ${status}`, async () => {
    const answer = await request(stack.url, method, target);
    assert.equal(answer.status, status, answer.body);
    if (allow) assert.ok(answer.headers.allow.split(', ').includes(allow));
  });
}

for (const [target, headers, status] of [
  ['/api/health', {}, 200], ['/tracker.js', {}, 200], [path, () => ({ 'x-api-key': berlin.apiKey }), 200], [path, {}, 401], ['/api/none', {}, 404],
  ['/webhooks/shopify/orders/create', {}, 405],
]) {
  test(`HEAD ${target} → ${status}, with the headers of GET and without its content`, async () => {
    const options = { headers: typeof headers === 'function' ? headers() : headers };
    const [head, get] = [await request(stack.url, 'HEAD', target, options), await request(stack.url, 'GET', target, options)];
    assert.deepEqual([head.status, get.status], [status, status]);
    assert.equal(head.body, '');
    if (target !== path) assert.equal(head.headers['content-length'], get.headers['content-length']);
    assert.equal(head.headers['content-type'], get.headers['content-type']);
  });
}

test('health names version and services', async () => {
  const { json } = await request(stack.url, 'GET', '/api/health');
  assert.deepEqual(json, { status: 'ok', version: '0.1.0', services: ['webhooks', 'ingestion', 'attribution', 'export', 'health'], database: 'ok' });
});
