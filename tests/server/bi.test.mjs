// The tenant's views as a BI tool reads them: through Evidence's PostgreSQL connector, as logins bound to tenants whose days begin
// at odd moments. The numbers are held against the ledger's rows, added up here.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import evidence from '@evidence-dev/postgres';
import pg from 'pg';
import { request } from './lib/http.mjs';
import { randomOf, seed } from './lib/lives/random.mjs';
import { Stack, projectRoot } from './lib/stack.mjs';

let stack;
const tenants = {};
before(async () => {
  console.log(`# SEED=${seed}`);
  stack = await Stack.start('bi');
  for (const [name, timeZone, midnights] of [
    ['kathmandu', 'Asia/Kathmandu', ['2026-11-20T18:15:00Z', '2026-11-21T18:15:00Z', '2026-12-31T18:15:00Z']],
    // The days on which clocks are put forward and back have 23 and 25 hours.
    ['new_york', 'America/New_York', ['2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z']],
  ]) tenants[name] = await makeTenant(name, timeZone, midnights);
});
after(() => stack.remove());

const signals = [{ source: 'google', medium: 'cpc', campaign: 'brand' }, { source: 'newsletter', medium: 'email' }, { source: 'partner', medium: 'affiliate' }, {}];
const currencies = [['EUR', 2], ['USD', 2], ['JPY', 0], ['KWD', 3]];

async function makeTenant(name, timeZone, midnights) {
  const { tenantId, apiKey } = await stack.createShop(name, { timeZone });
  for (const model of ['linear', 'last_touch']) await stack.sql('SELECT attribution.define_model(tenant_id => $1, name => $2, rule => $2)', [tenantId, model]);
  const tenant = { name, tenantId, apiKey, timeZone, login: `bi_${name}` };
  await post(tenant, '/api/ingest', lives(name, midnights));
  await post(tenant, '/api/attribution/spend', spend(midnights));
  await stack.sql(`CREATE ROLE ${tenant.login} LOGIN PASSWORD 'secret'`);
  await stack.sql('SELECT attribution.grant_tenant_access(role_name => $1, tenant_id => $2)', [tenant.login, tenantId]);
  return tenant;
}

async function post({ apiKey }, target, body) {
  const answer = await request(stack.url, 'POST', target, { headers: { 'x-api-key': apiKey, 'content-type': 'application/json' }, body: JSON.stringify(body) });
  assert.equal(answer.status, 200);
  assert.ok(answer.json.results.every(({ status }) => status === 'created'), JSON.stringify(answer.json.results.find(({ status }) => status !== 'created')));
}

// SEED repeats them. Sales and refunds a second before local midnights, at them, and hours and days around them.
function lives(name, midnights) {
  const random = randomOf(seed);
  const pick = (list) => list[random.below(list.length)];
  const events = [];
  for (let i = 0; i < 80; i += 1) {
    const shift = pick([-1, 0, 1, -900, 3600, -3600, 86_399, 86_400, -43_200]);
    const at = new Date(Date.parse(midnights[i % midnights.length]) + shift * 1000);
    const [currency, decimals] = pick(currencies);
    const money = (minor) => (minor / 10 ** decimals).toFixed(decimals);
    const amount = 100 + random.below(1_000_000);
    const order = { order_id: `${name}-${i}`, currency };
    const journey = random.chance(0.7) ? `j-${name}-${i}-0123` : undefined;
    for (let n = journey ? random.below(4) : 0; n > 0; n -= 1) {
      events.push({ type: 'touchpoint', id: `touch-${i}-${n}`, occurred_at: new Date(at - n * 7_000_000).toISOString(), journey_id: journey, ...pick(signals) });
    }
    events.push({ type: 'conversion', id: `sale-${i}`, ...order, occurred_at: at.toISOString(), amount: money(amount), tax: money(Math.floor(amount / 6)), journey_id: journey, ...pick(signals) });
    for (let left = amount; left > 0 && random.chance(0.5);) {
      const back = random.chance(0.4) ? left : 1 + random.below(left);
      const later = new Date(+at + 1000 + random.below(40 * 86_400_000));
      events.push({ type: 'refund', id: `refund-${i}-${left}`, ...order, occurred_at: later.toISOString(), amount: money(back) });
      left -= back;
    }
  }
  events.push({ type: 'refund', id: 'refund-of-nothing', order_id: 'never-told', occurred_at: midnights[0], amount: '7.00', currency: 'EUR' });
  return events;
}

