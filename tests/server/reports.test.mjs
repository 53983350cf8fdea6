// Reports under load and kill -9: 8 writers with random commits, rollbacks and long transactions; in every snapshot the views show what
// a recomputation from the ledger, events and allocations gives, whether folded or not. Then a queue of a million keys.
// ROUNDS says how often something is killed (3 by default, 51 in the full tier), SEED what the writers do.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import pg from 'pg';
import { randomOf, seed } from './lib/lives/random.mjs';
import { Stack, eventually, projectRoot } from './lib/stack.mjs';

const rounds = Number(process.env.ROUNDS ?? 3);
const oracle = fs.readFileSync(path.join(projectRoot, 'sql/fixtures/reports.sql'), 'utf8');
const zones = ['UTC', 'Asia/Kathmandu', 'Europe/Berlin', 'America/St_Johns'];
let stack;
let tenants;
before(async () => {
  console.log(`# SEED=${seed}`);
  stack = await Stack.start('reports', { settings: ['shared_preload_libraries=pg_attribution', 'attribution.maintenance_interval=50ms',
    'attribution.maintenance_naptime=1s', 'attribution.mv_realtime_revenue_interval=1s', 'attribution.mv_channel_performance_interval=1s',
    'deadlock_timeout=100ms', 'max_worker_processes=16'] });
  tenants = [];
  for (const zone of zones) tenants.push(await stack.createTenant(zone, { timeZone: zone }));
  for (const tenant of tenants) await stack.sql(`SELECT attribution.define_model($1, 'linear', 'linear'), attribution.define_model($1, 'last', 'last_touch')`, [tenant]);
  await foldOnce();
});
after(() => stack.remove());

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function connect() {
  const { cluster } = stack;
  const client = new pg.Client({ host: cluster.socket, port: cluster.port, user: 'postgres', database: 'attribution' });
  client.on('error', () => {});
  await client.connect();
  return client;
}

const signals = [{}, { source: '(direct)', medium: '(none)' }, { source: 'google', medium: 'cpc' }, { source: 'newsletter', medium: 'email' }];

// Something that happens to one of few orders, so that writers meet: its sale, a refund, another event that tells of it, a visit.
function makeEvent(next) {
  const pick = (list) => list[Math.floor(next() * list.length)];
  const order = String(Math.floor(next() * 150));
  const at = (day) => new Date(Date.UTC(2026, 2, 28 + day, 0, Math.floor(next() * 96) * 15)).toISOString();
  const told = { external_id: order, occurred_at: at(next() * 3), journey_id: `journey-${order}`, signals: pick(signals) };
  const state = (money, kind, minor, moved, parent) => ({ money_key: money, kind, cumulative_minor: minor, currency: pick(['EUR', 'EUR', 'JPY']), version_at: moved, occurred_at: moved, parent });
  const delivery = { source: 'shop', key: randomUUID(), digest: '0'.repeat(64) };
  const what = next();
  if (what < 0.35) {
    const moved = at(next() * 3);
    return { version: 1, delivery, conversion: told, states: [{ ...state(`order:${order}`, 'capture', 100 + Math.floor(next() * 100000), moved), currency: 'EUR' }] };
  }
  if (what < 0.65) {
    return { version: 1, delivery, notice: { occurred_at: at(5) }, states: [state(`refund:${delivery.key}`, 'refund', 1 + Math.floor(next() * 99), at(3 + next() * 5), `order:${order}`)] };
  }
  if (what < 0.85) return { version: 1, delivery, conversion: told };
  return { version: 1, delivery, touchpoints: [{ occurred_at: at(0), journey_id: `journey-${order}`, signals: pick(signals) }] };
}

// The first comparison is already one of folded rows: the worker folds something of every tenant before there is load.
async function foldOnce() {
  const { next } = randomOf(seed);
  for (const tenant of tenants) {
    for (let n = 0; n < 40; n += 1) await stack.sql('SELECT attribution.ingest_event($1, $2)', [tenant, makeEvent(next)]);
  }
  await eventually('something of every tenant is folded', async () =>
    (await stack.value('SELECT count(DISTINCT tenant_id)::int FROM attribution.revenue_rollup')) === tenants.length, 60);
}

