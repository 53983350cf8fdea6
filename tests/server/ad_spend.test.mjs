// Ad spend: POST and GET /api/attribution/spend, from JSON and CSV, and a CSV file through \copy and import_spend().
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { request, sendRaw } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';

const target = '/api/attribution/spend';
let stack;
let shop;
let other;
before(async () => {
  stack = await Stack.start('ad-spend', { settings: ['log_statement=all', 'log_parameter_max_length=-1',
    'log_parameter_max_length_on_error=-1'] });
  shop = await stack.createShop('shop', { timeZone: 'Pacific/Auckland' });
  other = await stack.createShop('other');
});
after(() => stack.remove());

function post(body, { key = shop.apiKey, type = 'application/json' } = {}) {
  const headers = { 'x-api-key': key, ...(type && { 'content-type': type }) };
  return request(stack.url, 'POST', target, { headers, body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) });
}
const postCsv = (lines, options) => post(lines.join('\n'), { type: 'text/csv; charset=utf-8', ...options });
const read = (query, key = shop.apiKey) => request(stack.url, 'GET', target + query, { headers: { 'x-api-key': key } });

const row = (changes = {}) => ({ day: '2026-11-21', channel: 'paid_search', campaign: 'brand', currency: 'EUR', spend: '104.20', ...changes });
const results = (answer) => answer.json.results.map((r) => [r.status, r.code].filter(Boolean).join(' '));
const stored = (tenant = shop) => stack.sql(`SELECT to_char(day, 'YYYY-MM-DD') AS day, channel, campaign, currency, spend_minor::text AS spend,
    impressions::int, clicks::int FROM attribution.channel_spend WHERE tenant_id = $1 ORDER BY 1, 2, 3, 4`, [tenant.tenantId]);

test('created, unchanged, changed: the newest numbers of a key count', async () => {
  const told = [row({ impressions: 8120, clicks: 312 }), row({ campaign: undefined, spend: '0.00' }), row({ currency: 'JPY', spend: '500' })];
  const first = await post(told);
  assert.equal(first.status, 200, first.body);
  assert.deepEqual(results(first), ['created', 'created', 'created']);
  assert.deepEqual(first.json.counts, { created: 3, changed: 0, unchanged: 0, refused: 0 });
  assert.deepEqual(results(await post(told)), ['unchanged', 'unchanged', 'unchanged']);
  told[0].spend = '99.99';
  told[1].clicks = 4;
  assert.deepEqual(results(await post(told)), ['changed', 'changed', 'unchanged']);
  assert.deepEqual(await stored(), [
    { day: '2026-11-21', channel: 'paid_search', campaign: '', currency: 'EUR', spend: '0', impressions: null, clicks: 4 },
    { day: '2026-11-21', channel: 'paid_search', campaign: 'brand', currency: 'EUR', spend: '9999', impressions: 8120, clicks: 312 },
    { day: '2026-11-21', channel: 'paid_search', campaign: 'brand', currency: 'JPY', spend: '500', impressions: null, clicks: null }]);
});

// What is wrong with a row, its code, a word of the detail.
const refused = [
  ['no object', 7, 'RA012', /object/], ['null', null, 'RA012', /object/], ['an array', [[]], 'RA012', /object/],
  ['no day', row({ day: undefined }), 'RA012', /"day".*missing/], ['a day that is none', row({ day: '2026-02-29' }), 'RA012', /"day"/],
  ['a day with a time', row({ day: '2026-11-21T00:00:00Z' }), 'RA012', /"day"/],
  ['another day form', row({ day: '21/11/2026' }), 'RA012', /"day"/],
  ['an unknown channel', row({ channel: 'paid_serach' }), 'RA011', /channel/], ['no channel', row({ channel: null }), 'RA012', /"channel"/],
  ['a channel of another type', row({ channel: { name: 'x' } }), 'RA012', /"channel"/],
  ['an unknown currency', row({ currency: 'XXQ' }), 'RA006', /4217/], ['no currency', row({ currency: undefined }), 'RA012', /"currency"/],
  ['a spend that is a number', row({ spend: 59.9 }), 'RA005', /decimal text/],
  ['a negative spend', row({ spend: '-1.00' }), 'RA005', /negative/], ['a part of a cent', row({ spend: '1.001' }), 'RA005', /decimals/],
  ['17 digits', row({ spend: '100000000000000.00' }), 'RA005', /16 digits/],
  ['an exponent', row({ spend: '1e3' }), 'RA005', /decimal/], ['no spend', row({ spend: undefined }), 'RA012', /"spend".*missing/],
  ['negative clicks', row({ clicks: -1 }), 'RA012', /"clicks"/], ['half a click', row({ clicks: 0.5 }), 'RA012', /"clicks"/],
  ['a number without end', row({ impressions: 0.1 }), 'RA012', /"impressions"/],
  ['a campaign of 1,001 bytes', row({ campaign: 'x'.repeat(1001) }), 'RA012', /1000 bytes/],
  ['another member', row({ cost: '1.00' }), 'RA012', /member/],
];
for (const [name, told, code, detail] of refused) {
  test(`a row with ${name} is refused alone`, async () => {
    const sound = row({ campaign: `beside ${name}` });
    const answer = await post([told, sound]);
    assert.equal(answer.status, 200, answer.body);
    assert.deepEqual(results(answer), [`refused ${code}`, 'created']);
    assert.match(answer.json.results[0].detail, detail);
  });
}

