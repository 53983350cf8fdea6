// POST /api/ingest/touchpoints: what a key that stands in a page can do, and that it can do nothing else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import test, { after, before } from 'node:test';
import { request } from './lib/http.mjs';
import { Stack, eventually } from './lib/stack.mjs';

const origin = 'https://shop.example';
let stack;
let shop;
let key;
before(async () => {
  stack = await Stack.start('touchpoints', {
    serverArgs: ['--endpoint-cache', '0.3', '--client-address-header', 'X-Forwarded-For'],
    settings: ['log_statement=all', 'log_parameter_max_length=-1', 'log_parameter_max_length_on_error=-1'] });
  shop = await stack.createShop();
  key = createKey();
});
after(() => stack.remove());

function createKey({ origins = [origin, 'http://localhost:8080'], rateLimit } = {}) {
  return stack.admin(['key', 'create', '--tenant', shop.tenantId, '--publishable',
    ...origins.flatMap((one) => ['--origin', one]), ...(rateLimit ? ['--rate-limit', String(rateLimit)] : [])]);
}

let last = 0;
const visit = (changes = {}) => ({ id: `v1-${last += 1}`, journey_id: 'j1-abcdefghijklmnop',
  url: `${origin}/lamps?utm_source=google&utm_medium=cpc`, referrer: 'www.google.com', ...changes });

let client = 0;
// As a browser sends it. Each call is another client, unless it names one.
function post(body, { with: k = key, query = `?key=${k}`, headers = {}, method = 'POST' } = {}) {
  const all = { origin, 'content-type': 'text/plain;charset=UTF-8', 'x-forwarded-for': `10.9.${(client += 1) >> 8}.${client & 255}`, ...headers };
  return request(stack.url, method, `/api/ingest/touchpoints${query}`, {
    headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value != null)),
    body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body) });
}

const stored = async () => Number(await stack.value(`SELECT (SELECT count(*) FROM attribution.attribution_events)
  + (SELECT count(*) FROM attribution.dead_events) + (SELECT count(*) FROM attribution.money_states)`));

async function refused(status, type, send) {
  const before = await stored();
  const answer = await send();
  assert.equal(answer.status, status, answer.body);
  assert.equal(answer.json.type, `urn:attribution:problem:${type}`);
  assert.equal(await stored(), before, 'something was stored');
  return answer;
}

test('a visit is stored with its channel and journey, and again it is a duplicate', async () => {
  const one = visit();
  const answer = await post(one);
  assert.equal(answer.status, 200, answer.body);
  assert.equal(answer.json.status, 'created');
  assert.equal(answer.headers['access-control-allow-origin'], origin);
  assert.equal((await post(one)).json.status, 'duplicate');
  const rows = await stack.sql(`SELECT e.source, e.topic, e.event_type, e.channel, e.external_id, e.occurred_at, j.journey_id
     FROM attribution.attribution_events AS e JOIN attribution.event_journeys AS j USING (tenant_id, event_id)
    WHERE e.tenant_id = $1 AND e.delivery_key = $2`, [shop.tenantId, one.id]);
  assert.equal(rows.length, 1);
  assert.ok(Math.abs(rows[0].occurred_at - Date.now()) < 60_000, "the server's time");
  assert.deepEqual({ ...rows[0], occurred_at: null }, { source: 'tracker', topic: 'touchpoint', event_type: 'touchpoint',
    channel: 'paid_search', external_id: one.id, journey_id: one.journey_id, occurred_at: null });
});

test("a page cannot take the ids of the merchant's own events", async () => {
  await post(visit({ id: 'order-7-paid' }));
  const own = await request(stack.url, 'POST', '/api/ingest', { headers: { 'content-type': 'application/json', 'x-api-key': shop.apiKey },
    body: JSON.stringify({ type: 'conversion', id: 'order-7-paid', order_id: '7', occurred_at: '2026-11-22T10:00:00Z', amount: '5.00', currency: 'EUR' }) });
  assert.equal(own.json.results[0].status, 'created');
});

test("the browser's time counts when it is near the server's", async () => {
  const times = { near: new Date(Date.now() - 300_000).toISOString(), far: '2020-01-01T00:00:00Z', ahead: new Date(Date.now() + 86_400_000).toISOString() };
  for (const [name, occurred_at] of Object.entries(times)) {
    const one = visit({ occurred_at });
    assert.equal((await post(one)).json.status, 'created');
    const at = await stack.value('SELECT occurred_at FROM attribution.attribution_events WHERE delivery_key = $1', [one.id]);
    if (name === 'near') assert.equal(at.toISOString(), occurred_at);
    else assert.ok(Math.abs(at - Date.now()) < 60_000, name);
  }
});

