// POST /api/ingest: what merchants' own code sends, one event or a thousand, and what is answered for each.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import test, { after, before } from 'node:test';
import { request } from './lib/http.mjs';
import { Stack, eventually } from './lib/stack.mjs';

let stack;
let shop;
before(async () => {
  stack = await Stack.start('api-ingest', { serverArgs: ['--endpoint-cache', '0.3'], settings: ['log_statement=all',
    'log_parameter_max_length=-1', 'log_parameter_max_length_on_error=-1'] });
  shop = await stack.createShop();
});
after(() => stack.remove());

function post(body, { key = shop.apiKey, headers = {} } = {}) {
  const all = { 'content-type': 'application/json', 'x-api-key': key, ...headers };
  return request(stack.url, 'POST', '/api/ingest', {
    headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value != null)),
    body: typeof body === 'string' ? body : JSON.stringify(body) });
}

let last = 0;
const next = (prefix) => `${prefix}-${last += 1}`;
const at = '2026-11-22T10:00:00Z';
const touchpoint = (changes = {}) => ({ type: 'touchpoint', id: next('visit'), occurred_at: at,
  url: 'https://shop.example.com/?utm_source=google&utm_medium=cpc', ...changes });
const conversion = (changes = {}) => ({ type: 'conversion', id: next('sale'), order_id: next('order'), occurred_at: at,
  amount: '59.90', currency: 'EUR', source: 'newsletter', medium: 'email', ...changes });
const refund = (changes = {}) => ({ type: 'refund', id: next('refund'), order_id: next('order'), occurred_at: at,
  amount: '10.00', currency: 'EUR', ...changes });

const statuses = (answer) => answer.json.results.map((r) => r.status);
const eventOf = async (id) => (await stack.sql(`SELECT e.event_id, e.source, e.topic, e.delivery_key, e.event_type, e.external_id,
    e.channel, e.evidence, e.order_ref, e.correlation_id, j.journey_id FROM attribution.attribution_events AS e
    LEFT JOIN attribution.event_journeys AS j USING (tenant_id, event_id) WHERE e.event_id = $1`, [id]))[0];
const entriesOf = (key, tenant = shop.tenantId) => stack.sql(`SELECT kind, amount_minor::int AS amount, currency, tax_minor::int AS tax,
    shipping_minor::int AS shipping, parent_money_key AS parent FROM attribution.revenue_ledger
  WHERE tenant_id = $1 AND money_key = $2 ORDER BY step`, [tenant, key]);

test('a touchpoint alone: created, with its channel and journey', async () => {
  const item = touchpoint({ journey_id: 'j-0123456789' });
  const answer = await post(item);
  assert.equal(answer.status, 200, answer.body);
  const [result] = answer.json.results;
  assert.deepEqual({ ...result, event_id: null }, { index: 0, status: 'created', event_id: null, code: null, detail: null });
  assert.deepEqual(answer.json.counts, { created: 1, duplicate: 0, conflict: 0, dead_lettered: 0 });
  assert.deepEqual(await eventOf(result.event_id), { event_id: result.event_id, source: 'api', topic: 'touchpoint',
    delivery_key: item.id, event_type: 'touchpoint', external_id: item.id, channel: 'paid_search', evidence: false,
    order_ref: null, correlation_id: answer.headers['x-correlation-id'], journey_id: 'j-0123456789' });
});

test('a conversion, the same order changed, and a refund: the ledger has the differences', async () => {
  const sale = conversion({ tax: '9.56', shipping: '4.90' });
  const changed = { ...sale, id: next('sale'), amount: '49.90', tax: '7.97', updated_at: '2026-11-23T10:00:00Z' };
  const stale = { ...sale, id: next('sale'), amount: '99.90', updated_at: '2026-11-21T10:00:00Z' };
  const back = refund({ order_id: sale.order_id });
  for (const item of [sale, changed, stale, back]) assert.deepEqual(statuses(await post(item)), ['created']);
  const key = `merchant:order:${sale.order_id}`;
  assert.deepEqual(await entriesOf(key), [
    { kind: 'capture', amount: 5990, currency: 'EUR', tax: 956, shipping: 490, parent: null },
    { kind: 'capture', amount: -1000, currency: 'EUR', tax: -159, shipping: 0, parent: null }]);
  const [given] = await entriesOf(`merchant:refund:${back.id}`);
  assert.deepEqual([given.kind, given.amount, given.parent], ['refund', -1000, key]);
  const revenue = await request(stack.url, 'GET', '/api/attribution/revenue/realtime?from=2026-11-22&to=2026-11-23',
    { headers: { 'x-api-key': shop.apiKey } });
  assert.deepEqual(revenue.json.channels.map((c) => [c.channel, c.amount]), [['email', '39.90']]);
});