test('a number too large for any type is refused, not an error of the database', async () => {
  const text = JSON.stringify([row({ clicks: 77 })]).replace('77', '1e99999');
  assert.deepEqual(results(await post(text)), ['refused RA012']);
});

test('what stands there twice is refused whole, and what was stored stays', async () => {
  const told = row({ campaign: 'twice', spend: '5.00' });
  assert.deepEqual(results(await post([told])), ['created']);
  const answer = await post([{ ...told, spend: '6.00' }, row({ campaign: 'once' }), { ...told, spend: '7.00' }]);
  assert.deepEqual(results(answer), ['refused RA012', 'created', 'refused RA012']);
  assert.equal((await stored()).find((r) => r.campaign === 'twice').spend, '500');
});

test('personal data stops in the server: neither row nor log of the database has it', async () => {
  const address = 'jon.secret@example.com';
  const answer = await post([row({ campaign: `for ${address}` }), row({ day: address }), row({ [address]: 1 }),
    row({ campaign: 'call +49 30 1234567' }), row({ email: address }), row({ channel: [address] }), row({ campaign: 'sound' })]);
  assert.deepEqual(results(answer), ['refused RA001', 'refused RA001', 'refused RA012', 'refused RA001', 'refused RA012',
    'refused RA012', 'created']);
  assert.deepEqual(results(await postCsv(['day,channel,campaign,currency,spend', `2026-11-21,paid_search,${address},EUR,1`])), ['refused RA001']);
  assert.doesNotMatch(answer.body, /jon\.secret/);
  const log = fs.readFileSync(stack.cluster.log, 'utf8');
  assert.match(log, /attribution\.record_spend/);
  for (const text of [log, fs.readFileSync(stack.serverLog, 'utf8')]) assert.doesNotMatch(text, /jon\.secret|1234567/);
});

test('CSV: quotes, line ends, a byte order mark, columns in any order', async () => {
  const answer = await post('\uFEFFspend,day,clicks,channel,campaign,currency\r\n12.50,2026-10-01,3,display,"Autumn, ""big""\nsale",EUR\r\n\r\n'
    + '7,2026-10-01,,display,,EUR\r\n', { type: 'Text/CSV', key: other.apiKey });
  assert.deepEqual(results(answer), ['created', 'created'], answer.body);
  assert.deepEqual(await stored(other), [
    { day: '2026-10-01', channel: 'display', campaign: '', currency: 'EUR', spend: '700', impressions: null, clicks: null },
    { day: '2026-10-01', channel: 'display', campaign: 'Autumn, "big"\nsale', currency: 'EUR', spend: '1250', impressions: null, clicks: 3 }]);
});

test('CSV: results by row, refused ones too', async () => {
  const answer = await postCsv(['day,channel,currency,spend,clicks', '2026-10-02,display,EUR,1,x', '2026-10-02,display,EUR,', '2026-10-02,nowhere,EUR,1,1',
    '2026-10-02,display,EUR,1,1'].map((line, i) => (i === 2 ? `${line},` : line)));
  assert.deepEqual(results(answer), ['refused RA012', 'refused RA012', 'refused RA011', 'created']);
});

