// The database goes away and comes back; the server is told to stop.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import net from 'node:net';
import test, { after, before } from 'node:test';
import { request } from './lib/http.mjs';
import { deliver, headers, order, target } from './lib/shopify.mjs';
import { Stack, eventually } from './lib/stack.mjs';

let stack;
let shop;
before(async () => {
  stack = await Stack.start('outage');
  shop = await stack.createShop();
});
after(() => stack.remove());

const realtime = () => request(stack.url, 'GET', '/api/attribution/revenue/realtime', { headers: { 'x-api-key': shop.apiKey } });

for (const mode of ['fast', 'immediate']) {
  test(`database stopped (${mode}): 503 with Retry-After everywhere, and it heals`, async () => {
    assert.equal((await deliver(stack, shop, order())).status, 200);
    stack.cluster.stop(mode);
    for (const answer of [await deliver(stack, shop, order()), await realtime(), await request(stack.url, 'GET', '/api/health')]) {
      assert.equal(answer.status, 503, answer.body);
    }
    stack.cluster.restart();
    await eventually('health is good again', async () => (await request(stack.url, 'GET', '/api/health')).status === 200);
    const deliveryKey = randomUUID();
    const answer = await deliver(stack, shop, order(), { deliveryKey });
    assert.equal(answer.status, 200, answer.body);
    assert.equal(await stack.value('SELECT count(*)::int FROM attribution.attribution_events WHERE delivery_key = $1', [deliveryKey]), 1);
    assert.equal((await realtime()).status, 200);
  });
}

test('terminated backends are replaced', async () => {
  for (let i = 0; i < 3; i += 1) {
    await stack.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'attributiond'");
    const answer = await deliver(stack, shop, order());
    assert.equal(answer.status, 200, answer.body);
  }
});

test('SIGTERM: what is in hand is answered, nothing new is taken, exit code 0', async () => {
  const body = order();
  const fields = await headers(shop, body);
  const head = `POST ${target(shop)} HTTP/1.1\r\nHost: localhost\r\n${Object.entries(fields).map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`;
  const socket = net.connect(stack.httpPort, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => { received += chunk; });
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.write(head + body.slice(0, 10));
  await new Promise((resolve) => setTimeout(resolve, 300));
  stack.server.kill('SIGTERM');
  await eventually('new connections are refused', () => new Promise((resolve) => {
    const probe = net.connect(stack.httpPort, '127.0.0.1');
    probe.once('connect', () => { probe.destroy(); resolve(false); });
    probe.once('error', () => resolve(true));
  }));
  assert.equal(stack.server.exitCode, null, 'it ended with a request in hand');
  socket.write(body.slice(10));
  await ended;
  assert.match(received, /^HTTP\/1\.1 200 /);
  const eventId = JSON.parse(received.split('\r\n\r\n')[1]).event_id;
  assert.equal(await stack.value('SELECT count(*)::int FROM attribution.attribution_events WHERE event_id = $1', [eventId]), 1);
  assert.deepEqual(await stack.serverExit, { code: 0, signal: null });
  await stack.startServer();
});

test('SIGTERM under load: every 200 is stored, exit code 0', async () => {
  const bodies = Array.from({ length: 400 }, () => order());
  const sent = bodies.map((body) => deliver(stack, shop, body).catch((error) => error));
  // In the middle of it: the first are answered, the last still wait.
  await Promise.any(sent.map((answer) => answer.then(({ status }) => assert.equal(status, 200))));
  stack.server.kill('SIGTERM');
  const acknowledged = (await Promise.all(sent)).filter((answer) => answer.status === 200).map((answer) => answer.json.event_id);
  assert.deepEqual(await stack.serverExit, { code: 0, signal: null });
  assert.ok(acknowledged.length > 0);
  const stored = await stack.sql('SELECT event_id FROM attribution.attribution_events WHERE event_id = ANY ($1)', [acknowledged]);
  assert.equal(stored.length, acknowledged.length);
  await stack.startServer();
});