const spend = (midnights) => midnights.flatMap((midnight) => [['paid_search', 'brand', 'EUR', '104.20'], ['email', '', 'USD', '12.34'], ['display', '', 'JPY', '900']]
  .map(([channel, campaign, currency, amount]) => ({ day: midnight.slice(0, 10), channel, campaign, currency, spend: amount, impressions: 1000, clicks: 10 })));

// As Evidence does it. Dates come as midnight where this test runs.
async function query(tenant, text) {
  const result = await evidence(text, connectionOf(tenant));
  const rows = [];
  for await (const batch of result.rows()) rows.push(...batch);
  return { rows, types: Object.fromEntries(result.columnTypes.map(({ name, evidenceType }) => [name, evidenceType])) };
}
const connectionOf = ({ login }) => ({ host: stack.cluster.socket, port: stack.cluster.port, user: login, password: 'secret', database: 'attribution' });
const dayOf = (date) => [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((n) => String(n).padStart(2, '0')).join('-');

// The tenant's ledger as its rows are, and what is needed to add them up by hand; amounts are whole and small enough for a number.
async function ledgerOf({ tenantId, timeZone }) {
  const localDay = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const entries = await stack.sql(`SELECT entry_id, money_key, coalesce(sale_key, money_key) AS sale_key, kind::text, step::int, currency::text, amount_minor::float8 AS amount,
      coalesce(tax_minor, 0)::float8 AS tax, occurred_at, event_id FROM attribution.revenue_ledger WHERE tenant_id = $1`, [tenantId]);
  const channels = new Map((await stack.sql('SELECT event_id, channel FROM attribution.attribution_events WHERE tenant_id = $1', [tenantId])).map((e) => [e.event_id, e.channel]));
  const sales = new Map(entries.filter((e) => e.kind === 'capture' && e.step === 1).map((e) => [e.money_key, e]));
  return entries.map((entry) => {
    const sale = sales.get(entry.sale_key) ?? entry;
    return { ...entry, isSale: sale === entry && entry.kind === 'capture', channel: channels.get(sale.event_id), local_day: localDay.format(entry.occurred_at), sale_day: localDay.format(sale.occurred_at) };
  });
}

// Sums of measures by the values of keys, as a sorted list that can be compared.
function addUp(rows, keys, measures) {
  const sums = new Map();
  for (const row of rows) {
    const key = keys.map((name) => row[name]).join(' ');
    const sum = sums.get(key) ?? measures.map(() => 0);
    sums.set(key, sum.map((value, i) => value + measures[i](row)));
  }
  return [...sums].map(([key, sum]) => `${key}: ${sum.map((value) => Number(value.toFixed(6))).join(' ')}`).sort();
}

const byName = (...names) => names.map((name) => (row) => row[name]);
const withDays = (rows) => rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, name.endsWith('_day') && value ? dayOf(value) : value])));