const header = 'day,channel,currency,spend';
for (const [name, lines, detail] of [
  ['an unknown column', ['day,channel,currency,spend,cost', '2026-10-02,display,EUR,1,1'], /column that rows do not have/],
  ['a column twice', [`${header},day`, '2026-10-02,display,EUR,1,2026-10-02'], /column twice/],
  ['a short line', [header, '2026-10-02,display,EUR,1', '2026-10-02,display,EUR'], /Line 3/],
  ['a long line', [header, '2026-10-02,display,EUR,1,000.00'], /Line 2/],
  ['an open quote', [header, '2026-10-02,"display,EUR,1'], /never closed, line 2/],
  ['no row', [header], /no row/], ['nothing', [''], /no row/],
]) {
  test(`CSV with ${name} → 400, and nothing is stored`, async () => {
    const count = (await stored()).length;
    const answer = await postCsv(lines);
    assert.equal(answer.status, 400, answer.body);
    assert.match(answer.json.detail, detail);
    assert.equal((await stored()).length, count);
  });
}

for (const [name, body, type, status] of [
  ['an object', '{"rows": []}', 'application/json', 400], ['an empty array', '[]', 'application/json', 400],
  ['broken JSON', '[{', 'application/json', 400], ['a member twice', '[{"day": "2026-11-21", "day": "2026-11-22"}]', 'application/json', 400],
  ['no type', '[]', null, 415], ['another type', '[]', 'text/plain', 415], ['bytes that are no UTF-8 as CSV', Buffer.from([0x64, 0xff]), 'text/csv', 400],
]) {
  test(`POST of ${name} → ${status}`, async () => {
    const answer = await post(body, { type });
    assert.equal(answer.status, status, answer.body);
  });
}

test('10,000 rows in one request, and not one more', async () => {
  const many = await stack.createShop('many');
  const lines = Array.from({ length: 10_000 }, (_, i) => `2026-${String(1 + (i % 12)).padStart(2, '0')}-01,paid_social,c${i},USD,${i}.25`);
  const head = 'day,channel,campaign,currency,spend';
  const answer = await postCsv([head, ...lines], { key: many.apiKey });
  assert.deepEqual(answer.json?.counts, { created: 10_000, changed: 0, unchanged: 0, refused: 0 }, answer.body.slice(0, 300));
  assert.deepEqual((await postCsv([head, ...lines], { key: many.apiKey })).json.counts, { created: 0, changed: 0, unchanged: 10_000, refused: 0 });
  assert.equal((await postCsv([head, ...lines, '2026-01-02,paid_social,,USD,1'], { key: many.apiKey })).status, 413);
  const year = await read('?from=2026-01-01&to=2027-01-01', many.apiKey);
  assert.deepEqual(year.json.total_spend, [{ currency: 'USD', spend_minor: 4_999_750_000, spend: '49997500.00' }]);
  assert.equal(year.json.days.length, 12);
});

test('who has no key may not send a body', async () => {
  const { answers, closed } = await sendRaw(stack.httpPort, `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n`);
  assert.deepEqual(answers.map((a) => a.status), [401]);
  assert.ok(closed);
  for (const method of ['POST', 'GET']) assert.equal((await request(stack.url, method, target, { body: method === 'POST' ? '[]' : undefined })).status, 401);
  assert.equal((await read('', `pga_${'0'.repeat(16)}_${'A'.repeat(43)}`)).status, 401);
  assert.deepEqual((await request(stack.url, 'DELETE', target)).headers.allow.split(', ').sort(), ['GET', 'HEAD', 'POST']);
});

test('GET: by day, channel and currency, campaigns added up, money of several currencies apart', async () => {
  const reader = await stack.createShop('reader', { timeZone: 'Pacific/Auckland' });
  await post([row({ day: '2026-05-31' }), row({ day: '2026-06-01', impressions: 10 }), row({ day: '2026-06-01', campaign: 'x', spend: '0.80', impressions: 5 }),
    row({ day: '2026-06-01', channel: 'display', spend: '1.00' }), row({ day: '2026-06-01', currency: 'USD' }), row({ day: '2026-06-30' })], { key: reader.apiKey });
  const answer = await read('?from=2026-06-01&to=2026-06-30', reader.apiKey);
  assert.equal(answer.status, 200, answer.body);
  const spend = (currency, text) => ({ currency, spend_minor: Number(text.replace('.', '')), spend: text });
  assert.deepEqual(answer.json, { tenant_id: reader.tenantId, from: '2026-06-01', to: '2026-06-30', time_zone: 'Pacific/Auckland',
    total_spend: [spend('EUR', '106.00'), spend('USD', '104.20')],
    days: [{ day: '2026-06-01', channel: 'display', ...spend('EUR', '1.00'), impressions: null, clicks: null },
      { day: '2026-06-01', channel: 'paid_search', ...spend('EUR', '105.00'), impressions: 15, clicks: null },
      { day: '2026-06-01', channel: 'paid_search', ...spend('USD', '104.20'), impressions: null, clicks: null }] });
  // Of another tenant nothing.
  assert.deepEqual((await read('?from=2026-06-01&to=2026-06-30', other.apiKey)).json.days, []);
});

