// GET /api/attribution/channels: numbers against the tables, in cash and cohort view, at every granularity, in time zones that
// are not whole hours or change their offset; pages; what is refused.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import test, { after, before } from 'node:test';
import { request } from './lib/http.mjs';
import { randomOf, seed } from './lib/lives/random.mjs';
import { day, expectedChannels } from './lib/reports/channels.mjs';
import { forgeCursor } from './lib/reports/cursor.mjs';
import { Stack } from './lib/stack.mjs';

const target = '/api/attribution/channels';
let stack;
before(async () => { stack = await Stack.start('channels'); });
after(() => stack.remove());

async function createShop(name, timeZone, models = { linear: 'linear', last: 'last_touch' }) {
  const shop = { ...await stack.createShop(name, { timeZone }), timeZone };
  for (const [model, rule] of Object.entries(models)) await define(shop, model, rule);
  return shop;
}
const define = (shop, name, rule, { params = {}, active = true } = {}) => stack.sql('SELECT attribution.define_model($1, $2, $3, $4, $5)',
  [shop.tenantId, name, rule, params, active]);
const fold = async () => { while (await stack.value('SELECT attribution.refresh_reports()::int') > 0); };
const divide = async () => { while (await stack.value('SELECT attribution.allocate_pending()::int') > 0); };

async function send(shop, path, items) {
  const answer = await request(stack.url, 'POST', path, { headers: { 'x-api-key': shop.apiKey, 'content-type': 'application/json' }, body: JSON.stringify(items) });
  assert.equal(answer.status, 200, answer.body);
  assert.ok(answer.json.results.every((r) => r.status === 'created'), answer.body);
}
const ingest = (shop, items) => send(shop, '/api/ingest', items);
const spend = (shop, rows) => send(shop, '/api/attribution/spend', rows);

function ask(shop, parameters = {}, options = {}) {
  return request(stack.url, 'GET', `${target}?${new URLSearchParams(parameters)}`, { headers: { 'x-api-key': shop.apiKey }, ...options });
}
async function read(shop, parameters) {
  const answer = await ask(shop, parameters);
  assert.equal(answer.status, 200, answer.body);
  return answer.json;
}

// All pages: their rows, in order, and how many pages there were.
async function readPages(shop, parameters, between = async () => {}) {
  const rows = [];
  for (let [page, cursor] = [1, null]; ; page += 1) {
    const answer = await read(shop, { ...parameters, ...(cursor && { cursor }) });
    rows.push(...answer.channels);
    cursor = answer.next_cursor;
    if (!cursor) return { rows, pages: page };
    assert.ok(page < 1000, 'the pages have no end');
    await between(page);
  }
}

const currencies = { EUR: '.25', USD: '.99', JPY: '', KWD: '.125' };
const campaigns = ['', '&utm_campaign=brand', '&utm_campaign=spring%20%22sale%22'];
const sources = ['utm_source=google&utm_medium=cpc', 'utm_source=news&utm_medium=email', 'utm_source=facebook&utm_medium=paid_social', ''];
const shift = (at, hours) => new Date(Date.parse(at) + hours * 3_600_000).toISOString().replace('.000Z', 'Z');

// Orders around a moment, with visits before them and refunds days later; some refunds are of orders that nobody told of.
function makeLives(random, around, count) {
  const items = [];
  for (let i = 0; i < count; i += 1) {
    const at = shift(around, random.below(96 * 4) / 4 - 48);
    const currency = Object.keys(currencies)[random.below(4)];
    const amount = (whole) => `${whole}${currencies[currency]}`;
    const journey = `journey-${i}-abcdef`;
    for (let v = random.below(4); v > 0; v -= 1) {
      items.push({ type: 'touchpoint', id: `visit-${i}-${v}`, occurred_at: shift(at, -v * 5), journey_id: journey,
        url: `https://shop.example/?${sources[random.below(sources.length)]}${campaigns[random.below(campaigns.length)]}` });
    }
    const order = `order-${i}`;
    if (random.chance(0.9)) items.push({ type: 'conversion', id: order, order_id: order, occurred_at: at, amount: amount(20 + random.below(500)), currency, journey_id: journey });
    for (let n = random.below(3); n > 0; n -= 1) {
      items.push({ type: 'refund', id: `refund-${i}-${n}`, order_id: order, occurred_at: shift(at, random.below(240) / 4), amount: amount(random.below(9)), currency });
    }
  }
  return items;
}

