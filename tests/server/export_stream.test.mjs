// Exports that are larger than they may be in memory: slow, stalled and vanished clients, a database that dies, how many at a time, and
// the export service alone. EXPORT_ROWS says how many rows the large tenant has (2,000,000 in the full tier).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { Transform } from 'node:stream';
import test, { after, before } from 'node:test';
import { createGunzip } from 'node:zlib';
import { ask, fill, ingest, makeOrders, open, path, readers } from './lib/export.mjs';
import { request } from './lib/http.mjs';
import { Stack, eventually } from './lib/stack.mjs';

const rows = Number(process.env.EXPORT_ROWS ?? 200_000);
let stack;
let large;
let small;
let middle;
before(async () => {
  stack = await Stack.start('export-stream', { settings: ['fsync=off', 'max_wal_size=8GB'], serverArgs: ['--exports', '3', '--write-timeout', '2'] });
  large = await stack.createShop('large');
  small = await stack.createShop('small');
  middle = await stack.createShop('middle');
  await fill(stack, large.tenantId, rows);
  await fill(stack, middle.tenantId, 60_000);
  await ingest(stack, small.tenantId, makeOrders(10));
  await stack.sql('VACUUM ANALYZE attribution.revenue_ledger, attribution.attribution_events');
});
after(() => stack?.remove());

const running = () => stack.value("SELECT count(*)::int FROM pg_stat_activity WHERE usename = 'attributiond' AND state <> 'idle'");
const allEnded = (seconds) => eventually('no export holds a transaction', async () => await running() === 0, seconds);
const logged = (text) => fs.readFileSync(stack.serverLog, 'utf8').includes(text);

// Reads to the end; resolves to {bytes, hash, lines}, rejects when the answer is cut off.
async function digest(incoming) {
  const hash = createHash('sha256');
  let bytes = 0;
  let lines = 0;
  for await (const chunk of incoming) {
    hash.update(chunk);
    bytes += chunk.length;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
  }
  return { bytes, hash: hash.digest('hex'), lines };
}

async function firstPiece(incoming) {
  const piece = await new Promise((resolve, reject) => { incoming.once('data', resolve); incoming.once('error', reject); });
  incoming.pause();
  return piece;
}

const endOf = (incoming) => new Promise((resolve) => { incoming.resume().once('end', () => resolve('complete')).once('error', (e) => resolve(e.code)); });

function residentKilobytes() {
  return Number(fs.readFileSync(`/proc/${stack.server.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
}

for (const encoding of ['identity', 'gzip']) {
  test(`${rows} rows pass to a slow client, ${encoding}: the server's memory stays as it is`, async (t) => {
    await digest((await open(stack, small.apiKey)).incoming);  // what a first export allocates
    const { incoming } = await open(stack, large.apiKey, {}, { 'accept-encoding': encoding });
    const first = await firstPiece(incoming);
    const before = residentKilobytes();
    let most = before;
    const sampler = setInterval(() => { most = Math.max(most, residentKilobytes()); }, 50);
    t.after(() => clearInterval(sampler));
    // Slower than the database: everything behind the client has to wait for it.
    const slow = new Transform({ transform(chunk, _, done) { setTimeout(() => done(null, chunk), chunk.length / 20_000); } });
    let bytes = first.length;
    for await (const chunk of incoming.pipe(slow)) bytes += chunk.length;
    t.diagnostic(`${bytes} bytes, ${before} kB at first, ${most} kB at most`);
    assert.ok(bytes > rows * (encoding === 'gzip' ? 10 : 150), String(bytes));
    assert.ok(most - before < 4096, `${most - before} kB more`);
    await allEnded();
  });
}

test('gzip, NDJSON and JSON of the whole have all rows', async () => {
  const plain = await digest((await open(stack, large.apiKey)).incoming);
  assert.equal(plain.lines, rows + 1);
  const { incoming } = await open(stack, large.apiKey, {}, { 'accept-encoding': 'gzip' });
  assert.deepEqual(await digest(incoming.pipe(createGunzip())), plain);
  assert.equal((await digest((await open(stack, large.apiKey, { format: 'ndjson' })).incoming)).lines, rows);
  const text = Buffer.concat(await (await open(stack, large.apiKey, { format: 'json', limit: 50_000 })).incoming.toArray()).toString();
  const document = JSON.parse(text);
  assert.equal(document.rows.length, 50_000);
  assert.equal(document.rows.at(-1).amount_minor, 51_000);
  assert.ok(document.next_cursor);
});

test('a client that stalls is cut off, and its transaction ends', async () => {
  const { incoming } = await open(stack, large.apiKey);
  await firstPiece(incoming);
  assert.equal(await running(), 1);
  await allEnded(15);
  await eventually('it is in the log', () => logged('"end":"client_stalled"'));
  assert.equal(await endOf(incoming), 'ECONNRESET');
});

test('a client that goes away frees its transaction, also while no rows come', async () => {
  const { incoming, destroy } = await open(stack, large.apiKey);
  await firstPiece(incoming);
  destroy();
  await allEnded(15);
  // Rows are looked for, one in 10 ms, and none is found: nothing is written that could fail.
  await stack.sql(`CREATE FUNCTION public.slowly() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.01); RETURN true; END'`);
  await stack.sql('CREATE POLICY slowly ON attribution.revenue_ledger AS RESTRICTIVE TO attribution_svc_export USING (public.slowly())');
  try {
    const waiting = await open(stack, large.apiKey, { source: 'nobody' });
    assert.equal(waiting.status, 200);
    assert.equal(await running(), 1);
    waiting.destroy();
    await allEnded(15);
  } finally {
    await stack.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'attributiond' AND state <> 'idle'");
    await stack.sql('DROP POLICY slowly ON attribution.revenue_ledger');
  }
});