test('evidence is an event without an entry', async () => {
  const item = conversion({ books_revenue: false });
  const answer = await post(item);
  assert.equal((await eventOf(answer.json.results[0].event_id)).evidence, true);
  assert.deepEqual(await entriesOf(`merchant:order:${item.order_id}`), []);
});

test('the three forms of a body', async () => {
  assert.deepEqual(statuses(await post({ events: [touchpoint(), conversion()] })), ['created', 'created']);
  assert.deepEqual(statuses(await post([touchpoint(), refund()])), ['created', 'created']);
  assert.deepEqual(statuses(await post(conversion())), ['created']);
});

test('the same again is a duplicate, another content under the same id a conflict', async () => {
  const item = conversion();
  const first = await post(item);
  const reordered = Object.fromEntries(Object.entries(item).reverse());
  const again = await post(`  ${JSON.stringify(reordered, null, 3)}`);
  assert.deepEqual(statuses(again), ['duplicate']);
  const other = await post({ ...item, amount: '1.00' });
  assert.deepEqual(statuses(other), ['conflict']);
  assert.equal(other.json.results[0].code, 'RA004');
  for (const answer of [again, other]) assert.equal(answer.json.results[0].event_id, first.json.results[0].event_id);
  assert.deepEqual((await entriesOf(`merchant:order:${item.order_id}`)).map((e) => e.amount), [5990]);
});

test('without an id the content is the id', async () => {
  const item = touchpoint({ id: undefined, campaign: next('campaign') });
  assert.deepEqual(statuses(await post([item, { ...item, term: 'x' }, item])), ['created', 'created', 'duplicate']);
  assert.deepEqual(statuses(await post(item)), ['duplicate']);
});

// What a thousand items must be answered with, in their order.
function thousand() {
  const items = [];
  const expected = [];
  const add = (item, status, code = null) => { items.push(item); expected.push([status, code]); };
  for (let i = 0; i < 125; i += 1) {
    const sale = conversion();
    add(sale, 'created');
    add({ ...sale, currency: 'XXX', id: next('bad') }, 'dead_lettered', 'RA006');
    add(sale, 'duplicate');
    add({ ...sale, amount: '1.00' }, 'conflict', 'RA004');
    add(touchpoint({ source: `someone${i}@example.com` }), 'dead_lettered', 'RA001');
    add(touchpoint({ journey_id: next('journey') }), 'created');
    add({ ...sale, id: next('bad'), amount: 59.9 }, 'dead_lettered', 'RA005');
    add(i, 'dead_lettered', 'RA007');
  }
  return { items, expected };
}

test('1,000 of all kinds: each has its result in its place, and they are one transaction', async () => {
  const { items, expected } = thousand();
  const logged = () => fs.readFileSync(stack.cluster.log, 'utf8').split('attribution.ingest_batch(').length;
  const before = logged();
  const answer = await post(items);
  assert.equal(answer.status, 200, answer.body.slice(0, 300));
  assert.deepEqual(answer.json.results.map((r) => [r.status, r.code]), expected);
  assert.deepEqual(answer.json.results.map((r) => r.index), items.map((_, i) => i));
  assert.deepEqual(answer.json.counts, { created: 250, duplicate: 125, conflict: 125, dead_lettered: 500 });
  assert.equal(logged() - before, 1);
  for (const [i, item] of items.entries()) {
    const { status, event_id: id, detail } = answer.json.results[i];
    if (status === 'created') assert.equal((await eventOf(id)).delivery_key, item.id);
    else if (status !== 'dead_lettered') assert.equal(id, answer.json.results[items.findIndex((other) => other.id === item.id)].event_id);
    else assert.equal(await stack.value('SELECT detail FROM attribution.dead_events WHERE dead_id = $1', [id]), detail);
  }

  const again = await post(items);
  assert.deepEqual(again.json.results.map((r) => r.event_id), answer.json.results.map((r) => r.event_id));
  assert.deepEqual(again.json.counts, { created: 0, duplicate: 375, conflict: 125, dead_lettered: 500 });
});

