// Exports: every format against the ledger, filters, pages, formulas, who may read what, and what is refused.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { allocate, ask, entryColumns, expectedRows, ingest, makeOrders, open, partColumns, path, readers, readPages } from './lib/export.mjs';
import { request, sendRaw } from './lib/http.mjs';
import { forgeCursor } from './lib/reports/cursor.mjs';
import { Stack } from './lib/stack.mjs';

const formats = Object.keys(readers);
let stack;
let nepal;
let other;
before(async () => {
  stack = await Stack.start('export', { settings: ['fsync=off'] });
  nepal = await stack.createShop('nepal', { timeZone: 'Asia/Kathmandu' });
  other = await stack.createShop('other');
  for (const model of ['linear', 'first_touch']) {
    await stack.sql('SELECT attribution.define_model(tenant_id => $1, name => $2, rule => $2)', [nepal.tenantId, model]);
  }
  await ingest(stack, nepal.tenantId, makeOrders(150));
  await ingest(stack, other.tenantId, makeOrders(3));
  await allocate(stack);
  // A visit that comes late makes second revisions, which alone are exported.
  await ingest(stack, nepal.tenantId, [{ version: 1, delivery: { source: 'shopify', key: 'late', digest: '0'.repeat(64) },
    touchpoints: [{ occurred_at: '2026-03-28T09:00:00Z', journey_id: 'journey-no-3', signals: { source: 'news', medium: 'email' } }] }]);
  await allocate(stack);
});
after(() => stack?.remove());

for (const model of [undefined, 'linear']) {
  for (const format of formats) {
    const what = `${format}${model ? ' by a model' : ''}`;
    test(`${what}: the rows of the ledger, in order, with their columns`, async () => {
      const answer = await ask(stack, nepal.apiKey, { format, ...(model && { model }) });
      assert.equal(answer.status, 200, answer.body);
      const rows = readers[format](answer);
      assert.deepEqual(rows, await expectedRows(stack, nepal.tenantId, { model }));
      assert.ok(rows.length > 200);
      assert.deepEqual(Object.keys(rows[0]), model ? partColumns : entryColumns);
      assert.equal(answer.headers.link, undefined);
    });

    test(`${what}: pages put together are the one answer`, async () => {
      const whole = readers[format](await ask(stack, nepal.apiKey, { format, ...(model && { model }) }));
      for (const limit of [7, whole.length - 1, whole.length, whole.length + 1]) {
        const { rows, pages } = await readPages(stack, nepal.apiKey, { format, limit, ...(model && { model }) });
        assert.deepEqual(rows, whole);
        assert.equal(pages, Math.ceil(whole.length / limit));
      }
    });
  }
}

// query, condition in SQL
for (const [query, where] of [
  [{ from: '2026-03-29' }, "local_day >= '2026-03-29'"],
  [{ to: '2026-03-29' }, "local_day < '2026-03-29'"],
  [{ from: '2026-03-29', to: '2026-03-30' }, "local_day = '2026-03-29'"],
  [{ from: '2026-03-28T22:00:00Z', to: '2026-03-29T05:30:00+05:45' }, "bucket_start >= '2026-03-28 22:00Z' AND bucket_start < '2026-03-28 23:45Z'"],
  [{ from: '2026-03-28T20:00:01Z', to: '2026-03-28T22:15:00Z' }, "bucket_start >= '2026-03-28 20:15Z' AND bucket_start < '2026-03-28 22:15Z'"],
  [{ channel: 'email' }, "channel = 'email'"],
  [{ channel: 'unknown' }, "channel = 'unknown'"],
  [{ source: 'Till.2' }, "source = 'Till.2'"],
  [{ source: 'nobody' }, 'false'],
  [{ kind: 'refund' }, "kind = 'refund'"],
  [{ kind: 'chargeback', source: 'shopify', channel: 'affiliates', from: '2026-03-28' }, "kind = 'chargeback' AND source = 'shopify' AND channel = 'affiliates'"],
  [{ model: 'linear', channel: 'paid_search' }, "allocated_channel = 'paid_search'"],
  [{ model: 'first_touch', kind: 'refund' }, "kind = 'refund'"],
]) {
  test(`filters: ${new URLSearchParams(query)}`, async () => {
    const expected = await expectedRows(stack, nepal.tenantId, { model: query.model, where });
    assert.equal(expected.length > 0, where !== 'false', 'the condition selects something');
    for (const format of formats) {
      assert.deepEqual(readers[format](await ask(stack, nepal.apiKey, { ...query, format })), expected);
    }
    if (expected.length > 3) assert.deepEqual((await readPages(stack, nepal.apiKey, { ...query, format: 'ndjson', limit: 3 })).rows, expected);
  });
}