test('a table that is locked: 503, not an hour of waiting', async () => {
  const lock = await stack.pool.connect();
  try {
    await lock.query('BEGIN');
    await lock.query('LOCK TABLE attribution.revenue_ledger IN ACCESS EXCLUSIVE MODE');
    assert.equal((await ask(stack, small.apiKey)).status, 503);
  } finally {
    await lock.query('ROLLBACK');
    lock.release();
  }
});

test('no more exports than allowed, one tenant never has all places, and others are served meanwhile', async () => {
  const opened = [await open(stack, large.apiKey), await open(stack, large.apiKey)];
  assert.deepEqual(opened.map(({ status }) => status), [200, 200]);
  const third = await ask(stack, large.apiKey);
  assert.equal(third.status, 503);
  assert.match(third.headers['retry-after'], /^\d+$/);
  assert.match(third.json.detail, /of this tenant/);
  assert.equal((await ask(stack, small.apiKey)).status, 200);
  const many = Array.from({ length: 8 }, () => request(stack.url, 'GET', '/api/attribution/revenue/realtime', { headers: { 'x-api-key': small.apiKey } }));
  assert.deepEqual((await Promise.all(many)).map(({ status }) => status), Array(8).fill(200));
  opened.push(await open(stack, middle.apiKey));
  assert.equal(opened[2].status, 200);
  const fourth = await ask(stack, small.apiKey);
  assert.equal(fourth.status, 503);
  assert.match(fourth.json.detail, /this server allows/);
  for (const { destroy } of opened) destroy();
  await allEnded(15);
  assert.equal((await ask(stack, large.apiKey, { limit: 3 })).status, 200);
});

test('what is booked while an export runs is not in it', async () => {
  const { incoming } = await open(stack, large.apiKey);
  const first = await firstPiece(incoming);
  await ingest(stack, large.tenantId, makeOrders(5, { start: '2030-01-01T00:00:00Z' }));
  assert.equal((await digest([first])).lines + (await digest(incoming)).lines, rows + 1);
  const later = readers.csv(await ask(stack, large.apiKey, { from: '2029-12-31' }));
  assert.equal(later.filter(({ step }) => step === 1).length, 8);
});

// curl, since Node reports a reset as an end when it has just read something. Resolves to {bytes, code}: 56 is a broken connection.
function readByHttp10(query = '') {
  return new Promise((resolve) => {
    const curl = spawn('curl', ['-s', '--http1.0', '--limit-rate', '10M', '-H', `X-API-Key: ${large.apiKey}`, `${stack.url}${path}${query}`]);
    let bytes = 0;
    curl.stdout.on('data', (chunk) => { bytes += chunk.length; });
    curl.on('close', (code) => resolve({ bytes, code }));
  });
}

test('the backend is killed midway: the client sees that the answer is incomplete, in HTTP/1.0 too; then it heals', async () => {
  const { incoming } = await open(stack, large.apiKey);
  await firstPiece(incoming);
  const old = readByHttp10();
  await eventually('both run', async () => await running() === 2);
  const pid = await stack.value("SELECT pid FROM pg_stat_activity WHERE usename = 'attributiond' AND state <> 'idle' LIMIT 1");
  process.kill(pid, 'SIGKILL');  // and the postmaster ends all others
  assert.equal(await endOf(incoming), 'ECONNRESET');
  const { bytes, code } = await old;
  assert.ok(bytes > 100_000, String(bytes));
  assert.equal(code, 56);
  assert.ok(logged('stream_failed'));
  await eventually('it exports again', async () => (await ask(stack, small.apiKey)).status === 200);
});

test('HTTP/1.0 gets all of it until the connection ends', async () => {
  const { bytes } = await digest((await open(stack, large.apiKey, { limit: 5000 })).incoming);
  assert.deepEqual(await readByHttp10('?limit=5000'), { bytes, code: 0 });
});

test('the database is away: 503 with Retry-After, and it heals', async () => {
  stack.cluster.stop('fast');
  const answer = await ask(stack, small.apiKey);
  assert.equal(answer.status, 503);
  assert.match(answer.headers['retry-after'], /^\d+$/);
  stack.cluster.restart();
  await eventually('it exports again', async () => (await ask(stack, small.apiKey)).status === 200);
});

test('alone, on its own port, without a master key', async (t) => {
  const alone = spawn(stack.binary, ['serve', '--listen', '127.0.0.5', '--services', 'export', '--database', stack.cluster.conninfo('attributiond')],
    { stdio: ['ignore', 'ignore', 'inherit'], cwd: '/', ...stack.cluster.owner() });
  t.after(() => alone.kill());
  const base = 'http://127.0.0.5:8005';
  const options = { headers: { 'x-api-key': small.apiKey } };
  await eventually('it answers', async () => (await request(base, 'GET', path, options)).status === 200);
  assert.equal((await request(base, 'GET', '/api/health')).status, 404);
});