function makeSpend(random, around) {
  const keys = new Set();
  return Array.from({ length: 40 }, () => ({ day: day(around.slice(0, 10), random.below(7) - 3), channel: ['paid_search', 'display', 'paid_social'][random.below(3)],
    campaign: ['brand', 'spring "sale"', ''][random.below(3)], currency: ['EUR', 'USD', 'JPY'][random.below(3)], spend: String(random.below(900)),
    impressions: random.chance(0.5) ? random.below(5000) : null, clicks: random.chance(0.5) ? random.below(300) : null }))
    .filter(({ day: on, channel, campaign, currency }) => !keys.has([on, channel, campaign, currency].join()) && keys.add([on, channel, campaign, currency].join()));
}

const sums = (rows) => rows.reduce((all, [currency, amount]) => ({ ...all, [currency]: (all[currency] ?? 0) + amount }), {});
async function totals(shop, from, to) {
  const answer = await read(shop, { from, to, model: 'linear', limit: 1000 });
  return sums([...answer.channels.map((c) => [c.currency, c.revenue_minor]), ...answer.undivided_revenue.map((u) => [u.currency, u.amount_minor])]);
}
async function realtimeTotals(shop, from, to) {
  const { json } = await request(stack.url, 'GET', `/api/attribution/revenue/realtime?from=${from}&to=${to}`, { headers: { 'x-api-key': shop.apiKey } });
  return sums(json.total_revenue.map((t) => [t.currency, t.amount_minor]));
}

// The zone, and midnights at which its days differ from UTC's: 23 and 25 hours, and a quarter of an hour off.
for (const [timeZone, around] of [
  ['Asia/Kathmandu', '2026-06-30T18:15:00Z'], ['America/New_York', '2026-11-01T06:00:00Z'], ['Europe/Berlin', '2026-03-29T01:00:00Z'],
  ['America/St_Johns', '2026-03-08T05:31:00Z'], ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
]) {
  test(`${timeZone}: every number as the tables have it`, async (t) => {
    t.diagnostic(`SEED=${seed}`);
    const random = randomOf(seed);
    const shop = await createShop(`zone-${timeZone.split('/')[1].replace('_', '-').toLowerCase()}`, timeZone);
    const lives = random.shuffle(makeLives(random, around, 150));
    // What is folded into rollups and what is not yet, beside each other.
    await ingest(shop, lives.slice(0, lives.length / 2));
    await divide();
    await fold();
    await ingest(shop, lives.slice(lives.length / 2));
    await divide();
    await spend(shop, makeSpend(random, around));
    await define(shop, 'later', 'first_touch', { active: false });
    await ingest(shop, [{ type: 'conversion', id: 'late', order_id: 'late', occurred_at: around, amount: '77.00', currency: 'EUR' }]);
    const local = around.slice(0, 10);
    let rows = 0;
    for (const [from, to] of [[day(local, -20), day(local, 20)], [local, day(local, 1)], [day(local, -1), day(local, 2)]]) {
      for (const basis of ['cash', 'cohort']) {
        if (basis === 'cash') assert.deepEqual(await totals(shop, from, to), await realtimeTotals(shop, from, to), 'channels and what is undivided are the revenue');
        for (const granularity of ['total', 'day', 'week', 'month']) {
          for (const [model, by] of [['linear', 'channel'], ['last', 'campaign'], ['later', 'channel']]) {
            const question = { from, to, model, granularity, basis, by };
            const answer = await read(shop, { ...question, limit: 1000 });
            const expected = await expectedChannels(stack, shop, question);
            assert.deepEqual({ undivided_revenue: answer.undivided_revenue, channels: answer.channels }, expected, JSON.stringify(question));
            assert.deepEqual({ ...answer, channels: 0, undivided_revenue: 0 }, { tenant_id: shop.tenantId, time_zone: timeZone, ...question, channels: 0,
              undivided_revenue: 0, next_cursor: null });
            rows += answer.channels.length;
          }
        }
      }
    }
    t.diagnostic(`${rows} rows compared`);
    assert.ok(rows > 500);
    const question = { from: day(local, -20), to: day(local, 20), model: 'linear', granularity: 'day' };
    const [before] = [await ask(shop, question), await fold()];
    assert.equal((await ask(shop, question, { headers: { 'x-api-key': shop.apiKey, 'if-none-match': before.headers.etag } })).status, 304, 'folding changes no number');
  });
}

