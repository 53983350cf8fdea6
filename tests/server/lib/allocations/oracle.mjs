// What docs/models.md says, worked out from events, links and ledger alone: not from sales or what was queued.
import assert from 'node:assert/strict';
import { orderOf } from './sequence.mjs';

const byText = (a, b) => (a < b ? -1 : Number(a > b));
const compareBy = (...keys) => (a, b) => {
  for (const key of keys) {
    const order = byText(key(a), key(b));
    if (order !== 0) return order;
  }
  return 0;
};
const at = (column) => `(${column} AT TIME ZONE 'UTC')::text`;

async function read(db, tenant) {
  const rows = async (text) => (await db.query(text, [tenant])).rows;
  await db.query("SELECT set_config('attribution.tenant_id', $1, false)", [tenant]);
  return {
    events: await rows(`SELECT e.source, e.delivery_key, e.event_type, e.external_id, e.order_ref, e.evidence, ${at('e.occurred_at')} AS at, e.channel,
        coalesce(e.payload -> 'signals' ->> 'campaign', '') AS campaign, j.journey_id AS journey
      FROM attribution.attribution_events AS e LEFT JOIN attribution.event_journeys AS j USING (tenant_id, event_id) WHERE e.tenant_id = $1`),
    ledger: await rows(`SELECT entry_id AS id, coalesce(parent_money_key, money_key) AS sale_key, money_key, kind::text, amount_minor::text AS minor, currency::text,
        ${at('occurred_at')} AS at FROM attribution.revenue_ledger WHERE tenant_id = $1`),
    links: await rows('SELECT journey_id, canonical_id FROM attribution.journey_links WHERE tenant_id = $1'),
    models: await rows('SELECT name, rule, params FROM attribution.attribution_models WHERE tenant_id = $1 AND active'),
    current: await rows('SELECT entry_id, model, channel, campaign, amount_minor::text AS minor FROM attribution.current_allocations WHERE tenant_id = $1'),
    sales: await rows(`SELECT sale_key, journey_id AS journey, ${at('converted_at')} AS at, channel, campaign FROM attribution.sales WHERE tenant_id = $1`),
  };
}

// The journey, time and channel of a sale whose money is known.
function factsOf(saleKey, entries, events) {
  const order = orderOf(saleKey);
  const told = events.filter((e) => e.event_type === 'conversion' && (e.evidence ? e.order_ref === order : e.external_id === order))
    .sort(compareBy((e) => e.at, (e) => e.source, (e) => e.delivery_key));
  const known = told.filter(({ channel }) => channel !== 'unknown')
    .sort(compareBy((e) => Number(e.channel === 'direct'), (e) => Number(e.evidence), (e) => e.at, (e) => e.channel, (e) => e.source, (e) => e.delivery_key))[0];
  const came = entries.filter(({ minor }) => !minor.startsWith('-'));
  const begun = ['capture', 'adjustment'].map((kind) => came.filter((entry) => entry.kind === kind)).find(({ length }) => length > 0) ?? came;
  const times = [...told.filter(({ evidence }) => !evidence), ...begun].map((one) => one.at);
  return { saleKey, journey: told.find(({ journey }) => journey !== null)?.journey ?? null, at: times.sort()[0], channel: known?.channel ?? 'unknown', campaign: known?.campaign ?? '' };
}

// Of the journey, and of all that are one with it.
function touchesOf(journey, { events, links }) {
  const canonical = links.find(({ journey_id: id }) => id === journey)?.canonical_id;
  const journeys = new Set([journey, ...links.filter(({ canonical_id: id }) => id === canonical).map(({ journey_id: id }) => id)]);
  return events.filter((e) => e.event_type === 'touchpoint' && e.journey !== null && journeys.has(e.journey))
    .sort(compareBy((e) => e.at, (e) => e.channel, (e) => e.campaign));
}

// What each channel (or campaign) gets of the sale by each model, in the order of names: { key, share }.
async function sharesOf(db, cases) {
  const { rows } = await db.query(`
    SELECT c.i, attribution.touch_credit(c.rule, c.times, c.at, c.params, c.channels) AS credit
      FROM jsonb_to_recordset($1) AS c (i integer, rule text, params jsonb, at timestamptz, times timestamptz[], channels text[])`,
  [JSON.stringify(cases.map(({ model, facts, touches }, i) => ({ i, rule: model.rule, params: model.params, at: `${facts.at}Z`,
    times: touches.map((t) => `${t.at}Z`), channels: touches.map(({ channel }) => channel) })))]);
  for (const { i, credit } of rows) {
    const { model, facts, touches } = cases[i];
    const keyOf = ({ channel, campaign }) => `${channel}/${model.params.per === 'campaign' ? campaign : ''}`;
    const shares = new Map(touches.map((touch) => [keyOf(touch), 0]).sort(compareBy(([key]) => key)));
    touches.forEach((touch, n) => shares.set(keyOf(touch), shares.get(keyOf(touch)) + credit[n]));
    cases[i].shares = [...shares.values()].some((share) => share > 0) ? shares : new Map([[keyOf(facts), 1]]);
  }
}

