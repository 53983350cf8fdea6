// What must be so of a tenant once nothing waits. Each returns what is not: an empty list is right.
import { drain } from './play.mjs';

const sorted = (texts) => [...texts].sort();

// Σ current allocations = Σ ledger by active model and currency; each entry is divided by each, and no set is as the one before.
export async function unequalSums(db, tenant) {
  await db.query("SELECT set_config('attribution.tenant_id', $1, false)", [tenant]);
  const { rows } = await db.query(`
    SELECT m.name, l.currency::text, l.minor AS booked, c.minor AS allocated, l.entries, c.entries AS divided
      FROM attribution.attribution_models AS m
     CROSS JOIN (SELECT currency, sum(amount_minor) AS minor, count(*) AS entries
                   FROM attribution.revenue_ledger WHERE tenant_id = $1 GROUP BY 1) AS l
      LEFT JOIN (SELECT model, currency, sum(amount_minor) AS minor, count(DISTINCT entry_id) AS entries
                   FROM attribution.current_allocations GROUP BY 1, 2) AS c ON c.model = m.name AND c.currency = l.currency
     WHERE m.tenant_id = $1 AND m.active AND (c.minor, c.entries) IS DISTINCT FROM (l.minor, l.entries)`, [tenant]);
  return rows;
}

const setsOf = `SELECT entry_id, model, revision, string_agg(format('%s/%s %s', channel, campaign, amount_minor), ', ' ORDER BY channel, campaign) AS parts
   FROM attribution.attribution_allocations WHERE tenant_id = $1 GROUP BY 1, 2, 3`;

export async function needlessRevisions(db, tenant) {
  const { rows } = await db.query(`WITH sets AS MATERIALIZED (${setsOf})
    SELECT s.* FROM sets AS s JOIN sets AS b ON b.entry_id = s.entry_id AND b.model = s.model AND b.revision = s.revision - 1
     WHERE s.parts = b.parts`, [tenant]);
  return rows;
}

// The same models under other names, which divide all at once, next to those that divided bit by bit.
export async function differencesFromAnew(db, tenant, name) {
  const { rows: models } = await db.query("SELECT name, rule, params FROM attribution.attribution_models WHERE tenant_id = $1 AND active", [tenant]);
  for (const { name: model, rule, params } of models) {
    await db.query('SELECT attribution.define_model($1, $2, $3, $4, false)', [tenant, `${name}.${model}`, rule, params]);
    await db.query('SELECT attribution.allocate_revenue($1, $2)', [tenant, `${name}.${model}`]);
  }
  await db.query("SELECT set_config('attribution.tenant_id', $1, false)", [tenant]);
  const part = 'entry_id, channel, campaign, amount_minor, currency';
  const { rows } = await db.query(`
    WITH grown AS (SELECT model, ${part} FROM attribution.current_allocations WHERE model = ANY ($1)),
         anew AS (SELECT substr(model, length($2) + 2) AS model, ${part} FROM attribution.current_allocations WHERE model LIKE $2 || '.%')
    (SELECT 'grown' AS side, g.* FROM (SELECT * FROM grown EXCEPT ALL SELECT * FROM anew) AS g)
    UNION ALL (SELECT 'anew', a.* FROM (SELECT * FROM anew EXCEPT ALL SELECT * FROM grown) AS a)`, [models.map(({ name: n }) => n), name]);
  return rows;
}

const derived = 'SELECT s::text AS row FROM attribution.sales AS s WHERE tenant_id = $1';
const sets = 'SELECT count(*)::int AS sets FROM attribution.allocation_sets WHERE tenant_id = $1';

// From nothing but events and ledger, as the migration that made the queue fills it: sales become the same again, and no set has to be
// made.
export async function differencesFromNothing(db, tenant) {
  const { rows: before } = await db.query(derived, [tenant]);
  const { rows: [{ sets: made }] } = await db.query(sets, [tenant]);
  await db.query('DELETE FROM attribution.sales WHERE tenant_id = $1', [tenant]);
  await db.query(`INSERT INTO attribution.allocation_queue (tenant_id, reason, sale_key)
    SELECT DISTINCT tenant_id, 'late_sale', sale_key FROM attribution.revenue_ledger WHERE tenant_id = $1`, [tenant]);
  await drain(db);
  const { rows: after } = await db.query(derived, [tenant]);
  const { rows: [{ sets: madeAgain }] } = await db.query(sets, [tenant]);
  const [grown, anew] = [before, after].map((rows) => rows.map(({ row }) => row));
  return [...grown.filter((row) => !anew.includes(row)).map((row) => `only grown: ${row}`), ...anew.filter((row) => !grown.includes(row)).map((row) => `only anew: ${row}`),
    ...(made === madeAgain ? [] : [`${madeAgain - made} sets made anew`])];
}

// How each sale is divided, without what depends on the order in which it was told: the ids of entries. Sales by key: their entries, and
// these with their parts.
export async function divisionOfSales(db, tenant) {
  await db.query("SELECT set_config('attribution.tenant_id', $1, false)", [tenant]);
  const { rows } = await db.query(`
    SELECT l.sale_key, format('%s %s %s %s %s', l.money_key, l.kind, l.amount_minor, l.currency, l.occurred_at) AS entry, a.model,
           string_agg(format('%s/%s %s', a.channel, a.campaign, a.amount_minor), ', ' ORDER BY a.channel, a.campaign) AS parts
      FROM attribution.revenue_ledger AS l
      JOIN attribution.current_allocations AS a ON a.tenant_id = l.tenant_id AND a.entry_id = l.entry_id
      JOIN attribution.attribution_models AS m ON m.tenant_id = a.tenant_id AND m.name = a.model AND m.active
     WHERE l.tenant_id = $1
     GROUP BY l.sale_key, l.entry_id, 2, a.model`, [tenant]);
  const sales = new Map();
  for (const { sale_key: key, entry, model, parts } of rows) {
    if (!sales.has(key)) sales.set(key, { entries: [], parts: [] });
    const sale = sales.get(key);
    sale.entries.push(`${model}: ${entry}`);
    sale.parts.push(`${model}: ${entry}: ${parts}`);
  }
  return new Map([...sales].map(([key, { entries, parts }]) => [key, { entries: sorted(entries).join('\n'), parts: sorted(parts) }]));
}

// Of the sales that are booked by the same entries.
export function differencesOfDivisions(one, other) {
  const comparable = [...one].filter(([key, { entries }]) => other.get(key)?.entries === entries);
  const differences = comparable.flatMap(([key, { parts }]) => {
    const others = other.get(key).parts;
    return parts.flatMap((part, i) => (part === others[i] ? [] : [`${key}: ${part} | ${others[i]}`]));
  });
  return { compared: comparable.length, differences };
}