// One order of two visits, by hand: 100.00 paid on the last minute of the 31st, 30.00 back on the 1st.
test('a refund lowers its own day in cash view, the day of the sale in cohort view', async () => {
  const shop = await createShop('hand', 'Asia/Kathmandu', { linear: 'linear' });
  await ingest(shop, [
    { type: 'touchpoint', id: 'v1', occurred_at: '2026-10-30T10:00:00Z', journey_id: 'journey-hand', url: 'https://shop.example/?utm_source=google&utm_medium=cpc' },
    { type: 'touchpoint', id: 'v2', occurred_at: '2026-10-30T11:00:00Z', journey_id: 'journey-hand', url: 'https://shop.example/?utm_source=news&utm_medium=email' },
    { type: 'conversion', id: 'o1', order_id: 'o1', occurred_at: '2026-10-31T18:14:00Z', amount: '100.00', currency: 'USD', journey_id: 'journey-hand' },
    { type: 'refund', id: 'r1', order_id: 'o1', occurred_at: '2026-10-31T18:15:00Z', amount: '30.00', currency: 'USD' }]);
  await divide();
  await spend(shop, [{ day: '2026-10-31', channel: 'paid_search', currency: 'USD', spend: '8.00', clicks: 3 }]);
  const facts = async (basis) => (await read(shop, { from: '2026-10-01', to: '2026-12-01', granularity: 'month', basis })).channels
    .map((c) => [c.from, c.channel, c.revenue, c.revenue_share, c.sales, c.spend, c.roas, c.cpa_minor, c.cpa].join(' '));
  assert.deepEqual(await facts('cash'), [
    '2026-10-01 email 50.00 0.5000 0.5000 0.00   ', '2026-10-01 paid_search 50.00 0.5000 0.5000 8.00 6.2500 1600.0000 16.000000',
    '2026-11-01 email -15.00  0.0000 0.00   ', '2026-11-01 paid_search -15.00  0.0000 0.00   ']);
  assert.deepEqual(await facts('cohort'), [
    '2026-10-01 email 35.00 0.5000 0.5000 0.00   ', '2026-10-01 paid_search 35.00 0.5000 0.5000 8.00 4.3750 1600.0000 16.000000']);
});

test('without a range: 30 days that end with the tenant\'s today; without a model: the only active one', async () => {
  const shop = await createShop('defaults', 'Pacific/Auckland', { only: 'linear' });
  await define(shop, 'idle', 'linear', { active: false });
  const today = await stack.value("SELECT to_char(now() AT TIME ZONE 'Pacific/Auckland', 'YYYY-MM-DD')");
  const answer = await read(shop);
  assert.deepEqual([answer.from, answer.to, answer.model, answer.granularity, answer.basis, answer.by], [day(today, -29), day(today, 1), 'only', 'total', 'cash', 'channel']);
  assert.equal((await read(shop, { model: 'idle' })).model, 'idle');
  await define(shop, 'second', 'linear');
  const refused = await ask(shop);
  assert.equal(refused.status, 400, refused.body);
  assert.match(refused.json.detail, /not exactly one active model/);
});