test('sums by channel, currency and kind are those of realtime_revenue, and parts add up to the ledger', async () => {
  const add = (rows, name, amount) => {
    const sums = {};
    for (const row of rows) sums[name(row)] = (sums[name(row)] ?? 0) + row[amount];
    return sums;
  };
  const entries = readers.csv(await ask(stack, nepal.apiKey));
  const db = await stack.pool.connect();
  try {
    await db.query('BEGIN');
    await db.query('SELECT attribution.set_tenant($1)', [nepal.tenantId]);
    const { rows } = await db.query("SELECT channel, currency, kind, local_day::text AS local_day, sum(amount_minor)::int AS sum FROM attribution.realtime_revenue GROUP BY 1, 2, 3, 4");
    await db.query('COMMIT');
    assert.deepEqual(add(entries, (r) => [r.channel, r.currency, r.kind, r.local_day], 'amount_minor'),
      Object.fromEntries(rows.map((r) => [[r.channel, r.currency, r.kind, r.local_day], r.sum])));
  } finally {
    db.release();
  }
  const parts = readers.csv(await ask(stack, nepal.apiKey, { model: 'linear' }));
  assert.deepEqual(add(parts, (r) => r.entry_id, 'allocated_minor'), add(entries, (r) => r.entry_id, 'amount_minor'));
  assert.ok(parts.some(({ revision }) => revision === 2));
});

// Ingestion lets none of these in but as a campaign; a DBA's own insert could.
const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1', '＋1', '－1', '＠1', '=cmd|\' /C calc\'!A0', '="a","b"', '=HYPERLINK("http://x")'];
const harmless = ['a=1', ' =1', '\'=1', 'a "quoted", text', 'two\r\nlines', '\\.', '', 'ünïcödé', '0,5;=1'];
test('formulas are texts in CSV and themselves in JSON; quoting survives every character; numbers are left alone', async () => {
  const shop = await stack.createShop('formulas');
  await stack.sql('SELECT attribution.define_model(tenant_id => $1, name => $2, rule => $2)', [shop.tenantId, 'linear']);
  const campaigns = [...formulas, ...harmless];
  await ingest(stack, shop.tenantId, makeOrders(campaigns.length, { campaign: () => undefined }).filter(({ conversion }) => conversion));
  await allocate(stack);
  const db = await stack.pool.connect();
  try {
    await db.query('SET session_replication_role = replica');
    await db.query(`UPDATE attribution.attribution_allocations AS a SET campaign = ($2::text[])[p.place], model = 'linear'
      FROM (SELECT entry_id, row_number() OVER (ORDER BY bucket_start, entry_id) AS place FROM attribution.revenue_ledger WHERE tenant_id = $1) AS p WHERE a.tenant_id = $1 AND a.entry_id = p.entry_id`,
    [shop.tenantId, campaigns]);
    await db.query(`UPDATE attribution.revenue_ledger AS l SET money_key = ($2::text[])[p.place] || p.place
      FROM (SELECT entry_id, row_number() OVER (ORDER BY bucket_start, entry_id) AS place FROM attribution.revenue_ledger WHERE tenant_id = $1) AS p WHERE l.tenant_id = $1 AND l.entry_id = p.entry_id`,
    [shop.tenantId, campaigns]);
    await db.query("UPDATE attribution.attribution_events SET source = '=' || source, external_id = '@' || external_id, channel = '-' || channel WHERE tenant_id = $1", [shop.tenantId]);
    await db.query("UPDATE attribution.attribution_allocations SET channel = '+' || channel WHERE tenant_id = $1", [shop.tenantId]);
    await db.query("UPDATE attribution.revenue_ledger SET amount_minor = -amount_minor WHERE tenant_id = $1", [shop.tenantId]);
  } finally {
    await db.query('RESET session_replication_role');
    db.release();
  }
  // Such rows are not in the contract, so the plain client reads them.
  const read = async (format) => {
    const { incoming, status } = await open(stack, shop.apiKey, { format, model: 'linear' });
    assert.equal(status, 200);
    return readers[format]({ body: Buffer.concat(await incoming.toArray()).toString() });
  };
  const apostrophe = (text) => (/^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text);
  for (const format of formats) {
    const shown = format === 'csv' ? apostrophe : (text) => text;
    const rows = await read(format);
    assert.deepEqual(rows.map((r) => r.allocated_campaign), campaigns.map(shown));
    assert.deepEqual(rows.map((r) => r.money_key), campaigns.map((c, i) => shown(`${c}${i + 1}`)));
    assert.deepEqual(rows.map((r) => r.sale_key), rows.map((r) => r.money_key));
    for (const row of rows) {
      assert.deepEqual([row.source, row.order_id, row.channel, row.allocated_channel].map((text) => text.slice(0, format === 'csv' ? 2 : 1)),
        ['=', '@', '-', '+'].map(shown), row.entry_id);
      assert.ok(row.amount_minor < 0 && row.amount.startsWith('-'), row.amount);
    }
  }
});