test('another origin, and none, is refused', async () => {
  for (const other of ['https://evil.example', 'https://shop.example.evil.example', 'http://shop.example', 'https://shop.example:8443', 'null',
    'https://shop.example http://localhost:8080', '', null]) {
    const answer = await refused(403, 'forbidden', () => post(visit(), { headers: { origin: other } }));
    assert.equal(answer.headers['access-control-allow-origin'], undefined, 'a page that may not send may not read');
  }
  assert.equal((await post(visit(), { headers: { origin: 'http://localhost:8080' } })).status, 200);
});

test('keys that are none', async () => {
  for (const query of ['', '?key=', '?key=pgp_1', `?key=${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`, `?key=${shop.apiKey}`])
    await refused(401, 'unauthorized', () => post(visit(), { query }));
  await refused(400, 'bad_request', () => post(visit(), { query: `?key=${key}&key=${key}` }));
  const revoked = createKey();
  assert.equal((await post(visit(), { with: revoked })).status, 200);
  await stack.sql('SELECT attribution.revoke_api_key($1, $2)', [shop.tenantId, revoked.slice(4, 20)]);
  await eventually('a revoked key is refused', async () => (await post(visit(), { with: revoked })).status === 401);
});

test('nothing but touchpoints', async () => {
  const sale = { type: 'conversion', id: 'c-1', order_id: '1', occurred_at: '2026-11-22T10:00:00Z', amount: '5.00', currency: 'EUR' };
  for (const item of [sale, { ...sale, type: 'refund' }, { ...visit(), type: 'conversion' }])
    await refused(403, 'publishable_key', () => post(item));
  for (const item of [{ ...sale, type: undefined }, { ...visit(), amount: '5.00' }, visit({ id: undefined }), visit({ url: undefined }), [visit()], 5,
    visit({ journey_id: 'short' }), visit({ occurred_at: 'yesterday' })])
    await refused(422, 'invalid_event', () => post(item));
  await refused(422, 'pii_detected', () => post(visit({ journey_id: 'jon.doe.555-123-4567' })));
  await refused(400, 'bad_request', () => post('{"id":'));
  await refused(415, 'unsupported_media_type', () => post(visit(), { headers: { 'content-type': 'application/x-www-form-urlencoded' } }));
  const answer = await refused(413, 'content_too_large', () => post(visit({ url: `/${'x'.repeat(5000)}` })));
  assert.equal(answer.headers['access-control-allow-origin'], origin, 'the page may read why');
  await refused(413, 'content_too_large', () => post(visit({ url: `/${'x'.repeat(5000)}` }), { headers: { 'transfer-encoding': 'chunked' } }));
  assert.equal((await post(visit({ type: 'touchpoint' }), { headers: { 'content-type': 'application/json' } })).status, 200);
});

test('every other endpoint refuses the key', async () => {
  const headers = { 'x-api-key': key, 'content-type': 'application/json', origin };
  for (const [method, target, body] of [['POST', '/api/ingest', JSON.stringify({ type: 'touchpoint', occurred_at: '2026-11-22T10:00:00Z', url: '/' })],
    ['GET', '/api/ingest/dead-events'], ['POST', '/api/ingest/dead-events/replay', '{}'], ['GET', '/api/attribution/revenue/realtime'],
    ['GET', '/api/attribution/spend'], ['POST', '/api/attribution/spend', '[]']]) {
    const answer = await refused(403, 'publishable_key', () => request(stack.url, method, target, { headers, body }));
    assert.ok(answer.json.hint);
    const bearer = { ...headers, authorization: `Bearer ${key}` };
    delete bearer['x-api-key'];
    await refused(403, 'publishable_key', () => request(stack.url, method, target, { headers: bearer, body }));
  }
});

test('what a browser asks before it sends', async () => {
  const ask = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type', 'content-type': null };
  const answer = await post(undefined, { method: 'OPTIONS', headers: ask });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers['access-control-allow-origin'], origin);
  for (const other of ['https://evil.example', null])
    await refused(403, 'forbidden', () => post(undefined, { method: 'OPTIONS', headers: { ...ask, origin: other } }));
  await refused(401, 'unauthorized', () => post(undefined, { method: 'OPTIONS', headers: ask, query: '' }));
  await refused(405, 'method_not_allowed', () => post(undefined, { method: 'GET' }));
});

// Sends until it is refused. A slow machine gets some more through, since at most one a second comes back meanwhile.
async function untilRefused(perMinute, send) {
  const began = Date.now();
  let taken = 0;
  for (;;) {
    const before = await stored();
    const answer = await send(taken);
    if (answer.status !== 200) {
      assert.equal(answer.status, 429, answer.body);
      assert.equal(answer.json.type, 'urn:attribution:problem:too_many_requests');
      assert.equal(await stored(), before, 'something was stored');
      assert.ok(taken >= perMinute, `refused after ${taken}`);
      return answer;
    }
    taken += 1;
    const most = perMinute + Math.ceil((Date.now() - began) / 1000) + 1;
    assert.ok(taken <= most, `${taken} were taken, ${most} may be`);
  }
}

