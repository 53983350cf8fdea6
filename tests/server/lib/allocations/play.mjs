// Does the steps of a sequence by SQL.
import { inParallel } from '../lives/random.mjs';

// All that waits, of all tenants.
export async function drain(db) {
  for (;;) {
    const { rows: [{ items }] } = await db.query('SELECT attribution.allocate_pending() AS items');
    if (items === '0') return;
  }
}

export async function makeTenants(db, count) {
  const tenants = [];
  for (let i = 0; i < count; i += 1) {
    const { rows: [{ id }] } = await db.query('SELECT attribution.create_tenant(name => $1) AS id', [`tenant ${i}`]);
    tenants.push(id);
  }
  return tenants;
}

export async function ingest(db, tenants, items) {
  const { rows } = await db.query('SELECT item, status, code, detail FROM attribution.ingest_batch($1, $2)',
    [items.map(({ tenant }) => tenants[tenant]), JSON.stringify(items.map(({ event }) => event))]);
  const refused = rows.filter(({ status }) => status !== 'created' && status !== 'duplicate');
  if (refused.length > 0) throw new Error(`not ingested: ${JSON.stringify(refused)}`);
}

const doers = {
  ingest: (db, tenants, { items }) => ingest(db, tenants, items),
  link: (db, tenants, { tenant, ids }) => db.query('SELECT attribution.link_journeys($1, $2, VARIADIC $3)', [tenants[tenant], ids[0], ids.slice(1)]),
  erase: (db, tenants, { tenant, id }) => db.query('SELECT attribution.erase_journey($1, $2)', [tenants[tenant], id]),
  model: (db, tenants, { tenant, name, rule, params, active }) => db.query('SELECT attribution.define_model($1, $2, $3, $4, $5)',
    [tenants[tenant], name, rule, params, active]),
  divide: (db, tenants, { items }) => db.query('SELECT attribution.allocate_pending($1)', [items]),
  prune: (db, tenants, { tenant }) => db.query("SELECT attribution.prune_allocations($1, '0')", [tenants[tenant]]),
  refit: async (db, tenants, { tenant, model }) => {
    const { rows } = await db.query('SELECT name FROM attribution.attribution_models WHERE tenant_id = $1 ORDER BY name', [tenants[tenant]]);
    await db.query('SELECT attribution.allocate_revenue($1, $2)', [tenants[tenant], rows[model % rows.length].name]);
  },
};
export const play = (db, tenants, step) => doers[step.what](db, tenants, step);

// Steps by several connections: what is ingested in any order, at once; the others in theirs.
export async function playAtOnce(pool, tenants, steps, width) {
  const ingested = steps.filter(({ what }) => what === 'ingest');
  const others = steps.filter(({ what }) => what !== 'ingest' && what !== 'divide');
  await Promise.all([
    inParallel(ingested, width, (step) => play(pool, tenants, step)),
    inParallel(others, 1, (step) => play(pool, tenants, step)),
  ]);
}
