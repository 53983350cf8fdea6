// Dead letters over REST: listed in pages, tried again, and only those of one's own tenant.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test, { after, before } from 'node:test';
import { request } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';

const at = '2026-11-22T10:00:00Z';
let stack;
let shop;
let other;
before(async () => {
  stack = await Stack.start('dead-letters');
  shop = await stack.createShop();
  other = await stack.createShop('other');
});
after(() => stack.remove());

const call = (method, target, { key = shop.apiKey, body, headers = {} } = {}) => request(stack.url, method, target, {
  headers: { ...(key && { 'x-api-key': key }), ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
  body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body) });
const list = (query = '', options) => call('GET', `/api/ingest/dead-events${query}`, options);
const replay = (body, options) => call('POST', '/api/ingest/dead-events/replay', { body, ...options });
const ingest = (items, options) => call('POST', '/api/ingest', { body: items, ...options });

const conversion = (order, changes = {}) => ({ type: 'conversion', id: randomUUID(), order_id: order, occurred_at: at,
  amount: '59.90', currency: 'EUR', ...changes });
const hopeless = (count) => Array.from({ length: count }, (_, i) => conversion('1', { amount: i }));

// Refused by the database as long as the order is booked in another currency: the letter keeps its event.
async function curable(tenant = shop) {
  const order = randomUUID();
  await ingest(conversion(order, { currency: 'USD' }), { key: tenant.apiKey });
  const refused = await ingest(conversion(order), { key: tenant.apiKey });
  const [result] = refused.json.results;
  assert.deepEqual([result.status, result.code], ['dead_lettered', 'RA004'], refused.body);
  const cure = async () => {
    await stack.sql('ALTER TABLE attribution.revenue_ledger DISABLE TRIGGER USER');
    for (const table of ['revenue_ledger', 'money_states']) {
      await stack.sql(`DELETE FROM attribution.${table} WHERE tenant_id = $1 AND money_key = $2`, [tenant.tenantId, `merchant:order:${order}`]);
    }
    await stack.sql('ALTER TABLE attribution.revenue_ledger ENABLE TRIGGER USER');
  };
  const booked = () => stack.sql('SELECT amount_minor::int AS amount, currency FROM attribution.revenue_ledger WHERE tenant_id = $1 AND money_key = $2',
    [tenant.tenantId, `merchant:order:${order}`]);
  return { deadId: result.event_id, cure, booked };
}

test('services that share connections do not get in each other\'s way', async () => {
  for (let i = 0; i < 4; ++i) {
    assert.equal((await call('GET', '/api/attribution/revenue/realtime')).status, 200);
    assert.equal((await list()).status, 200);
  }
  const both = await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 ? list() : call('GET', '/api/attribution/revenue/realtime'))));
  assert.deepEqual([...new Set(both.map((answer) => answer.status))], [200]);
});

test('pages, the newest first, complete and without repeats', async () => {
  const ids = (await ingest(hopeless(25))).json.results.map((r) => r.event_id);
  const seen = [];
  let cursor = '';
  const sizes = [];
  do {
    const page = await list(`?status=open&limit=10${cursor && `&cursor=${cursor}`}`);
    assert.equal(page.status, 200, page.body);
    sizes.push(page.json.dead_events.length);
    seen.push(...page.json.dead_events.map((d) => d.dead_id));
    cursor = page.json.next_cursor;
  } while (cursor);
  assert.deepEqual(sizes, [10, 10, 5]);
  assert.deepEqual(seen, ids.slice().sort().reverse());
  const whole = await list('?limit=25');
  assert.deepEqual([whole.json.dead_events.length, whole.json.next_cursor], [25, null]);
});

