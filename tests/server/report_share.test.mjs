// Tenants share the connections for reports (--report-connections): whoever asks for many slow ones waits for its own, and no other does.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { request } from './lib/http.mjs';
import { Stack, eventually } from './lib/stack.mjs';

let stack;
let greedy;
let second;
let other;
before(async () => {
  stack = await Stack.start('report-share', { serverArgs: ['--report-connections', '3'] });
  [greedy, second, other] = [await stack.createShop('greedy'), await stack.createShop('second'), await stack.createShop('other')];
  for (const { tenantId } of [greedy, second, other]) await stack.sql("SELECT attribution.define_model($1, 'linear', 'linear')", [tenantId]);
  // A list of models takes the first two tenants two seconds.
  await stack.sql(`CREATE FUNCTION public.slowly(tenant_id uuid) RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(2) WHERE slowly.tenant_id IN ('${greedy.tenantId}', '${second.tenantId}'); RETURN true; END $$`);
  await stack.sql('CREATE POLICY slowly ON attribution.attribution_models AS RESTRICTIVE TO attribution_svc_attribution USING (public.slowly(tenant_id))');
});
after(() => stack?.remove());

const models = (shop) => request(stack.url, 'GET', '/api/attribution/models', { headers: { 'x-api-key': shop.apiKey } });
const many = (shop, count) => Array.from({ length: count }, () => models(shop));
const slow = () => stack.value("SELECT count(*)::int FROM pg_stat_activity WHERE usename = 'attributiond' AND wait_event = 'PgSleep'");

test('one tenant has many slow requests: others are answered meanwhile, and it gets what it can and a hint', async () => {
  const asked = many(greedy, 20);
  await eventually('some are being answered', async () => await slow() === 2);
  for (let i = 0; i < 40; i += 1) {
    const began = Date.now();
    assert.equal((await models(other)).status, 200);
    assert.ok(Date.now() - began < 1000, `${Date.now() - began} ms`);
    assert.ok(await slow() <= 2, 'one tenant has all connections');
  }
  const spend = await request(stack.url, 'POST', '/api/attribution/spend', { headers: { 'x-api-key': other.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify([{ day: '2026-11-21', channel: 'email', currency: 'EUR', spend: '1.00' }]) });
  assert.equal(spend.status, 200);
  const answers = await Promise.all(asked);
  const refused = answers.filter(({ status }) => status === 503);
  assert.ok(refused.length > 0, 'nobody had to wait too long');
  assert.ok(answers.filter(({ status }) => status === 200).length >= 4);
  assert.equal(answers.filter(({ status }) => status === 200).length + refused.length, 20);
  for (const { headers, json } of refused) {
    assert.match(headers['retry-after'], /^\d+$/);
    assert.match(json.detail, /of this tenant/);
    assert.match(json.hint, /fewer at a time/);
  }
  assert.equal((await models(greedy)).status, 200, 'its places come back');
});

test('two of them: a third one has its turn before theirs are all answered', async () => {
  const asked = [...many(greedy, 10), ...many(second, 10)];
  await eventually('they have all connections', async () => await slow() === 3);
  const began = Date.now();
  assert.equal((await models(other)).status, 200);
  assert.ok(Date.now() - began < 4500, `${Date.now() - began} ms`);
  const answers = await Promise.all(asked);
  for (const from of [answers.slice(0, 10), answers.slice(10)]) assert.ok(from.some(({ status }) => status === 200));
  assert.ok(answers.some(({ status }) => status === 503));
});

test('the tenant\'s line and that for a connection are five seconds together', async () => {
  const lock = await stack.pool.connect();
  try {
    await lock.query('BEGIN');
    await lock.query('LOCK TABLE attribution.attribution_models IN ACCESS EXCLUSIVE MODE');
    const waiting = async () => (await lock.query("SELECT pid FROM pg_stat_activity WHERE usename = 'attributiond' AND wait_event_type = 'Lock'")).rows;
    const asked = many(greedy, 2);
    await eventually('it has its share', async () => (await waiting()).length === 2);
    const [{ pid }] = await waiting();
    asked.push(...many(second, 2));
    await eventually('all connections are in use', async () => (await waiting()).length === 3);
    const began = Date.now();
    const last = models(greedy);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    // The connection that comes free is for the one who waits for it already.
    await lock.query('SELECT pg_terminate_backend($1)', [pid]);
    assert.equal((await last).status, 503);
    assert.ok(Date.now() - began < 6500, `${Date.now() - began} ms`);
    await lock.query('ROLLBACK');
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 200).length, 3, statuses.join());
  } finally {
    await lock.query('ROLLBACK');
    lock.release();
  }
});

test('look-ups of ingestion and health do not wait for reports', async () => {
  const asked = many(greedy, 8);
  await eventually('some are being answered', async () => await slow() === 2);
  const began = Date.now();
  assert.equal((await request(stack.url, 'GET', '/api/health')).status, 200);
  const told = await request(stack.url, 'POST', '/api/ingest', { headers: { 'x-api-key': greedy.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify([{ type: 'touchpoint', id: 'v', occurred_at: '2026-11-20T18:03:11Z', journey_id: 'journey-1', url: 'https://shop.example.com/' }]) });
  assert.ok(told.status < 300, told.body);
  assert.ok(Date.now() - began < 1500, `${Date.now() - began} ms`);
  await Promise.all(asked);
});
