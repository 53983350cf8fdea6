// Revenue to export, and exports read back by parsers that are not ours.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import http from 'node:http';
import { parse } from 'csv-parse/sync';
import { request } from './http.mjs';

export const path = '/api/export/revenue';
export const entryColumns = ['entry_id', 'event_id', 'source', 'order_id', 'money_key', 'sale_key', 'kind', 'step', 'occurred_at', 'local_day', 'booked_at',
  'channel', 'currency', 'amount_minor', 'amount', 'tax_minor', 'shipping_minor'];
export const partColumns = [...entryColumns, 'model', 'revision', 'allocated_channel', 'allocated_campaign', 'allocated_minor', 'allocated'];
const numbers = new Set(['step', 'amount_minor', 'tax_minor', 'shipping_minor', 'revision', 'allocated_minor']);

const digest = (text) => createHash('sha256').update(text).digest('hex');
const mediums = [['google', 'cpc'], ['news', 'email'], ['partner', 'affiliate'], [undefined, undefined]];

// What happened to `count` orders, told by two sources in three currencies, as the event contract has it: every third is refunded in
// part, every fifth charged back, some are told by a second event which knows the channel better. They are 7 minutes apart.
export function makeOrders(count, { start = '2026-03-28T10:00:00Z', campaign = (i) => `campaign-${i % 3}`, first = 0 } = {}) {
  const at = (i, minutes = 0) => new Date(Date.parse(start) + (i * 7 + minutes) * 60_000).toISOString();
  return Array.from({ length: count }, (_, n) => first + n).flatMap((i) => {
    const source = i % 4 === 0 ? 'Till.2' : 'shopify';
    const id = `order-${i}`;
    const sale = `${source}:order:${i}`;
    const currency = ['EUR', 'JPY', 'KWD'][i % 3];
    const told = (what, rest) => ({ version: 1, delivery: { source, key: `${what}-${i}`, digest: digest(`${what}-${i}`) }, ...rest });
    const state = (kind, key, amount, minutes, parent = null) => ({ money_key: key, kind, cumulative_minor: amount, currency, parent,
      version_at: at(i, minutes), occurred_at: at(i, minutes), ...(i % 2 ? { tax_minor: kind === 'capture' ? 19 : -3, shipping_minor: 0 } : {}) });
    const [from, medium] = mediums[i % 4];
    const signals = from ? { source: from, medium, campaign: campaign(i) } : {};
    const events = [told('sale', { conversion: { external_id: id, occurred_at: at(i), signals: i % 5 === 1 ? {} : signals, journey_id: `journey-no-${i}` },
      states: [state('capture', sale, 1000 + i, 0)] })];
    if (i % 5 === 1) events.push(told('session', { conversion: { external_id: id, occurred_at: at(i, 1), signals } }));
    if (i % 2) {
      events.push(told('visit', { touchpoints: [{ occurred_at: at(i, -60), journey_id: `journey-no-${i}`, signals: { source: 'bing', medium: 'cpc', campaign: campaign(i + 1) } },
        { occurred_at: at(i, -30), journey_id: `journey-no-${i}`, signals: { source: 'facebook', medium: 'paid_social', campaign: campaign(i + 2) } }] }));
    }
    if (i % 3 === 0) events.push(told('refund', { notice: { occurred_at: at(i, 90) }, states: [state('refund', `${source}:refund:${i}`, 100 + i, 90, sale)] }));
    if (i % 5 === 0) events.push(told('dispute', { notice: { occurred_at: at(i, 120) }, states: [state('chargeback', `${source}:dispute:${i}`, 50, 120, sale)] }));
    return events;
  });
}

export async function ingest(stack, tenantId, events) {
  const rows = await stack.sql('SELECT status, code, detail FROM attribution.ingest_events(tenant_id => $1, events => $2)', [tenantId, JSON.stringify(events)]);
  assert.deepEqual(rows.filter(({ status }) => status !== 'created'), []);
}

export async function allocate(stack) {
  while (await stack.value('SELECT attribution.allocate_pending()') !== '0');
}

// The rows that an export must have, from the base tables, by another way than the views: as text, in order.
export function expectedRows(stack, tenantId, { model, where = 'true' } = {}) {
  const moment = (column) => `(to_json(${column} AT TIME ZONE 'UTC') #>> '{}') || '+00:00' AS ${column}`;
  return stack.sql(`
    WITH sale AS (SELECT tenant_id, money_key, event_id FROM attribution.revenue_ledger WHERE kind = 'capture' AND step = 1),
    entry AS (
      SELECT l.*, own.source, coalesce(sold.external_id, own.external_id) AS order_id, sale.event_id IS NOT NULL AS has_sale, sold.source AS sold_by, sold.external_id AS sold_as,
             own.channel AS own_channel, (l.occurred_at AT TIME ZONE t.time_zone)::date::text AS local_day
        FROM attribution.revenue_ledger AS l
        JOIN attribution.tenants AS t USING (tenant_id)
        JOIN attribution.attribution_events AS own ON own.tenant_id = l.tenant_id AND own.event_id = l.event_id
        LEFT JOIN sale ON sale.tenant_id = l.tenant_id AND sale.money_key = coalesce(l.parent_money_key, l.money_key)
        LEFT JOIN attribution.attribution_events AS sold ON sold.tenant_id = l.tenant_id AND sold.event_id = sale.event_id
       WHERE l.tenant_id = $1),
    best AS (
      SELECT DISTINCT ON (source, external_id) source, external_id, channel
        FROM attribution.attribution_events WHERE tenant_id = $1 AND event_type = 'conversion' AND NOT evidence
       ORDER BY source, external_id, array_position('{direct,unknown}', channel) NULLS FIRST, occurred_at, event_id),
    exported AS (
      SELECT e.*, CASE WHEN e.has_sale THEN b.channel ELSE e.own_channel END AS channel ${model ? `, a.model, a.revision, a.channel AS allocated_channel,
             a.campaign AS allocated_campaign, a.amount_minor AS allocated_minor` : ''}
        FROM entry AS e LEFT JOIN best AS b ON b.source = e.sold_by AND b.external_id = e.sold_as
        ${model ? `JOIN attribution.attribution_allocations AS a ON a.tenant_id = e.tenant_id AND a.entry_id = e.entry_id AND a.model = $2
                    AND a.revision = (SELECT max(revision) FROM attribution.allocation_sets AS s WHERE s.tenant_id = a.tenant_id AND s.entry_id = a.entry_id AND s.model = a.model)`
    : 'WHERE $2::text IS NULL'})
    SELECT entry_id, event_id, source, order_id, money_key, coalesce(parent_money_key, money_key) AS sale_key, kind, step, ${moment('occurred_at')},
           local_day, ${moment('booked_at')}, channel, currency, amount_minor, tax_minor, shipping_minor
           ${model ? ', model, revision, allocated_channel, allocated_campaign, allocated_minor' : ''}
      FROM exported WHERE ${where}
     ORDER BY bucket_start, entry_id ${model ? ', allocated_channel, allocated_campaign' : ''}`, [tenantId, model ?? null]).then((rows) => rows.map(complete));
}