for (const name of ['kathmandu', 'new_york']) {
  test(`${name}: the connector connects, and sees numbers as numbers and days as days`, async () => {
    assert.equal(await evidence.testConnection(connectionOf(tenants[name])), true);
    const { types, rows } = await query(tenants[name], 'SELECT * FROM attribution.daily_revenue_summary');
    assert.ok(rows.length > 50);
    assert.deepEqual([types.local_day, types.amount_minor, types.sales, types.channel], ['date', 'number', 'number', 'string']);
  });

  for (const [view, day, occurred] of [['daily_revenue_summary', 'local_day', 'cash'], ['cohort_revenue_summary', 'sale_day', 'cohort'], ['realtime_revenue', 'local_day', 'cash']]) {
    test(`${name}: ${view} is the ledger, by hand (${occurred})`, async () => {
      const ledger = await ledgerOf(tenants[name]);
      assert.ok(new Set(ledger.map((entry) => entry.channel)).size >= 4 && ledger.some((entry) => entry.kind === 'refund' && entry.local_day !== entry.sale_day));
      const { rows } = await query(tenants[name], `SELECT * FROM attribution.${view}`);
      const keys = [day, 'channel', 'currency', 'kind'];
      assert.deepEqual(addUp(withDays(rows), keys, byName('entries', 'sales', 'amount_minor', 'tax_minor')),
        addUp(ledger, keys, [() => 1, (entry) => Number(entry.isSale), (entry) => entry.amount, (entry) => entry.tax]));
    });
  }

  test(`${name}: allocation_summary tells what waits, and that nothing does`, async () => {
    const ledger = await ledgerOf(tenants[name]);
    const keys = ['model', 'local_day', 'currency', 'kind'];
    const expected = (divided) => addUp(['last_touch', 'linear'].flatMap((model) => ledger.map((entry) => ({ ...entry, model }))), keys,
      [() => 1, () => divided, (entry) => entry.amount, (entry) => divided * entry.amount, (entry) => (1 - divided) * entry.amount]);
    const told = async () => addUp(withDays((await query(tenants[name], 'SELECT * FROM attribution.allocation_summary')).rows), keys,
      byName('entries', 'allocated_entries', 'ledger_minor', 'allocated_minor', 'pending_minor'));
    if (name === 'kathmandu') assert.deepEqual(await told(), expected(0), 'before maintain()');
    while (Number(await stack.value('SELECT attribution.maintain()')) > 0);
    assert.deepEqual(await told(), expected(1));
  });

  for (const [view, day] of [['channel_performance', 'local_day'], ['cohort_channel_performance', 'sale_day']]) {
    test(`${name}: ${view} is the current allocations and the spend, by hand`, async () => {
      const entries = new Map((await ledgerOf(tenants[name])).map((entry) => [entry.entry_id, entry]));
      const parts = (await stack.sql(`SELECT entry_id, model, revision::int, channel, campaign, amount_minor::float8 AS amount FROM attribution.attribution_allocations WHERE tenant_id = $1`, [tenants[name].tenantId]));
      const newest = new Map();
      for (const { entry_id: entry, model, revision } of parts) newest.set(`${entry} ${model}`, Math.max(revision, newest.get(`${entry} ${model}`) ?? 0));
      const revenue = parts.filter((part) => part.revision === newest.get(`${part.entry_id} ${part.model}`)).map((part) => {
        const entry = entries.get(part.entry_id);
        return { ...part, day: entry[day], currency: entry.currency, revenue: part.amount, sales: entry.isSale ? part.amount / entry.amount : 0, spend: 0, clicks: 0 };
      });
      const spent = (await stack.sql('SELECT day::text, channel, campaign, currency::text, spend_minor::float8 AS spend, clicks::float8 FROM attribution.channel_spend WHERE tenant_id = $1', [tenants[name].tenantId]))
        .flatMap((row) => ['last_touch', 'linear'].map((model) => ({ ...row, model, revenue: 0, sales: 0 })));
      assert.ok(spent.length >= 18 && revenue.length > 200);
      const { rows } = await query(tenants[name], `SELECT * FROM attribution.${view}`);
      const keys = ['day', 'model', 'channel', 'campaign', 'currency'];
      assert.deepEqual(addUp(withDays(rows).map((row) => ({ ...row, day: row[day], clicks: row.clicks ?? 0 })), keys, byName('revenue_minor', 'sales', 'spend_minor', 'clicks')),
        addUp([...revenue, ...spent], keys, byName('revenue', 'sales', 'spend', 'clicks')));
    });
  }

  test(`${name}: the sum of every view is the sum of the ledger, by SQL`, async () => {
    const ledger = (await stack.sql('SELECT currency::text, sum(amount_minor)::float8 AS amount_minor FROM attribution.revenue_ledger WHERE tenant_id = $1 GROUP BY 1 ORDER BY 1', [tenants[name].tenantId]));
    for (const [view, column, filter] of [['realtime_revenue', 'amount_minor', ''], ['daily_revenue_summary', 'amount_minor', ''], ['cohort_revenue_summary', 'amount_minor', ''],
      ['channel_performance', 'revenue_minor', "WHERE model = 'linear'"], ['cohort_channel_performance', 'revenue_minor', "WHERE model = 'last_touch'"], ['allocation_summary', 'allocated_minor', "WHERE model = 'linear'"]]) {
      const { rows } = await query(tenants[name], `SELECT currency, sum(${column}) AS amount_minor FROM attribution.${view} ${filter} GROUP BY 1 ORDER BY 1`);
      assert.deepEqual(rows, ledger, view);
    }
  });

  test(`${name}: ROAS and CPA over sums are those of channel_returns()`, async () => {
    const returns = await query(tenants[name], "SELECT channel, currency, revenue_minor, spend_minor, roas, cpa_minor FROM attribution.channel_returns('linear', '2026-01-01', '2028-01-01') ORDER BY 1, 2");
    const summed = await query(tenants[name], `SELECT channel, currency, sum(revenue_minor) AS revenue_minor, sum(spend_minor) AS spend_minor,
        round(sum(revenue_minor) / nullif(sum(spend_minor), 0), 4) AS roas, round(nullif(sum(spend_minor), 0) / nullif(sum(sales), 0), 4) AS cpa_minor
      FROM attribution.channel_performance WHERE model = 'linear' GROUP BY 1, 2 ORDER BY 1, 2`);
    assert.ok(returns.rows.some(({ roas, cpa_minor: cpa }) => roas > 0 && cpa > 0));
    assert.deepEqual(summed.rows, returns.rows);
  });

  test(`${name}: no view and no table shows a row of another tenant`, async () => {
    const relations = (await query(tenants[name], `SELECT c.oid::regclass::text AS relation FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
      WHERE c.relnamespace = 'attribution'::regnamespace AND c.relkind IN ('r', 'v', 'm') AND has_column_privilege(c.oid, a.attnum, 'SELECT')`)).rows.map((row) => row.relation);
    assert.ok(relations.length > 15);
    for (const relation of relations) {
      const { rows } = await query(tenants[name], `SELECT DISTINCT tenant_id FROM ${relation} WHERE tenant_id IS NOT NULL`);
      assert.ok(rows.every((row) => row.tenant_id === tenants[name].tenantId), `${relation} shows ${JSON.stringify(rows)}`);
    }
    // The connector leaves its connection open when a statement fails.
    const other = Object.values(tenants).find((tenant) => tenant.name !== name).tenantId;
    const client = new pg.Client(connectionOf(tenants[name]));
    await client.connect();
    try {
      for (const statement of [`SELECT attribution.set_tenant('${other}')`, `SET attribution.tenant_id = '${other}'`, 'SET ROLE attribution_admin']) {
        await assert.rejects(client.query(statement), { code: '42501' }, statement);
      }
    } finally {
      await client.end();
    }
  });
}