// Largest remainder by whole weights; of equal ones to the first.
function splitByWhole(amount, weights) {
  const all = weights.reduce((sum, weight) => sum + weight, 0n);
  const parts = weights.map((weight) => (amount * weight) / all);
  const order = weights.map((weight, i) => ({ i, rest: (amount * weight) % all })).sort((a, b) => (a.rest === b.rest ? a.i - b.i : a.rest > b.rest ? -1 : 1));
  let left = amount - parts.reduce((sum, part) => sum + part, 0n);
  for (const { i } of order) {
    if (left === 0n) break;
    parts[i] += 1n;
    left -= 1n;
  }
  return parts;
}

// What of the entries of one currency can be said by hand, in their order: captures by shares; what goes back by what is left, until more goes back
// than there is, or something is given back.
function* expectedParts(entries, parts) {
  let balances;
  for (const entry of entries) {
    const minor = BigInt(entry.minor);
    const isSaleMoney = minor > 0n && (entry.kind === 'capture' || entry.kind === 'adjustment');
    const had = balances?.reduce((sum, balance) => sum + balance, 0n) ?? 0n;
    if (!isSaleMoney && (minor > 0n || had + minor < 0n)) return;
    const divided = isSaleMoney ? parts.get(entry.id) : splitByWhole(-minor, balances).map((part) => -part);
    balances = balances ? balances.map((balance, i) => balance + divided[i]) : divided;
    yield { entry, divided };
  }
}

const isSaleMoney = ({ minor, kind }) => !minor.startsWith('-') && (kind === 'capture' || kind === 'adjustment');

async function splitCaptures(db, cases) {
  const wanted = cases.flatMap(({ shares, entries }, i) => entries.filter(isSaleMoney).map(({ id, minor }) => ({ i, id, minor, weights: [...shares.values()] })));
  const { rows } = await db.query(`SELECT s.i, s.id, attribution.split_amount(s.minor, s.weights)::text[] AS parts
    FROM jsonb_to_recordset($1) AS s (i integer, id text, minor bigint, weights float8[])`, [JSON.stringify(wanted)]);
  for (const one of cases) one.split = new Map();
  for (const { i, id, parts } of rows) cases[i].split.set(id, parts.map(BigInt));
}

const textOf = (parts) => [...parts].filter(([, minor]) => minor !== 0n).sort(compareBy(([key]) => key)).map(([key, minor]) => `${key} ${minor}`).join(', ');

// No channel has the other sign than the sale; of a sale that is all refunded none has anything.
function wrongNets({ model, facts, entries }, partsOf) {
  const nets = new Map();
  let net = 0n;
  for (const { id, minor } of entries) {
    net += BigInt(minor);
    for (const [key, part] of partsOf(id, model.name)) nets.set(key, (nets.get(key) ?? 0n) + part);
  }
  const isWrong = ([key, part]) => (net > 0n ? part < 0n : part !== 0n && !(net < 0n && key === 'unknown/'));
  return [...nets].filter(isWrong).map(([key, part]) => `${facts.saleKey} ${model.name}: net ${net}, ${key} has ${part}`);
}

