// What all reports of the attribution service have in common: ETag and If-None-Match, HEAD, who may read, methods, an outage.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { request } from './lib/http.mjs';
import { Stack, eventually } from './lib/stack.mjs';

let stack;
let shop;
let other;
let event;
before(async () => {
  stack = await Stack.start('conditional');
  shop = await stack.createShop('shop', { timeZone: 'America/New_York' });
  other = await stack.createShop('other');
  for (const { tenantId } of [shop, other]) await stack.sql("SELECT attribution.define_model($1, 'linear', 'linear')", [tenantId]);
  event = await sell('sale');
  await spend('1.00');
});
after(() => stack.remove());

const post = (path, item) => request(stack.url, 'POST', path, { headers: { 'x-api-key': shop.apiKey, 'content-type': 'application/json' }, body: JSON.stringify([item]) });
async function sell(id) {
  const answer = await post('/api/ingest', { type: 'conversion', id, order_id: id, occurred_at: new Date().toISOString(), amount: '10.00', currency: 'EUR' });
  assert.equal(answer.json.results[0].status, 'created', answer.body);
  await divide();
  return answer.json.results[0].event_id;
}
async function divide() { while (await stack.value('SELECT attribution.allocate_pending()::int') > 0); }
async function spend(amount) {
  const day = await stack.value("SELECT to_char(now() AT TIME ZONE 'America/New_York', 'YYYY-MM-DD')");
  return post('/api/attribution/spend', { day, channel: 'display', currency: 'EUR', spend: amount });
}
const defineModel = (name) => stack.sql("SELECT attribution.define_model($1, $2, 'linear', '{}', false)", [shop.tenantId, name]);
// The same division again, under the next revision.
const reviseEvent = () => stack.sql(`INSERT INTO attribution.attribution_allocations (tenant_id, entry_id, model, revision, channel, campaign, amount_minor, currency)
  SELECT a.tenant_id, a.entry_id, a.model, a.revision + 1, a.channel, a.campaign, a.amount_minor, a.currency FROM attribution.attribution_allocations AS a
    JOIN attribution.revenue_ledger AS l USING (tenant_id, entry_id) WHERE l.event_id = $1 AND a.revision = 1`, [event]);

// path, and what changes its content
const reports = [
  ['/api/attribution/revenue/realtime', () => sell('more')],
  ['/api/attribution/revenue/realtime?from=2026-01-01&to=2099-01-01', () => sell('even-more')],
  ['/api/attribution/channels', () => sell('still-more')],
  ['/api/attribution/channels?granularity=day&basis=cohort&by=campaign&model=linear', () => spend('2.00')],
  ['/api/attribution/allocations/{event}', reviseEvent],
  ['/api/attribution/models', () => defineModel('new')],
  ['/api/attribution/spend', () => spend('3.00')],
];
const at = (path) => path.replace('{event}', event);
const ask = (path, { key = shop.apiKey, method = 'GET', ...headers } = {}) => request(stack.url, method, at(path), { headers: { ...(key && { 'x-api-key': key }), ...headers } });

for (const [path, change] of reports) {
  test(`${path}: 304 until its content changes`, async () => {
    const first = await ask(path);
    assert.equal(first.status, 200, first.body);
    const { etag } = first.headers;
    assert.match(etag, /^W\/"[0-9a-f]{32}"$/);
    const isKnown = async (known, headers = {}) => (await ask(path, { 'if-none-match': known, ...headers })).status === 304;
    // Time goes on: generated_at and the age of the data do.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const again = await ask(path, { 'if-none-match': etag });
    assert.deepEqual([again.status, again.body, again.headers.etag], [304, '', etag]);
    for (const name of ['cache-control', 'vary', 'etag']) assert.equal(again.headers[name], first.headers[name]);
    assert.deepEqual([first.headers['cache-control'], first.headers.vary], ['private, no-cache', 'Authorization, X-API-Key']);
    assert.equal(again.headers['content-length'], undefined);
    for (const known of [etag.slice(2), `"other", ${etag}`, '*']) assert.ok(await isKnown(known), known);
    for (const known of ['"other"', etag.slice(3, -1), '']) assert.ok(!await isKnown(known), known);
    assert.equal((await ask(path)).headers.etag, etag);
    await change();
    const changed = await ask(path, { 'if-none-match': etag });
    assert.equal(changed.status, 200);
    assert.notEqual(changed.headers.etag, etag);
  });

  test(`${path}: HEAD is GET without content`, async () => {
    const [head, get] = [await ask(path, { method: 'HEAD' }), await ask(path)];
    assert.deepEqual([head.status, head.body, head.headers.etag], [200, '', get.headers.etag]);
    assert.equal((await ask(path, { method: 'HEAD', 'if-none-match': get.headers.etag })).status, 304);
  });

  test(`${path}: who may not read is refused, whatever they know`, async () => {
    const { etag } = (await ask(path)).headers;
    const publishable = stack.admin(['key', 'create', '--tenant', shop.tenantId, '--publishable', '--origin', 'https://shop.example']);
    for (const [key, status, type] of [[null, 401, 'unauthorized'], [`pga_${'0'.repeat(16)}_${'A'.repeat(43)}`, 401, 'unauthorized'], [publishable, 403, 'publishable_key']]) {
      const answer = await ask(path, { key, 'if-none-match': etag });
      assert.deepEqual([answer.status, answer.json.type], [status, `urn:attribution:problem:${type}`]);
      assert.equal(answer.headers['cache-control'], 'no-store');
      assert.equal(answer.headers.etag, undefined);
    }
    const theirs = await ask(path, { key: other.apiKey, 'if-none-match': etag });
    assert.equal(theirs.status, path.includes('{event}') ? 404 : 200, theirs.body);
    assert.notEqual(theirs.headers.etag, etag);
  });

  test(`${path}: other methods → 405 with Allow`, async () => {
    const takesPost = path === '/api/attribution/spend';
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH', ...(takesPost ? [] : ['POST'])]) {
      const answer = await ask(path, { method });
      assert.equal(answer.status, 405, answer.body);
      assert.deepEqual(answer.headers.allow.split(', ').sort(), ['GET', 'HEAD', ...(takesPost ? ['POST'] : [])]);
    }
  });
}

test('the database away → 503 with Retry-After everywhere, and it heals', async () => {
  stack.cluster.stop('fast');
  for (const [path] of reports) {
    const answer = await ask(path, { 'if-none-match': '*' });
    assert.equal(answer.status, 503, answer.body);
    assert.ok(Number(answer.headers['retry-after']) > 0);
  }
  stack.cluster.restart();
  await eventually('reports are back', async () => (await Promise.all(reports.map(([path]) => ask(path)))).every(({ status }) => status === 200));
});