test('a thousand rows through pages, while rows are added: none is lost, none repeats', async () => {
  const shop = await createShop('pages', 'UTC', { only: 'linear' });
  const row = (n, campaign) => ({ day: day('2026-01-01', n % 25), channel: ['paid_search', 'display'][n % 2], campaign, currency: ['EUR', 'USD'][n % 3 % 2], spend: String(n) });
  await spend(shop, Array.from({ length: 1000 }, (_, n) => row(n, `c${n} ${'"ü\\'.repeat(n % 7)}`)));
  const question = { from: '2026-01-01', to: '2026-03-01', granularity: 'day', by: 'campaign' };
  const keyOf = (r) => [r.from, r.currency, r.channel, r.campaign].join('\0');
  const atFirst = (await read(shop, { ...question, limit: 1000 })).channels;
  assert.equal(atFirst.length, 1000);
  assert.deepEqual((await readPages(shop, { ...question, limit: 37 })).rows, atFirst);
  const added = (n) => spend(shop, [row(n, ''), row(n + 1, `d${n}`)].map((r) => ({ ...r, campaign: `${r.campaign}x${n}` })));
  const { rows, pages } = await readPages(shop, { ...question, limit: 37 }, added);
  assert.ok(pages > 27 && rows.length > 1000, `${rows.length} rows on ${pages} pages`);
  assert.equal(new Set(rows.map(keyOf)).size, rows.length, 'a row came twice');
  const seen = new Set(rows.map(keyOf));
  assert.deepEqual(atFirst.filter((r) => !seen.has(keyOf(r))), [], 'a row was lost');
  assert.deepEqual(rows.map(keyOf), rows.map(keyOf).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
});

test('a cursor keeps the days and the model of the first page, and fits no other question', async () => {
  const shop = await createShop('cursor', 'Etc/GMT+12', { only: 'linear' });
  const today = await stack.value("SELECT to_char(now() AT TIME ZONE 'Etc/GMT+12', 'YYYY-MM-DD')");
  await spend(shop, ['display', 'paid_search', 'paid_social'].map((channel) => ({ day: today, channel, currency: 'EUR', spend: '1' })));
  const first = await read(shop, { limit: 1 });
  await define(shop, 'another', 'linear');
  // Another day by now: these zones are 26 hours apart.
  await stack.sql("UPDATE attribution.tenants SET time_zone = 'Etc/GMT-14' WHERE tenant_id = $1", [shop.tenantId]);
  const second = await read(shop, { limit: 1, cursor: first.next_cursor });
  assert.deepEqual([second.model, second.from, second.to, second.channels[0].channel], ['only', first.from, first.to, 'paid_search']);
  const other = await createShop('cursor-other', 'UTC', { only: 'linear' });
  const changed = first.next_cursor.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A'));
  for (const [asker, parameters] of [[shop, { granularity: 'day' }], [shop, { basis: 'cohort' }], [shop, { by: 'campaign' }], [shop, { model: 'another' }],
    [shop, { from: first.from }], [shop, { to: first.to }], [other, {}], [shop, { cursor: changed }], [shop, { cursor: first.next_cursor.slice(1) }],
    [shop, { cursor: `${first.next_cursor}=` }], [shop, { cursor: '' }], [shop, { cursor: 'x' }]]) {
    const answer = await ask(asker, { cursor: first.next_cursor, limit: 1, ...parameters });
    assert.equal(answer.status, 400, `${JSON.stringify(parameters)}: ${answer.body}`);
    assert.match(answer.json.detail, /The parameter cursor/);
  }
  const list = `channels ${shop.tenantId}    total channel cash`;
  assert.equal((await ask(shop, { limit: 1, cursor: forgeCursor(first.next_cursor, list, (parts) => parts) })).status, 200);
  for (const place of [0, 1, 2, 3, 4, 5]) {
    const cursor = forgeCursor(first.next_cursor, list, (parts) => parts.map((part, i) => (i === place ? 'bob.smith@example.com' : part)));
    assert.equal((await ask(shop, { limit: 1, cursor })).status, 400);
  }
  assert.ok(!fs.readFileSync(stack.cluster.log, 'utf8').includes('bob.smith'), "what a cursor was made of is in the database's log");
});

let refusing;
for (const query of ['from=yesterday', 'from=2026-02-30', 'from=2026-11-01T00:00:00Z', 'to=', 'from=2026-11-02&to=2026-11-02', 'from=2026-11-02&to=2026-11-01',
  'from=2026-11-01&from=2026-11-02', 'from=2010-01-01&to=2026-01-01', 'from=2099-01-01', 'to=0001-01-01', 'model=', 'model=Linear', 'model=none', 'model=a%27--', 'model=4111-1111-1111-1111',
  `model=${'a'.repeat(101)}`, 'model=only&model=only', 'granularity=hour', 'granularity=', 'granularity=Day', 'basis=accrual', 'by=currency', 'by=channel&by=channel',
  'limit=0', 'limit=1001', 'limit=ten', 'limit=1.5', 'limit=-1', 'cursor=%00']) {
  test(`?${query} → 400`, async () => {
    refusing ??= await createShop('refusing', 'UTC', { only: 'linear' });
    const answer = await request(stack.url, 'GET', `${target}?${query}`, { headers: { 'x-api-key': refusing.apiKey } });
    assert.equal(answer.status, 400, answer.body);
    assert.ok(answer.json.hint, answer.body);
  });
}

test('3,660 days are one range', async () => {
  assert.equal((await ask(refusing, { from: '2016-01-01', to: '2026-01-08' })).status, 200);
  assert.equal((await ask(refusing, { from: '2016-01-01', to: '2026-01-09' })).status, 400);
});

test('a sum beyond 64 bits → 500 that says so', async () => {
  const rich = await createShop('rich', 'UTC', { only: 'linear' });
  await spend(rich, Array.from({ length: 1100 }, (_, i) => ({ day: '2026-11-01', channel: 'display', campaign: `c${i}`, currency: 'EUR', spend: '89999999999999.99' })));
  assert.equal((await ask(rich, { from: '2026-11-01', to: '2026-11-02', by: 'campaign' })).status, 200);
  const answer = await ask(rich, { from: '2026-11-01', to: '2026-11-02' });
  assert.equal(answer.status, 500, answer.body);
  assert.match(answer.json.detail, /larger than a 64-bit number/);
});
