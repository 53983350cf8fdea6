// Allocations that grew bit by bit equal those made at once, to the cent and row by row: random sequences of visits, sales, refunds, late
// arrivals, links, erasures and models, one after the other and by several connections at once. SEQUENCES says how many (20),
// SEED repeats them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test, { after, before } from 'node:test';
import pg from 'pg';
import { differencesFromAnew, differencesFromNothing, differencesOfDivisions, divisionOfSales, needlessRevisions, unequalSums } from './lib/allocations/checks.mjs';
import { differencesFromOracle, differencesOfTouches } from './lib/allocations/oracle.mjs';
import { drain, makeTenants, play, playAtOnce } from './lib/allocations/play.mjs';
import { makeSequence, reorder } from './lib/allocations/sequence.mjs';
import { inParallel, randomOf, seed } from './lib/lives/random.mjs';
import { Stack, eventually } from './lib/stack.mjs';

const sequences = Number(process.env.SEQUENCES ?? 20);
const tenantsOfOne = 2;
let stack;
let pool;
before(async () => {
  stack = await Stack.start('allocations', { settings: ['fsync=off'] });
  pool = new pg.Pool({ host: stack.cluster.socket, port: stack.cluster.port, user: 'postgres', database: 'attribution', max: 12 });
  pool.on('error', () => {});
});
after(async () => {
  await pool?.end();
  await stack?.remove();
});

async function connection(t) {
  const db = await pool.connect();
  t.after(() => db.release());
  return db;
}

// Everything that must hold at the end of a sequence; returns how many entries were compared part by part.
async function checkAll(db, tenants, where) {
  let entries = 0;
  for (const tenant of tenants) {
    assert.deepEqual(await unequalSums(db, tenant), [], `${where}: sums`);
    assert.deepEqual(await needlessRevisions(db, tenant), [], `${where}: needless revisions`);
    assert.deepEqual(await differencesOfTouches(db, tenant), [], `${where}: touches`);
    const { compared, differences } = await differencesFromOracle(db, tenant);
    assert.deepEqual(differences, [], `${where}: as the documentation says`);
    entries += compared;
    assert.deepEqual(await differencesFromAnew(db, tenant, 'anew'), [], `${where}: divided anew`);
    assert.deepEqual(await differencesFromNothing(db, tenant), [], `${where}: from nothing`);
  }
  return entries;
}

async function playOne(db, tenants, steps, where) {
  for (const [i, step] of steps.entries()) {
    await play(db, tenants, step);
    if (!step.drained) continue;
    await drain(db);
    for (const tenant of tenants) assert.deepEqual(await unequalSums(db, tenant), [], `${where}, step ${i}: sums`);
  }
  await drain(db);
}

test(`${sequences} random sequences: what grew equals what is made anew, in any order`, async (t) => {
  t.diagnostic(`SEED=${seed}`);
  const db = await connection(t);
  const counted = { steps: 0, entries: 0, sales: 0, sameSales: 0 };
  for (let i = 0; i < sequences; i += 1) {
    const where = `SEED=${seed}, sequence ${i}`;
    const random = randomOf(seed + i);
    const steps = makeSequence(random, tenantsOfOne);
    const [tenants, others] = [await makeTenants(db, tenantsOfOne), await makeTenants(db, tenantsOfOne)];
    await playOne(db, tenants, steps, where);
    counted.entries += await checkAll(db, tenants, where);
    await playOne(db, others, reorder(steps, random), `${where}, in another order`);
    for (const [n, tenant] of tenants.entries()) {
      const [one, other] = [await divisionOfSales(db, tenant), await divisionOfSales(db, others[n])];
      const { compared, differences } = differencesOfDivisions(one, other);
      assert.deepEqual(differences, [], `${where}: in another order`);
      counted.sales += one.size;
      counted.sameSales += compared;
    }
    counted.steps += steps.length;
  }
  t.diagnostic(JSON.stringify(counted));
});

// Divides what waits until told to stop. Its connection may be ended by the test, and by nobody else.
class Worker {
  constructor() {
    this.kills = 0;
    this.isStopped = false;
    this.done = this.#run();
  }

