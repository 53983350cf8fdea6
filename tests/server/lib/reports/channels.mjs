// What GET /api/attribution/channels has to answer, from the rows of the ledger, the allocations and the spend alone: days by
// JavaScript's time zones, ratios by whole numbers. Of the database only tables are read, none of its views.

function gcd(a, b) {
  let [x, y] = [a < 0n ? -a : a, b];
  while (y) [x, y] = [y, x % y];
  return x;
}
const add = ([a, b], [c, d]) => {
  const divisor = gcd(a * d + c * b, b * d) || 1n;
  return [(a * d + c * b) / divisor, (b * d) / divisor];
};

// A fraction with 4 places, a half away from zero.
function rounded([numerator, denominator]) {
  const negative = numerator < 0n;
  const scaled = ((negative ? -numerator : numerator) * 20000n + denominator) / (2n * denominator);
  const text = scaled.toString().padStart(5, '0');
  return `${negative && scaled ? '-' : ''}${text.slice(0, -4)}.${text.slice(-4)}`;
}

const exponents = { JPY: 0, KWD: 3 };
function decimal(minor, currency) {
  const places = exponents[currency] ?? 2;
  const digits = (minor < 0n ? -minor : minor).toString().padStart(places + 1, '0');
  return (minor < 0n ? '-' : '') + (places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits);
}

export const day = (text, days) => new Date(Date.parse(text) + days * 86_400_000).toISOString().slice(0, 10);

function periodOf(local, granularity, from, to) {
  if (granularity === 'total') return [from, to];
  const sinceMonday = (new Date(local).getUTCDay() + 6) % 7;
  const [first, after] = {
    day: () => [local, day(local, 1)],
    week: () => [day(local, -sinceMonday), day(local, 7 - sinceMonday)],
    month: () => [`${local.slice(0, 7)}-01`, `${day(`${local.slice(0, 7)}-01`, 31).slice(0, 7)}-01`],
  }[granularity]();
  return [first < from ? from : first, after > to ? to : after];
}

async function read(stack, tenantId, model) {
  const entries = await stack.sql(`SELECT entry_id, money_key, coalesce(parent_money_key, money_key) AS sale, kind, step, amount_minor AS amount,
      currency, occurred_at FROM attribution.revenue_ledger WHERE tenant_id = $1`, [tenantId]);
  const parts = await stack.sql(`SELECT entry_id, revision, channel, campaign, amount_minor AS amount
      FROM attribution.attribution_allocations WHERE tenant_id = $1 AND model = $2`, [tenantId, model]);
  const spend = await stack.sql(`SELECT to_char(day, 'YYYY-MM-DD') AS day, channel, campaign, currency, spend_minor AS amount, impressions, clicks
      FROM attribution.channel_spend WHERE tenant_id = $1`, [tenantId]);
  return { entries, parts, spend };
}

// Entries with the parts of their newest revision and the two days they count on.
function divided({ entries, parts }, timeZone) {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const sales = new Map(entries.filter((e) => e.kind === 'capture' && e.step === 1).map((e) => [e.money_key, e]));
  const newest = new Map();
  for (const part of parts) newest.set(part.entry_id, Math.max(part.revision, newest.get(part.entry_id) ?? 0));
  const partsOf = new Map();
  for (const part of parts) partsOf.set(part.entry_id, [...(partsOf.get(part.entry_id) ?? []), part]);
  return entries.map((e) => ({ ...e, amount: BigInt(e.amount),
    cash: format.format(e.occurred_at), cohort: format.format((sales.get(e.sale) ?? e).occurred_at),
    parts: (partsOf.get(e.entry_id) ?? []).filter((p) => p.revision === newest.get(e.entry_id)) }));
}

export async function expectedChannels(stack, tenant, { from, to, model, granularity = 'total', basis = 'cash', by = 'channel' }) {
  const stored = await read(stack, tenant.tenantId, model);
  const rows = new Map();
  const undivided = new Map();
  const rowOf = (local, currency, channel, campaign) => {
    const [first, after] = periodOf(local, granularity, from, to);
    const key = [first, currency, channel, by === 'campaign' ? campaign : ''].join('\0');
    if (!rows.has(key)) rows.set(key, { first, after, currency, channel, campaign, revenue: 0n, sales: [0n, 1n], spend: 0n, impressions: null, clicks: null });
    return rows.get(key);
  };
  const inRange = (local) => local >= from && local < to;
  for (const entry of divided(stored, tenant.timeZone)) {
    if (!inRange(entry[basis])) continue;
    undivided.set(entry.currency, (undivided.get(entry.currency) ?? 0n) + (entry.parts.length ? 0n : entry.amount));
    for (const part of entry.parts) {
      const row = rowOf(entry[basis], entry.currency, part.channel, part.campaign);
      row.revenue += BigInt(part.amount);
      if (entry.kind === 'capture' && entry.step === 1) row.sales = add(row.sales, [BigInt(part.amount), entry.amount]);
    }
  }
  for (const told of stored.spend.filter((s) => inRange(s.day))) {
    const row = rowOf(told.day, told.currency, told.channel, told.campaign);
    row.spend += BigInt(told.amount);
    for (const count of ['impressions', 'clicks']) if (told[count] !== null) row[count] = (row[count] ?? 0) + Number(told[count]);
  }
  return {
    undivided_revenue: [...undivided].filter(([, amount]) => amount).sort().map(([currency, amount]) => (
      { currency, amount_minor: Number(amount), amount: decimal(amount, currency) })),
    channels: [...rows].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map(([, row]) => shown(row, [...rows.values()], by)),
  };
}

function shown(row, all, by) {
  const of = (what) => all.filter((r) => r.first === row.first && r.currency === row.currency).reduce((sum, r) => sum + r[what], 0n);
  const share = (what) => (of(what) > 0n ? rounded([row[what], of(what)]) : null);
  const { currency, sales: [parts, whole] } = row;
  const cpa = row.spend && parts ? rounded([row.spend * whole, parts]) : null;
  const places = exponents[currency] ?? 2;
  const [units, fraction] = (cpa ?? '.').split('.');
  return { from: row.first, to: row.after, currency, channel: row.channel, ...(by === 'campaign' && { campaign: row.campaign }),
    revenue_minor: Number(row.revenue), revenue: decimal(row.revenue, currency), revenue_share: share('revenue'),
    sales: rounded(row.sales), spend_minor: Number(row.spend), spend: decimal(row.spend, currency), spend_share: share('spend'),
    impressions: row.impressions, clicks: row.clicks, roas: row.spend ? rounded([row.revenue, row.spend]) : null, cpa_minor: cpa,
    cpa: cpa && (places ? `${decimal(BigInt(units), currency)}${fraction}` : cpa) };
}