test('another tenant sees its own rows only', async () => {
  const rows = readers.json(await ask(stack, other.apiKey, { format: 'json' }));
  assert.deepEqual(rows, await expectedRows(stack, other.tenantId));
  assert.equal(rows.length, 5);
  const mine = (await ask(stack, nepal.apiKey, { limit: 1, format: 'json' })).json.next_cursor;
  assert.equal((await ask(stack, other.apiKey, { limit: 1, cursor: mine })).status, 400);
  assert.equal((await ask(stack, other.apiKey, { model: 'linear' })).status, 400);
});

test('a tenant without revenue: a header, an empty array, nothing', async () => {
  const empty = await stack.createShop('empty');
  assert.equal((await ask(stack, empty.apiKey)).body, `${entryColumns.join()}\n`);
  assert.deepEqual((await ask(stack, empty.apiKey, { format: 'json' })).json, { rows: [], next_cursor: null });
  assert.equal((await ask(stack, empty.apiKey, { format: 'ndjson', limit: 5 })).body, '');
});

test('who may not: no key, an unknown one, a publishable one', async () => {
  assert.equal((await request(stack.url, 'GET', path)).status, 401);
  assert.equal((await ask(stack, `pga_${'0'.repeat(16)}_${'A'.repeat(43)}`)).status, 401);
  const publishable = stack.admin(['key', 'create', '--tenant', nepal.tenantId, '--publishable', '--origin', 'https://shop.example']);
  const answer = await ask(stack, publishable);
  assert.equal(answer.status, 403);
  assert.equal(answer.json.type, 'urn:attribution:problem:publishable_key');
});

for (const query of ['format=xml', 'format=', 'format=csv&format=json', 'from=yesterday', 'to=2026-02-30', 'from=2026-03-29&to=2026-03-28', 'from=2026-03-29&to=2026-03-29',
  'channel=no_such_channel', 'channel=%27%3B--', 'channel=', 'model=no_such_model', 'model=x%27%20OR%20true', 'source=a%40b.example', 'source=%27', 'source=%ff', 'source=192.0.2.1', 'source=123-45-6789', 'source=4111111111111111', 'kind=sale', 'kind=Refund',
  'limit=0', 'limit=100001', 'limit=-1', 'limit=ten', 'limit=1e3', 'cursor=', 'cursor=abc', 'cursor=%27', 'chanel=email', 'currency=EUR', 'limit=5&limit=6']) {
  test(`?${query} → 400 with a hint`, async () => {
    const answer = await request(stack.url, 'GET', `${path}?${query}`, { headers: { 'x-api-key': nepal.apiKey } });
    assert.equal(answer.status, 400, answer.body);
    assert.ok(answer.json.hint, answer.body);
  });
}

test('a cursor holds for its own filters and shape only, and cannot be changed', async () => {
  const { next_cursor: cursor } = (await ask(stack, nepal.apiKey, { limit: 3, format: 'json', source: 'shopify' })).json;
  const status = async (query) => (await ask(stack, nepal.apiKey, query)).status;
  assert.equal(await status({ cursor, source: 'shopify' }), 200);
  assert.equal(await status({ cursor, source: 'shopify', format: 'ndjson', limit: 9 }), 200);
  assert.equal(await status({ cursor }), 400);
  assert.equal(await status({ cursor, source: 'Till.2' }), 400);
  assert.equal(await status({ cursor, source: 'shopify', model: 'linear' }), 400);
  assert.equal(await status({ cursor: cursor.slice(0, -1), source: 'shopify' }), 400);
  assert.equal(await status({ cursor: cursor.slice(0, -2) + (cursor.at(-2) === 'A' ? 'B' : 'A') + cursor.at(-1), source: 'shopify' }), 400);
});

