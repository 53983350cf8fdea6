// kill -9 under load: what was acknowledged is stored, each delivery key exactly once, each order booked once.
// KILLS says how often (2 by default, 10 in the full tier).
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test, { after, before } from 'node:test';
import { deliver, order } from './lib/shopify.mjs';
import { Stack, eventually } from './lib/stack.mjs';

const kills = Number(process.env.KILLS ?? 2);
let stack;
let shop;
before(async () => {
  stack = await Stack.start('kill');  // with fsync on, as by default
  shop = await stack.createShop();
});
after(() => stack.remove());

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Workers that deliver distinct orders until stopped, and remember what was sent and what was acknowledged.
function startLoad() {
  const sent = new Map();  // delivery key → body
  const acknowledged = new Set();
  const unexpected = [];
  let running = true;
  const work = async () => {
    while (running) {
      const deliveryKey = randomUUID();
      const body = order();
      sent.set(deliveryKey, body);
      try {
        const answer = await deliver(stack, shop, body, { deliveryKey });
        if (answer.status === 200) acknowledged.add(deliveryKey);
        else if (answer.status !== 503) unexpected.push(answer.body);
        if (answer.status !== 200) await pause(20);
      } catch (error) {
        if (error.code === undefined || error.code === 'ERR_ASSERTION') unexpected.push(error.message);
        await pause(20);
      }
    }
  };
  const workers = Array.from({ length: 32 }, work);
  return { sent, acknowledged, unexpected, stop: async () => { running = false; await Promise.all(workers); } };
}

async function storedKeys() {
  const rows = await stack.sql('SELECT delivery_key, count(*)::int AS times FROM attribution.attribution_events GROUP BY 1');
  return new Map(rows.map((row) => [row.delivery_key, row.times]));
}

async function checkStored({ sent, acknowledged, unexpected }) {
  assert.deepEqual(unexpected, []);
  const stored = await storedKeys();
  const lost = [...acknowledged].filter((key) => !stored.has(key));
  assert.deepEqual(lost, [], `acknowledged, but not stored (of ${acknowledged.size})`);
  assert.deepEqual([...stored].filter(([, times]) => times !== 1), [], 'stored more than once');
  // Providers repeat what was not acknowledged; some of it was stored, and must not be stored again.
  for (const [deliveryKey, body] of sent) {
    if (acknowledged.has(deliveryKey)) continue;
    const answer = await deliver(stack, shop, body, { deliveryKey });
    assert.equal(answer.json.status, stored.has(deliveryKey) ? 'duplicate' : 'created');
  }
  const after = await storedKeys();
  for (const key of sent.keys()) assert.equal(after.get(key), 1);
  const [{ orders, entries, minor }] = await stack.sql(`SELECT count(DISTINCT money_key)::int AS orders, count(*)::int AS entries,
      sum(amount_minor)::text AS minor FROM attribution.revenue_ledger`);
  assert.deepEqual([orders, entries], [after.size, after.size], 'one entry per order');
  assert.equal(BigInt(minor), BigInt(after.size) * 38800n);
}

async function killUnderLoad(kill, revive) {
  const load = startLoad();
  try {
    const enough = load.acknowledged.size + 50;
    await eventually('the load runs', () => load.acknowledged.size > enough);
    await pause(100 + Math.random() * 400);
    await kill();
    await pause(200);
    await revive();
    const before = load.acknowledged.size;
    await eventually('the load runs again', () => load.acknowledged.size > before + 50);
  } finally {
    await load.stop();
  }
  return load;
}

for (let i = 1; i <= kills; i += 1) {
  test(`the server is killed under load (${i} of ${kills})`, async () => {
    const load = await killUnderLoad(async () => {
      stack.server.kill('SIGKILL');
      assert.deepEqual(await stack.serverExit, { code: null, signal: 'SIGKILL' });
    }, () => stack.startServer());
    await checkStored(load);
  });
}

for (let i = 1; i <= kills; i += 1) {
  test(`the database is killed under load (${i} of ${kills})`, async () => {
    const load = await killUnderLoad(async () => {
      stack.cluster.kill();
    }, () => eventually('PostgreSQL starts again', () => { stack.cluster.restart(); return true; }));
    await eventually('the pool of the test heals', () => stack.value('SELECT true'));
    await checkStored(load);
  });
}