  async #run() {
    while (!this.isStopped) {
      const db = new pg.Client({ host: stack.cluster.socket, port: stack.cluster.port, user: 'postgres', database: 'attribution' });
      db.on('error', () => {});
      try {
        await db.connect();
        this.pid = db.processID;
        while (!this.isStopped) {
          const { rows: [{ items }] } = await db.query('SELECT attribution.allocate_pending($1)::int AS items', [1 + this.kills * 3]);
          if (items === 0) await new Promise((resolve) => setTimeout(resolve, 2));
        }
      } catch (error) {
        // As the driver tells it, depending on what the connection was doing.
        if (error.code !== '57P01' && !/terminat|not queryable/.test(error.message)) throw error;
      } finally {
        await db.end().catch(() => {});
      }
    }
  }

  async kill() {
    this.kills += 1;
    await pool.query('SELECT pg_terminate_backend($1)', [this.pid]);
  }

  async stop() {
    this.isStopped = true;
    await this.done;
  }
}

async function killNowAndThen(workers, whileTrue) {
  for (let i = 0; whileTrue(); i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    await workers[i % workers.length].kill();
  }
}

test(`${sequences} random sequences, told by several connections, while workers divide and are ended`, async (t) => {
  t.diagnostic(`SEED=${seed}`);
  const db = await connection(t);
  const workers = [new Worker(), new Worker(), new Worker()];
  let isTold = false;
  const killing = killNowAndThen(workers, () => !isTold);
  const played = [];
  // No error may happen, so neither a deadlock.
  await inParallel(Array.from({ length: sequences }, (_, i) => i), 4, async (i) => {
    const tenants = await makeTenants(pool, tenantsOfOne);
    await playAtOnce(pool, tenants, makeSequence(randomOf(seed + i), tenantsOfOne), 2);
    played.push({ i, tenants });
  });
  isTold = true;
  await killing;
  await eventually('the workers have divided everything', () => stack.value('SELECT NOT EXISTS (SELECT FROM attribution.allocation_queue)'));
  await Promise.all(workers.map((worker) => worker.stop()));
  let entries = 0;
  for (const { i, tenants } of played) entries += await checkAll(db, tenants, `SEED=${seed}, sequence ${i}`);
  t.diagnostic(`${entries} entries, ${workers.reduce((sum, { kills }) => sum + kills, 0)} workers ended`);
});

test('a worker that is killed before it commits has taken nothing', async (t) => {
  t.diagnostic(`SEED=${seed}`);
  const tenants = [];
  for (let i = 0; i < 5; i += 1) {
    const own = await makeTenants(pool, tenantsOfOne);
    await playAtOnce(pool, own, makeSequence(randomOf(seed + i), tenantsOfOne).filter(({ what }) => what === 'ingest' || what === 'model'), 4);
    tenants.push(...own);
  }
  const done = async () => ({
    waiting: await stack.value('SELECT count(*)::int FROM attribution.allocation_queue'),
    sets: await stack.value('SELECT count(*)::int FROM attribution.allocation_sets'),
  });
  const before = await done();
  const worker = new pg.Client({ host: stack.cluster.socket, port: stack.cluster.port, user: 'postgres', database: 'attribution' });
  worker.on('error', () => {});
  await worker.connect();
  await worker.query('BEGIN');
  const { rows: [{ items }] } = await worker.query('SELECT attribution.allocate_pending(50)::int AS items');
  assert.ok(items > 0);
  const last = await stack.value('SELECT max(backend_start) FROM pg_stat_activity');
  execFileSync('kill', ['-KILL', String(worker.processID)], { ...stack.cluster.owner(), cwd: '/' });
  await assert.rejects(worker.query('COMMIT'));
  // PostgreSQL ends all others too, and starts again.
  await eventually('no connection is from before', async () => (await stack.value('SELECT count(*)::int FROM pg_stat_activity WHERE backend_start <= $1', [last])) === 0
    && pool.query('SELECT'));
  assert.deepEqual(await done(), before);
  const db = await connection(t);
  await drain(db);
  assert.ok((await done()).sets > before.sets);
  await checkAll(db, tenants, `SEED=${seed}`);
});
