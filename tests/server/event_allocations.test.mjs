// GET /api/attribution/allocations/{event} and /models: what an event booked and how it was divided, revision by revision.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import test, { after, before } from 'node:test';
import { request } from './lib/http.mjs';
import { forgeCursor } from './lib/reports/cursor.mjs';
import { deliver, order } from './lib/shopify.mjs';
import { Stack, eventually } from './lib/stack.mjs';

let stack;
let shop;
let other;
before(async () => {
  stack = await Stack.start('event-allocations', { settings: ['log_statement=all', 'log_parameter_max_length=-1'] });
  shop = await createShop('shop', 'Asia/Kathmandu');
  other = await createShop('other', 'UTC');
});
after(() => stack.remove());

async function createShop(name, timeZone) {
  const made = await stack.createShop(name, { timeZone });
  for (const rule of ['linear', 'last_touch']) await define(made, rule, rule);
  return made;
}
const define = (of, name, rule, params = {}, active = true) => stack.sql('SELECT attribution.define_model($1, $2, $3, $4, $5)', [of.tenantId, name, rule, params, active]);
const divide = async () => { while (await stack.value('SELECT attribution.allocate_pending()::int') > 0); };

const ask = (event, parameters = {}, of = shop) => request(stack.url, 'GET', `/api/attribution/allocations/${event}?${new URLSearchParams(parameters)}`,
  { headers: { 'x-api-key': of.apiKey } });
async function read(event, parameters, of) {
  const answer = await ask(event, parameters, of);
  assert.equal(answer.status, 200, answer.body);
  return answer.json;
}

// The ids of the events, as ingestion answers them.
async function ingest(items, of = shop) {
  const answer = await request(stack.url, 'POST', '/api/ingest', { headers: { 'x-api-key': of.apiKey, 'content-type': 'application/json' }, body: JSON.stringify(items) });
  return answer.json.results.map((r) => r.event_id);
}
const visit = (id, journey, source, at) => ({ type: 'touchpoint', id, occurred_at: at, journey_id: journey, url: `https://shop.example/?${source}` });
const search = 'utm_source=google&utm_medium=cpc&utm_campaign=brand';
const mail = 'utm_source=news&utm_medium=email';
const sale = (id, changes = {}) => ({ type: 'conversion', id, order_id: id, occurred_at: '2026-11-01T18:14:59Z', amount: '100.01', currency: 'EUR', ...changes });

const parts = (division) => division.parts.map((p) => [p.channel, p.campaign, p.amount_minor, p.amount].join(' '));
const told = (answer) => answer.allocations.map((a) => [a.model, a.revision, a.current, a.reason, ...parts(a)].join(' | '));

test('entries and divisions: a late visit makes a revision, a refund has its own event', async () => {
  const [, event] = await ingest([visit('a1', 'journey-aaaa', search, '2026-10-30T10:00:00Z'), sale('a', { journey_id: 'journey-aaaa' })]);
  await divide();
  await ingest([visit('a2', 'journey-aaaa', mail, '2026-10-31T10:00:00Z')]);
  await divide();
  const answer = await read(event);
  assert.deepEqual({ ...answer, entries: 0, allocations: 0 }, { tenant_id: shop.tenantId, event_id: event, source: 'api', event_type: 'conversion',
    occurred_at: '2026-11-01T18:14:59.000000Z', time_zone: 'Asia/Kathmandu', entries: 0, allocations: 0, next_cursor: null });
  const [entry] = answer.entries;
  assert.deepEqual({ ...entry, entry_id: 0, booked_at: 0 }, { entry_id: 0, kind: 'capture', currency: 'EUR', amount_minor: 10001, amount: '100.01',
    occurred_at: '2026-11-01T18:14:59.000000Z', local_day: '2026-11-01', booked_at: 0 });
  assert.deepEqual(told(answer), [
    'last_touch | 2 | true | late_touchpoint | email  10001 100.01', 'last_touch | 1 | false | new_entry | paid_search  10001 100.01',
    'linear | 2 | true | late_touchpoint | email  5001 50.01 | paid_search  5000 50.00', 'linear | 1 | false | new_entry | paid_search  10001 100.01']);
  assert.ok(answer.allocations.every((a) => a.entry_id === entry.entry_id && a.currency === 'EUR'));
  assert.deepEqual(told(await read(event, { revisions: 'current' })), told(answer).filter((line) => line.includes('| true |')));
  assert.deepEqual(told(await read(event, { model: 'linear' })), told(answer).slice(2));
  const [back] = await ingest([{ type: 'refund', id: 'a-back', order_id: 'a', occurred_at: '2026-11-01T18:15:00Z', amount: '0.03', currency: 'EUR' }]);
  const pending = await read(back);
  assert.deepEqual([pending.entries.map((e) => [e.kind, e.amount, e.local_day]), pending.allocations], [[['refund', '-0.03', '2026-11-02']], []]);
  await divide();
  assert.deepEqual(told(await read(back, { model: 'linear' })), ['linear | 1 | true | new_entry | email  -2 -0.02 | paid_search  -1 -0.01']);
});