// A writer: transactions until stopped; what fails, by a deadlock or a kill, is rolled back.
async function write(next, load) {
  let client;
  while (load.running) {
    try {
      client ??= await connect();
      await client.query('BEGIN');
      for (let n = Math.floor(next() * 4); n >= 0; n -= 1) {
        const tenant = tenants[Math.floor(next() * tenants.length)];
        const what = next();
        if (what < 0.01) await client.query('UPDATE attribution.tenants SET time_zone = $2 WHERE tenant_id = $1', [tenant, zones[Math.floor(next() * zones.length)]]);
        else if (what < 0.04) {
          await client.query('SELECT attribution.record_spend($1, $2)', [tenant, JSON.stringify([{ day: '2026-03-29', channel: 'paid_search', currency: 'EUR', spend: `${Math.floor(next() * 90)}.00` }])]);
        } else await client.query('SELECT attribution.ingest_event($1, $2)', [tenant, makeEvent(next)]);
        if (next() < 0.15) await pause(next() * 400);
      }
      if (next() < 0.03) await pause(2000);
      const end = next() < 0.3 ? 'ROLLBACK' : 'COMMIT';
      await client.query(end);
      if (end === 'COMMIT') load.commits += 1; else load.rollbacks += 1;
    } catch (error) {
      load.failures += 1;
      load.codes[error.code] = (load.codes[error.code] ?? 0) + 1;
      if (!['40P01', '57P01', '57P02', '57P03', '40001'].includes(error.code) && error.code !== undefined && !/^(08|E[A-Z]+)/.test(error.code)) load.unexpected.push(error);
      try {
        await client.query('ROLLBACK');
      } catch {  // there is no connection, or none any more
        client?.end().catch(() => {});
        client = undefined;
        await pause(50);
      }
    }
  }
  await client?.end().catch(() => {});
}

// In one snapshot after the other what every tenant's reports show is held against the recomputation.
async function check(load) {
  let client;
  while (load.running) {
    for (const tenant of tenants) {
      try {
        if (!client) {
          client = await connect();
          await client.query(oracle);
        }
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
        await client.query('SELECT attribution.set_tenant($1)', [tenant]);
        const wrong = await client.query('SELECT * FROM pg_temp.wrong_reports()');
        const { rows: [{ dirty, rows }] } = await client.query(`SELECT (SELECT count(*) FROM attribution_internal.dirty_buckets('revenue'))::int AS dirty,
            (SELECT count(*) FROM attribution.revenue_rollup WHERE tenant_id = $1)::int AS rows`, [tenant]);
        await client.query('COMMIT');
        if (wrong.rows.length) load.wrong.push(...wrong.rows);
        load.checks += 1;
        if (dirty) load.dirty += 1;
        if (rows) load.folded += 1;
      } catch (error) {
        if (error.code && !/^(57P|08|E[A-Z]+)/.test(error.code)) load.unexpected.push(error);
        client?.end().catch(() => {});
        client = undefined;
        await pause(50);
      }
    }
  }
  await client?.end().catch(() => {});
}

function startLoad(round) {
  const load = { running: true, commits: 0, rollbacks: 0, failures: 0, codes: {}, checks: 0, dirty: 0, folded: 0, wrong: [], unexpected: [] };
  const all = [];
  for (let w = 0; w < 8; w += 1) all.push(write(randomOf(seed + round * 100 + w).next, load));
  all.push(check(load));
  load.stop = async () => { load.running = false; await Promise.all(all); };
  return load;
}

const killProcess = (pid) => execFileSync('kill', ['-KILL', String(pid)], { ...stack.cluster.owner(), cwd: '/' });
const pidOf = (condition) => stack.value(`SELECT pid FROM pg_stat_activity WHERE ${condition} LIMIT 1`);
const victims = [
  ['the worker', async () => {
    let pid;
    await eventually('there is a worker', async () => (pid = await pidOf(`backend_type = 'pg_attribution maintenance'`)));
    killProcess(pid);
  }],
  ['a backend', async () => killProcess(await pidOf(`backend_type = 'client backend' AND state <> 'idle' AND pid <> pg_backend_pid()`))],
  ['postmaster and all', async () => {
    stack.cluster.crash();
    await pause(500);
    await eventually('PostgreSQL starts again', () => { stack.cluster.restart(); return true; });
  }],
];

async function wrongReports() {
  const client = await connect();
  try {
    await client.query(oracle);
    const wrong = [];
    for (const tenant of tenants) {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await client.query('SELECT attribution.set_tenant($1)', [tenant]);
      wrong.push(...(await client.query('SELECT * FROM pg_temp.wrong_reports()')).rows);
      await client.query('COMMIT');
    }
    return wrong;
  } finally {
    await client.end();
  }
}

