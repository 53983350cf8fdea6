// Well-signed bodies that cannot be used: 200 (sending again would not mend them), a dead letter with the reason,
// no event, no money. One row each.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test, { after, before } from 'node:test';
import { request } from './lib/http.mjs';
import { deliver, headers, order, target } from './lib/shopify.mjs';
import { Stack } from './lib/stack.mjs';

let stack;
let shop;
before(async () => {
  stack = await Stack.start('unusable');
  shop = await stack.createShop();
});
after(() => stack.remove());

const spoil = (from, to) => () => order().replace(from, to);
const deep = (depth) => '['.repeat(depth) + ']'.repeat(depth);

// name, code, () => body, and what the stored reason must say
const rows = [
  ['an empty body', 'RA007', () => ''],
  ['no JSON', 'RA007', () => 'not json'],
  ['a truncated body', 'RA007', () => order().slice(0, -10)],
  ['bytes after the document', 'RA007', () => `${order()}{}`],
  ['an array', 'RA007', () => `[${order()}]`],
  ['a scalar', 'RA007', () => '17'],
  ['a duplicate key', 'RA007', spoil('"currency":"USD"', '"currency":"USD","currency":"EUR"')],
  ['a duplicate key in an object that is dropped', 'RA007', spoil('"test":false', '"test":false,"note":{"a":1,"a":2}')],
  ['an escaped duplicate key', 'RA007', spoil('"test":false', '"test":false,"\\u0074est":true')],
  ['U+0000 in a string', 'RA007', spoil('"test":false', '"test":false,"note":"a\\u0000b"')],
  ['a raw NUL byte', 'RA007', spoil('"test":false', '"test":false,"note":"a\0b"')],
  ['a lone surrogate', 'RA007', spoil('"test":false', '"test":false,"note":"\\ud800"')],
  ['invalid UTF-8', 'RA007', () => Buffer.from(order({ note: 'caf\u00e9' }), 'latin1')],
  ['a number of 10,000 digits', 'RA007', spoil('"test":false', `"test":false,"note":${'9'.repeat(10_000)}`)],
  ['nesting of 100 levels', 'RA007', spoil('"test":false', `"test":false,"note":${deep(100)}`)],
  ['no id', 'RA007', spoil(/"id":\d+,/, '')],
  ['an id as a fraction', 'RA007', spoil(/"id":\d+,/, '"id":1.5,')],
  ['an id of 1e400', 'RA007', spoil(/"id":\d+,/, '"id":1e400,')],
  ['no currency', 'RA007', spoil('"currency":"USD",', '')],
  ['a currency that does not exist', 'RA006', spoil('"currency":"USD"', '"currency":"XQZ"')],
  ['no total', 'RA007', spoil('"total_price":"388.00",', '')],
  ['a total that is no number', 'RA005', spoil('"total_price":"388.00"', '"total_price":"12,50"')],
  ['a total with too many decimals', 'RA005', spoil('"total_price":"388.00"', '"total_price":"388.005"')],
  ['a total beyond 64 bits', 'RA005', spoil('"total_price":"388.00"', '"total_price":"92233720368547758.08"')],
  ['a financial status of another kind', 'RA007', spoil('"financial_status":"paid"', '"financial_status":17')],
  ['a time that is none', 'RA007', spoil('"processed_at":"2026-11-20T10:00:00-05:00"', '"processed_at":"2026-13-40T10:00:00Z"')],
];

for (const [name, code, makeBody] of rows) {
  test(`${name}: 200 and a dead letter ${code}`, async () => {
    const events = () => stack.value('SELECT count(*)::int FROM attribution.attribution_events');
    const entries = () => stack.value('SELECT count(*)::int FROM attribution.revenue_ledger');
    const [eventsBefore, entriesBefore] = [await events(), await entries()];
    const body = makeBody();
    const deliveryKey = randomUUID();
    const answer = await deliver(stack, shop, body, { deliveryKey });
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.json.status, 'dead_lettered');
    const [dead] = await stack.sql(`SELECT dead_id, code, detail, attempts, status, body_length::int, tenant_id, delivery_key
        FROM attribution.dead_events WHERE dead_id = $1`, [answer.json.event_id]);
    assert.ok(dead, 'no row in dead_events');
    assert.equal(dead.code, code, dead.detail);
    assert.equal(dead.delivery_key, deliveryKey);
    assert.equal(dead.tenant_id, shop.tenantId);
    assert.equal(dead.body_length, Buffer.byteLength(body));
    assert.ok(dead.detail.length > 10, `no reason: ${dead.detail}`);
    assert.equal(await events(), eventsBefore);
    assert.equal(await entries(), entriesBefore);

    const again = await deliver(stack, shop, body, { deliveryKey });
    assert.equal(again.json.event_id, dead.dead_id, 'a repeat is the same dead letter');
    assert.equal(await stack.value('SELECT attempts FROM attribution.dead_events WHERE dead_id = $1', [dead.dead_id]), 2);
  });
}

test('the reason never quotes the body', async () => {
  const planted = 'jane.roe@example.com';
  const answer = await deliver(stack, shop, `{"id": "${planted}"`);
  assert.equal(answer.json.status, 'dead_lettered');
  const dead = await stack.value('SELECT to_jsonb(d)::text FROM attribution.dead_events d WHERE dead_id = $1', [answer.json.event_id]);
  assert.ok(!dead.includes(planted) && !dead.includes('jane'), dead);
});

test('one bad delivery among many good ones spoils none of them', async () => {
  const bodies = Array.from({ length: 60 }, (_, i) => (i % 6 === 0 ? 'broken' + i : order()));
  const answers = await Promise.all(bodies.map((body) => deliver(stack, shop, body)));
  assert.deepEqual(answers.map((a) => a.json.status), bodies.map((b) => (b.startsWith('broken') ? 'dead_lettered' : 'created')));
});

test('an unknown content type is no reason to refuse what is signed', async () => {
  const body = order();
  const answer = await request(stack.url, 'POST', target(shop), { body, headers: await headers(shop, body, { 'content-type': 'text/plain' }) });
  assert.equal(answer.json.status, 'created');
});