// Every event of a shop's life, compared with the tables.
test('each event of a sale that changes has its own entries; currencies without and with three decimals', async () => {
  await define(shop, 'by-campaign', 'linear', { per: 'campaign' });
  const items = [visit('b1', 'journey-bbbb', search, '2026-10-30T10:00:00Z'), sale('b', { journey_id: 'journey-bbbb', currency: 'JPY', amount: '500' }),
    { ...sale('b', { currency: 'JPY', amount: '700' }), id: 'b-more', updated_at: '2026-11-02T10:00:00Z' },
    { type: 'refund', id: 'b-back', order_id: 'b', occurred_at: '2026-11-03T10:00:00Z', amount: '700', currency: 'JPY' }, sale('k', { currency: 'KWD', amount: '1.234' })];
  const events = [];
  for (const item of items) events.push(...await ingest([item]));  // of one request only the newest state of an order is booked
  await divide();
  let compared = 0;
  for (const event of events) {
    const answer = await read(event);
    const entries = await stack.sql('SELECT entry_id, amount_minor::int AS amount, kind FROM attribution.revenue_ledger WHERE event_id = $1 ORDER BY entry_id', [event]);
    assert.deepEqual(answer.entries.map((e) => ({ entry_id: e.entry_id, amount: e.amount_minor, kind: e.kind })), entries);
    const stored = await stack.sql(`SELECT entry_id, model, revision, array_agg(channel || ' ' || campaign || ' ' || amount_minor ORDER BY channel, campaign) AS parts
      FROM attribution.attribution_allocations WHERE entry_id = ANY ($1) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 DESC`, [entries.map((e) => e.entry_id)]);
    assert.deepEqual(answer.allocations.map((a) => ({ entry_id: a.entry_id, model: a.model, revision: a.revision,
      parts: a.parts.map((p) => `${p.channel} ${p.campaign} ${p.amount_minor}`) })), stored);
    compared += stored.length;
  }
  assert.equal(compared, 12);
  assert.deepEqual((await read(events[1])).entries.map((e) => e.amount), ['500']);
  assert.deepEqual((await read(events[2])).entries.map((e) => e.amount), ['200']);
  assert.deepEqual((await read(events[4])).allocations[0].parts.map((p) => p.amount), ['1.234']);
  assert.deepEqual(parts((await read(events[1], { model: 'by-campaign' })).allocations[0]), ['paid_search brand 500 500']);
});

test('an event without money has no entries: a visit, and an order of a shop that is not paid', async () => {
  const [event] = await ingest([visit('c1', 'journey-cccc', search, '2026-10-30T10:00:00Z')]);
  const { json } = await deliver(stack, shop, order({ financial_status: 'pending' }));
  for (const id of [event, json.event_id]) {
    const answer = await read(id);
    assert.deepEqual([answer.entries, answer.allocations, answer.next_cursor], [[], [], null]);
  }
  assert.equal((await read(event)).event_type, 'touchpoint');
});