test('the same request of 1,000 good events repeated, also at once, is all duplicates', async () => {
  const items = Array.from({ length: 1000 }, (_, i) => (i % 2 ? conversion() : touchpoint()));
  const answers = await Promise.all([post(items), post(items), post({ events: items.slice().reverse() })]);
  assert.equal(answers.reduce((sum, a) => sum + a.json.counts.created, 0), 1000);
  assert.equal(answers.reduce((sum, a) => sum + a.json.counts.duplicate, 0), 2000);
  assert.deepEqual((await post(items)).json.counts, { created: 0, duplicate: 1000, conflict: 0, dead_lettered: 0 });
});

test('two tenants with the same ids do not see each other', async () => {
  const other = await stack.createShop('other');
  const item = conversion();
  const first = await post(item);
  const second = await post(item, { key: other.apiKey });
  assert.deepEqual([statuses(first), statuses(second)], [['created'], ['created']]);
  assert.notEqual(first.json.results[0].event_id, second.json.results[0].event_id);
  for (const tenant of [shop, other]) {
    assert.deepEqual((await entriesOf(`merchant:order:${item.order_id}`, tenant.tenantId)).map((e) => e.amount), [5990]);
  }
});

// name, status, body or options
for (const [name, status, body, options] of [
  ['no key', 401, () => touchpoint(), () => ({ key: null })],
  ['an unknown key', 401, () => touchpoint(), () => ({ key: `pga_${'0'.repeat(16)}_${'A'.repeat(43)}` })],
  ['two keys', 400, () => touchpoint(), () => ({ headers: { authorization: `Bearer ${shop.apiKey}` } })],
  ['no key and no JSON', 401, () => '{', () => ({ key: null })],
  ['no content type', 415, () => touchpoint(), () => ({ headers: { 'content-type': undefined } })],
  ['a form', 415, () => 'type=touchpoint', () => ({ headers: { 'content-type': 'application/x-www-form-urlencoded' } })],
  ['JSON of another kind', 415, () => touchpoint(), () => ({ headers: { 'content-type': 'application/jsonp' } })],
  ['an empty body', 400, () => ''],
  ['no JSON', 400, () => '{"type": touchpoint}'],
  ['a duplicate member', 400, () => '{"type": "touchpoint", "type": "touchpoint"}'],
  ['a scalar', 400, () => '17'],
  ['null', 400, () => 'null'],
  ['an empty array', 400, () => []],
  ['no events', 400, () => ({ events: [] })],
  ['events that are no array', 400, () => ({ events: touchpoint() })],
  ['events beside something else', 400, () => ({ events: [touchpoint()], type: 'touchpoint' })],
  ['1,001 events', 413, () => Array.from({ length: 1001 }, () => touchpoint())],
  ['a body over the limit', 413, () => touchpoint({ url: `/${'x'.repeat(1024 * 1024)}` })],
]) {
  test(`${name} → ${status}, and nothing is stored`, async () => {
    const count = () => stack.value('SELECT (SELECT count(*) FROM attribution.attribution_events) + (SELECT count(*) FROM attribution.dead_events)');
    const before = await count();
    const answer = await post(body(), options?.() ?? {});
    assert.equal(answer.status, status, answer.body);
    assert.equal(await count(), before);
  });
}

test('what is accepted besides: parameters of the content type, a bearer key', async () => {
  const answer = await post(touchpoint(), { key: null,
    headers: { 'content-type': 'Application/JSON; charset=utf-8', authorization: `Bearer ${shop.apiKey}` } });
  assert.deepEqual(statuses(answer), ['created']);
});

test('other methods → 405', async () => {
  const answer = await request(stack.url, 'GET', '/api/ingest', { headers: { 'x-api-key': shop.apiKey } });
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.allow, 'POST');
});

test('a revoked key → 401 as soon as it is forgotten', async () => {
  const key = stack.admin(['key', 'create', '--tenant', shop.tenantId]);
  assert.deepEqual(statuses(await post(touchpoint(), { key })), ['created']);
  await stack.value('SELECT attribution.revoke_api_key(tenant_id => $1, key_id => $2)', [shop.tenantId, key.split('_')[1]]);
  await eventually('the key is refused', async () => (await post(touchpoint(), { key })).status === 401, 5);
});