// What differs from it, and how many entries were compared part by part.
export async function differencesFromOracle(db, tenant) {
  const known = await read(db, tenant);
  const differences = [];
  const current = new Map();
  for (const { entry_id: id, model, channel, campaign, minor } of known.current) {
    const key = `${model} ${id}`;
    if (!current.has(key)) current.set(key, new Map());
    current.get(key).set(`${channel}/${campaign}`, BigInt(minor));
  }
  const partsOf = (id, model) => current.get(`${model} ${id}`) ?? new Map();
  const sales = new Map(known.ledger.map(({ sale_key: key }) => [key, known.ledger.filter((entry) => entry.sale_key === key)]));
  if (sales.size !== known.sales.length) differences.push(`${known.sales.length} sales instead of ${sales.size}`);

  const cases = [];
  for (const [saleKey, all] of sales) {
    const entries = all.sort(compareBy((e) => e.at, (e) => e.kind, (e) => e.money_key, (e) => e.id));
    const facts = factsOf(saleKey, entries, known.events);
    const row = known.sales.find(({ sale_key: key }) => key === saleKey);
    // Of money that went back only, nobody is told who brought it.
    if (entries.some(isSaleMoney)) {
      const found = row && [row.journey, row.at, row.channel, row.campaign].join(' ');
      const wanted = [facts.journey, facts.at, facts.channel, facts.campaign].join(' ');
      if (found !== wanted) differences.push(`${saleKey}: sale ${found} instead of ${wanted}`);
    }
    const touches = facts.journey === null ? [] : touchesOf(facts.journey, known);
    for (const model of known.models) {
      for (const currency of new Set(entries.map((entry) => entry.currency))) {
        cases.push({ model, facts, touches, entries: entries.filter((entry) => entry.currency === currency) });
      }
    }
  }
  const divided = cases.filter(({ entries }) => entries.some(isSaleMoney));
  await sharesOf(db, divided);
  await splitCaptures(db, divided);
  let compared = 0;
  for (const one of divided) {
    const keys = [...one.shares.keys()];
    const compare = ({ id, minor, kind }, parts) => {
      compared += 1;
      const [found, wanted] = [textOf(partsOf(id, one.model.name)), textOf(keys.map((key, i) => [key, parts[i]]))];
      if (found !== wanted) {
        const booked = one.entries.map((e) => `${e.at} ${e.money_key} ${e.kind} ${e.minor}`).join('; ');
        differences.push(`${one.facts.saleKey} ${one.model.name} ${kind} ${minor}: ${found} instead of ${wanted}, of ${booked}`);
      }
    };
    for (const entry of one.entries.filter(isSaleMoney)) compare(entry, one.split.get(entry.id));
    for (const { entry, divided: parts } of expectedParts(one.entries, one.split)) if (!isSaleMoney(entry)) compare(entry, parts);
  }
  for (const one of cases) differences.push(...wrongNets(one, partsOf));
  return { compared, differences };
}

// The touches in the bytes of core/credit/packed_touches.hpp, as microseconds, channel and campaign.
function unpackTouches(bytes) {
  let place = 1;
  const number = () => {
    place += 4;
    return bytes.readUInt32LE(place - 4);
  };
  const text = (length) => {
    place += length;
    return bytes.toString('utf8', place - length, place);
  };
  const lengths = Array.from({ length: number() }, () => [number(), number()]);
  const labels = lengths.map(([channel, campaign]) => `${text(channel)}/${text(campaign)}`);
  const times = Array.from({ length: number() }, (_, i) => bytes.readBigInt64LE(place + 8 * i));
  place += 8 * times.length;
  assert.ok(labels.length <= 256 && bytes[0] === 1 && bytes.length === place + times.length, 'packed touches');
  return times.map((time, i) => `${time} ${labels[bytes[place + i]]}`);
}

// What is kept of the touches of each sale is the touchpoint events of its journey, and of all that are one with it.
export async function differencesOfTouches(db, tenant) {
  const { rows } = await db.query(`
    SELECT s.sale_key, s.touches, ARRAY(
           SELECT format('%s %s/%s', (date_part('epoch', v.occurred_at - '2000-01-01 00:00+00') * 1000000)::bigint, v.channel,
                         coalesce(v.payload -> 'signals' ->> 'campaign', ''))
             FROM attribution.event_journeys AS j
             JOIN attribution.attribution_events AS v ON v.tenant_id = j.tenant_id AND v.event_id = j.event_id AND v.event_type = 'touchpoint'
            WHERE j.tenant_id = s.tenant_id
              AND (j.journey_id = s.journey_id
                   OR (SELECT l.canonical_id FROM attribution.journey_links AS l WHERE l.tenant_id = s.tenant_id AND l.journey_id = j.journey_id)
                    = (SELECT l.canonical_id FROM attribution.journey_links AS l WHERE l.tenant_id = s.tenant_id AND l.journey_id = s.journey_id))
            ORDER BY v.occurred_at, v.channel COLLATE "C", coalesce(v.payload -> 'signals' ->> 'campaign', '') COLLATE "C") AS events
      FROM attribution.sales AS s WHERE s.tenant_id = $1`, [tenant]);
  return rows.map(({ sale_key: key, touches, events }) => ({ key, kept: touches === null ? [] : unpackTouches(touches), events }))
    .filter(({ kept, events }) => kept.join() !== events.join());
}