test('a letter says what, why, and how often', async () => {
  const [item] = hopeless(1);
  await ingest(item);
  const answer = await ingest(item);
  const [letter] = (await list('?limit=1000')).json.dead_events.filter((d) => d.dead_id === answer.json.results[0].event_id);
  const { received_at: received, last_seen_at: seen, body_length: length, ...rest } = letter;
  assert.ok(received < seen);
  assert.equal(length, JSON.stringify(item).length);
  assert.deepEqual(rest, { dead_id: letter.dead_id, status: 'open', code: 'RA005', detail: 'Member "amount" must be a decimal text, such as "59.90".',
    source: 'api', delivery_key: item.id, topic: 'conversion', endpoint_id: null, event_id: null, attempts: 2, replayable: false });
});

test('replay: nothing changes until the reason is gone, then it is booked once, and again nothing changes', async () => {
  const { deadId, cure, booked } = await curable();
  const early = await replay({ dead_ids: [deadId] });
  assert.deepEqual(early.json.results.map((r) => [r.dead_id, r.status, r.code]), [[deadId, 'dead_lettered', 'RA004']], early.body);
  await cure();
  const answers = [await replay({ dead_ids: [deadId] }), await replay({ dead_ids: [deadId] })];
  for (const { json } of answers) {
    assert.deepEqual(json.counts, { replayed: 1, dead_lettered: 0, not_replayable: 0, discarded: 0 });
    assert.equal(json.results[0].event_id, answers[0].json.results[0].event_id);
  }
  assert.deepEqual(await booked(), [{ amount: 5990, currency: 'EUR' }]);
  const [letter] = (await list('?status=replayed')).json.dead_events;
  assert.deepEqual([letter.dead_id, letter.event_id], [deadId, answers[0].json.results[0].event_id]);
});

test('replay at once from several: booked once', async () => {
  const { deadId, cure, booked } = await curable();
  await cure();
  const answers = await Promise.all(Array.from({ length: 4 }, () => replay({ dead_ids: [deadId] })));
  assert.deepEqual([...new Set(answers.map((a) => a.json.results[0].status))], ['replayed']);
  assert.deepEqual(await booked(), [{ amount: 5990, currency: 'EUR' }]);
});

test('replay of all that are open: the curable become events, the others say why not', async () => {
  const letters = [await curable(), await curable()];
  for (const letter of letters) await letter.cure();
  const [bad] = (await ingest(hopeless(1))).json.results;
  const { json } = await replay({});
  for (const { deadId } of letters) assert.equal(json.results.find((r) => r.dead_id === deadId)?.status, 'replayed');
  const left = json.results.find((r) => r.dead_id === bad.event_id);
  assert.deepEqual([left.status, left.code, left.event_id], ['not_replayable', 'RA005', null]);
  assert.equal((await replay({ limit: 1, dead_ids: null })).json.counts.replayed, 0);
});

test('what the database refuses for good is a letter that keeps its event; its neighbours are stored', async () => {
  await stack.sql(`CREATE FUNCTION refuse_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.external_id = 'refused' THEN RAISE EXCEPTION 'no' USING ERRCODE = 'RA001', DETAIL = 'Column payload holds something.'; END IF;
    RETURN NEW; END $$`);
  await stack.sql('GRANT EXECUTE ON FUNCTION refuse_order() TO PUBLIC');
  await stack.sql('CREATE TRIGGER refuse_order BEFORE INSERT ON attribution.attribution_events FOR EACH ROW EXECUTE FUNCTION refuse_order()');
  const items = [conversion(randomUUID()), conversion('refused', { amount: '7.00' }), conversion(randomUUID())];
  const { json } = await ingest(items);
  assert.deepEqual(json.results.map((r) => [r.status, r.code, r.detail]), [['created', null, null],
    ['dead_lettered', 'RA001', 'Column payload holds something.'], ['created', null, null]]);
  const deadId = json.results[1].event_id;
  const again = await ingest(items);
  assert.deepEqual(again.json.results.map((r) => [r.status, r.event_id]), [['duplicate', json.results[0].event_id],
    ['dead_lettered', deadId], ['duplicate', json.results[2].event_id]]);
  await stack.sql('DROP TRIGGER refuse_order ON attribution.attribution_events');
  assert.equal((await replay({ dead_ids: [deadId] })).json.results[0].status, 'replayed');
  assert.equal(await stack.value("SELECT sum(amount_minor)::int FROM attribution.revenue_ledger WHERE money_key = 'merchant:order:refused'"), 700);
  assert.equal((await ingest(items[1])).json.results[0].status, 'duplicate');
});