test('planted personal data: dead letters with the path, and none of it in the dump, the logs or the answer', async () => {
  const person = 'zebulon.quackenbush@example.com';
  const items = [
    touchpoint({ id: person }), touchpoint({ source: person }), touchpoint({ term: 'zebulon.quackenbush%40example.com' }),
    touchpoint({ journey_id: person }), touchpoint({ [person]: 1 }), touchpoint({ email: 'Quackenbush' }),
    touchpoint({ 'Zebulon Quackenbush': 1 }), touchpoint({ click_id: 'zebulon-click' }), touchpoint({ type: person }), person,
    conversion({ order_id: '+1 555 0142 7788' }), conversion({ customer: { note: ['x', { text: person }] } }),
    conversion({ amount: person }), conversion({ currency: 'Zebulon' }), refund({ refund_id: person }),
    touchpoint({ url: `https://shop.example.com/welcome/${person}?utm_source=news&utm_term=${person}&email=${person}&gclid=zebulon-click`,
      referrer: `https://mail.example.com/inbox/${person}` }),
  ];
  const answer = await post(items);
  assert.deepEqual(statuses(answer), [...items.slice(1).map(() => 'dead_lettered'), 'created'], answer.body);
  assert.match(answer.json.results[1].detail, /\$\.source /);
  assert.match(answer.json.results[11].detail, /\$\.customer /);
  await post(`{"type": "touchpoint", "id": "${person}"`);
  const dump = execFileSync(`${stack.cluster.bin}/pg_dump`, ['-h', stack.cluster.socket, '-p', String(stack.cluster.port), '-U', 'postgres',
    '--inserts', 'attribution'], { encoding: 'utf8', maxBuffer: 1 << 28, ...stack.cluster.owner(), cwd: '/' });
  assert.match(dump, /holds personal data/);
  for (const [where, text] of [['answer', answer.body], ['dump', dump], ['log of PostgreSQL', fs.readFileSync(stack.cluster.log, 'utf8')],
    ['log of the server', fs.readFileSync(stack.serverLog, 'utf8')]]) {
    for (const fragment of ['zebulon', 'quackenbush', '0142 77']) {
      const found = text.toLowerCase().indexOf(fragment);
      assert.ok(found < 0, `${where} has ${fragment}: ${text.slice(found - 100, found + 50)}`);
    }
  }
});

test('the database is restarted in the middle: 503 or committed, and repeating is safe', async () => {
  const requests = Array.from({ length: 30 }, () => Array.from({ length: 200 }, () => conversion()));
  const sent = requests.slice(0, 15).map((items) => post(items));
  await Promise.any(sent);
  // What comes now cannot be stored before the database goes.
  const holder = await stack.pool.connect();
  holder.on('error', () => {});
  await holder.query('BEGIN; LOCK TABLE attribution.attribution_events IN EXCLUSIVE MODE');
  sent.push(...requests.slice(15).map((items) => post(items)));
  await eventually('a request waits', () => stack.value("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted"));
  stack.cluster.stop('immediate');
  holder.release(true);
  const answers = await Promise.all(sent);
  stack.cluster.restart();
  for (const answer of answers) assert.ok([200, 503].includes(answer.status), answer.body);
  for (const status of [200, 503]) assert.ok(answers.some((answer) => answer.status === status), `no answer was ${status}`);
  await eventually('the database answers', async () => (await request(stack.url, 'GET', '/api/health')).status === 200);
  for (const [i, items] of requests.entries()) {
    const again = await post(items);
    assert.equal(again.status, 200, again.body);
    const { created, duplicate } = again.json.counts;
    assert.equal(created + duplicate, 200);
    if (answers[i].status === 200) assert.equal(duplicate, 200);
  }
  const keys = requests.flat().map((item) => `merchant:order:${item.order_id}`);
  const [booked] = await stack.sql(`SELECT count(*)::int AS entries, sum(amount_minor)::int AS amount
    FROM attribution.revenue_ledger WHERE money_key = ANY ($1)`, [keys]);
  assert.deepEqual(booked, { entries: 6000, amount: 6000 * 5990 });
});

test('without the database: 503 with Retry-After', async () => {
  stack.cluster.stop();
  const answer = await post(touchpoint());
  assert.equal(answer.status, 503, answer.body);
  stack.cluster.restart();
});