test('the event of a webhook, and what a repeat of it is answered', async () => {
  const body = order({ total_price: '388.00', currency: 'USD' });
  const first = await deliver(stack, shop, body, { deliveryKey: 'd1' });
  const second = await deliver(stack, shop, body, { deliveryKey: 'd1' });
  assert.deepEqual([first.json.status, second.json.status], ['created', 'duplicate']);
  assert.deepEqual((await read(second.json.event_id)).entries.map((e) => e.amount), ['388.00']);
});

test('what is no event of the tenant → 404, all alike', async () => {
  const [theirs] = await ingest([sale('theirs')], other);
  const [dead] = await ingest([sale('dead', { amount: 'much' })]);
  await divide();
  assert.equal((await ask(theirs, {}, other)).status, 200);
  const answers = await Promise.all([theirs, dead, randomUUID()].map((id) => ask(id)));
  const problems = answers.map(({ status, json }) => ({ status, ...json, correlation_id: 0 }));
  assert.equal(problems[0].status, 404);
  assert.deepEqual(problems[1], problems[0]);
  assert.deepEqual(problems[2], problems[0]);
  // Nor does a model of theirs tell them apart.
  for (const parameters of [{ model: 'linear' }, { model: 'none' }, { revisions: 'current' }]) assert.equal((await ask(theirs, parameters)).status, 404);
});

test('a model that only another tenant has → 400', async () => {
  await define(other, 'their-own', 'linear');
  const [event] = await ingest([visit('d1', 'journey-dddd', search, '2026-10-30T10:00:00Z')]);
  assert.equal((await ask(event, { model: 'their-own' })).status, 400);
});

const id = '0193535c-7a5b-7c3e-9d2f-2b8a6f0c4d11';
for (const [path, query] of [['', ''], ['1', ''], [`${id}x`, ''], [`${id}/`, ''], [`${id}/parts`, ''], [id.replace('-', ''), ''], ['jane.roe@example.com', ''], ['%00', ''], [`{${id}}`, ''],
  [id, 'revisions=old'], [id, 'revisions='], [id, 'model='], [id, 'model=A'], [id, 'limit=0'], [id, 'limit=101'], [id, 'cursor=abc'], [id, 'model=jane.roe%40example.com'],
  [id, 'model=4111-1111-1111-1111'], [id, 'revisions=all&revisions=all']]) {
  test(`/allocations/${path}?${query} → 400`, async () => {
    const answer = await request(stack.url, 'GET', `/api/attribution/allocations/${path.replace('{', '%7B').replace('}', '%7D')}?${query}`, { headers: { 'x-api-key': shop.apiKey } });
    assert.equal(answer.status, 400, answer.body);
  });
}

test('what could be personal data reaches neither the database nor a log', async () => {
  const logs = () => [fs.readFileSync(stack.cluster.log, 'utf8'), fs.readFileSync(stack.serverLog, 'utf8')];
  await eventually('the server has written its log', () => /"path":"\/api\/attribution\/allocations\/\*"/.test(logs()[1]));
  assert.match(logs()[0], /attribution\.allocation_sets/);
  for (const text of logs()) assert.doesNotMatch(text, /jane\.roe|4111-1111/);
});