const queued = () => stack.value('SELECT count(*)::int FROM attribution.dirty_buckets');

for (let round = 1; round <= rounds; round += 1) {
  const [name, kill] = victims[(round - 1) % victims.length];
  test(`${name} killed under load (round ${round} of ${rounds})`, async () => {
    const load = startLoad(round);
    try {
      await eventually('writers write and reports are compared', () => load.commits > 60 && load.checks > 8, 60);
      await kill();
      const { commits, checks } = load;
      await eventually('they go on', () => load.commits > commits + 60 && load.checks > checks + 8, 60);
    } finally {
      await load.stop();
    }
    assert.deepEqual(load.unexpected, []);
    assert.deepEqual(load.wrong, [], `of ${load.checks} comparisons`);
    assert.ok(load.dirty > 0, 'reports were compared while nothing was dirty');
    assert.ok(load.folded > 0, 'reports were compared while nothing was folded');
    await eventually('the queue drains', async () => (await queued()) === 0, 60);
    assert.deepEqual(await wrongReports(), []);
    console.log(`# ${load.commits} commits, ${load.rollbacks} rollbacks, failed ${JSON.stringify(load.codes)}, ${load.checks} comparisons, ${load.dirty} with dirty buckets`);
  });
}

test('the comparison sees a rollup that is wrong by a cent', async () => {
  await stack.sql('ALTER SYSTEM SET attribution.maintenance = off');
  await stack.sql('SELECT pg_reload_conf()');
  const [row] = await stack.sql(`UPDATE attribution.revenue_rollup SET amount_minor = amount_minor + 1
      WHERE ctid = (SELECT ctid FROM attribution.revenue_rollup LIMIT 1) RETURNING tenant_id, bucket_start, ctid::text AS place`);
  assert.notDeepEqual(await wrongReports(), []);
  await stack.sql(`INSERT INTO attribution.dirty_buckets VALUES ($1, 'revenue', $2)`, [row.tenant_id, row.bucket_start]);
  assert.deepEqual(await wrongReports(), [], 'what is dirty is not taken from the rollup');
  // Its day takes what folding changes of a bucket, so it would be wrong by the cent that was never there.
  await stack.sql('UPDATE attribution.revenue_rollup SET amount_minor = amount_minor - 1 WHERE tenant_id = $1 AND bucket_start = $2 AND ctid = $3',
    [row.tenant_id, row.bucket_start, row.place]);
});

test('a queue of a million keys does not make a query read more, and drains', async () => {
  const [tenant] = tenants;
  const client = await connect();
  const blocks = async () => {
    await client.query('BEGIN');
    await client.query('SELECT attribution.set_tenant($1)', [tenant]);
    await client.query('SET LOCAL ROLE attribution_analyst');
    let read = 0;
    for (const view of ['realtime_revenue', 'daily_revenue_summary', 'cohort_revenue_summary']) {
      const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT sum(amount_minor) FROM attribution.${view}`);
      const { Plan: plan } = rows[0]['QUERY PLAN'][0];
      read += plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
    }
    await client.query('COMMIT');
    return read;
  };
  try {
    await client.query(`INSERT INTO attribution.dirty_buckets SELECT $1, 'revenue', b FROM (SELECT DISTINCT bucket_start AS b FROM attribution.revenue_ledger WHERE tenant_id = $1 LIMIT 50) AS d`, [tenant]);
    await blocks();  // caches of the session
    const before = await blocks();
    await client.query(`INSERT INTO attribution.dirty_buckets SELECT $1, 'revenue', b
        FROM (SELECT DISTINCT bucket_start AS b FROM attribution.dirty_buckets WHERE tenant_id = $1) AS d, generate_series(1, 18000)`, [tenant]);
    await client.query(`INSERT INTO attribution.dirty_buckets SELECT md5((n % 1000)::text)::uuid, 'revenue', '2026-01-01'::timestamptz + n * interval '15 minutes'
        FROM generate_series(1, 100000) AS n`);
    assert.ok((await queued()) >= 1000000);
    const after = await blocks();
    console.log(`# blocks read: ${before} with 50 keys, ${after} with a million`);
    assert.ok(after < before * 2 + 100, `${after} blocks, and ${before} without`);
    assert.deepEqual(await wrongReports(), []);
    while ((await client.query('SELECT attribution.refresh_reports() AS items')).rows[0].items !== '0');
    assert.equal(await queued(), 0);
    assert.deepEqual(await wrongReports(), []);
  } finally {
    await client.end();
  }
});