test('GET without a range: 30 days that end with the tenant\'s today', async () => {
  const today = await stack.value("SELECT to_char(now() AT TIME ZONE 'Pacific/Auckland', 'YYYY-MM-DD')");
  const { json } = await read('');
  const day = (text, days) => new Date(Date.parse(text) + days * 86_400_000).toISOString().slice(0, 10);
  assert.deepEqual([json.from, json.to], [day(today, -29), day(today, 1)]);
  assert.equal((await read('?to=2026-03-01')).json.from, '2026-01-30');
});

for (const query of ['?from=today', '?from=2026-11-21T00:00:00Z', '?from=2026-02-30', '?to=', '?from=2026-11-02&to=2026-11-02', '?from=2026-11-02&to=2026-11-01',
  '?from=2026-01-01&from=2026-01-02', '?from=2025-01-01&to=2026-01-03', '?from=2099-01-01']) {
  test(`GET ${query} → 400`, async () => {
    assert.equal((await read(query)).status, 400);
  });
}

test('366 days are one range', async () => {
  assert.equal((await read('?from=2025-01-01&to=2026-01-02')).status, 200);
});

for (const [name, days] of [['of one day', 1], ['of two days', 2]]) {
  test(`a sum ${name} beyond 64 bits → 500 that says so`, async () => {
    const rich = await stack.createShop(`rich-${days}`);
    const lines = Array.from({ length: 1000 }, (_, i) => `2026-11-0${1 + (i % days)},display,c${i},EUR,99999999999999.99`);
    assert.equal((await postCsv(['day,channel,campaign,currency,spend', ...lines], { key: rich.apiKey })).json.counts.created, 1000);
    const answer = await read('?from=2026-11-01&to=2026-12-01', rich.apiKey);
    assert.equal(answer.status, 500, answer.body);
    assert.match(answer.json.detail, /larger than a 64-bit number/);
  });
}

// As docs/sql_api.md shows it, by a login with the administrator's rights and no others.
test('a CSV file through \\copy and import_spend(), refused by line', async () => {
  const files = await stack.createShop('files');
  await stack.sql('CREATE ROLE operator LOGIN');
  await stack.sql('GRANT attribution_admin TO operator');
  const { cluster } = stack;
  const file = path.join(cluster.dir, 'spend.csv');
  fs.writeFileSync(file, ['day,channel,campaign,currency,spend,impressions,clicks', '2026-11-21,paid_search,"Brand, EU",EUR,104.20,8120,312',
    '2026-11-21,paid_serach,,EUR,1.00,,', '2026-11-21,paid_social,,EUR,59.90,,', '2026-11-21,display,,EUR,-3.00,,'].join('\n'));
  fs.chmodSync(file, 0o644);
  const psql = (script) => execFileSync(path.join(cluster.bin, 'psql'), ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', '-d', cluster.conninfo('operator')],
    { input: script, encoding: 'utf8', ...cluster.owner(), cwd: '/' }).trim().split('\n');
  const script = `CREATE TEMP TABLE spend_file (line integer GENERATED ALWAYS AS IDENTITY (START 2), day text, channel text, campaign text,
                                                currency text, spend text, impressions text, clicks text);
\\copy spend_file (day, channel, campaign, currency, spend, impressions, clicks) FROM '${file}' CSV HEADER
SELECT line, status, code FROM attribution.import_spend(tenant_id => '${files.tenantId}', source => 'spend_file');`;
  assert.deepEqual(psql(script), ['2|created|', '3|refused|RA011', '4|created|', '5|refused|RA005']);
  assert.deepEqual(psql(script), ['2|unchanged|', '3|refused|RA011', '4|unchanged|', '5|refused|RA005']);
  assert.deepEqual((await stored(files)).map((r) => [r.campaign, r.spend, r.clicks]), [['Brand, EU', '10420', 312], ['', '5990', null]]);
});