test('a discarded letter stays away', async () => {
  const { deadId, cure, booked } = await curable();
  await cure();
  await stack.sql('SELECT attribution.discard_dead_events(tenant_id => $1, dead_ids => $2)', [shop.tenantId, [deadId]]);
  assert.equal((await replay({ dead_ids: [deadId] })).json.results[0].status, 'discarded');
  assert.deepEqual(await booked(), []);
  assert.ok((await list('?status=discarded')).json.dead_events.some((d) => d.dead_id === deadId));
});

test('another tenant sees nothing and moves nothing', async () => {
  const { deadId, cure, booked } = await curable();
  await cure();
  const options = { key: other.apiKey };
  assert.deepEqual((await list('', options)).json.dead_events, []);
  assert.deepEqual((await list(`?cursor=${deadId}`, options)).json.dead_events, []);
  assert.deepEqual((await replay({ dead_ids: [deadId] }, options)).json.results, []);
  assert.deepEqual((await replay({}, options)).json.results, []);
  assert.deepEqual(await booked(), []);
});

test('nothing asked for, nothing done', async () => {
  for (const ids of [[], [randomUUID()]]) assert.deepEqual((await replay({ dead_ids: ids })).json.results, []);
});

for (const query of ['?status=closed', '?status=open&status=open', '?limit=0', '?limit=1001', '?limit=ten', '?limit=', '?limit=1e2', '?cursor=1', '?cursor=']) {
  test(`list${query} → 400`, async () => assert.equal((await list(query)).status, 400));
}

// name, body, status
for (const [name, body, status, options] of [
  ['no object', [], 400], ['no JSON', '{', 400], ['another member', { ids: [] }, 400], ['ids that are none', { dead_ids: ['1'] }, 400],
  ['ids that are no array', { dead_ids: randomUUID() }, 400], ['1,001 ids', { dead_ids: Array(1001).fill(randomUUID()) }, 400],
  ['a limit of 0', { limit: 0 }, 400], ['a limit as text', { limit: '10' }, 400], ['a limit of 1,001', { limit: 1001 }, 400],
  ['a form', 'dead_ids=', 415, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }], ['no key', {}, 401, { key: null }],
]) {
  test(`replay with ${name} → ${status}`, async () => {
    const answer = await replay(body, options);
    assert.equal(answer.status, status, answer.body);
  });
}

test('list without a key → 401, other methods → 405', async () => {
  assert.equal((await list('', { key: null })).status, 401);
  assert.equal((await call('DELETE', '/api/ingest/dead-events')).status, 405);
  assert.equal((await call('GET', '/api/ingest/dead-events/replay')).status, 405);
});

test('a suspended tenant is refused', async () => {
  const gone = await stack.createShop('gone');
  assert.equal((await list('', { key: gone.apiKey })).status, 200);
  await stack.sql("UPDATE attribution.tenants SET status = 'suspended' WHERE tenant_id = $1", [gone.tenantId]);
  for (const answer of [await ingest(conversion('1'), { key: gone.apiKey }), await replay({}, { key: gone.apiKey })]) {
    assert.ok([401, 404].includes(answer.status), answer.body);
  }
});

test('without the database: 503', async () => {
  stack.cluster.stop();
  for (const answer of [await list(), await replay({})]) assert.equal(answer.status, 503, answer.body);
  stack.cluster.restart();
});