test('a made-up cursor brings no personal data into the database', async () => {
  const query = { limit: 1, format: 'json', model: 'linear' };
  const { next_cursor: cursor } = (await ask(stack, nepal.apiKey, query)).json;
  const list = `${nepal.tenantId}?model=linear`;
  assert.equal((await ask(stack, nepal.apiKey, { ...query, cursor: forgeCursor(cursor, list, (parts) => parts) })).status, 200);
  for (const place of [0, 1, 2, 3]) {
    const forged = forgeCursor(cursor, list, (parts) => parts.map((part, i) => (i === place ? 'bob.smith@example.com' : part)));
    assert.equal((await ask(stack, nepal.apiKey, { ...query, cursor: forged })).status, 400, `part ${place}`);
  }
});

// Accept, content type or undefined (406)
for (const [accept, type] of [
  ['*/*', 'text/csv'], ['text/*', 'text/csv'], ['application/json', 'application/json'], ['application/x-ndjson', 'application/x-ndjson'], ['APPLICATION/JSON', 'application/json'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/csv'], ['text/csv;q=0.1, application/json;q=0.9', 'application/json'], ['text/csv;q=0, */*', 'application/json'],
  ['application/json;q=0.5, application/x-ndjson;q=0.501', 'application/x-ndjson'], ['text/html', undefined], ['text/csv;q=0', undefined], ['', undefined],
]) {
  test(`Accept: ${accept} → ${type ?? 406}`, async () => {
    const answer = await ask(stack, nepal.apiKey, { limit: 1 }, { accept });
    assert.equal(answer.status, type ? 200 : 406, answer.body);
    if (type) assert.equal(answer.headers['content-type'].split(';')[0], type);
    else assert.ok(answer.json.hint);
    assert.equal((await ask(stack, nepal.apiKey, { limit: 1, format: 'ndjson' }, { accept })).headers['content-type'], 'application/x-ndjson');
  });
}

// Accept-Encoding, whether gzip comes
for (const [encoding, compressed] of [['gzip', true], ['deflate, GZIP;q=0.5', true], ['*', true], ['gzip;q=0', false], ['*;q=0', false], ['identity', false], ['br', false],
  ['gzip;q=0.5, identity', false], ['gzip;q=nonsense', false]]) {
  test(`Accept-Encoding: ${encoding} → ${compressed ? 'gzip' : 'plain'}, the same content`, async () => {
    for (const format of formats) {
      const plain = await ask(stack, nepal.apiKey, { format });
      const { incoming, headers } = await open(stack, nepal.apiKey, { format }, { 'accept-encoding': encoding });
      const bytes = Buffer.concat(await incoming.toArray());
      assert.equal(headers['content-encoding'], compressed ? 'gzip' : undefined);
      assert.equal((compressed ? gunzipSync(bytes) : bytes).toString(), plain.body);
    }
  });
}

test('several fields of Accept and of Accept-Encoding are one list', async () => {
  const lines = (...fields) => [`GET ${path}?limit=1 HTTP/1.1`, 'Host: x', `X-API-Key: ${nepal.apiKey}`, ...fields, '', ''].join('\r\n');
  const { answers: [csv] } = await sendRaw(stack.httpPort, lines('Accept: text/html', 'Accept: text/csv'));
  assert.equal(csv.status, 200);
  const { headers } = await open(stack, nepal.apiKey, { limit: 1 }, { 'accept-encoding': ['br', 'gzip'] }).then((answer) => { answer.destroy(); return answer; });
  assert.equal(headers['content-encoding'], 'gzip');
});

test('a query of nothing asks for nothing', async () => {
  const plain = (await ask(stack, nepal.apiKey, { limit: 1 })).body;
  for (const query of ['?limit=1&', '?&limit=1', '?&&limit=1&']) {
    const { body } = await request(stack.url, 'GET', path + query, { headers: { 'x-api-key': nepal.apiKey } });
    assert.equal(body, plain, query);
  }
});

test('HEAD is GET without the content; other methods → 405', async () => {
  const options = { headers: { 'x-api-key': nepal.apiKey } };
  const head = await request(stack.url, 'HEAD', `${path}?limit=2`, options);
  assert.equal(head.status, 200);
  assert.equal(head.headers['content-length'], (await request(stack.url, 'GET', `${path}?limit=2`, options)).headers['content-length']);
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const answer = await request(stack.url, method, path, options);
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.allow, 'GET, HEAD');
  }
});
