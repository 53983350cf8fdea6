// Requests that must be refused, one row each: the right status as a problem, nothing stored, the server lives on.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import test, { after, before } from 'node:test';
import { holdToContract } from './lib/contracts.mjs';
import { request, sendRaw } from './lib/http.mjs';
import { deliver, headers, order, sign, target } from './lib/shopify.mjs';
import { Stack, eventually } from './lib/stack.mjs';

let stack;
let shop;
let neighbour;
before(async () => {
  stack = await Stack.start('requests', { serverArgs: ['--endpoint-cache', '0.3'] });
  shop = await stack.createShop();
  neighbour = await stack.createShop('neighbour');
});
after(() => stack.remove());

async function storedRows() {
  return stack.value(`SELECT (SELECT count(*) FROM attribution.attribution_events)
      + (SELECT count(*) FROM attribution.dead_events) + (SELECT count(*) FROM attribution.revenue_ledger)`);
}

const bare = () => `/webhooks/shopify?endpoint=${shop.endpointId}`;
const topicTarget = (topic) => `/webhooks/shopify/${topic}?endpoint=${shop.endpointId}`;

// The head of a good delivery as lines, for a row to spoil.
async function goodRequest(body = order()) {
  const fields = await headers(shop, body);
  const lines = [`POST ${target(shop)} HTTP/1.1`, 'Host: localhost',
    ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`)];
  return { lines, body, bytes: (eol = '\r\n') => lines.join(eol) + eol + eol + body };
}

const withoutLength = (lines) => lines.filter((line) => !line.startsWith('content-length'));
const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`;

// name, status, (good) => bytes
const rawRows = [
  ['Transfer-Encoding other than chunked', 400, (g) => [...withoutLength(g.lines), 'Transfer-Encoding: gzip', '', chunk(g.body)].join('\r\n')],
  ['Transfer-Encoding: gzip, chunked', 400, (g) => [...withoutLength(g.lines), 'Transfer-Encoding: gzip, chunked', '', chunk(g.body)].join('\r\n')],
  ['Transfer-Encoding: chunked, identity', 400, (g) => [...withoutLength(g.lines), 'Transfer-Encoding: chunked, identity', '', chunk(g.body)].join('\r\n')],
  ['Transfer-Encoding: xchunked', 400, (g) => [...withoutLength(g.lines), 'Transfer-Encoding: xchunked', '', chunk(g.body)].join('\r\n')],
  ['two Transfer-Encoding', 400, (g) => [...withoutLength(g.lines), 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked', '', chunk(g.body)].join('\r\n')],
  ['Transfer-Encoding with Content-Length', 400, (g) => [...g.lines, 'Transfer-Encoding: chunked', '', chunk(g.body)].join('\r\n')],
  ['Content-Length with Transfer-Encoding before it', 400, (g) => [g.lines[0], 'Transfer-Encoding: chunked', ...g.lines.slice(1), '', chunk(g.body)].join('\r\n')],
  ['two equal Content-Length', 400, (g) => [...g.lines, `Content-Length: ${g.body.length}`, '', g.body].join('\r\n')],
  ['two different Content-Length', 400, (g) => [...g.lines, 'Content-Length: 1', '', g.body].join('\r\n')],
  ['Content-Length as a list', 400, (g) => [...withoutLength(g.lines), `Content-Length: ${g.body.length}, ${g.body.length}`, '', g.body].join('\r\n')],
  ['Content-Length with a sign', 400, (g) => [...withoutLength(g.lines), `Content-Length: +${g.body.length}`, '', g.body].join('\r\n')],
  ['Content-Length in hexadecimal', 400, (g) => [...withoutLength(g.lines), 'Content-Length: 0x10', '', g.body].join('\r\n')],
  ['Content-Length over 64 bits', 400, (g) => [...withoutLength(g.lines), 'Content-Length: 18446744073709551617', '', g.body].join('\r\n')],
  ['empty Content-Length', 400, (g) => [...withoutLength(g.lines), 'Content-Length:', '', g.body].join('\r\n')],
  ['two Host', 400, (g) => [...g.lines, 'Host: other', '', g.body].join('\r\n')],
  ['no Host in HTTP/1.1', 400, (g) => [...g.lines.filter((l) => !l.startsWith('Host')), '', g.body].join('\r\n')],
  ['a folded header', 400, (g) => [...g.lines, 'X-Note: one', ' two', '', g.body].join('\r\n')],
  ['a first header that begins with a space', 400, (g) => [g.lines[0], ' X-Note: one', ...g.lines.slice(1), '', g.body].join('\r\n')],
  ['a space before the colon', 400, (g) => [...withoutLength(g.lines), `Content-Length : ${g.body.length}`, '', g.body].join('\r\n')],
  ['a header without a colon', 400, (g) => [...g.lines, 'nonsense', '', g.body].join('\r\n')],
  ['chunked in HTTP/1.0', 400, (g) => [g.lines[0].replace('1.1', '1.0'), ...withoutLength(g.lines).slice(1), 'Transfer-Encoding: chunked', '', chunk(g.body)].join('\r\n')],
  ['bare LF as line end', 400, (g) => g.bytes('\n')],
  ['bare CR within a header', 400, (g) => [...g.lines, 'X-Note: a\rContent-Length: 5', '', g.body].join('\r\n')],
  ['a control character within a header', 400, (g) => [...g.lines, 'X-Note: a\x00b', '', g.body].join('\r\n')],
  ['a broken chunk size', 400, (g) => [...withoutLength(g.lines), 'Transfer-Encoding: chunked', '', `zz\r\n${g.body}\r\n0\r\n\r\n`].join('\r\n')],
  ['a chunk longer than its size', 400, (g) => [...withoutLength(g.lines), 'Transfer-Encoding: chunked', '', `5\r\n${g.body}\r\n0\r\n\r\n`].join('\r\n')],
  ['101 headers', 431, (g) => [...g.lines, ...Array.from({ length: 101 }, (_, i) => `X-${i}: 1`), '', g.body].join('\r\n')],
  ['a head of more than 8 KiB', 431, (g) => [...g.lines, `X-Long: ${'a'.repeat(8200)}`, '', g.body].join('\r\n')],
  ['a head that never ends', 431, (g) => [...g.lines, `X-Long: ${'a'.repeat(100_000)}`].join('\r\n')],
  ['a body over the limit, announced', 413, (g) => [...withoutLength(g.lines), 'Content-Length: 1048577', '', g.body].join('\r\n')],
  ['a body over the limit, chunked', 413, (g) => [...withoutLength(g.lines), 'Transfer-Encoding: chunked', '', chunk(' '.repeat(1_100_000))].join('\r\n')],
  ['an absolute target', 400, (g) => [g.lines[0].replace(' /', ' http://localhost/'), ...g.lines.slice(1), '', g.body].join('\r\n')],
  ['a broken percent escape', 400, (g) => [g.lines[0].replace('?', '%zz?'), ...g.lines.slice(1), '', g.body].join('\r\n')],
  ['two spaces in the request line', 400, (g) => [g.lines[0].replace(' /', '  /'), ...g.lines.slice(1), '', g.body].join('\r\n')],
  ['HTTP/2.0 in the request line', 505, (g) => [g.lines[0].replace('1.1', '2.0'), ...g.lines.slice(1), '', g.body].join('\r\n')],
  ['no HTTP at all', 400, () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
  ['an expectation other than 100-continue', 417, (g) => [...g.lines, 'Expect: a-miracle', '', g.body].join('\r\n')],
];

// Whatever a refused request drags behind it must not be run: not even a request that would be fine by itself.
for (const [name, status, spoil] of rawRows) {
  test(`${name} → ${status}, connection closed, what follows is not run`, async () => {
    const before = await storedRows();
    const good = await goodRequest();
    const smuggled = await goodRequest();
    const { answers, closed } = await sendRaw(stack.httpPort, Buffer.from(spoil(good) + smuggled.bytes(), 'latin1'), { quiet: 1500 });
    assert.equal(answers.length, 1, `answers: ${answers.map((a) => a.status)}`);
    assert.equal(answers[0].status, status, answers[0].body);
    assert.equal(answers[0].headers.connection, 'close');
    assert.ok(closed, 'the connection stayed open');
    holdToContract('POST', '/webhooks/shopify/orders/create', answers[0]);
    assert.equal(await storedRows(), before, 'something was stored');
    assert.equal((await request(stack.url, 'GET', '/api/health')).status, 200);
  });
}

// name, status, (body) => {method, target, headers, body} over the good delivery
const rows = [
  ['a wrong signature', 401, async (b) => ({ headers: { 'x-shopify-hmac-sha256': await sign('another secret', b) } })],
  ['no signature', 401, () => ({ headers: { 'x-shopify-hmac-sha256': undefined } })],
  ['an empty signature', 401, () => ({ headers: { 'x-shopify-hmac-sha256': '' } })],
  ['a signature in hexadecimal', 401, async (b) => ({ headers: { 'x-shopify-hmac-sha256': Buffer.from(await sign(shop.secret, b), 'base64').toString('hex') } })],
  ['a signature without padding', 401, async (b) => ({ headers: { 'x-shopify-hmac-sha256': (await sign(shop.secret, b)).replace(/=+$/, '') } })],
  ['a signature that is no base64', 401, () => ({ headers: { 'x-shopify-hmac-sha256': '*'.repeat(44) } })],
  ['half a signature', 401, async (b) => ({ headers: { 'x-shopify-hmac-sha256': (await sign(shop.secret, b)).slice(0, 22) } })],
  ['a body changed by one byte', 401, (b) => ({ body: b.replace('388.00', '389.00') })],
  ['a body with one byte more', 401, (b) => ({ body: `${b} `, headers: { 'content-length': String(b.length + 1) } })],
  ['an unknown endpoint', 404, () => ({ target: `/webhooks/shopify/orders/create?endpoint=whe_${'0'.repeat(32)}` })],
  ['an endpoint id of another shape', 404, () => ({ target: '/webhooks/shopify/orders/create?endpoint=1%27%20OR%201=1' })],
  ['an endpoint of another provider', 404, () => ({ target: `/webhooks/stripe/charge/succeeded?endpoint=${shop.endpointId}`, headers: { 'stripe-signature': 't=1,v1=0' } })],
  ['the secret of another endpoint', 401, async (b) => ({ headers: { 'x-shopify-hmac-sha256': await sign(neighbour.secret, b) } })],
  ['two signatures', 400, async (b) => ({ headers: { 'x-shopify-hmac-sha256': [await sign(shop.secret, b), await sign('other', b)] } })],
  ['the same signature twice', 400, async (b) => ({ headers: { 'x-shopify-hmac-sha256': [await sign(shop.secret, b), await sign(shop.secret, b)] } })],
  ['two delivery ids', 400, () => ({ headers: { 'x-shopify-webhook-id': ['one', 'two'] } })],
  ['two topics', 400, () => ({ headers: { 'x-shopify-topic': ['orders/create', 'orders/paid'] } })],
  ['two shop domains', 400, () => ({ headers: { 'x-shopify-shop-domain': [shop.account, shop.account] } })],
  ['the bare path without a topic', 400, () => ({ target: bare(), headers: { 'x-shopify-topic': undefined } })],
  ['the bare path with a topic of another shape', 400, () => ({ target: bare(), headers: { 'x-shopify-topic': 'jane.roe@example.com' } })],
  ['the bare path with a wrong signature', 401, async (b) => ({ target: bare(), headers: { 'x-shopify-hmac-sha256': await sign('another secret', b) } })],
  ['an unknown topic with a wrong signature', 401, async (b) => ({ target: topicTarget('customers/create'), headers: { 'x-shopify-hmac-sha256': await sign('another secret', b) } })],
  ['a path that is no topic', 404, () => ({ target: topicTarget('orders//create') })],
  ['a path that is no topic either', 404, () => ({ target: topicTarget('jane.roe@example.com') })],
  ['the wrong method for an unknown topic', 405, () => ({ method: 'PATCH', target: topicTarget('customers/create') })],
  ['no endpoint', 400, () => ({ target: '/webhooks/shopify/orders/create' })],
  ['two endpoints', 400, () => ({ target: `${target(shop)}&endpoint=${shop.endpointId}` })],
  ['the wrong method', 405, () => ({ method: 'PUT' })],
  ['an unknown path', 404, () => ({ target: `/webhooks/shopify/orders/create/?endpoint=${shop.endpointId}` })],
  ['an unknown provider', 404, () => ({ target: `/webhooks/nobody/orders/create?endpoint=${shop.endpointId}` })],
];

for (const [name, status, spoil] of rows) {
  test(`${name} → ${status}, nothing stored`, async () => {
    const before = await storedRows();
    const body = order();
    const change = await spoil(body);
    const answer = await request(stack.url, change.method ?? 'POST', change.target ?? target(shop),
      { body: change.body ?? body, headers: await headers(shop, body, change.headers) });
    assert.equal(answer.status, status, answer.body);
    assert.equal(await storedRows(), before, 'something was stored');
  });
}

for (const [name, statement] of [
  ['a disabled endpoint', "UPDATE attribution.webhook_endpoints SET status = 'disabled' WHERE tenant_id = $1"],
  ['an endpoint of a suspended tenant', "UPDATE attribution.tenants SET status = 'suspended' WHERE tenant_id = $1"],
]) {
  test(`${name} becomes unknown, also when it was in use`, async () => {
    const other = await stack.createShop(name.split(' ').at(-1));
    assert.equal((await deliver(stack, other, order())).status, 200);
    await stack.sql(statement, [other.tenantId]);
    await eventually('the endpoint is forgotten', async () => (await deliver(stack, other, order())).status === 404);
  });
}

test('plain HTTP/1.0 is served and the connection closed', async () => {
  const good = await goodRequest();
  const bytes = good.bytes().replace('HTTP/1.1', 'HTTP/1.0').replace('Host: localhost\r\n', '');
  const { answers, closed } = await sendRaw(stack.httpPort, bytes, { quiet: 3000 });
  assert.deepEqual(answers.map((a) => a.status), [200]);
  assert.equal(holdToContract('POST', target(shop), answers[0]).status, 'created');
  assert.ok(closed);
});

test('a chunked body is served', async () => {
  const good = await goodRequest();
  const half = good.body.length >> 1;
  const parts = [good.body.slice(0, half), good.body.slice(half)];
  const chunks = parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('');
  const { answers } = await sendRaw(stack.httpPort,
    [...withoutLength(good.lines), 'Transfer-Encoding: chunked', '', `${chunks}0\r\n\r\n`].join('\r\n'));
  assert.deepEqual(answers.map((a) => a.status), [200]);
});

test('two good requests on one connection are answered in order', async () => {
  const [first, second] = [await goodRequest(), await goodRequest()];
  const { answers } = await sendRaw(stack.httpPort, first.bytes() + second.bytes(), { quiet: 1500 });
  assert.deepEqual(answers.map((a) => a.status), [200, 200]);
  assert.notEqual(JSON.parse(answers[0].body).event_id, JSON.parse(answers[1].body).event_id);
});

test('a body of exactly the limit is taken, one byte more is not', async () => {
  for (const [size, status] of [[1_048_576, 200], [1_048_577, 413]]) {
    const body = order({ note: '' }).replace('"note":""', (text) => text.replace('""', `"${'a'.repeat(size)}"`));
    const exact = body.replace(/a+(?="[,}])/, (run) => run.slice(0, run.length - (Buffer.byteLength(body) - size)));
    assert.equal(Buffer.byteLength(exact), size);
    const good = await goodRequest(exact);
    const { answers } = await sendRaw(stack.httpPort, good.bytes(), { quiet: 3000 });
    assert.deepEqual(answers.map((a) => a.status), [status]);
  }
});

test('the correlation id is the client\'s UUID, or a new one', async () => {
  const mine = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
  const kept = await deliver(stack, shop, order(), { 'x-correlation-id': mine });
  assert.equal(kept.headers['x-correlation-id'], mine);
  assert.equal(await stack.value('SELECT correlation_id FROM attribution.attribution_events WHERE event_id = $1', [kept.json.event_id]), mine);
  const made = await deliver(stack, shop, order(), { 'x-correlation-id': 'jane@example.com' });
  assert.notEqual(made.headers['x-correlation-id'], 'jane@example.com');
});

test('the bare path takes the topic that the header names', async () => {
  const body = order();
  const answer = await request(stack.url, 'POST', bare(), { body, headers: await headers(shop, body) });
  assert.equal(answer.json.status, 'created');
  assert.equal(await stack.value('SELECT topic FROM attribution.attribution_events WHERE event_id = $1', [answer.json.event_id]), 'orders/create');
});

for (const [name, makeTarget, topic] of [
  ['below its path', () => topicTarget('customers/create'), 'customers/create'],
  ['on the bare path', bare, 'carts/update'],
]) {
  test(`a topic that is not booked, ${name}: acknowledged and counted once it is verified`, async () => {
    const before = await storedRows();
    const body = '{"id":1,"email":"jane.roe@example.com"}';
    const answer = await request(stack.url, 'POST', makeTarget(), { body, headers: await headers(shop, body, { 'x-shopify-topic': topic }) });
    assert.equal(answer.status, 200);
    assert.equal(answer.json.status, 'ignored');
    assert.equal(answer.json.event_id, null);
    assert.equal(await storedRows(), before, 'something was stored');
    const counted = await stack.sql('SELECT topic, reason::text, deliveries::int FROM attribution.ignored_deliveries WHERE tenant_id = $1 AND topic = $2', [shop.tenantId, topic]);
    assert.deepEqual(counted, [{ topic, reason: 'unknown_topic', deliveries: 1 }]);
  });
}

// Only the head is sent: an answer shows that nobody waits for the body.
for (const [name, status, spoil] of [
  ['without a signature', 401, (lines) => lines.filter((line) => !line.startsWith('x-shopify-hmac'))],
  ['for an unknown endpoint', 404, (lines) => [lines[0].replace(/whe_[0-9a-f]+/, `whe_${'0'.repeat(32)}`), ...lines.slice(1)]],
  ['without an endpoint', 400, (lines) => [lines[0].replace(/\?endpoint=\w+/, ''), ...lines.slice(1)]],
  ['with two delivery ids', 400, (lines) => [...lines, 'X-Shopify-Webhook-Id: another']],
  ['for a path that nobody has', 404, (lines) => [lines[0].replace('/webhooks/', '/hooks/'), ...lines.slice(1)]],
]) {
  for (const expects of [[], ['Expect: 100-continue']]) {
    test(`a delivery ${name} is refused before its body, ${expects[0] ?? 'without Expect'}`, async () => {
      const { lines } = await goodRequest();
      const head = [...spoil([...withoutLength(lines), 'Content-Length: 1000000']), ...expects, '', ''].join('\r\n');
      const { answers, closed } = await sendRaw(stack.httpPort, head, { quiet: 1500 });
      assert.deepEqual(answers.map((a) => a.status), [status]);
      assert.equal(answers[0].headers.connection, 'close');
      holdToContract('POST', lines[0].split(' ')[1], answers[0]);
      assert.ok(closed);
    });
  }
}

test('the log names paths that are known, and no others', async () => {
  const body = order();
  const signed = await headers(shop, body);
  for (const path of ['jane_roe', 'jane.roe@example.com', 'orders/create']) {
    await request(stack.url, 'POST', topicTarget(path), { body, headers: signed });
  }
  await eventually('the log is written', () => /"path":"\/webhooks\/shopify\/\*"/.test(fs.readFileSync(stack.serverLog, 'utf8')));
  const log = fs.readFileSync(stack.serverLog, 'utf8');
  assert.ok(!/jane/i.test(log), 'the log holds what a client typed');
  assert.match(log, /"path":"\/webhooks\/shopify\/orders\/create"/);
});

test('another shop domain than the endpoint\'s account is logged and no reason to refuse', async () => {
  const answer = await deliver(stack, shop, order(), { 'x-shopify-shop-domain': 'jane.example.com' });
  assert.equal(answer.json.status, 'created');
  await eventually('it is logged', () => fs.readFileSync(stack.serverLog, 'utf8').split('\n').some((line) => line.includes('"other_account"')
    && line.includes(answer.json.correlation_id) && line.includes(shop.endpointId)));
  assert.ok(!fs.readFileSync(stack.serverLog, 'utf8').includes('jane.example.com'));
});

test('at the limit of connections a newcomer takes the place of who is silent for longest', { timeout: 30_000 }, async () => {
  await stack.stopServer();
  stack.serverArgs = ['--max-connections', '3', '--idle-timeout', '600'];
  await stack.startServer();
  const silent = [];
  for (let i = 0; i < 3; i += 1) {
    const socket = net.connect(stack.httpPort, '127.0.0.1');
    const closed = once(socket, 'close').then(() => i);
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'connect');
    // The answer shows that the server has the connection, and from when on it is silent.
    socket.write('GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'data');
    silent.push({ socket, closed });
  }
  const { answers } = await sendRaw(stack.httpPort, (await goodRequest()).bytes(), { quiet: 3000 });
  assert.deepEqual(answers.map((a) => a.status), [200]);
  assert.equal(await Promise.race(silent.map(({ closed }) => closed)), 0, 'not the longest silent one was closed');
  for (const { socket } of silent) socket.destroy();
});