test('so many a minute for a key, and fewer for each client of it', async () => {
  const slow = createKey({ rateLimit: 3 });
  const answer = await untilRefused(3, () => post(visit(), { with: slow }));
  assert.ok(Number(answer.headers['retry-after']) <= 20, answer.headers['retry-after']);
  assert.equal((await post(visit())).status, 200, 'another key has its own');

  const from = (address) => post(visit(), { headers: { 'x-forwarded-for': address } });
  await untilRefused(60, (n) => from(`203.0.113.${n}, 198.51.100.7`));
  await untilRefused(0, () => from(['203.0.113.99', '198.51.100.7']));  // two header lines
  assert.equal((await from('198.51.100.8')).status, 200, 'another client');
  await untilRefused(60, (n) => from(`2001:db8:1:2::${n.toString(16)}`));
  await untilRefused(0, (n) => from(`2001:db8:1:2:ffff::${n.toString(16)}`));
  assert.equal((await from('2001:db8:1:3::1')).status, 200, 'another network');
});

test('an erased journey stays erased', async () => {
  const journey_id = 'j1-ponmlkjihgfedcba';
  await post(visit({ journey_id }));
  assert.equal(await stack.value('SELECT attribution.erase_journey($1, $2)', [shop.tenantId, journey_id]), 1);
  assert.equal((await post(visit({ journey_id }))).json.status, 'created');
  assert.deepEqual(await stack.sql('SELECT * FROM attribution.event_journeys WHERE journey_id = $1', [journey_id]), []);
});

test('the script: small, cacheable, as in the sources', async () => {
  const source = fs.readFileSync(new URL('../../server/ingestion/tracker.js', import.meta.url), 'utf8');
  const answer = await request(stack.url, 'GET', '/tracker.js');
  assert.equal(answer.status, 200);
  assert.equal(answer.body, source);
  assert.ok(Buffer.byteLength(answer.body) <= 3000, `${Buffer.byteLength(answer.body)} bytes`);
  assert.equal(answer.headers['content-type'], 'text/javascript; charset=utf-8');
  const { etag } = answer.headers;
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*'])
    assert.equal((await request(stack.url, 'GET', '/tracker.js', { headers: { 'if-none-match': known } })).status, 304, known);
  assert.equal((await request(stack.url, 'GET', '/tracker.js', { headers: { 'if-none-match': '"other"' } })).status, 200);
});

test('the script keeps what the server reads of a URL, and no more', () => {
  const script = fs.readFileSync(new URL('../../server/ingestion/tracker.js', import.meta.url), 'utf8');
  const rules = fs.readFileSync(new URL('../../core/pii/url.cpp', import.meta.url), 'utf8');
  const known = rules.match(/click_ids = std::to_array<std::string_view>\(\s*\{([^}]*)\}/)[1].match(/[a-z_]+/g);
  assert.deepEqual(script.match(/clickId = \/\^\(([a-z_|]+)\)\$/)[1].split('|').sort(), known.sort());
});

test('commands say what is wrong with a key', () => {
  const create = (...args) => {
    try {
      return stack.admin(['key', 'create', '--tenant', shop.tenantId, ...args]);
    } catch (error) {
      return `${error.stdout}${error.stderr}`;
    }
  };
  for (const args of [['--publishable'], ['--origin', origin], ['--rate-limit', '5'], ['--publishable', '--origin', origin, '--rate-limit', '0']])
    assert.doesNotMatch(create(...args), /^pgp_|^pga_/, args.join(' '));
  assert.match(create('--publishable', '--origin', `${origin}/`), /origins as browsers write them/);
  assert.match(create('--publishable', '--origin', origin), /^pgp_[0-9a-f]{16}_/);
});

// Runs last: neither database nor logs know who the clients were.
test('no address and no user agent is stored or logged', async () => {
  const agent = 'Mozilla/5.0 (SecretAgent 7)';
  assert.equal((await post(visit({ url: `${origin}/?utm_source=a&email=jon@example.com&gclid=Cj0secret` }),
    { headers: { 'user-agent': agent, 'x-forwarded-for': '192.0.2.77' } })).status, 200);
  await new Promise((resolve) => setTimeout(resolve, 1200));  // log lines are written once a second
  const dump = execFileSync(`${stack.cluster.bin}/pg_dump`, ['-h', stack.cluster.socket, '-p', String(stack.cluster.port), '-U', 'postgres', '-a', 'attribution'],
    { encoding: 'utf8', maxBuffer: 1 << 28 });
  const places = { database: dump, 'PostgreSQL log': fs.readFileSync(stack.cluster.log, 'utf8'), 'server log': fs.readFileSync(stack.serverLog, 'utf8') };
  for (const [place, text] of Object.entries(places)) {
    assert.ok(text.length > 1000, place);
    for (const secret of [agent, 'SecretAgent', '192.0.2.77', '198.51.100.7', '2001:db8', 'jon@example.com', 'Cj0secret', key])
      assert.ok(!text.includes(secret), `${place} holds ${secret}`);
  }
});