// The queries of docs/bi.md, as they stand there.
const documented = [...fs.readFileSync(path.join(projectRoot, 'docs/bi.md'), 'utf8').matchAll(/```sql\n([\s\S]*?)```/g)].map(([, text]) => text.trim());
test('docs/bi.md has queries', () => assert.ok(documented.length >= 7));
for (const text of documented) {
  test(`docs/bi.md: ${text.replace(/\s+/g, ' ').slice(0, 90)}`, async () => {
    const { rows } = await query(tenants.kathmandu, text);
    if (!text.includes('reconciliation_status') && !text.includes('now()')) assert.ok(rows.length > 0, 'no rows');
  });
}

test('decimal amounts of the documented query are the minor units, by each currency', async () => {
  const { rows } = await query(tenants.kathmandu, documented[0].replace(/WHERE.*/, ''));
  const ledger = await ledgerOf(tenants.kathmandu);
  const expected = addUp(ledger, ['local_day', 'channel', 'currency'], [(entry) => entry.amount / 10 ** Object.fromEntries(currencies)[entry.currency]]);
  assert.deepEqual(addUp(withDays(rows), ['local_day', 'channel', 'currency'], byName('revenue')), expected);
});

test('every view and column of docs/bi.md is there, and no other', async () => {
  const table = fs.readFileSync(path.join(projectRoot, 'docs/bi.md'), 'utf8').split('## The views')[1].split('The materialized views')[0];
  let measures;
  for (const [, view, keys, told] of table.matchAll(/^\| `(\w+)` \| (.*?) \| (.*?) \|$/gm)) {
    const names = (text) => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    measures = told === 'the same' ? measures : names(told);
    const { types } = await query(tenants.kathmandu, `SELECT * FROM attribution.${view} LIMIT 1`);
    assert.deepEqual(Object.keys(types).sort(), ['tenant_id', ...names(keys), ...measures].sort(), view);
  }
});