const decimals = { EUR: 2, JPY: 0, KWD: 3, USD: 2 };
export function decimal(minor, currency) {
  const digits = String(Math.abs(minor)).padStart(decimals[currency] + 1, '0');
  const point = digits.length - decimals[currency];
  return (minor < 0 ? '-' : '') + digits.slice(0, point) + (decimals[currency] ? `.${digits.slice(point)}` : '');
}

function complete(row) {
  const all = { ...row, amount: decimal(Number(row.amount_minor), row.currency) };
  if (row.allocated_minor !== undefined) all.allocated = decimal(Number(row.allocated_minor), row.currency);
  return Object.fromEntries((row.model === undefined ? entryColumns : partColumns).map((name) => [name, typed(name, all[name])]));
}

const typed = (name, value) => (value !== null && numbers.has(name) ? Number(value) : value);

// Rows of a CSV, typed as those of JSON; a field that is empty and not quoted is null.
function readCsv(text) {
  return parse(text, { columns: true, cast: (value, { quoting, column, header }) => (
    header ? value : typed(column, value === '' && !quoting ? null : value)) });
}

export const readers = {
  csv: ({ body }) => readCsv(body),
  json: ({ body }) => JSON.parse(body).rows,
  ndjson: ({ body }) => body.split('\n').slice(0, -1).map((line) => JSON.parse(line)),
};

export function ask(stack, key, query = {}, headers = {}) {
  return request(stack.url, 'GET', `${path}?${new URLSearchParams(query)}`, { headers: { 'x-api-key': key, ...headers } });
}

// All pages one after the other, by Link; returns their rows, and how many pages there were.
export async function readPages(stack, key, query) {
  const rows = [];
  let target = `${path}?${new URLSearchParams(query)}`;
  for (let pages = 1; ; pages += 1) {
    const answer = await request(stack.url, 'GET', target, { headers: { 'x-api-key': key } });
    assert.equal(answer.status, 200, answer.body);
    const page = readers[query.format](answer);
    assert.ok(page.length <= Number(query.limit));
    rows.push(...page);
    const next = answer.headers.link?.match(/^<(.*)>; rel="next"$/)[1];
    if (query.format === 'json') assert.equal(JSON.parse(answer.body).next_cursor, next === undefined ? null : new URLSearchParams(next.split('?')[1]).get('cursor'));
    if (next === undefined) return { rows, pages };
    assert.equal(page.length, Number(query.limit), 'only the last page is shorter');
    target = next;
  }
}

// The answer while it comes: {status, headers, incoming (a stream), destroy()}.
export function open(stack, key, query = {}, headers = {}) {
  return new Promise((resolve, reject) => {
    const outgoing = http.get(`${stack.url}${path}?${new URLSearchParams(query)}`, { agent: false, headers: { 'x-api-key': key, ...headers } }, (incoming) => resolve({
      status: incoming.statusCode, headers: incoming.headers, incoming, destroy: () => outgoing.destroy() }));
    outgoing.on('error', reject);
  });
}

// Ledger entries by the million, written past ingestion; 15 seconds apart.
export async function fill(stack, tenantId, rows) {
  const id = (digit) => `('018f' || lpad(to_hex(n), 8, '0') || '-700${digit}-8000-000000000000')::text::uuid`;
  const time = "'2025-01-01'::timestamptz + n * interval '15 s'";
  const db = await stack.pool.connect();
  try {
    await db.query('SET session_replication_role = replica');
    await db.query(`INSERT INTO attribution.attribution_events (tenant_id, event_id, source, delivery_key, item_no, event_type, digest, external_id, evidence, occurred_at, channel, payload)
      SELECT $1, ${id(0)}, 'shopify', 'd' || n, 0, 'conversion', sha256(n::text::bytea), (5000000000 + n)::text, false, ${time}, 'paid_search', '{}' FROM generate_series(1, $2::int) AS n`, [tenantId, rows]);
    await db.query(`INSERT INTO attribution.revenue_ledger (tenant_id, entry_id, money_key, kind, step, amount_minor, currency, event_id, occurred_at)
      SELECT $1, ${id(1)}, 'filled:' || n, 'capture', 1, 1000 + n, 'EUR', ${id(0)}, ${time} FROM generate_series(1, $2::int) AS n`, [tenantId, rows]);
  } finally {
    await db.query('RESET session_replication_role');
    db.release();
  }
}