test('divisions through pages, while more are made: none is lost, none repeats', async () => {
  const journey = 'journey-many';
  for (let i = 0; i < 5; i += 1) await define(shop, `model-${i}`, i % 2 ? 'linear' : 'first_touch');
  const [event] = await ingest([sale('many', { journey_id: journey })]);
  let visits = 0;
  const revise = async () => {
    visits += 1;
    await ingest([visit(`many-${visits}`, journey, `utm_source=s${visits}&utm_medium=${visits % 2 ? 'email' : 'cpc'}`, `2026-10-${String(31 - visits).padStart(2, '0')}T10:00:00Z`)]);
    await divide();
  };
  for (let i = 0; i < 4; i += 1) await revise();
  const keyOf = (a) => [a.entry_id, a.model, a.revision].join();
  const atFirst = (await read(event)).allocations;
  assert.ok(atFirst.length > 14, String(atFirst.length));
  for (const limit of [1, 3]) {
    const seen = [];
    for (let cursor = null; ;) {
      const page = await read(event, { limit, ...(cursor && { cursor }) });
      assert.equal(page.entries.length, 1);
      seen.push(...page.allocations);
      cursor = page.next_cursor;
      if (!cursor) break;
      assert.ok(seen.length < 1000, 'the pages have no end');
      if (limit === 3) await revise();
    }
    assert.equal(new Set(seen.map(keyOf)).size, seen.length, 'a division came twice');
    const known = new Set(seen.map(keyOf));
    assert.deepEqual(atFirst.filter((a) => !known.has(keyOf(a))), [], 'a division was lost');
    if (limit === 1) assert.deepEqual(seen, atFirst);
  }
  const { next_cursor: cursor } = await read(event, { limit: 1 });
  for (const parameters of [{ model: 'linear' }, { revisions: 'current' }]) assert.equal((await ask(event, { cursor, ...parameters })).status, 400);
  const forge = (place, text) => ({ limit: 1, cursor: forgeCursor(cursor, `allocations ${shop.tenantId} ${event}  all`, (parts) => parts.map((part, i) => (i === place ? text : part))) });
  assert.equal((await ask(event, forge(1, 'linear'))).status, 200);
  for (const parameters of [forge(0, 'bob.smith@example.com'), forge(1, 'bob.smith@example.com'), forge(2, '99999999999'), forge(2, 'bob.smith@example.com')]) assert.equal((await ask(event, parameters)).status, 400);
});

const models = (parameters, of = shop) => request(stack.url, 'GET', `/api/attribution/models?${new URLSearchParams(parameters)}`, { headers: { 'x-api-key': of.apiKey } });

test('models: rule, parameters, active; in the order of names, through pages, while some are added', async () => {
  const mine = await stack.createShop('models');
  assert.deepEqual((await models({}, mine)).json, { tenant_id: mine.tenantId, models: [], next_cursor: null });
  await define(mine, 'decay-14', 'time_decay', { half_life_days: 14 });
  await define(mine, 'off', 'custom', { first: 0.1, last: 3 }, false);
  const [{ created_at: createdAt }, second] = (await models({}, mine)).json.models;
  assert.deepEqual((await models({}, mine)).json.models, [
    { name: 'decay-14', rule: 'time_decay', params: { half_life_days: 14 }, active: true, created_at: createdAt },
    { name: 'off', rule: 'custom', params: { first: 0.1, last: 3 }, active: false, created_at: second.created_at }]);
  assert.ok(Math.abs(Date.parse(createdAt) - Date.now()) < 600_000);
  for (let i = 0; i < 30; i += 1) await define(mine, `m${i}`, 'linear');
  const names = [];
  for (let [cursor, page] = [null, 0]; ; page += 1) {
    const { json } = await models({ limit: 7, ...(cursor && { cursor }) }, mine);
    names.push(...json.models.map((m) => m.name));
    cursor = json.next_cursor;
    if (!cursor) break;
    assert.ok(page < 100, 'the pages have no end');
    const forged = forgeCursor(cursor, `models ${mine.tenantId}`, () => ['bob.smith@example.com']);
    assert.equal((await models({ cursor: forged }, mine)).status, 400);
    await define(mine, `a${page}`, 'linear');
    await define(mine, `z${page}`, 'linear');
  }
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(['decay-14', 'off', 'm0', 'm29', 'z0'].filter((n) => !names.includes(n)), []);
  const { next_cursor: cursor } = (await models({ limit: 1 }, mine)).json;
  for (const parameters of [{ cursor: `${cursor}A` }, { cursor: 'off' }, { limit: 0 }, { limit: 1001 }]) assert.equal((await models(parameters, mine)).status, 400);
  assert.equal((await models({ cursor }, shop)).status, 400, 'the cursor of another tenant');
});
